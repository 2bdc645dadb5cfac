import type { LogEvent } from './event.js';
import type { LogRecord } from './record.js';

/**
 * The transport of the log, as a stage's runner sees it. Three implementations pass one contract suite: memory, Postgres, Kafka.
 *
 * 1. A member of a group owns partitions: partition p of *every* topic of the group goes to the same member (co-partitioned).
 * 2. Ownership has an epoch, raised in the store before `assigned` is called; a former owner's transaction fails on it.
 * 3. A chunk holds events of one topic and partition, in the log's order, following what was settled before. At most one chunk of a topic
 *    and partition is out at a time.
 * 4. Delivery is at least once. What makes it once is the stage's transaction: watermarks, not the wire's memory.
 * 5. What is out is bounded: a slow stage holds at most what it took.
 */
export interface Wire {
  readonly name: string;
  /** Whether others than our own stages can write to the log, so that a door's numbers can't be trusted. */
  readonly strangers: boolean;
  /** Readers read the stored batches themselves; nothing has to be sent after a commit but a hint. */
  readonly readsStore: boolean;
  join(membership: JoinRequest): Promise<Membership>;
}

export interface JoinRequest {
  readonly group: string;
  readonly topics: readonly WireTopic[];
  /** Called before any chunk of these partitions; epochs by partition. */
  readonly assigned: (epochs: ReadonlyMap<number, number>) => Promise<void>;
  /** Called before the partitions go to another member; waits for what is under way, within a bound. */
  readonly revoked: (partitions: readonly number[]) => Promise<void>;
  /** The wire cannot go on by itself: the process says so on /health and ends. */
  readonly broken: (error: Error) => void;
}

export interface WireTopic {
  readonly topic: string;
  readonly compacted: boolean;
  /** Dead letter topics have one partition. */
  readonly partitions: number;
}

export interface Chunk {
  readonly topic: string;
  readonly partition: number;
  readonly events: readonly LogEvent[];
  /** Where the group goes on reading once this chunk is settled, in the wire's own terms (a Kafka offset); stored with the transaction. */
  readonly position?: string;
  /** The same after only so many of its events. Where there is a position, there is this. */
  readonly positionAfter?: (events: number) => string;
}

export interface Membership {
  /** Chunks that wait, at most about `max` events together; none if nothing waits. */
  take(max: number): Promise<readonly Chunk[]>;
  /** Resolves when `take` may have something, or after the wire's own polling interval. */
  ready(): Promise<void>;
  /** The chunk's transaction is committed (and what came of it is published). */
  settle(chunk: Chunk): void;
  /**
   * Give the chunk again, read anew from where the group stands. `failed`: its transaction did, and the runner has waited when it takes
   * again. `held`: a number is missing, or another member has it; it need not come again at once.
   *
   * @param handled so many of its first events are committed all the same, and must not come again where nothing else would tell:
   *   a stranger's records have no numbers of ours
   */
  giveBack(chunk: Chunk, why: 'failed' | 'held', handled?: number): void;
  /**
   * Sends stored batches to the log's readers; resolves when every record of every batch is confirmed. Batches of a source come in order.
   * The Postgres log has nothing to send: its readers read the rows.
   */
  publish(batches: readonly StoredBatch[]): Promise<void>;
  /** Records per partition that wait to be consumed, by topic. */
  lag(): Promise<ReadonlyMap<string, number>>;
  leave(): Promise<void>;
}

/** The events of one transaction for one topic and partition, numbered densely from `firstSequence`. */
export interface StoredBatch {
  readonly source: string;
  readonly batch: number;
  readonly topic: string;
  readonly partition: number;
  readonly firstSequence: number;
  readonly records: readonly LogRecord[];
}
