import { describe, expect, it } from '@jest/globals';
import { QueueRoom } from './queue-room.js';
import type { NewTask } from './task.js';

const entry = { eventType: 'OrderRouted', executor: 'venue', userId: 'a', lane: 'a|P', priority: 3, reduces: false };
const tasks = (count: number): readonly NewTask[] =>
  Array.from({ length: count }, (_, index) => ({ ...entry, taskId: `task-${index}` }) as unknown as NewTask);

/** A room of 5 entries a user, over a queue in which a test says how many wait. */
const roomOver = (waiting: () => number) => {
  let nowMs = 0;
  let asked = 0;
  const clock = { monotonic: () => nowMs };
  const countWaiting = () => {
    asked += 1;
    const known = { orders: waiting(), entriesOf: new Map([['a', waiting()]]), simulated: 0 };
    return Promise.resolve({ waiting: known, stored: new Set<string>() });
  };
  const room = new QueueRoom({ orders: 100, entriesPerUser: 5, simulated: 100 }, clock);
  return {
    refusedOf: async (count: number) => (await room.sortOut({ countWaiting }, tasks(count))).refused.length,
    asked: () => asked,
    pass: (ms: number) => (nowMs += ms),
  };
};

describe('the room in a venue’s queue', () => {
  it('is known without asking, while what was counted and added since leaves some', async () => {
    const { refusedOf, asked } = roomOver(() => 0);
    for (let batch = 0; batch < 4; batch += 1) expect(await refusedOf(1)).toBe(0);
    expect(asked()).toBe(1);
  });

  it('is counted again before anybody is refused', async () => {
    let waiting = 0;
    const { refusedOf, asked } = roomOver(() => waiting);
    expect(await refusedOf(5)).toBe(0);
    waiting = 3;
    expect(await refusedOf(3)).toBe(1);
    expect(asked()).toBe(2);
  });

  it('is counted each second, for other replicas take orders, too', async () => {
    let waiting = 0;
    const { refusedOf, pass } = roomOver(() => waiting);
    expect(await refusedOf(1)).toBe(0);
    waiting = 5;
    pass(999);
    expect(await refusedOf(1)).toBe(0);
    pass(1);
    expect(await refusedOf(1)).toBe(1);
  });
});
