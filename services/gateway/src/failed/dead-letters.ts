import { Problem } from '@switchyard/http';
import { deriveId, partitionOf } from '@switchyard/log';
import { append } from '@switchyard/log-postgres';
import type { Database, Tx } from '@switchyard/persistence';
import { Conditions } from '../journal/conditions.js';
import { dealtWith, placeTime } from './acts.js';
import type {
  FailedAction,
  FailedCommand,
  FailedEffect,
  FailedItem,
  FailedQuery,
  FailedSource,
} from './failed-item.js';

/** Longer values were cut when they became dead letters (libs/messaging/log/src/dead-letter.ts). */
const WHOLE_BYTES = 262_144;

/**
 * What a door could not read, or would not take from its sender: the rows of the audit trail that have a reason.
 *
 * Only what could not be read can be put back, as it came: a later version may read it. Nobody's order is sent again by that: the door
 * judges it as it judges any record, by its identity (what was decided since is a repeat) and its age (what is too old is refused). A
 * record whose key isn't its user's is never put back: with the same key it would be the same dead letter, and with another it would be
 * somebody else's word for that user.
 */
export class DeadLetters implements FailedSource {
  readonly kind = 'dead_letter';

  constructor(
    private readonly db: Database,
    private readonly partitions: number,
  ) {}

  async list({ userId, after, limit }: FailedQuery): Promise<readonly FailedItem[]> {
    const conditions = new Conditions()
      .add('user_id = ?', userId)
      .add('(recorded_at, id) < (?::timestamptz, ?)', after?.at, after?.id);
    const { rows } = await this.db.query<LetterColumns>(
      `select * from (${LETTERS}) l where action is null ${conditions.and}
       order by recorded_at desc, id desc limit ${conditions.parameter(limit)}`,
      conditions.parameters,
    );
    return rows.map(itemOf);
  }

  async find(id: string): Promise<FailedItem | undefined> {
    const place = placeOf(id);
    if (place === undefined) return undefined;
    const { rows } = await this.db.query<LetterColumns>(
      `select * from (${LETTERS}) l where chain = $1 and row = $2`,
      place,
    );
    return rows.map(itemOf)[0];
  }

  async act(tx: Tx, item: FailedItem, command: FailedCommand): Promise<FailedEffect> {
    const { rows } = await tx.query<LetterColumns & { readonly value: Buffer }>(
      `select l.*, d.value from (${LETTERS}) l join journal.api_dead_letters d on d.chain = l.chain and d.row = l.row
       where l.chain = $1 and l.row = $2`,
      placeOf(item.id) ?? [],
    );
    const [letter] = rows;
    if (letter === undefined) throw new Problem('NOT_FOUND', 'There is no such dead letter.');
    const { topic, group } = originOf(letter.topic);
    const facts = { topic, group, key: letter.key, eventId: letter.event_id, why: letter.reason };
    if (command.action === 'discard') {
      await dealtWith(tx, item, command);
      return { sentence: 'It is off the list; the audit trail keeps its bytes.', facts };
    }
    const refused = whyNot(letter, command.action);
    if (refused !== undefined)
      throw new Problem('ACTION_NOT_POSSIBLE', refused, { facts: { id: item.id, possible: item.actions } });
    await dealtWith(tx, item, command);
    await this.putBack(tx, letter, topic, command.at);
    return {
      sentence: `It is on ${topic} again as it came; ${group} judges it anew, its age included.`,
      facts,
      wakes: { deployment: 'gateway', topics: [topic] },
    };
  }

  /** Through this service's own shards: its source tells the door that it is not one of ours. */
  private async putBack(tx: Tx, letter: LetterColumns & { readonly value: Buffer }, topic: string, at: Date) {
    const partition = partitionOf(letter.key, this.partitions);
    const record = {
      key: letter.key,
      id: deriveId('put-back', letter.id),
      type: topic,
      time: at.toISOString(),
      causationId: letter.event_id,
      correlationId: letter.signal_id ?? undefined,
      ...(letter.content_type === null ? {} : { extra: { 'content-type': letter.content_type } }),
      value: letter.value,
    };
    await append(tx, 'gateway', [{ shard: partition, topic, partition, record }]);
  }
}

interface LetterColumns {
  readonly id: string;
  readonly at: string;
  readonly topic: string;
  readonly key: string;
  readonly user_id: string | null;
  readonly signal_id: string | null;
  readonly event_id: string;
  readonly content_type: string | null;
  readonly reason: string;
  readonly bytes: number;
  readonly action: FailedAction | null;
}

const LETTERS = `
  select ('dead_letter-' || a.chain || '-' || a.row) collate "C" as id, ${placeTime('a.recorded_at')} as at, a.recorded_at, a.chain, a.row,
         a.topic, a.key, a.user_id, a.signal_id, a.event_id, a.content_type, a.reason, octet_length(a.value) as bytes, d.action
  from journal.api_dead_letters a
  left join gateway.acts d on d.item_id = 'dead_letter-' || a.chain || '-' || a.row`;

const placeOf = (id: string): readonly [chain: string, row: string] | undefined => {
  const [, chain, row] = /^dead_letter-(\d{1,9})-(\d{1,18})$/.exec(id) ?? [];
  return chain === undefined || row === undefined ? undefined : [chain, row];
};

/** `TradingSignalGenerated.signal-validation.dlt`: of this topic, by this group. */
const originOf = (topic: string): { readonly topic: string; readonly group: string } => {
  const [, origin = topic, group = ''] = /^(.+)\.([a-z0-9-]+)\.dlt$/.exec(topic) ?? [];
  return { topic: origin, group };
};

const whyNot = ({ reason, bytes, key }: LetterColumns, action: FailedAction): string | undefined => {
  if (action === 'release') return 'Nothing waits behind a dead letter, so there is nothing to release.';
  if (!reason.startsWith('UNREADABLE:'))
    return 'It is not its sender’s to say: put back, it would be the same dead letter. Its sender mends and sends it.';
  if (bytes >= WHOLE_BYTES) return 'Only its beginning was kept.';
  if (key.includes('\uFFFD')) return 'Its key could not be kept as it was.';
  return undefined;
};

const itemOf = (letter: LetterColumns): FailedItem => {
  const { id, at, reason, action } = letter;
  const colon = reason.indexOf(': ');
  return {
    id,
    kind: 'dead_letter',
    at,
    userId: letter.user_id ?? undefined,
    signalId: letter.signal_id ?? undefined,
    actions: whyNot(letter, 'retry') === undefined ? ['retry', 'discard'] : ['discard'],
    told: {
      ...originOf(letter.topic),
      code: reason.slice(0, colon),
      message: reason.slice(colon + 2),
      eventId: letter.event_id,
      ...(letter.signal_id === null ? {} : { signalId: letter.signal_id }),
    },
    internals: { key: letter.key, bytes: letter.bytes },
    ...(action === null ? {} : { done: action }),
  };
};
