import type { LogRecord } from './record.js';

/**
 * The stored form of a batch's records, one after the other:
 *
 *     u16 length of key | u32 length of meta | u32 length of value | key | meta | value
 *
 * All lengths big-endian, in bytes. Meta is the JSON array `[id, type, time, causationId, correlationId, traceparent, extra]`, absent
 * ones `null`, trailing ones cut. One allocation and one pass a record: encoding is on every event's way, at every stage.
 */
const HEAD = 10;

export const encodeRecord = (record: LogRecord): Buffer => {
  const meta = metaOf(record);
  const keyLength = Buffer.byteLength(record.key);
  const metaLength = Buffer.byteLength(meta);
  const frame = Buffer.allocUnsafe(HEAD + keyLength + metaLength + record.value.length);
  frame.writeUInt16BE(keyLength, 0);
  frame.writeUInt32BE(metaLength, 2);
  frame.writeUInt32BE(record.value.length, 6);
  frame.write(record.key, HEAD);
  frame.write(meta, HEAD + keyLength);
  frame.set(record.value, HEAD + keyLength + metaLength);
  return frame;
};

export const decodeRecords = (bytes: Buffer): LogRecord[] => {
  const records: LogRecord[] = [];
  let at = 0;
  while (at < bytes.length) {
    const keyEnd = at + HEAD + bytes.readUInt16BE(at);
    const metaEnd = keyEnd + bytes.readUInt32BE(at + 2);
    const valueEnd = metaEnd + bytes.readUInt32BE(at + 6);
    if (valueEnd > bytes.length)
      throw new Error(`a stored batch is cut off: ${String(valueEnd - bytes.length)} bytes are missing`);
    const [id, type, time, causationId, correlationId, traceparent, extra] = JSON.parse(
      bytes.toString('utf8', keyEnd, metaEnd),
    ) as Meta;
    records.push({
      key: bytes.toString('utf8', at + HEAD, keyEnd),
      id,
      type,
      time,
      causationId: causationId ?? undefined,
      correlationId: correlationId ?? undefined,
      traceparent: traceparent ?? undefined,
      extra: extra ?? undefined,
      value: bytes.subarray(metaEnd, valueEnd),
    });
    at = valueEnd;
  }
  return records;
};

type Meta = [
  string,
  string,
  string,
  (string | null)?,
  (string | null)?,
  (string | null)?,
  (Record<string, string> | null)?,
];

const metaOf = ({ id, type, time, causationId, correlationId, traceparent, extra }: LogRecord): string => {
  const meta: Meta = [id, type, time, causationId ?? null, correlationId ?? null, traceparent ?? null, extra ?? null];
  while (meta.at(-1) === null) meta.pop();
  return JSON.stringify(meta);
};
