import { expect, it } from '@jest/globals';
import type { StoredBatch } from '@switchyard/log';
import { until } from '@switchyard/testing';
import type { ClusterUnderTest } from './cluster-under-test.js';
import { kafkaClient } from '../client.js';
import { eventOf } from '../incoming.js';
import { Publishing } from '../publishing.js';

const PER_BATCH = 3;

/** One batch a partition, as the transactions of a busy stage leave them. */
const batchesOf = (topic: string, partitions: number, number: number): readonly StoredBatch[] =>
  Array.from({ length: partitions }, (_, partition) => ({
    source: `routing/${String(partition)}/1`,
    batch: number,
    topic,
    partition,
    firstSequence: number * PER_BATCH + 1,
    records: Array.from({ length: PER_BATCH }, (_event, n) => ({
      key: `user-${String(partition)}`,
      id: `${String(partition)}-${String(number * PER_BATCH + n)}`,
      type: 'OrderRouted',
      time: '2026-11-21T02:47:10.123Z',
      value: Buffer.alloc(300, 0x20),
    })),
  }));

/** What a publisher of stored batches keeps while leaders move. */
export const publishingUnderFire = (cluster: ClusterUnderTest): void => {
  const publisher = (topic: string, partitions: number) => {
    const kafka = kafkaClient({ brokers: cluster.brokers, clientId: 'routing' });
    const wish = () => ({ topic, partitions, compacted: false });
    const publishing = new Publishing(kafka, wish, {});
    return { publishing, publish: (number: number) => publishing.publish(batchesOf(topic, partitions, number)) };
  };

  /** Each partition's numbers as they lie in the log, those that came again left out; a number that is missing shows. */
  const numbersIn = async (topic: string): Promise<readonly (readonly number[])[]> => {
    const ends = await cluster.admin.fetchTopicOffsets(topic);
    const found = ends.map((): number[] => []);
    let due = ends.reduce((sum, { high }) => sum + Number(high), 0);
    const kafka = kafkaClient({ brokers: cluster.brokers, clientId: 'reader' });
    const consumer = kafka.consumer({ groupId: `reader-of-${topic}`, maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ partition, message }) => {
        const numbers = found[partition] ?? [];
        const { sequence } = eventOf(topic, partition, message);
        if (sequence > (numbers.at(-1) ?? 0)) numbers.push(sequence);
        due -= 1;
        return Promise.resolve();
      },
    });
    await until(() => due <= 0);
    await consumer.disconnect();
    return found;
  };

  const dense = (batches: number): number[] => Array.from({ length: batches * PER_BATCH }, (_, n) => n + 1);

  it('sends again what kafkajs left out and called sent, when a leader moved to a broker that had answered', async () => {
    const topic = 'LeftOut';
    await cluster.createTopic(topic, [1, 2]);
    const { publishing, publish } = publisher(topic, 2);
    await publish(0);
    await cluster.moveLeader(topic, 1, 1);
    await publish(1);
    expect(publishing.skipped).toBe(1);
    await publishing.close();
    expect(await numbersIn(topic)).toEqual([dense(2), dense(2)]);
  });

  it('keeps the order of sends that were begun before the ones before them had ended, while leaders move', async () => {
    const topic = 'Overlapping';
    await cluster.createTopic(topic, [1, 2, 3]);
    const { publishing, publish } = publisher(topic, 3);
    await publish(0);
    const sends: Promise<void>[] = [];
    const moved = cluster.moveLeader(topic, 1, 3);
    for (let number = 1; number < 100; number += 1) {
      sends.push(publish(number));
      await new Promise((resume) => setTimeout(resume, 5));
    }
    await moved;
    await Promise.all(sends);
    await publishing.close();
    expect(await numbersIn(topic)).toEqual([dense(100), dense(100), dense(100)]);
  });
};
