import { afterAll, beforeAll } from '@jest/globals';
import type { Admin } from 'kafkajs';
import { until } from '@switchyard/testing';
import { startKafka, type LocalKafka } from '../../../../../tools/kafka.mjs';
import { kafkaClient } from '../client.js';

/** Three nodes for the tests of a file, which may kill them as long as they start them again. */
export class ClusterUnderTest {
  private kafka: LocalKafka | undefined;
  private connected: Admin | undefined;

  constructor() {
    beforeAll(async () => {
      this.kafka = await startKafka({ nodes: 3 });
      this.connected = kafkaClient({ brokers: this.brokers, clientId: 'operator' }).admin();
      await this.connected.connect();
    }, 120_000);
    afterAll(async () => {
      await this.connected?.disconnect();
      await this.kafka?.stop();
    }, 60_000);
  }

  get brokers(): readonly string[] {
    return this.local.brokers.split(',');
  }

  get admin(): Admin {
    if (this.connected === undefined) throw new Error('the cluster has not started');
    return this.connected;
  }

  private get local(): LocalKafka {
    if (this.kafka === undefined) throw new Error('the cluster has not started');
    return this.kafka;
  }

  /** A topic whose partitions lie on all three nodes; partition p's first leader is the one named at p. */
  async createTopic(topic: string, leaders: readonly number[], settings: Readonly<Record<string, string>> = {}) {
    await this.admin.createTopics({
      waitForLeaders: false,
      topics: [
        {
          topic,
          replicaAssignment: leaders.map((leader, partition) => ({ partition, replicas: startingWith(leader) })),
          configEntries: Object.entries({ 'min.insync.replicas': '2', ...settings }).map(([name, value]) => ({
            name,
            value,
          })),
        },
      ],
    });
    await until(async () => (await this.leadersOf(topic)).join() === leaders.join());
  }

  /** The node that leads each partition; 0 where none does. */
  async leadersOf(topic: string): Promise<readonly number[]> {
    try {
      const { topics } = await this.admin.fetchTopicMetadata({ topics: [topic] });
      const partitions = [...(topics[0]?.partitions ?? [])].sort((a, b) => a.partitionId - b.partitionId);
      return partitions.map(({ leader }) => Math.max(0, leader));
    } catch {
      return [];
    }
  }

  /** Has one partition led by a node from now on; its former leader keeps no copy. */
  async moveLeader(topic: string, partition: number, to: number): Promise<void> {
    const from = (await this.leadersOf(topic))[partition];
    const replicas = startingWith(to).filter((node) => node !== from);
    await this.admin.alterPartitionReassignments({
      topics: [{ topic, partitionAssignment: [{ partition, replicas }] }],
    });
    await until(async () => (await this.leadersOf(topic))[partition] === to);
  }

  /** The node that coordinates a group: the one that leads the partition of the offsets' topic that its name hashes to. */
  async coordinatorOf(group: string): Promise<number> {
    const leaders = await this.leadersOf('__consumer_offsets');
    let hash = 0;
    for (const letter of group) hash = (Math.imul(hash, 31) + letter.charCodeAt(0)) | 0;
    return leaders[(hash & 0x7fff_ffff) % leaders.length] ?? 0;
  }

  kill(node: number): Promise<void> {
    return this.local.kill(node);
  }

  async restart(node: number): Promise<void> {
    await this.local.restart(node);
    // It answers before it has caught up with the others.
    await until(() => this.isInSync(), 60_000);
  }

  private async isInSync(): Promise<boolean> {
    try {
      const { topics } = await this.admin.fetchTopicMetadata({ topics: await this.admin.listTopics() });
      return topics.every(({ partitions }) => partitions.every(({ isr, replicas }) => isr.length === replicas.length));
    } catch {
      return false;
    }
  }
}

const startingWith = (node: number): number[] => [node, ...[1, 2, 3].filter((other) => other !== node)];
