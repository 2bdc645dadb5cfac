import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeRecords, encodeRecord } from './frame.js';
import type { LogRecord } from './record.js';

const text = fc.string({ unit: 'grapheme' });
const absent = fc.constant(undefined);
const record: fc.Arbitrary<LogRecord> = fc.record({
  key: text,
  id: text,
  type: text,
  time: text,
  causationId: fc.oneof(absent, text),
  correlationId: fc.oneof(absent, text),
  traceparent: fc.oneof(absent, text),
  extra: fc.oneof(absent, fc.dictionary(text, text)),
  value: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
});

const plain: LogRecord = { key: 'user-1', id: 'id', type: 'Item', time: 'now', value: Buffer.from('{}') };

describe('the stored form of records', () => {
  it('gives back what went in, whatever the texts, with and without optional parts', () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), (records) => {
        const back = decodeRecords(Buffer.concat(records.map(encodeRecord)));
        expect(back.map(({ value, ...rest }) => ({ ...rest, value: Buffer.from(value) }))).toEqual(
          records.map(({ value, ...rest }) => ({ ...rest, value: Buffer.from(value) })),
        );
      }),
    );
  });

  it('keeps an empty key, an empty value and headers of strangers', () => {
    const odd = { ...plain, key: '', value: Buffer.alloc(0), extra: { 'x-note': 'ü "quoted" 🚀', __proto__x: '' } };
    expect(decodeRecords(encodeRecord(odd))).toEqual([odd].map((one) => expect.objectContaining(one)));
  });

  it('reads an empty batch as none', () => {
    expect(decodeRecords(Buffer.alloc(0))).toEqual([]);
  });

  it('throws where bytes are missing, wherever they were cut off', () => {
    const bytes = Buffer.concat([encodeRecord(plain), encodeRecord({ ...plain, extra: { a: 'b' } })]);
    const boundary = encodeRecord(plain).length;
    for (let length = 1; length < bytes.length; length += 1) {
      if (length === boundary) continue;
      expect(() => decodeRecords(bytes.subarray(0, length))).toThrow();
    }
  });

  it('throws for a key longer than it can say', () => {
    expect(() => encodeRecord({ ...plain, key: 'k'.repeat(70_000) })).toThrow('out of range');
  });
});
