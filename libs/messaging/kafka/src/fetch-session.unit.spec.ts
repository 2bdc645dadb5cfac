import { describe, expect, it } from '@jest/globals';
import { FetchSession, type FetchRequest, type FetchResponse, type SessionFields } from './fetch-session.js';

const request = (offsets: Readonly<Record<string, string>>): FetchRequest => ({
  maxWaitTime: 5,
  topics: Object.entries(offsets).map(([topic, fetchOffset]) => ({
    topic,
    partitions: [{ partition: 0, fetchOffset, maxBytes: 9 }],
  })),
});
const answer = (sessionId: number, errorCode = 0): FetchResponse => ({ errorCode, sessionId, responses: [] });

/** A broker that answers what it is told to; and what it was asked. */
const broker = (...answers: readonly (FetchResponse | Error)[]) => {
  const asked: unknown[] = [];
  let next = 0;
  const session = new FetchSession(({ topics }: FetchRequest, fields: SessionFields) => {
    const named = topics.map(({ topic, partitions }) => `${topic}@${partitions[0]?.fetchOffset ?? ''}`).join();
    const forgotten = fields.forgottenTopics.map(({ topic, partitions }) => `-${topic}/${partitions.join()}`).join();
    asked.push([fields.sessionId, fields.sessionEpoch, `${named}${forgotten}`]);
    const given = answers[next] ?? answer(7);
    next += 1;
    return given instanceof Error ? Promise.reject(given) : Promise.resolve(given);
  });
  return { session, asked };
};

describe('a fetch session', () => {
  it('names everything once, and then what changed: offsets that moved, partitions that came and went', async () => {
    const { session, asked } = broker();
    await session.fetch(request({ a: '1', b: '1' }));
    await session.fetch(request({ a: '1', b: '1' }));
    await session.fetch(request({ a: '1', b: '4' }));
    await session.fetch(request({ b: '4', c: '0' }));
    await session.fetch(request({ a: '1', b: '2', c: '0' }));
    expect(asked).toEqual([
      [0, 0, 'a@1,b@1'],
      [7, 1, ''],
      [7, 2, 'b@4'],
      [7, 3, 'c@0-a/0'],
      [7, 4, 'a@1,b@2'],
    ]);
  });

  it.each([70, 71])('begins anew at once where the broker forgot it (error %i)', async (code) => {
    const { session, asked } = broker(answer(7), answer(0, code), answer(8));
    await session.fetch(request({ a: '1' }));
    expect(await session.fetch(request({ a: '1' }))).toEqual(answer(8));
    await session.fetch(request({ a: '2' }));
    expect(asked).toEqual([
      [0, 0, 'a@1'],
      [7, 1, ''],
      [7, 0, 'a@1'],
      [8, 1, 'a@2'],
    ]);
  });

  it('names everything again after whatever went wrong', async () => {
    const { session, asked } = broker(answer(7), new Error('the leader moved'), answer(8), answer(8, 3), answer(9));
    await session.fetch(request({ a: '1' }));
    await expect(session.fetch(request({ a: '1' }))).rejects.toThrow('the leader moved');
    await session.fetch(request({ a: '1' }));
    expect((await session.fetch(request({ a: '1' }))).errorCode).toBe(3);
    await session.fetch(request({ a: '1' }));
    expect(asked.map((one) => (one as readonly unknown[])[1])).toEqual([0, 1, 0, 1, 0]);
  });

  it('is not had where the broker has no room for it, and not used by two fetches at a time', async () => {
    const { session, asked } = broker(answer(0), answer(0));
    await session.fetch(request({ a: '1' }));
    await Promise.all([session.fetch(request({ a: '1' })), session.fetch(request({ a: '1' }))]);
    expect(asked).toEqual([
      [0, 0, 'a@1'],
      [0, 0, 'a@1'],
      [0, -1, 'a@1'],
    ]);
  });
});
