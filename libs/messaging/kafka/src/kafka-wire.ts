import type { JoinRequest, Wire } from '@switchyard/log';
import { Coordinator } from '@switchyard/log-postgres';
import type { Database } from '@switchyard/persistence';
import { KafkaUnreachable, isUnreachable, kafkaClient, type KafkaClientOptions } from './client.js';
import { KafkaMembership, type ReadingOptions } from './membership.js';
import { Ownership } from './ownership.js';
import { Publishing } from './publishing.js';
import { TopiclessMembership } from './topicless-membership.js';
import type { TopicSettings, TopicWish } from './topics.js';

export interface KafkaWireOptions extends KafkaClientOptions {
  /** Where the stages' shards, epochs and positions are. */
  readonly db: Database;
  /** Name of this process among the members of its groups. */
  readonly member: string;
  /** Of every topic but dead letters. */
  readonly partitions: number;
  /** Whether a topic keeps only the newest value of each key. */
  readonly compacted: (topic: string) => boolean;
  readonly topics?: TopicSettings;
  readonly reading?: Partial<ReadingOptions>;
  /** What went wrong and is tried again. */
  readonly onError: (error: unknown) => void;
}

export const READING: ReadingOptions = {
  lingerMs: 8,
  maxWaitMs: 1_500,
  maxHeldRecords: 5_000,
  maxHeldBytes: 32 << 20,
  sessionMs: 6_000,
  heartbeatMs: 1_500,
  rebalanceMs: 10_000,
  commitMs: 5_000,
};

/**
 * The log over Apache Kafka. A group is named as its service; partition p of every topic goes to the same member; the epoch in the
 * database, not Kafka's generation, keeps a former owner from storing anything.
 */
export class KafkaWire implements Wire {
  readonly name = 'kafka';
  readonly strangers = true;
  readonly readsStore = false;

  constructor(private readonly options: KafkaWireOptions) {}

  /** Throws `KafkaUnreachable` where no broker answers. */
  async join(request: JoinRequest): Promise<KafkaMembership | TopiclessMembership> {
    const { options } = this;
    const kafka = kafkaClient({ ...options, clientId: `${options.clientId}.${request.group}` });
    const publishing = new Publishing(kafka, (topic) => this.wishOf(topic), options.topics ?? {});
    try {
      await publishing.ensure(request.topics);
      if (request.topics.length === 0) return await this.joinTopicless(request, publishing);
      const ownership = new Ownership(options.db, request.group, options.member, options.partitions);
      await ownership.prepare(request.topics.map(({ topic }) => topic));
      const reading = { ...READING, ...options.reading };
      const membership = new KafkaMembership(kafka, request, ownership, publishing, reading, options.onError);
      await membership.start();
      return membership;
    } catch (error) {
      await publishing.close();
      throw isUnreachable(error) ? new KafkaUnreachable(options.brokers, error) : error;
    }
  }

  private joinTopicless(request: JoinRequest, publishing: Publishing): Promise<TopiclessMembership> {
    const { db, member, partitions, onError } = this.options;
    return TopiclessMembership.join(
      publishing,
      (callbacks) =>
        new Coordinator(
          db,
          { group: request.group, member, partitions, heartbeatMs: 2_000, memberTimeoutMs: 6_000 },
          callbacks,
          onError,
        ),
      request,
    );
  }

  private wishOf(topic: string): TopicWish {
    const dead = topic.endsWith('.dlt');
    return { topic, partitions: dead ? 1 : this.options.partitions, compacted: !dead && this.options.compacted(topic) };
  }
}
