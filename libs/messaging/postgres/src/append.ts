import { MAX_VALUE_BYTES, encodeRecord, type LogRecord, type OutgoingRecord, type StoredBatch } from '@switchyard/log';
import type { Queryable } from '@switchyard/persistence';

/** Most records of one transaction for one topic and partition: readers take a batch into memory whole. */
export const MAX_BATCH_RECORDS = 10_000;

/**
 * Stores outgoing events within the caller's transaction: one row per shard, topic and partition, numbered under the shard's lock.
 * All bytes go in one parameter; the server cuts them up.
 *
 * What can't be sent is thrown at once, before anything is asked of the transaction: what is rejected later is the transaction's failure
 * too, so that one who commits without waiting for it commits nothing.
 */
export const append = (
  tx: Queryable,
  deployment: string,
  outgoing: readonly OutgoingRecord[],
): Promise<readonly StoredBatch[]> => {
  if (outgoing.length === 0) return Promise.resolve([]);
  const groups = [...grouped(outgoing).values()];
  const offsets: number[] = [];
  const lengths: number[] = [];
  const frames: Buffer[] = [];
  let at = 0;
  for (const { records } of groups) {
    const start = at;
    for (const record of records) {
      const frame = encodeRecord(record);
      frames.push(frame);
      at += frame.length;
    }
    offsets.push(start);
    lengths.push(at - start);
  }
  const answered = tx.query<AppendedRow>(APPEND, [
    deployment,
    groups.map(({ shard }) => shard),
    groups.map(({ topic }) => topic),
    groups.map(({ partition }) => partition),
    groups.map(({ records }) => records.length),
    offsets,
    lengths,
    Buffer.concat(frames, at),
  ]);
  return answered.then(({ rows }) => batchesOf(deployment, groups, rows));
};

const batchesOf = (
  deployment: string,
  groups: readonly Group[],
  rows: readonly AppendedRow[],
): readonly StoredBatch[] => {
  const byPlace = new Map(groups.map((group) => [placeOf(group.shard, group.topic, group.partition), group.records]));
  if (rows.length !== groups.length)
    throw new Error(`${deployment} has no shard for ${groups.length - rows.length} of its batches`);
  return rows.map(({ source, batch, topic, partition, first_sequence }) => ({
    source,
    batch: Number(batch),
    topic,
    partition,
    firstSequence: Number(first_sequence),
    records: byPlace.get(placeOf(Number(source.split('/')[1]), topic, partition)) ?? [],
  }));
};

const APPEND = { name: 'log_append', text: 'SELECT * FROM log.append($1, $2, $3, $4, $5, $6, $7, $8)' };

interface AppendedRow {
  readonly source: string;
  readonly batch: string;
  readonly topic: string;
  readonly partition: number;
  readonly first_sequence: string;
}

interface Group {
  readonly shard: number;
  readonly topic: string;
  readonly partition: number;
  readonly records: LogRecord[];
}

const placeOf = (shard: number, topic: string, partition: number): string => `${shard}\n${partition}\n${topic}`;

const grouped = (outgoing: readonly OutgoingRecord[]): ReadonlyMap<string, Group> => {
  const groups = new Map<string, Group>();
  for (const { shard, topic, partition, record } of outgoing) {
    const place = placeOf(shard, topic, partition);
    const group = groups.get(place) ?? { shard, topic, partition, records: [] };
    group.records.push(record);
    groups.set(place, group);
    if (group.records.length > MAX_BATCH_RECORDS) {
      throw new Error(
        `one transaction appends more than ${MAX_BATCH_RECORDS} events of ${MAX_VALUE_BYTES} bytes at most to ${topic}`,
      );
    }
  }
  return groups;
};
