import { partitionOf } from '@switchyard/log';
import { kafkaClient } from '@switchyard/log-kafka';
import { Partitioners, type Producer } from 'kafkajs';
import type { Answer, Door } from './door.js';
import type { LoadSignal } from './signals.js';

const TOPIC = 'TradingSignalGenerated';
const GATHER_MS = 10;

interface Waiting {
  readonly signal: LoadSignal;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Straight to the topic, as a strategy publishes: keyed by the user, with no headers of ours. Accepted is what the brokers confirmed by
 * name: kafkajs can resolve a send though it left a partition out. One send at a time, and a new producer after each that failed, so that
 * a user's signals stay in order.
 */
export class KafkaDoor implements Door {
  readonly name = 'kafka';
  private producer: Promise<Producer> | undefined;
  private waiting: Waiting[] = [];
  private sending = false;

  constructor(
    private readonly brokers: readonly string[],
    private readonly partitions: number,
  ) {}

  offer(signal: LoadSignal): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ signal, resolve, reject });
      if (this.sending) return;
      this.sending = true;
      setTimeout(() => void this.drain(), GATHER_MS);
    });
  }

  async close(): Promise<void> {
    await this.reset();
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0);
      try {
        const confirmed = await this.send(batch.map(({ signal }) => signal));
        for (const { signal, resolve, reject } of batch)
          if (confirmed.has(partitionOf(signal.userId, this.partitions))) resolve({ kind: 'accepted' });
          else reject(new Error(`the brokers did not confirm ${signal.signalId}`));
      } catch (error) {
        await this.reset();
        for (const { reject } of batch) reject(error);
      }
    }
    this.sending = false;
  }

  private async send(signals: readonly LoadSignal[]): Promise<ReadonlySet<number>> {
    this.producer ??= this.connect();
    const answer = await (
      await this.producer
    ).send({
      topic: TOPIC,
      acks: -1,
      messages: signals.map((signal) => ({ key: signal.userId, value: JSON.stringify(signal) })),
    });
    return new Set(answer.flatMap(({ partition, errorCode }) => (errorCode === 0 ? [partition] : [])));
  }

  private async connect(): Promise<Producer> {
    const producer = kafkaClient({ brokers: this.brokers, clientId: 'chaos.strategy' }).producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    return producer;
  }

  private async reset(): Promise<void> {
    const { producer } = this;
    this.producer = undefined;
    await producer?.then((one) => one.disconnect()).catch(() => undefined);
  }
}
