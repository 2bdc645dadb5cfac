import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inTurns } from './simulated-queue.js';

const task = (user_id: string, priority: number, seq: number) => ({ user_id, priority, seq: String(seq) });

describe('the order in which simulated tasks are executed', () => {
  it('is by priority, users in turn, and as they came', () => {
    const tasks = [task('a', 3, 1), task('a', 3, 2), task('b', 3, 9), task('b', 1, 10), task('c', 3, 4)];
    expect(inTurns(tasks).map(({ user_id, seq }) => `${user_id}${seq}`)).toEqual(['b10', 'a1', 'c4', 'a2', 'b9']);
  });

  it('lets no user’s task of a priority wait for another’s next one before his own first', () => {
    const some = fc.uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 3 }), fc.nat(200)), {
      selector: ([, , seq]) => seq,
    });
    fc.assert(
      fc.property(some, (given) => {
        const order = inTurns(given.map(([user, priority, seq]) => task(user, priority, seq)));
        for (const user of ['a', 'b', 'c']) {
          const own = order.filter(({ user_id }) => user_id === user);
          const sorted = [...own].sort((x, y) => x.priority - y.priority || Number(x.seq) - Number(y.seq));
          expect(own).toEqual(sorted);
        }
        expect(order.map(({ priority }) => priority)).toEqual([...order.map(({ priority }) => priority)].sort());
      }),
    );
  });
});
