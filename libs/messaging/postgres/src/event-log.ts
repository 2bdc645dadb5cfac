import {
  partitionOf,
  recordOf,
  type EventLog,
  type OutgoingEvent,
  type OutgoingRecord,
  type TailRecord,
} from '@switchyard/log';
import type { Queryable, Tx } from '@switchyard/persistence';
import { append } from './append.js';
import type { LogHub } from './hub.js';

/** Where compacted topics live: a table in Postgres, topics of their own in Kafka. */
export type CompactedTopics = Pick<EventLog, 'put' | 'tail'>;

/** A service's own appends: to its shards, in its transactions, whichever transport carries them on. */
export class StageEventLog implements EventLog<Tx> {
  constructor(
    private readonly db: Queryable,
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

  announce(deployment: string, topics: readonly string[]): void {
    this.hub.stored(deployment, topics);
  }

  async readByAll(topic: string, key: string, timeoutMs: number): Promise<readonly string[]> {
    const partition = partitionOf(key, this.partitions);
    const end = performance.now() + timeoutMs;
    const { rows: heads } = await this.db.query<HeadRow>(HEADS, [
      topic,
      partition,
      `${this.deployment}/${String(partition)}/%`,
    ]);
    const [head] = heads;
    if (head === undefined) return [];
    for (let wait = 2; ; wait = Math.min(wait * 2, 50)) {
      const { rows } = await this.db.query<{ group_name: string }>(BEHIND, [
        topic,
        partition,
        head.source.slice(0, head.source.lastIndexOf('/')),
        Number(head.source.slice(head.source.lastIndexOf('/') + 1)),
        head.last_sequence,
      ]);
      if (rows.length === 0 || performance.now() > end) return rows.map(({ group_name }) => group_name);
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }

  put(records: Parameters<EventLog['put']>[0]): Promise<void> {
    return this.compacted.put(records);
  }

  tail(topic: string, onRecord: (record: TailRecord<never>) => void): Promise<void> {
    return this.compacted.tail(topic, onRecord);
  }
}

interface HeadRow {
  readonly source: string;
  readonly last_sequence: string;
}

const HEADS = `SELECT source, last_sequence FROM log.heads WHERE topic = $1 AND partition = $2 AND source LIKE $3
  ORDER BY split_part(source, '/', 3)::int DESC LIMIT 1`;
const BEHIND = {
  name: 'log_behind',
  text: `SELECT s.group_name FROM log.subscriptions s
         LEFT JOIN log.watermarks w ON w.group_name = s.group_name AND w.topic = s.topic AND w.partition = $2 AND w.origin = $3
         WHERE s.topic = $1 AND (w.generation IS NULL OR w.generation < $4 OR (w.generation = $4 AND w.sequence < $5))`,
};
