import { sourceName } from '../source.js';
import type { OutgoingRecord } from '../store.js';
import type { StoredBatch } from '../wire.js';
import { Queue } from './queue.js';

/** There is no room: most of what is kept has not been read yet by a group that wants it. The stage waits, like for a database that is away. */
export class MemoryLogFull extends Error {
  readonly code = 'MEMORY_LOG_FULL';
  constructor(maxEvents: number) {
    super(`the log in memory holds ${maxEvents} events that have not been read by all; let its readers catch up`);
    this.name = 'MemoryLogFull';
  }
}

/** Who numbers: a deployment's shard. Its row in Postgres is `log.shards`. */
export interface Shard {
  readonly deployment: string;
  readonly number: number;
  generation: number;
  lastBatch: number;
  /** Undefined while nobody publishes: the readers read what is stored. */
  publishedThrough: number | undefined;
  readonly batches: Queue<StoredBatch>;
}

export type ShardRecord = Omit<OutgoingRecord, 'shard'> & { readonly shard: Shard };

/** The batches of one source in one topic and partition, by rising numbers. */
export interface SourceLog {
  readonly source: string;
  lastSequence: number;
  readonly batches: Queue<StoredBatch>;
}

export const placeOf = (topic: string, partition: number): string => `${topic}\n${String(partition)}`;

/**
 * The events themselves.
 *
 * 1. Numbers are dense from 1 per source, topic and partition; a transaction is one batch of each shard that it appends to.
 * 2. Beyond `keepEvents`, the oldest batches go once everybody who wants them has them; what somebody still wants never goes.
 * 3. Never more than `maxEvents`: then appending throws `MemoryLogFull`, and nothing is stored.
 */
export class StoredBatches {
  private readonly places = new Map<string, Map<string, SourceLog>>();
  private readonly oldest = new Queue<{
    readonly batch: StoredBatch;
    readonly shard: Shard;
    readonly log: SourceLog;
  }>();
  private held = 0;

  constructor(
    private readonly keepEvents: number,
    private readonly maxEvents: number,
    private readonly isWanted: (batch: StoredBatch) => boolean,
  ) {}

  get events(): number {
    return this.held;
  }

  sources(place: string): ReadonlyMap<string, SourceLog> {
    return this.places.get(place) ?? NONE;
  }

  /** Throws before anything is changed if there is no room. */
  makeRoom(events: number): void {
    while (this.held + events > this.keepEvents && this.dropOldest());
    if (this.held + events > this.maxEvents) throw new MemoryLogFull(this.maxEvents);
  }

  append(outgoing: readonly ShardRecord[]): readonly StoredBatch[] {
    const groups = new Map<string, ShardRecord[]>();
    for (const one of outgoing) {
      const key = `${String(one.shard.number)}\n${placeOf(one.topic, one.partition)}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [one]);
      else group.push(one);
    }
    for (const shard of new Set(outgoing.map((one) => one.shard))) shard.lastBatch += 1;
    return [...groups.values()].flatMap((records) =>
      records[0] === undefined ? [] : [this.store(records[0], records)],
    );
  }

  private store({ shard, topic, partition }: ShardRecord, records: readonly ShardRecord[]): StoredBatch {
    const source = sourceName({ ...shard, shard: shard.number });
    const place = placeOf(topic, partition);
    const logs = this.places.get(place) ?? new Map<string, SourceLog>();
    this.places.set(place, logs);
    const log = logs.get(source) ?? { source, lastSequence: 0, batches: new Queue() };
    logs.set(source, log);
    const batch: StoredBatch = {
      source,
      batch: shard.lastBatch,
      topic,
      partition,
      firstSequence: log.lastSequence + 1,
      records: records.map(({ record }) => record),
    };
    log.lastSequence += records.length;
    log.batches.push(batch);
    shard.batches.push(batch);
    this.oldest.push({ batch, shard, log });
    this.held += records.length;
    return batch;
  }

  private dropOldest(): boolean {
    const first = this.oldest.at(0);
    if (first === undefined) return false;
    const { batch, shard, log } = first;
    if (batch.batch > (shard.publishedThrough ?? Infinity) || this.isWanted(batch)) return false;
    this.oldest.shift();
    // Within a shard, and within a source's log, batches have the same order as in the whole.
    shard.batches.shift();
    log.batches.shift();
    this.held -= batch.records.length;
    return true;
  }
}

const NONE: ReadonlyMap<string, SourceLog> = new Map();

/** Index of the first batch that reaches beyond a number. */
export const firstBeyond = ({ batches }: SourceLog, sequence: number): number => {
  let low = 0;
  let high = batches.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const batch = batches.at(middle);
    if (batch !== undefined && lastOf(batch) <= sequence) low = middle + 1;
    else high = middle;
  }
  return low;
};

export const lastOf = (batch: StoredBatch): number => batch.firstSequence + batch.records.length - 1;
