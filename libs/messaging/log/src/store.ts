import type { LogEvent } from './event.js';
import type { DocumentRef } from './stage.js';
import type { LogRecord } from './record.js';
import type { StoredBatch } from './wire.js';

/**
 * The durable memory of a stage and of its part of the log. Postgres for every deployment; memory for tests and simulation.
 *
 * 1. One transaction covers all of a member's shards that have work. It locks, in ascending order, first the group's epochs, then the
 *    shards' rows; an epoch that differs fails it with `Fenced`.
 * 2. Watermarks, documents, effects, outgoing batches and parked events are stored together or not at all.
 * 3. Outgoing events are numbered densely per source, topic and partition under the shard's lock.
 */
export interface StageStore {
  /**
   * Opens the transaction, runs `work`, stores the changes it returns, commits. Throws what `work` throws, and then nothing is stored.
   * If it throws while committing, whether it was stored is unknown: the watermarks tell, at the next transaction.
   *
   * @param likely documents that `work` will probably load: fetched together with the opening, so that they cost no round trip
   */
  transact(
    epochs: ReadonlyMap<number, number>,
    work: (tx: StageTransaction) => Promise<StageChanges>,
    likely?: readonly DocumentRef[],
  ): Promise<Stored>;
  /** Batches of these shards beyond what is published, in order, at most about `max` records. */
  unpublished(shards: ReadonlyMap<number, number>, max: number): Promise<readonly StoredBatch[]>;
  /** How far each of these shards is noted as published. */
  publishedThrough(shards: readonly number[]): Promise<ReadonlyMap<number, number>>;
  notePublished(through: ReadonlyMap<number, number>): Promise<void>;
  /** Parked events of keys whose release was asked for, in the order in which they were parked. */
  releasable(partitions: readonly number[], max: number): Promise<readonly ParkedEvent[]>;
}

export interface Stored {
  readonly batches: readonly StoredBatch[];
  /** The last batch of each shard before this transaction. */
  readonly lastBatch: ReadonlyMap<number, number>;
}

export interface StageTransaction {
  /** What was seen of each source, by `watermarkKey`. */
  readonly watermarks: ReadonlyMap<string, Watermark>;
  /** Keys whose events wait for an operator. */
  readonly parkedKeys: ReadonlySet<string>;
  /** The documents that exist, as JSON text by `documentKey`. */
  load(refs: readonly DocumentRef[]): Promise<ReadonlyMap<string, string>>;
}

export interface StageChanges {
  readonly documents: readonly {
    readonly kind: string;
    readonly key: string;
    readonly partition: number;
    readonly text: string | undefined;
  }[];
  readonly watermarks: readonly WatermarkRow[];
  readonly positions: readonly { readonly topic: string; readonly partition: number; readonly position: string }[];
  readonly outgoing: readonly OutgoingRecord[];
  readonly effects: readonly unknown[];
  readonly parked: readonly { readonly event: LogEvent; readonly reason: string; readonly first: boolean }[];
  readonly unparked: readonly { readonly id: string; readonly key: string; readonly partition: number }[];
  /** Release requests that ran into a failure again: they wait for the operator once more. */
  readonly releaseFailed: readonly {
    readonly id: string;
    readonly key: string;
    readonly partition: number;
    readonly reason: string;
  }[];
  readonly published: ReadonlyMap<number, number>;
}

/** One record on its way out: `shard` is the partition of the stage that numbers it. */
export interface OutgoingRecord {
  readonly shard: number;
  readonly topic: string;
  readonly partition: number;
  readonly record: LogRecord;
}

export interface ParkedEvent {
  readonly id: string;
  readonly event: LogEvent;
}

/** The highest number seen of a source's shard in its latest generation. */
export interface Watermark {
  readonly generation: number;
  readonly sequence: number;
}

export interface WatermarkRow extends Watermark {
  readonly topic: string;
  readonly partition: number;
  /** `deployment/shard`, without the generation. */
  readonly origin: string;
}

export const watermarkKey = (topic: string, partition: number, origin: string): string =>
  `${topic}\n${partition}\n${origin}`;
export const documentKey = (kind: string, key: string): string => `${kind}\n${key}`;

/** The epoch of a partition is not ours any more: another member has it, and what this one did is void. */
export class Fenced extends Error {
  constructor(readonly partitions: readonly number[]) {
    super(`partitions ${partitions.join(', ')} belong to another member by now`);
    this.name = 'Fenced';
  }
}
