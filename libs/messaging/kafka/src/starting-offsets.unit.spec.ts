import { describe, expect, it } from '@jest/globals';
import type { Kafka } from 'kafkajs';
import { TopicNotThereYet, startingOffsets } from './starting-offsets.js';

/** kafkajs as it is: of two questions at once, one is answered with a TypeError. */
const kafkaWith = (ends: Readonly<Record<string, { readonly low: string; readonly high: string } | Error>>): Kafka => {
  let asked = 0;
  const nothing = (): Promise<void> => Promise.resolve();
  const fetchTopicOffsets = async (topic: string) => {
    asked += 1;
    const overlap = asked > 1;
    await new Promise((resolve) => setImmediate(resolve));
    asked -= 1;
    if (overlap) throw new TypeError("Cannot destructure property 'partitions' of 'high.pop(...)' as it is undefined.");
    const found = ends[topic];
    if (found === undefined || found instanceof Error) throw found ?? new Error(topic);
    return [{ partition: 0, offset: found.high, ...found }];
  };
  return { admin: () => ({ connect: nothing, disconnect: nothing, fetchTopicOffsets }) } as unknown as Kafka;
};

const place = (topic: string) => ({ topic, partitions: [0] });
const stopped = (topic: string, position: string) => ({ topic, partition: 0, position });

describe('where a group goes on', () => {
  it('is where it stopped in each of several topics, and else at the first record', async () => {
    const kafka = kafkaWith({ A: { low: '3', high: '9' }, B: { low: '2', high: '4' } });
    const lost: string[] = [];
    const offsets = await startingOffsets(kafka, [place('A'), place('B')], [stopped('A', '9')], (error) => {
      lost.push(error.message);
    });
    expect(offsets.map(({ topic, offset }) => `${topic} ${String(offset)}`)).toEqual(['A 9', 'B 2']);
    expect(lost).toEqual([]);
  });

  it.each([
    ['2', '1 records of A/0 were deleted by Kafka before they were read; reading goes on at 3.'],
    ['10', 'A/0 ends at 9, and was read up to 10: the topic was made anew. It is read from 3.'],
  ])('is told where the log has nothing at %s any more', async (position, message) => {
    const lost: string[] = [];
    await startingOffsets(
      kafkaWith({ A: { low: '3', high: '9' } }),
      [place('A')],
      [stopped('A', position)],
      (error) => {
        lost.push(error.message);
      },
    );
    expect(lost).toEqual([message]);
  });

  it.each(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION'])(
    'is not known yet of a topic whose broker says %s; any other trouble is what it is',
    async (type) => {
      const cause = Object.assign(new Error('not here'), { type });
      const missing = startingOffsets(
        kafkaWith({ A: new Error('tried often', { cause }) }),
        [place('A')],
        [],
        () => undefined,
      );
      await expect(missing).rejects.toBeInstanceOf(TopicNotThereYet);
      const away = startingOffsets(kafkaWith({ A: new Error('away') }), [place('A')], [], () => undefined);
      await expect(away).rejects.toThrow('away');
    },
  );
});
