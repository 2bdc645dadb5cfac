import type { StoredBatch } from '@switchyard/log';
import type { Kafka } from 'kafkajs';
import { roundsOf } from './outgoing.js';
import { ConfirmingProducer, kafkaSender } from './producer.js';
import { ensureTopics, type TopicSettings, type TopicWish } from './topics.js';

/** The way from stored batches to confirmed Kafka records, of one process's group. */
export class Publishing {
  private readonly producer: ConfirmingProducer;
  /** Topics that are known to be there. */
  private readonly known = new Set<string>();

  constructor(
    private readonly kafka: Kafka,
    private readonly wishOf: (topic: string) => TopicWish,
    private readonly settings: TopicSettings,
  ) {
    this.producer = new ConfirmingProducer(() => kafkaSender(kafka));
  }

  /** Batches that kafkajs reported as sent without having sent them. */
  get skipped(): number {
    return this.producer.skipped;
  }

  async publish(batches: readonly StoredBatch[]): Promise<void> {
    const unknown = batches.map(({ topic }) => topic).filter((topic) => !this.known.has(topic));
    if (unknown.length > 0) await this.ensure([...new Set(unknown)].map(this.wishOf));
    try {
      for (const round of roundsOf(batches, Date.now())) await this.producer.send(round);
    } catch (error) {
      // One of them may have been deleted.
      this.known.clear();
      throw error;
    }
  }

  /** Topics that are missing are made; dead letters and new venues come into being when they are first written. */
  async ensure(wishes: readonly TopicWish[]): Promise<void> {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      await ensureTopics(admin, wishes, this.settings);
    } finally {
      await admin.disconnect();
    }
    for (const { topic } of wishes) this.known.add(topic);
  }

  close(): Promise<void> {
    return this.producer.close();
  }
}
