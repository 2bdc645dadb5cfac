import { join } from 'node:path';
import { ensureTopics, kafkaClient } from '@switchyard/log-kafka';
import { Partitioners } from 'kafkajs';
import type { Ceiling } from './ceiling.js';
import { startProgram } from './child.js';
import { PARTITIONS } from './system.js';

const USERS = 1_000;
const BATCH = 500;
const UNDER_WAY = 5_000;

export const hopTopic = (hop: number): string => `bench-hop-${hop}`;

/** kafkajs and a broker, nothing else: a process that takes records from one topic and puts them into the next, `hops` times. */
export const openKafkaCeiling = async (brokers: readonly string[], bytes: number, hops: number): Promise<Ceiling> => {
  const kafka = kafkaClient({ clientId: 'bench-ceiling', brokers });
  const admin = kafka.admin();
  await admin.connect();
  await ensureTopics(
    admin,
    Array.from({ length: hops + 1 }, (_, hop) => ({ topic: hopTopic(hop), partitions: PARTITIONS, compacted: false })),
  );
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  const relay = await startProgram({
    name: 'relay',
    script: join(import.meta.dirname, 'kafka-relay.js'),
    args: [brokers.join(','), String(hops)],
    env: process.env,
  });
  const arrived = async (): Promise<number> =>
    (await admin.fetchTopicOffsets(hopTopic(hops))).reduce((sum, { offset }) => sum + Number(offset), 0);
  const value = JSON.stringify({ ballast: 'x'.repeat(bytes) });
  let sent = 0;
  const send = async (): Promise<void> => {
    const messages = Array.from({ length: BATCH }, () => ({ key: `user-${sent++ % USERS}`, value }));
    await producer.send({ topic: hopTopic(0), messages, acks: -1 });
  };
  const pushed = async (seconds: number): Promise<number> => {
    const startedAt = performance.now();
    const first = await arrived();
    const begun = sent;
    const end = startedAt + seconds * 1_000;
    while (performance.now() < end) {
      if (sent - begun - ((await arrived()) - first) < UNDER_WAY) await send();
      else await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const patience = performance.now() + 60_000;
    while ((await arrived()) - first < sent - begun) {
      if (performance.now() > patience) throw new Error('the bare relay did not pass on all that it was given');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return (sent - begun) / ((performance.now() - startedAt) / 1_000);
  };
  await pushed(2);
  return {
    run: pushed,
    close: async () => {
      await relay.stop();
      await producer.disconnect();
      await admin.disconnect();
    },
  };
};
