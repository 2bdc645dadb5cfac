import { deriveId } from './derive-id.js';
import type { LogEvent } from './event.js';
import type { LogRecord } from './record.js';

const MAX_KEY = 1_024;
const MAX_VALUE_BYTES = 262_144;
const MAX_HEADERS = 32;
const MAX_HEADER = 1_024;

/**
 * The record of an event that can't be handled: its bytes, key and headers, with where they came from and why they are here.
 *
 * Strangers write what they like: keys of a megabyte, a value just below the broker's limit, headers by the thousand. A dead letter must
 * always fit, or nothing after it would ever be read: key, value and headers are cut, and `dlt_key_length`, `dlt_value_bytes` and
 * `dlt_headers` say from what.
 */
export const deadLetterOf = (
  event: LogEvent,
  group: string,
  code: string,
  message: string,
  time: string,
): LogRecord => {
  const strange = Object.entries(event.headers).filter(([name]) => !name.startsWith('ce_') && name !== 'traceparent');
  const key = cut(event.key, MAX_KEY);
  return {
    key,
    id: deriveId('dead-letter', group, event.id),
    type: cut(event.type, MAX_HEADER),
    time,
    causationId: cut(event.id, MAX_HEADER),
    correlationId: event.correlationId === undefined ? undefined : cut(event.correlationId, MAX_HEADER),
    traceparent: event.traceparent === undefined ? undefined : cut(event.traceparent, MAX_HEADER),
    extra: {
      ...Object.fromEntries(
        strange.slice(0, MAX_HEADERS).map(([name, value]) => [cut(name, MAX_HEADER), cut(value, MAX_HEADER)]),
      ),
      dlt_code: code,
      dlt_message: cut(message, MAX_HEADER),
      dlt_topic: event.topic,
      dlt_partition: String(event.partition),
      dlt_ce_id: cut(event.id, MAX_HEADER),
      ...(event.source === undefined
        ? {}
        : { dlt_source: cut(event.source, MAX_HEADER), dlt_sequence: String(event.sequence) }),
      ...(key === event.key ? {} : { dlt_key_length: String(event.key.length) }),
      ...(event.value.length <= MAX_VALUE_BYTES ? {} : { dlt_value_bytes: String(event.value.length) }),
      ...(strange.length <= MAX_HEADERS ? {} : { dlt_headers: String(strange.length) }),
    },
    value: event.value.subarray(0, MAX_VALUE_BYTES),
  };
};

/** At most so many UTF-16 units, well-formed, and without NUL, which Postgres takes in no text. */
const cut = (text: string, most: number): string => text.slice(0, most).toWellFormed().replaceAll('\0', '\uFFFD');
