import { kafkaClient } from '@switchyard/log-kafka';
import type { LogHub } from '@switchyard/log-postgres';
import { PostgresWire } from '@switchyard/log-postgres';
import type { Database } from '@switchyard/persistence';
import { PARTITIONS } from './system.js';

const TOPICS = ['OrderPlaced', 'OrderFilled', 'OrderCompleted'] as const;
export type SeenTopic = (typeof TOPICS)[number];

/** Sees order events as any consumer of the log would, and notes by our own clock when the first of a signal came. */
export interface Sightings {
  /** Milliseconds of `performance.now()`, by signalId. */
  readonly first: Readonly<Record<SeenTopic, ReadonlyMap<string, number>>>;
  close(): Promise<void>;
}

class Notes {
  readonly first = {
    OrderPlaced: new Map<string, number>(),
    OrderFilled: new Map<string, number>(),
    OrderCompleted: new Map<string, number>(),
  };

  forget(): void {
    for (const seen of Object.values(this.first)) seen.clear();
  }

  note(topic: string, signalId: string | undefined): void {
    const seen = this.first[topic as SeenTopic];
    if (signalId !== undefined && !seen.has(signalId)) seen.set(signalId, performance.now());
  }
}

export const postgresSightings = async (db: Database, hub: LogHub): Promise<Sightings> => {
  const notes = new Notes();
  const group = 'bench-sightings';
  await db.query(
    `INSERT INTO log.shards (deployment, partition) SELECT $1, generate_series(0, $2::int - 1) ON CONFLICT DO NOTHING`,
    [group, PARTITIONS],
  );
  const wire = new PostgresWire({ db, hub, member: 'bench', partitions: PARTITIONS, onError: () => undefined });
  const membership = await wire.join({
    group,
    topics: TOPICS.map((topic) => ({ topic, compacted: false, partitions: PARTITIONS })),
    assigned: () => Promise.resolve(),
    revoked: () => Promise.resolve(),
    broken: () => undefined,
  });
  const closing = new AbortController();
  let caughtUp: () => void = () => undefined;
  // What was stored before is read through first: this process shares the cores with what it measures.
  const past = new Promise<void>((resolve) => {
    caughtUp = resolve;
  });
  const reading = (async () => {
    while (!closing.signal.aborted) {
      const chunks = await membership.take(500);
      for (const chunk of chunks) {
        for (const { topic, correlationId } of chunk.events) notes.note(topic, correlationId);
        membership.settle(chunk);
      }
      if (chunks.length > 0) continue;
      caughtUp();
      await membership.ready();
    }
  })();
  await Promise.race([past, reading]);
  notes.forget();
  return {
    first: notes.first,
    close: async () => {
      closing.abort();
      await membership.leave();
      await reading;
      // Nothing is to be kept for a reader that does not come again.
      await db.query('DELETE FROM log.subscriptions WHERE group_name = $1', [group]);
    },
  };
};

export const kafkaSightings = async (brokers: readonly string[]): Promise<Sightings> => {
  const notes = new Notes();
  const kafka = kafkaClient({ clientId: 'bench-sightings', brokers });
  const consumer = kafka.consumer({ groupId: `bench-sightings-${process.pid}`, maxWaitTimeInMs: 100, minBytes: 1 });
  const joined = new Promise<void>((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, () => {
      resolve();
    });
  });
  await consumer.connect();
  await consumer.subscribe({ topics: [...TOPICS], fromBeginning: false });
  await consumer.run({
    eachBatch: ({ batch }) => {
      for (const { headers } of batch.messages) notes.note(batch.topic, headers?.['ce_correlationid']?.toString());
      return Promise.resolve();
    },
  });
  await joined;
  return { first: notes.first, close: () => consumer.disconnect() };
};
