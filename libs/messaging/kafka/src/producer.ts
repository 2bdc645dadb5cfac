import type { Kafka, Producer } from 'kafkajs';
import { kafkajs } from './kafkajs-cures.js';
import { prepared } from './prepared-produce.js';

/** One encoded record batch and where it goes. */
export interface OutgoingBatch {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
}

/** What the wire needs of a connection: all batches in one call; the places that were confirmed come back. */
export interface BatchSender {
  send(batches: readonly OutgoingBatch[]): Promise<readonly { readonly topic: string; readonly partition: number }[]>;
  close(): Promise<void>;
}

/**
 * Sends record batches and resolves when every one is confirmed by all in-sync replicas.
 *
 * 1. One send in flight: what is handed over meanwhile waits. So a partition's batches stay in order.
 * 2. kafkajs can resolve a send though a partition was left out (a leader moved, the retry skipped it): what the answer does not name is
 *    sent again. That may double a batch, never lose one; readers know the numbers.
 * 3. After a final rejection the connection is made anew: nothing of the old one can still arrive between later batches.
 */
export class ConfirmingProducer {
  private sender: Promise<BatchSender> | undefined;
  private last: Promise<unknown> = Promise.resolve();
  /** Batches that kafkajs reported as sent without having sent them. */
  skipped = 0;

  constructor(
    private readonly open: () => Promise<BatchSender>,
    private readonly attempts = 5,
  ) {}

  /** At most one batch a topic and partition in a call. Throws what the last attempt failed with. */
  send(batches: readonly OutgoingBatch[]): Promise<void> {
    const sent = this.last.then(() => this.deliver(batches));
    this.last = sent.catch(() => undefined);
    return sent;
  }

  async close(): Promise<void> {
    await this.last;
    await this.reset();
  }

  private async deliver(batches: readonly OutgoingBatch[]): Promise<void> {
    let missing = batches;
    for (let attempt = 1; missing.length > 0; attempt += 1) {
      if (attempt > this.attempts) throw new Error(`Kafka confirmed nothing for ${places(missing)}`);
      const confirmed = await this.attempt(missing);
      const named = new Set(confirmed.map(({ topic, partition }) => `${topic}\n${partition}`));
      missing = missing.filter(({ topic, partition }) => !named.has(`${topic}\n${partition}`));
      this.skipped += missing.length;
    }
  }

  private async attempt(batches: readonly OutgoingBatch[]): ReturnType<BatchSender['send']> {
    this.sender ??= this.open();
    try {
      return await (await this.sender).send(batches);
    } catch (error) {
      await this.reset();
      throw error;
    }
  }

  private async reset(): Promise<void> {
    const { sender } = this;
    this.sender = undefined;
    await sender?.then((one) => one.close()).catch(() => undefined);
  }
}

const places = (batches: readonly OutgoingBatch[]): string =>
  batches
    .slice(0, 5)
    .map(({ topic, partition }) => `${topic}/${partition}`)
    .join(', ') + (batches.length > 5 ? `, and ${batches.length - 5} more` : '');

/** A kafkajs producer that takes encoded batches. */
export const kafkaSender = async (kafka: Kafka): Promise<BatchSender> => {
  const producer: Producer = kafka.producer({
    allowAutoTopicCreation: false,
    idempotent: false,
    maxInFlightRequests: 1,
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  return {
    async send(batches) {
      const byTopic = Map.groupBy(batches, ({ topic }) => topic);
      const answer = await producer.sendBatch({
        acks: -1,
        topicMessages: [...byTopic].map(([topic, some]) => ({
          topic,
          messages: some.map(({ partition, bytes }) => prepared(partition, bytes)),
        })),
      });
      return answer
        .filter(({ errorCode }) => errorCode === 0)
        .map(({ topicName, partition }) => ({ topic: topicName, partition }));
    },
    close: () => producer.disconnect(),
  };
};
