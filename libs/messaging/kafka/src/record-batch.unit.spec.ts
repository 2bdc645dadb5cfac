import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { headersOf, type LogRecord } from '@switchyard/log';
import fc from 'fast-check';
import { encodeProduceRequest, prepared } from './prepared-produce.js';
import { RecordBatchEncoder } from './record-batch.js';

interface KafkajsRecord {
  readonly offsetDelta: number;
  readonly timestampDelta: number;
  readonly key: string;
  readonly value: Buffer;
  readonly headers: Record<string, string>;
}
const require = createRequire(import.meta.url);
const Record = require('kafkajs/src/protocol/recordBatch/record/v0') as (record: KafkajsRecord) => object;
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch: (batch: object) => Promise<{ readonly buffer: Buffer }>;
};
const produceRequest = require('kafkajs/src/protocol/requests/produce/v7/request') as (request: object) => {
  encode: () => Promise<{ readonly buffer: Buffer }>;
};

const TIME = Date.UTC(2026, 10, 21);
const encoder = new RecordBatchEncoder();
const encode = (records: readonly LogRecord[], source: string, first: number): Buffer => {
  for (const [index, record] of records.entries()) encoder.add(record, source, first + index);
  return encoder.finish(TIME);
};

const byKafkajs = async (records: readonly LogRecord[], source: string, first: number): Promise<Buffer> => {
  const encoded = records.map((record, index) =>
    Record({
      offsetDelta: index,
      timestampDelta: 0,
      key: record.key,
      value: Buffer.from(record.value),
      headers: headersOf(record, source, first + index),
    }),
  );
  const batch = { records: encoded, firstTimestamp: TIME, maxTimestamp: TIME, lastOffsetDelta: records.length - 1 };
  return (await RecordBatch(batch)).buffer;
};

const texts = fc.oneof(
  fc.string({ maxLength: 80 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'grapheme', minLength: 60, maxLength: 130 }),
);
const maybe = fc.option(texts, { nil: undefined });
const values = fc.oneof(
  fc.uint8Array({ maxLength: 100 }),
  fc.integer({ min: 0, max: 20_000 }).map((length) => new Uint8Array(length).fill(length)),
);
const records: fc.Arbitrary<LogRecord> = fc.record({
  key: texts,
  id: texts,
  type: texts,
  time: texts,
  causationId: maybe,
  correlationId: maybe,
  traceparent: maybe,
  extra: fc.option(fc.dictionary(fc.constantFrom('content-type', 'dlt_code', 'ü'), texts), { nil: undefined }),
  value: values,
});

describe('a record batch', () => {
  it('is byte for byte what kafkajs makes of the same records', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(records, { minLength: 1, maxLength: 20 }),
        texts,
        fc.maxSafeNat(),
        async (some, source, first) => {
          expect(encode(some, source, first).equals(await byKafkajs(some, source, first))).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is the same however many records it has and however large it gets', async () => {
    const one = { key: 'user-1', id: 'a', type: 'Item', time: 't', value: Buffer.alloc(700, 1) };
    const many = Array.from({ length: 3_000 }, () => one);
    expect(encode(many, 'risk/1/1', 1).equals(await byKafkajs(many, 'risk/1/1', 1))).toBe(true);
  });

  it('goes into the very produce request that kafkajs makes', async () => {
    const one = { key: 'user-1', id: 'a', type: 'Item', time: 't', value: Buffer.from('{}') };
    const headers = headersOf(one, 'risk/1/1', 1);
    const message = { key: one.key, value: one.value, headers, timestamp: String(TIME) };
    const topics = (messages: (partition: number) => object[]) =>
      ['A', 'Ä'].map((topic) => ({
        topic,
        partitions: [0, 7].map((partition) => ({ partition, messages: messages(partition) })),
      }));
    const theirs = await produceRequest({ acks: -1, timeout: 30_000, topicData: topics(() => [message]) }).encode();
    const batch = encode([one], 'risk/1/1', 1);
    const ours = encodeProduceRequest(
      -1,
      30_000,
      topics((partition) => [prepared(partition, batch)]),
    );
    expect(ours.buffer.equals(theirs.buffer)).toBe(true);
  });
});
