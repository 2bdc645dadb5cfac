import { RecordEvent, deriveId, parseSource, type LogEvent, type LogRecord } from '@switchyard/log';
import type { KafkaMessage } from 'kafkajs';

/** Headers that have a place of their own in an event, or say the same in every one of ours. */
const OWN = new Set([
  'ce_specversion',
  'ce_id',
  'ce_type',
  'ce_source',
  'ce_sequence',
  'ce_time',
  'ce_causationid',
  'ce_correlationid',
  'traceparent',
]);
const OUR_CONTENT_TYPE = 'application/json';

type Headers = NonNullable<KafkaMessage['headers']>;

/** A header's first value as text. */
const textOf = (value: Headers[string]): string | undefined => {
  const first = Array.isArray(value) ? value[0] : value;
  return first === undefined ? undefined : first.toString();
};

/** Dense numbers of a source of ours; undefined where the headers claim none, or none that could be. */
export const numbered = (headers: Headers): { readonly source: string; readonly sequence: number } | undefined => {
  const source = textOf(headers['ce_source']);
  const sequence = Number(textOf(headers['ce_sequence']));
  if (source === undefined || parseSource(source) === undefined) return undefined;
  return Number.isSafeInteger(sequence) && sequence > 0 ? { source, sequence } : undefined;
};

/**
 * A Kafka record as an event. One without a source of ours was written by a stranger: its id is made from its place in the log, and
 * its headers are kept as they came. Never throws: what strangers write is for the stage to judge.
 */
export const eventOf = (topic: string, partition: number, message: KafkaMessage): LogEvent => {
  const headers = message.headers ?? {};
  const own = numbered(headers);
  const id = textOf(headers['ce_id']);
  const record: LogRecord = {
    key: message.key?.toString('utf8') ?? '',
    id: own && id !== undefined ? id : deriveId('record', topic, String(partition), message.offset),
    type: textOf(headers['ce_type']) ?? (topic.split('.', 1)[0] as string),
    time: textOf(headers['ce_time']) ?? timeOf(message.timestamp),
    causationId: textOf(headers['ce_causationid']),
    correlationId: textOf(headers['ce_correlationid']),
    traceparent: textOf(headers['traceparent']),
    extra: own ? extraOf(headers) : undefined,
    value: message.value ?? NOTHING,
  };
  const place = { topic, partition, source: own?.source, sequence: own?.sequence ?? 0 };
  return new RecordEvent(record, place, own ? undefined : allOf(headers));
};

const NOTHING = Buffer.alloc(0);

const timeOf = (timestamp: string): string => {
  const time = new Date(Number(timestamp));
  return Number.isNaN(time.getTime()) ? new Date(0).toISOString() : time.toISOString();
};

const allOf = (headers: Headers): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).flatMap(([name, value]) => pairOf(name, value)));

const pairOf = (name: string, value: Headers[string]): [string, string][] => {
  const text = textOf(value);
  return text === undefined ? [] : [[name, text]];
};

const extraOf = (headers: Headers): Record<string, string> | undefined => {
  let extra: Record<string, string> | undefined;
  for (const name of Object.keys(headers)) {
    if (OWN.has(name)) continue;
    const text = textOf(headers[name]);
    if (text === undefined || (name === 'content-type' && text === OUR_CONTENT_TYPE)) continue;
    extra = { ...extra, [name]: text };
  }
  return extra;
};
