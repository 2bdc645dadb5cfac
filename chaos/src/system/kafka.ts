import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { kafkaClient } from '@switchyard/log-kafka';
import { makeDeploymentTopics } from '@switchyard/runtime';
import type { CutKind } from '../plan/fault.js';
import { Relay, kafkaClientId } from './relay.js';

/** tools/kafka.mjs, as far as it is used here. */
interface KafkaTool {
  startKafka(options: {
    readonly nodes: number;
    readonly dir: string;
    readonly advertise: readonly number[];
    readonly log: (line: string) => void;
  }): Promise<LocalKafka>;
}

interface LocalKafka {
  readonly brokers: string;
  stop(): Promise<void>;
  kill(node: number): Promise<void>;
  restart(node: number, patienceMs: number): Promise<void>;
}

export interface KafkaOptions {
  readonly root: string;
  readonly dataDir: string;
  readonly nodes: number;
  readonly partitions: number;
  readonly venues: readonly string[];
  readonly log: (line: string) => void;
}

/** A cluster of real brokers, each behind a relay: clients are told the relays' addresses, brokers talk to each other directly. */
export class KillableKafka {
  private readonly down = new Set<number>();

  private constructor(
    private readonly kafka: LocalKafka,
    private readonly relays: readonly Relay[],
  ) {}

  static async start({ root, dataDir, nodes, partitions, venues, log }: KafkaOptions): Promise<KillableKafka> {
    const tool = (await import(pathToFileURL(join(root, 'tools/kafka.mjs')).href)) as KafkaTool;
    const relays: Relay[] = [];
    for (let node = 0; node < nodes; node += 1) relays.push(await Relay.open(0, kafkaClientId));
    const kafka = await tool.startKafka({ nodes, dir: dataDir, advertise: relays.map(({ port }) => port), log });
    for (const [i, broker] of kafka.brokers.split(',').entries()) relays[i]?.retarget(Number(broker.split(':')[1]));
    const cluster = new KillableKafka(kafka, relays);
    await makeDeploymentTopics({ brokers: cluster.brokers, partitions, venues });
    return cluster;
  }

  get brokers(): readonly string[] {
    return this.relays.map(({ port }) => `127.0.0.1:${port}`);
  }

  /** Brokers that are away. */
  get away(): readonly number[] {
    return [...this.down];
  }

  /** @param clientId as the brokers know it */
  cut(how: CutKind, clientId: string): void {
    for (const relay of this.relays) relay.cut(how, clientId);
  }

  heal(clientId: string): void {
    for (const relay of this.relays) relay.heal(clientId);
  }

  /** The node that leads this partition now, from 1. */
  async leaderOf(topic: string, partition: number): Promise<number | undefined> {
    const admin = kafkaClient({ brokers: this.brokers, clientId: 'chaos.admin' }).admin();
    try {
      await admin.connect();
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      return topics[0]?.partitions.find(({ partitionId }) => partitionId === partition)?.leader;
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }

  async kill(node: number): Promise<void> {
    this.down.add(node);
    await this.kafka.kill(node);
  }

  async restart(node: number): Promise<void> {
    await this.kafka.restart(node, RESTART_PATIENCE_MS);
    this.down.delete(node);
  }

  async stop(): Promise<void> {
    await this.kafka.stop();
    for (const relay of this.relays) await relay.close();
  }
}

/** After a kill a broker reads through all that it had not closed, beside everybody else who starts again. */
const RESTART_PATIENCE_MS = 300_000;
