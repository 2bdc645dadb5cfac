import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { StoredBatch } from '@switchyard/log';
import { until } from '@switchyard/testing';
import { startKafka, type LocalKafka } from '../../../../tools/kafka.mjs';
import { describeCluster } from './broker-under-test.js';
import { kafkaClient } from './client.js';
import { eventOf } from './incoming.js';
import { Publishing } from './publishing.js';

const PARTITIONS = 24;
const TOPIC = 'OrderRouted.binance';

/** One batch a partition, as the transactions of a busy stage leave them. */
const batchesOf = (number: number): readonly StoredBatch[] =>
  Array.from({ length: PARTITIONS }, (_, partition) => ({
    source: `routing/${String(partition)}/1`,
    batch: number,
    topic: TOPIC,
    partition,
    firstSequence: number * 3 + 1,
    records: [0, 1, 2].map((n) => ({
      key: `user-${String(partition)}`,
      id: `${String(partition)}-${String(number * 3 + n)}`,
      type: 'OrderRouted',
      time: '2026-11-21T02:47:10.123Z',
      value: Buffer.alloc(300, 0x20),
    })),
  }));

describeCluster('a cluster that loses a broker under load', () => {
  let cluster: LocalKafka;

  beforeAll(async () => {
    cluster = await startKafka({ nodes: 3 });
  }, 120_000);

  afterAll(async () => {
    await cluster.stop();
  }, 30_000);

  it('has every confirmed event, each source’s numbers without a gap', async () => {
    const kafka = kafkaClient({ brokers: cluster.brokers.split(','), clientId: 'routing' });
    const wish = (topic: string) => ({ topic, partitions: PARTITIONS, compacted: false });
    const publishing = new Publishing(kafka, wish, {});
    await publishing.ensure([wish(TOPIC)]);

    let confirmed = 0;
    let failures = 0;
    let enough = false;
    const publish = async (): Promise<void> => {
      while (!enough) {
        try {
          await publishing.publish(batchesOf(confirmed));
          confirmed += 1;
        } catch {
          // As the runner does: the same again.
          failures += 1;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
    };
    const publisher = publish();
    await until(() => confirmed > 30);
    await cluster.kill(2);
    const atKill = confirmed;
    await until(() => confirmed > atKill + 100, 30_000);
    enough = true;
    await publisher;
    await publishing.close();

    const seen = Array.from({ length: PARTITIONS }, () => 0);
    const gaps: string[] = [];
    const consumer = kafka.consumer({ groupId: 'reader' });
    await consumer.connect();
    await consumer.subscribe({ topic: TOPIC, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ partition, message }) => {
        const { sequence } = eventOf(TOPIC, partition, message);
        const last = seen[partition] ?? 0;
        if (sequence > last + 1) gaps.push(`${String(partition)}: ${String(sequence)} after ${String(last)}`);
        seen[partition] = Math.max(last, sequence);
        return Promise.resolve();
      },
    });
    await until(() => seen.every((last) => last >= confirmed * 3), 60_000);
    await consumer.disconnect();
    expect(gaps).toEqual([]);
    expect(seen.every((last) => last === confirmed * 3)).toBe(true);
    expect(failures).toBeLessThan(20);
  }, 120_000);
});
