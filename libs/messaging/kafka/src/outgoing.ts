import type { StoredBatch } from '@switchyard/log';
import type { OutgoingBatch } from './producer.js';
import { RecordBatchEncoder } from './record-batch.js';

/** A record batch stays below this, bytes: the broker's default limit is 1,048,588, and a value alone may have 900,000. */
const MAX_BATCH_BYTES = 1_000_000;

const encoder = new RecordBatchEncoder();

/**
 * Stored batches as Kafka record batches: rounds to be sent one after the other, each with at most one record batch a topic and partition
 * (Kafka takes no more in a request), records of a partition in their order.
 */
export const roundsOf = (batches: readonly StoredBatch[], timestamp: number): readonly (readonly OutgoingBatch[])[] => {
  const rounds: OutgoingBatch[][] = [];
  for (const some of Map.groupBy(batches, ({ topic, partition }) => `${topic}\n${partition}`).values()) {
    const [first] = some;
    if (first === undefined) continue;
    const { topic, partition } = first;
    let round = 0;
    const flush = (): void => {
      (rounds[round] ??= []).push({ topic, partition, bytes: encoder.finish(timestamp) });
      round += 1;
    };
    for (const { source, firstSequence, records } of some) {
      for (const [index, record] of records.entries()) {
        if (!encoder.isEmpty && encoder.size + record.value.length + OVERHEAD > MAX_BATCH_BYTES) flush();
        encoder.add(record, source, firstSequence + index);
      }
    }
    if (!encoder.isEmpty) flush();
  }
  return rounds;
};

/** Key and headers of a record, about. */
const OVERHEAD = 2_000;
