import { EVENTS, OWNER_HEADER, decodeDoor, typeOfTopic } from '@switchyard/contracts';
import type { LogEvent } from '@switchyard/log';

/** One line of the audit trail before it has a place in its chain. Text is what Postgres can hold: no NUL, well-formed. */
export interface AuditRow {
  readonly chain: number;
  readonly topic: string;
  readonly key: string;
  /** Whose event this is: they may read it. */
  readonly userId: string | undefined;
  readonly signalId: string | undefined;
  readonly eventId: string;
  readonly type: string;
  readonly source: string | undefined;
  /** Dense per source, topic and partition; 0 where there is no source. */
  readonly sequence: number;
  readonly causationId: string | undefined;
  readonly time: string;
  /** Undefined: JSON. */
  readonly contentType: string | undefined;
  /** Of a dead letter, why it is one: `CODE: sentence`. */
  readonly reason: string | undefined;
  /** RFC 3339 with milliseconds. */
  readonly recordedAt: string;
  readonly value: Uint8Array;
}

/**
 * The audit row of any event, whoever wrote it: ours, a stranger's at the door, or a dead letter (`<topic>.<group>.dlt`).
 * Never throws: what can't be read is kept as bytes, without a user or a signal, for operators to look at.
 */
export const auditRowOf = (event: LogEvent, recordedAt: string): AuditRow => {
  const { source } = event;
  const dead = event.topic.endsWith('.dlt');
  const stranger = dead || wasWrittenByStranger(event);
  const contentType = stranger ? event.headers['content-type'] : undefined;
  const mark = stranger ? strangersMark(event, contentType) : ownMark(event);
  return {
    chain: event.partition,
    topic: event.topic,
    key: storable(event.key),
    userId: mark.userId,
    signalId: mark.signalId,
    eventId: storable(event.id),
    type: storable(event.type),
    source,
    sequence: event.sequence,
    causationId: event.causationId === undefined ? undefined : storable(event.causationId),
    time: storable(event.time),
    contentType: contentType === undefined || contentType === 'application/json' ? undefined : storable(contentType),
    reason: dead ? reasonOf(event.headers) : undefined,
    recordedAt,
    value: event.value,
  };
};

/** What a stranger wrote stays a stranger's words when an operator puts it back to its topic: only validation's own door is ours there. */
const wasWrittenByStranger = ({ topic, source }: LogEvent): boolean =>
  source === undefined || (topic === 'TradingSignalGenerated' && !source.startsWith('signal-validation/'));

const reasonOf = ({ dlt_code, dlt_message }: LogEvent['headers']): string =>
  storable(`${dlt_code ?? 'INTERNAL'}: ${dlt_message ?? ''}`);

interface Mark {
  readonly userId: string | undefined;
  readonly signalId: string | undefined;
}

const ownMark = (event: LogEvent): Mark => ({
  userId: keyedByUser(event.topic) && !isOfStrategy(event) ? identifierOf(event.key) : undefined,
  signalId: identifierOf(event.correlationId),
});

/** A strategy's own signal is keyed by its id: it is of no user, not even of one with that name. */
const isOfStrategy = ({ topic, headers }: LogEvent): boolean =>
  topic === 'TradingSignalGenerated' && headers[OWNER_HEADER] === 'strategy';

/** A stranger's own words, and only where key and content agree: else anyone could write into another user's story. */
const strangersMark = (event: LogEvent, contentType: string | undefined): Mark => {
  const type = typeOfTopic(deadLetterOrigin(event.topic) ?? event.topic);
  const reading = type === undefined ? undefined : decodeDoor(type, contentType, event.value);
  if (reading?.ok !== true || typeof reading.value !== 'object' || reading.value === null) return NOBODYS;
  const { userId, signalId, strategyId } = reading.value as Readonly<Record<string, unknown>>;
  if (userId === undefined && strategyId === event.key) return { userId: undefined, signalId: identifierOf(signalId) };
  const user = identifierOf(userId);
  return user === undefined || user !== event.key ? NOBODYS : { userId: user, signalId: identifierOf(signalId) };
};

const NOBODYS: Mark = { userId: undefined, signalId: undefined };

/** `TradingSignalGenerated.signal-validation.dlt` -> `TradingSignalGenerated`. A group's name holds no dot. */
const deadLetterOrigin = (topic: string): string | undefined => /^(.+)\.[a-z0-9-]+\.dlt$/.exec(topic)?.[1];

const userTopics = new Map<string, boolean>();
const keyedByUser = (topic: string): boolean => {
  let answer = userTopics.get(topic);
  if (answer === undefined) {
    const type = typeOfTopic(topic);
    answer = type !== undefined && EVENTS[type].key === 'user';
    userTopics.set(topic, answer);
  }
  return answer;
};

/** The contracts' identifier: what an index may hold. */
const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9._:@/+-]{0,127}$/;
const identifierOf = (value: unknown): string | undefined =>
  typeof value === 'string' && IDENTIFIER.test(value) ? value : undefined;

const PLAIN = /^[ -~]{0,1024}$/;
const MAX_TEXT = 1_024;
const storable = (text: string): string =>
  PLAIN.test(text) ? text : text.slice(0, MAX_TEXT).toWellFormed().replaceAll('\0', '\uFFFD');
