import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { keptPlaces, sortOut, type QueueLimits, type Waiting } from './intake.js';
import type { NewTask } from './task.js';

const limits: QueueLimits = { orders: 20, entriesPerUser: 5, simulated: 30 };
const none: Waiting = { orders: 0, entriesOf: new Map(), simulated: 0 };

type Given = Partial<Pick<NewTask, 'userId' | 'priority' | 'reduces' | 'executor' | 'eventType' | 'lane'>>;
let made = 0;
const task = (given: Given = {}): NewTask => {
  made += 1;
  const userId = given.userId ?? 'a';
  return {
    taskId: `task-${made}`,
    eventType: 'OrderRouted',
    executor: 'venue',
    userId,
    accountId: `acc-of-${userId}`,
    lane: `acc-of-${userId}|BTC-USDT`,
    tradeId: undefined,
    parentOrderId: undefined,
    signalId: undefined,
    priority: 3,
    reduces: false,
    sendBy: undefined,
    payload: {} as NewTask['payload'],
    causeId: 'cause',
    traceparent: undefined,
    ...given,
  };
};
const many = (count: number, given: (index: number) => Given = () => ({})): readonly NewTask[] =>
  Array.from({ length: count }, (_, index) => task(given(index)));
const exit = { priority: 2, reduces: true } as const;
const stop = { priority: 1, reduces: true } as const;

describe('the share of a user in a venue’s queue', () => {
  it('bounds his entries: what is beyond is refused, and nobody else is', () => {
    const flood = many(9);
    const other = task({ userId: 'b' });
    const { taken, refused, leftOut } = sortOut([...flood, other], none, limits);
    expect(taken).toEqual([...flood.slice(0, 5), other]);
    expect(refused).toEqual(flood.slice(5));
    expect(leftOut).toEqual([]);
  });

  it('counts what waits already', () => {
    const waiting: Waiting = { ...none, orders: 4, entriesOf: new Map([['a', 4]]) };
    const [first, second] = many(2);
    expect(sortOut([first!, second!], waiting, limits)).toMatchObject({ taken: [first], refused: [second] });
  });

  it('is not counted against exits and stop-losses, nor by them', () => {
    const reducing = many(8, (index) => (index % 2 === 0 ? exit : stop));
    const entries = many(5);
    const { taken, refused } = sortOut([...reducing, ...entries, task(exit)], none, limits);
    expect(refused).toEqual([]);
    expect(taken).toHaveLength(14);
  });

  it('is not asked about simulated orders', () => {
    const simulated = many(12, () => ({ executor: 'simulator' }));
    expect(sortOut(simulated, none, limits).taken).toEqual(simulated);
  });
});

describe('a full queue', () => {
  const users = (count: number) => many(count, (index) => ({ userId: `user-${index}` }));

  it('leaves entries in the log, and refuses none of those who keep to their share', () => {
    const { taken, refused, leftOut } = sortOut(users(25), none, limits);
    expect([taken.length, refused.length, leftOut.length]).toEqual([18, 0, 7]);
  });

  it('refuses who is beyond his share all the same', () => {
    const { waiting } = sortOut([...users(13), ...many(5)], none, limits);
    const [beyond] = many(1);
    expect(sortOut([beyond!], waiting, limits)).toMatchObject({ refused: [beyond], leftOut: [] });
  });

  it('has places kept for exits and stop-losses, as far as these go', () => {
    const { waiting } = sortOut(users(25), none, limits);
    const reducing = many(4, (index) => ({ ...stop, userId: `user-${index + 50}` }));
    const { taken, leftOut } = sortOut(reducing, waiting, limits);
    expect([taken.length, leftOut.length]).toEqual([2, 2]);
  });

  it('keeps an account’s orders of a pair in order: an exit waits behind its entry, a stop-loss does not', () => {
    const { waiting } = sortOut(users(18), none, limits);
    const [entry, out, guard] = [task({ userId: 'z' }), task({ userId: 'z', ...exit }), task({ userId: 'z', ...stop })];
    const { taken, leftOut } = sortOut([entry, out, guard], waiting, limits);
    expect(taken).toEqual([guard]);
    expect(leftOut).toEqual([entry, out]);
  });

  it('of simulated orders leaves simulated orders in the log, and no others', () => {
    const simulated = many(33, (index) => ({ executor: 'simulator', userId: `user-${index}` }));
    const { taken, leftOut } = sortOut([...simulated, task()], none, limits);
    expect([taken.length, leftOut.length]).toEqual([31, 3]);
  });

  it('always has room for reports of an account’s state', () => {
    const { waiting } = sortOut(users(25), none, limits);
    const request = task({ eventType: 'VenueStateRequested', priority: 5 });
    expect(sortOut([request], waiting, limits).taken).toEqual([request]);
  });

  it('never holds more than its limit, nor entries on the kept places, nor more of a user than his share', () => {
    const given = fc.record({
      userId: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      reduces: fc.boolean(),
      lane: fc.constantFrom('x', 'y', 'z'),
      executor: fc.constantFrom('venue' as const, 'simulator' as const),
    });
    fc.assert(
      fc.property(fc.array(fc.array(given, { maxLength: 40 }), { maxLength: 4 }), (batches) => {
        let waiting = none;
        let entries = 0;
        for (const batch of batches) {
          const tasks = batch.map((one) =>
            task({ ...one, priority: one.reduces ? 2 : 3, lane: one.userId + one.lane }),
          );
          const sorted = sortOut(tasks, waiting, limits);
          expect(sorted.taken.length + sorted.refused.length + sorted.leftOut.length).toBe(tasks.length);
          expect(sorted.refused.every(({ reduces, executor }) => !reduces && executor === 'venue')).toBe(true);
          waiting = sorted.waiting;
          entries += sorted.taken.filter(({ executor, reduces }) => executor === 'venue' && !reduces).length;
        }
        expect(waiting.orders).toBeLessThanOrEqual(limits.orders);
        expect(entries).toBeLessThanOrEqual(limits.orders - keptPlaces(limits));
        for (const [, count] of waiting.entriesOf) expect(count).toBeLessThanOrEqual(limits.entriesPerUser);
        expect(waiting.simulated).toBeLessThanOrEqual(limits.simulated);
      }),
    );
  });
});
