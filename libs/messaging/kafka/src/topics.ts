import type { Admin, ITopicConfig } from 'kafkajs';

export interface TopicWish {
  readonly topic: string;
  readonly partitions: number;
  readonly compacted: boolean;
}

export interface TopicSettings {
  /** Default: 3, or as many as there are brokers. */
  readonly replicationFactor?: number;
  /** How long events are kept in topics that are not compacted, hours. Default 168. */
  readonly retentionHours?: number;
  /** How long to wait until every partition answers, ms. Default 30,000. */
  readonly patienceMs?: number;
}

/**
 * Makes the topics that are missing, checks the partition count of those that are there, and waits until every partition answers: on a
 * broker that has just started, `createTopics` resolves seconds too early. Throws a sentence where a count differs or a partition
 * stays silent.
 */
export async function ensureTopics(
  admin: Admin,
  wishes: readonly TopicWish[],
  settings: TopicSettings = {},
): Promise<void> {
  if (wishes.length === 0) return;
  await createMissing(admin, wishes, settings);
  await everyPartitionAnswers(admin, wishes, settings.patienceMs ?? 30_000);
}

/** Has the topics made that are missing, in one request. They answer later: making a partition is a handful of fsyncs, one after the other. */
export async function createMissing(
  admin: Admin,
  wishes: readonly TopicWish[],
  settings: TopicSettings = {},
): Promise<void> {
  const existing = new Set(await admin.listTopics());
  const missing = wishes.filter(({ topic }) => !existing.has(topic));
  if (missing.length === 0) return;
  const { brokers } = await admin.describeCluster();
  const copies = settings.replicationFactor ?? Math.min(3, brokers.length);
  // Resolves to false where another process was faster: that is as good.
  await admin.createTopics({
    waitForLeaders: false,
    topics: missing.map((wish) => configOf(wish, copies, settings.retentionHours ?? 168)),
  });
}

const configOf = (
  { topic, partitions, compacted }: TopicWish,
  copies: number,
  retentionHours: number,
): ITopicConfig => ({
  topic,
  numPartitions: partitions,
  replicationFactor: copies,
  configEntries: [
    { name: 'min.insync.replicas', value: String(copies >= 3 ? 2 : 1) },
    { name: 'unclean.leader.election.enable', value: 'false' },
    ...(compacted
      ? [
          { name: 'cleanup.policy', value: 'compact' },
          { name: 'min.cleanable.dirty.ratio', value: '0.2' },
          { name: 'segment.ms', value: String(3_600_000) },
        ]
      : [
          { name: 'cleanup.policy', value: 'delete' },
          { name: 'retention.ms', value: String(retentionHours * 3_600_000) },
        ]),
  ],
});

/** One topic after the other: a broker that is still making them has enough to do. */
async function everyPartitionAnswers(admin: Admin, wishes: readonly TopicWish[], patienceMs: number): Promise<void> {
  const start = performance.now();
  for (const wish of wishes) {
    for (let pause = 20; ; pause = Math.min(pause * 2, 500)) {
      const count = await answering(admin, wish.topic);
      if (count === wish.partitions) break;
      const waited = performance.now() - start;
      // A broker may have heard of a part of the partitions only: that passes within a second.
      if (count !== 0 && waited > 2_000) throw otherCount(wish, count);
      if (waited > patienceMs) {
        throw new Error(
          `Kafka's topic ${wish.topic} does not answer on all of its partitions after ${patienceMs / 1000} s.`,
        );
      }
      await new Promise((resume) => setTimeout(resume, pause));
    }
  }
}

const otherCount = ({ topic, partitions }: TopicWish, found: number): Error =>
  new Error(
    `Kafka's topic ${topic} has ${found} partitions, and ${partitions} are configured: the count is fixed for the life of a deployment. Set SWITCHYARD_PARTITIONS=${found}, or use another cluster.`,
  );

/** How many partitions' leaders tell where their ends are; 0 while one of them does not. */
const answering = async (admin: Admin, topic: string): Promise<number> => {
  try {
    return new Set((await admin.fetchTopicOffsets(topic)).map(({ partition }) => partition)).size;
  } catch {
    return 0;
  }
};
