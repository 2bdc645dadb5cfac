import { randomUUID } from 'node:crypto';
import { deriveId, partitionOf, type EventLog, type TailRecord } from '@switchyard/log';
import type { Consumer, Kafka, KafkaMessage } from 'kafkajs';
import { isCoordinatorStarting, kafkaClient, type KafkaClientOptions } from './client.js';
import { ConfirmingProducer, kafkaSender, type OutgoingBatch } from './producer.js';
import { RecordBatchEncoder } from './record-batch.js';
import { ensureTopics, type TopicSettings } from './topics.js';

export interface CompactedTopicsOptions extends KafkaClientOptions {
  readonly partitions: number;
  readonly topics?: TopicSettings;
  /** What went wrong and is tried again. */
  readonly onError: (error: unknown) => void;
  /** A tail ended for good: what this process knows grows old. */
  readonly broken: (error: Error) => void;
}

/** Header with the value's version. */
const VERSION = 'ce_version';

/**
 * Compacted topics in Kafka: caches of the newest value of each key. Values carry a version; readers keep the highest and never see an
 * older one after a newer.
 */
export class KafkaCompactedTopics implements Pick<EventLog, 'put' | 'tail'> {
  private readonly kafka: Kafka;
  private readonly producer: ConfirmingProducer;
  private readonly encoder = new RecordBatchEncoder();
  private readonly ensured = new Map<string, Promise<void>>();
  private readonly tails = new Map<string, { readonly tail: Tail; readonly started: Promise<Consumer> }>();

  constructor(private readonly options: CompactedTopicsOptions) {
    this.kafka = kafkaClient(options);
    this.producer = new ConfirmingProducer(() => kafkaSender(this.kafka));
  }

  async put(records: Parameters<EventLog['put']>[0]): Promise<void> {
    await Promise.all([...new Set(records.map(({ topic }) => topic))].map((topic) => this.ensure(topic)));
    await this.producer.send(this.batchesOf(records));
  }

  /** Throws where Kafka does not answer or the topic is not as it should be. */
  async tail(topic: string, onRecord: (record: TailRecord<never>) => void): Promise<void> {
    let entry = this.tails.get(topic);
    if (entry === undefined) {
      const tail = new Tail();
      entry = { tail, started: this.follow(topic, tail) };
      this.tails.set(topic, entry);
    }
    entry.tail.add(onRecord);
    await entry.started;
    await entry.tail.caughtUp;
  }

  async stop(): Promise<void> {
    const consumers = await Promise.allSettled([...this.tails.values()].map(({ started }) => started));
    for (const result of consumers) if (result.status === 'fulfilled') await result.value.disconnect();
    await this.producer.close();
  }

  private batchesOf(records: Parameters<EventLog['put']>[0]): readonly OutgoingBatch[] {
    const place = ({ topic, key }: { readonly topic: string; readonly key: string }): string =>
      `${partitionOf(key, this.options.partitions)} ${topic}`;
    const now = Date.now();
    const time = new Date(now).toISOString();
    return [...Map.groupBy(records, place)].map(([at, some]) => {
      for (const { topic, key, version, payload } of some) {
        this.encoder.addPlain(key, Buffer.from(JSON.stringify(payload)), {
          'content-type': 'application/json',
          ce_specversion: '1.0',
          ce_id: deriveId('compacted', topic, key, String(version)),
          ce_type: topic,
          ce_source: this.options.clientId,
          ce_time: time,
          [VERSION]: String(version),
        });
      }
      const space = at.indexOf(' ');
      return { topic: at.slice(space + 1), partition: Number(at.slice(0, space)), bytes: this.encoder.finish(now) };
    });
  }

  private ensure(topic: string): Promise<void> {
    const known = this.ensured.get(topic);
    if (known !== undefined) return known;
    const made = this.withAdmin((admin) =>
      ensureTopics(admin, [{ topic, partitions: this.options.partitions, compacted: true }], this.options.topics),
    );
    this.ensured.set(topic, made);
    made.catch(() => this.ensured.delete(topic));
    return made;
  }

  /** A group of one, that nobody else joins and that commits nothing: every process reads all of it. */
  private async follow(topic: string, tail: Tail): Promise<Consumer> {
    await this.ensure(topic);
    const ends = await this.withAdmin((admin) => admin.fetchTopicOffsets(topic));
    tail.expect(ends);
    const consumer = this.kafka.consumer({
      groupId: `${this.options.clientId}.tail.${topic}.${randomUUID()}`,
      allowAutoTopicCreation: false,
      sessionTimeout: 30_000,
      heartbeatInterval: 5_000,
      maxWaitTimeInMs: 1_000,
    });
    consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
      if (restart) {
        if (!isCoordinatorStarting(error)) this.options.onError(error);
      } else this.options.broken(new Error(`reading ${topic} from Kafka ended: ${error.message}`, { cause: error }));
    });
    // Also told of batches that compaction emptied, which no handler sees.
    consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
      tail.read(payload.partition, payload.lastOffset);
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: this.options.partitions,
      eachBatch: ({ batch }) => {
        for (const message of batch.messages) this.hand(topic, tail, message);
        return Promise.resolve();
      },
    });
    return consumer;
  }

  /** One value that can't be read is left out: the next version of it mends that. */
  private hand(topic: string, tail: Tail, { key, value, headers }: KafkaMessage): void {
    if (key === null || value === null) return;
    try {
      const payload = JSON.parse(value.toString('utf8')) as { readonly version?: unknown };
      const version = Number(headers?.[VERSION]?.toString() ?? payload.version ?? 0);
      tail.take(key.toString('utf8'), Number.isNaN(version) ? 0 : version, payload);
    } catch (error) {
      this.options.onError(new Error(`a value of ${topic} could not be taken`, { cause: error }));
    }
  }

  private async withAdmin<T>(work: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  }
}

/** The newest values of one topic, and this process's readers of them. */
class Tail {
  readonly caughtUp: Promise<void>;
  private resolve: () => void = () => undefined;
  /** Offsets below which everything was there when the tail began, by partition. */
  private readonly due = new Map<number, bigint>();
  private readonly newest = new Map<string, { readonly version: number; readonly payload: unknown }>();
  private readonly listeners: ((record: TailRecord<never>) => void)[] = [];

  constructor() {
    this.caughtUp = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  expect(ends: readonly { readonly partition: number; readonly low: string; readonly high: string }[]): void {
    for (const { partition, low, high } of ends) if (BigInt(high) > BigInt(low)) this.due.set(partition, BigInt(high));
    if (this.due.size === 0) this.resolve();
  }

  read(partition: number, lastOffset: string): void {
    const end = this.due.get(partition);
    if (end === undefined || BigInt(lastOffset) + 1n < end) return;
    this.due.delete(partition);
    if (this.due.size === 0) this.resolve();
  }

  add(listener: (record: TailRecord<never>) => void): void {
    this.listeners.push(listener);
    for (const [key, { payload }] of this.newest) listener({ key, payload: payload as never });
  }

  take(key: string, version: number, payload: unknown): void {
    const known = this.newest.get(key);
    if (known !== undefined && known.version >= version) return;
    this.newest.set(key, { version, payload });
    for (const listener of this.listeners) listener({ key, payload: payload as never });
  }
}
