import { decodeDoor, typeOfTopic } from '@switchyard/contracts';

/** One row of the journal's audit trail. */
export interface AuditRecord {
  readonly chain: number;
  readonly row: number;
  readonly topic: string;
  readonly key: string;
  readonly userId: string | undefined;
  readonly signalId: string | undefined;
  readonly eventId: string;
  readonly type: string;
  readonly source: string | undefined;
  readonly sequence: number;
  readonly causationId: string | undefined;
  /** As the event said it. */
  readonly time: string;
  readonly contentType: string | undefined;
  readonly recordedAt: Date;
  /** Of a dead letter, why it is one: `CODE: sentence`. */
  readonly reason: string | undefined;
  readonly hash: Buffer;
  readonly value: Buffer;
}

export interface AuditColumns {
  readonly chain: number;
  readonly row: string;
  readonly topic: string;
  readonly key: string;
  readonly user_id: string | null;
  readonly signal_id: string | null;
  readonly event_id: string;
  readonly type: string;
  readonly source: string | null;
  readonly sequence: string;
  readonly causation_id: string | null;
  readonly time: string;
  readonly content_type: string | null;
  readonly recorded_at: Date;
  readonly reason: string | null;
  readonly hash: Buffer;
  readonly value: Buffer;
}

export const AUDIT_COLUMNS =
  'chain, row, topic, key, user_id, signal_id, event_id, type, source, sequence, causation_id, time, content_type, recorded_at, reason, hash, value'
    .split(', ')
    .map((name) => `a.${name}`)
    .join(', ');

export const auditRecord = (columns: AuditColumns): AuditRecord => ({
  chain: columns.chain,
  row: Number(columns.row),
  topic: columns.topic,
  key: columns.key,
  userId: columns.user_id ?? undefined,
  signalId: columns.signal_id ?? undefined,
  eventId: columns.event_id,
  type: columns.type,
  source: columns.source ?? undefined,
  sequence: Number(columns.sequence),
  causationId: columns.causation_id ?? undefined,
  time: columns.time,
  contentType: columns.content_type ?? undefined,
  recordedAt: columns.recorded_at,
  reason: columns.reason ?? undefined,
  hash: columns.hash,
  value: columns.value,
});

/** What the event said, where that can be read; a stranger may have written anything. */
export const payloadOf = ({
  topic,
  contentType,
  value,
}: Pick<AuditRecord, 'topic' | 'contentType' | 'value'>): unknown => {
  const type = typeOfTopic(topic);
  if (contentType !== undefined && type !== undefined) {
    const reading = decodeDoor(type, contentType, value);
    return reading.ok ? reading.value : undefined;
  }
  try {
    return JSON.parse(value.toString('utf8'));
  } catch {
    return undefined;
  }
};
