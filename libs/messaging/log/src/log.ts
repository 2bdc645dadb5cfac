import type { OutgoingEvent } from './event.js';

/** A value of a compacted topic. */
export interface TailRecord<Payload = unknown> {
  readonly key: string;
  readonly payload: Payload;
}

/**
 * What a service sees of the event log beside its stage.
 *
 * 1. `append` numbers and stores events of this service's own shards inside the caller's transaction; nobody sees them before its commit.
 *    After it, readers are told, and the shards' owner publishes.
 * 2. `put` writes a compacted topic: the newest version per key wins, older ones may never be seen.
 * 3. `tail` reads a compacted topic whole in every process: it resolves when all that stood there has been handed over, and goes on.
 */
export interface EventLog<Tx = unknown> {
  append(tx: Tx, events: readonly OutgoingEvent[]): Promise<void>;
  put(
    records: readonly {
      readonly topic: string;
      readonly key: string;
      readonly version: number;
      readonly payload: unknown;
    }[],
  ): Promise<void>;
  /**
   * Waits until every group that reads the topic has stored what this service appended for the key until now.
   * @returns the groups that had not when the time was over; none is what one hopes for
   */
  readByAll(topic: string, key: string, timeoutMs: number): Promise<readonly string[]>;
  tail(topic: string, onRecord: (record: TailRecord<never>) => void): Promise<void>;
}
