import {
  partitionOf,
  recordOf,
  type EventLog,
  type OutgoingEvent,
  type OutgoingRecord,
  type TailRecord,
} from '@switchyard/log';
import type { Tx } from '@switchyard/persistence';
import { append } from './append.js';
import type { LogHub } from './hub.js';

/** Where compacted topics live: a table in Postgres, topics of their own in Kafka. */
export type CompactedTopics = Pick<EventLog, 'put' | 'tail'>;

/** A service's own appends: to its shards, in its transactions, whichever transport carries them on. */
export class StageEventLog implements EventLog<Tx> {
  constructor(
    private readonly deployment: string,
    private readonly partitions: number,
    private readonly hub: LogHub,
    private readonly compacted: CompactedTopics,
    private readonly now: () => Date = () => new Date(),
  ) {}

  async append(tx: Tx, events: readonly OutgoingEvent[]): Promise<void> {
    const time = this.now().toISOString();
    const outgoing = events.map((event): OutgoingRecord => {
      if (event.cause === undefined)
        throw new Error(`${event.type} is appended without a cause: its id could not be derived`);
      const partition = partitionOf(event.key, this.partitions);
      return { shard: partition, topic: event.topic, partition, record: recordOf(event, event.cause, time) };
    });
    const batches = await append(tx, this.deployment, outgoing);
    tx.afterCommit(() => {
      this.hub.appended(this.deployment, batches);
    });
  }

  committed(): void {
    // Told by the transaction itself.
  }

  announce(deployment: string, topics: readonly string[]): void {
    this.hub.stored(deployment, topics);
  }

  put(records: Parameters<EventLog['put']>[0]): Promise<void> {
    return this.compacted.put(records);
  }

  tail(topic: string, onRecord: (record: TailRecord<never>) => void): Promise<void> {
    return this.compacted.tail(topic, onRecord);
  }
}
