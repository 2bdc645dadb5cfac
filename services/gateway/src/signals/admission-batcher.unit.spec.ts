import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AdmissionBatcher, type IntakeBounds } from './admission-batcher.js';
import type { AdmissibleSignal, AdmissionOutcome } from './signal-admission.js';
import { WaitingByUser } from './waiting-by-user.js';

const signal = (id: string, bytes = 10, userId = id): AdmissibleSignal =>
  ({ eventId: id, signal: { userId }, value: Buffer.alloc(bytes) }) as unknown as AdmissibleSignal;
const of = (userId: string, n: number): AdmissibleSignal => signal(`${userId}${n}`, 10, userId);

const bounds = (parts: Partial<IntakeBounds> = {}): IntakeBounds => ({
  waiting: 100,
  waitingPerUser: 100,
  ratePerUser: { perSecond: 1_000, burst: 1_000 },
  ...parts,
});

class Door {
  readonly calls: string[][] = [];
  answer: ((outcomes?: Error) => void) | undefined;

  admit = (signals: readonly AdmissibleSignal[]): Promise<readonly AdmissionOutcome[]> => {
    this.calls.push(signals.map(({ eventId }) => eventId));
    return new Promise((resolve, reject) => {
      this.answer = (error) => {
        if (error === undefined)
          resolve(signals.map(({ eventId }) => (eventId.startsWith('old') ? 'same' : 'admitted')));
        else reject(error);
      };
    });
  };
}

const turn = (): Promise<unknown> => new Promise(setImmediate);

describe('admission of signals that come together', () => {
  it('takes what waits in one call, and gives each its own answer', async () => {
    const door = new Door();
    const batcher = new AdmissionBatcher(door, bounds());
    const first = batcher.admit(signal('a'));
    await turn();
    const others = ['b', 'old-c', 'd'].map((id) => batcher.admit(signal(id)));
    door.answer!();
    expect(await first).toBe('admitted');
    await turn();
    expect(door.calls).toEqual([['a'], ['b', 'old-c', 'd']]);
    door.answer!();
    expect(await Promise.all(others)).toEqual(['admitted', 'same', 'admitted']);
  });

  it('tells everyone of a call that failed, and goes on', async () => {
    const door = new Door();
    const batcher = new AdmissionBatcher(door, bounds());
    const lost = Promise.allSettled([batcher.admit(signal('a')), batcher.admit(signal('b'))]);
    await turn();
    door.answer!(new Error('gone'));
    expect((await lost).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const next = batcher.admit(signal('c'));
    await turn();
    door.answer!();
    expect(await next).toBe('admitted');
  });

  it('says that it is busy beyond what may wait', async () => {
    const door = new Door();
    const batcher = new AdmissionBatcher(door, bounds({ waiting: 2 }));
    const waiting = [batcher.admit(signal('a')), batcher.admit(signal('b'))];
    await expect(batcher.admit(signal('c'))).rejects.toMatchObject({ code: 'INTAKE_BUSY', status: 429 });
    await turn();
    door.answer!();
    await Promise.all(waiting);
  });

  it('keeps a call small when signals are large', async () => {
    const door = new Door();
    const batcher = new AdmissionBatcher(door, bounds());
    const all = Array.from({ length: 6 }, (_, i) => batcher.admit(signal(String(i), 900_000)));
    await turn();
    expect(door.calls[0]).toHaveLength(4);
    door.answer!();
    await turn();
    door.answer!();
    expect(await Promise.all(all)).toHaveLength(6);
  });
});

const FAST = { perSecond: 1_000_000, burst: 1_000_000 };

describe('users at the door', () => {
  it('take turns: one who sends a crowd delays nobody else by more than one signal', async () => {
    const door = new Door();
    const batcher = new AdmissionBatcher(door, bounds({ waiting: 5_000, waitingPerUser: 2_000, ratePerUser: FAST }));
    const first = batcher.admit(of('noisy', 0));
    await turn();
    const crowd = Array.from({ length: 1_500 }, (_, n) => batcher.admit(of('noisy', n + 1)));
    const quiet = ['ann', 'bob'].map((userId) => batcher.admit(of(userId, 0)));
    door.answer!();
    await first;
    await turn();
    expect(door.calls[1]?.slice(0, 4)).toEqual(['noisy1', 'ann0', 'bob0', 'noisy2']);
    for (let calls = 0; calls < 4; calls += 1) {
      door.answer!();
      await turn();
    }
    await Promise.all([...crowd, ...quiet]);
    // And their own order is kept.
    expect(door.calls.flat().filter((id) => id.startsWith('noisy'))).toEqual(
      Array.from({ length: 1_501 }, (_, n) => `noisy${n}`),
    );
  });

  it('have a share of what may wait: beyond it only they are refused', async () => {
    const door = new Door();
    const batcher = new AdmissionBatcher(door, bounds({ waitingPerUser: 3 }));
    const waiting = [0, 1, 2].map((n) => batcher.admit(of('noisy', n)));
    await expect(batcher.admit(of('noisy', 3))).rejects.toMatchObject({
      code: 'INTAKE_BUSY',
      options: { facts: { owner: 'noisy', limit: 3 } },
    });
    waiting.push(batcher.admit(of('ann', 0)));
    await turn();
    door.answer!();
    expect(await Promise.all(waiting)).toEqual(Array(4).fill('admitted'));
  });

  it('have a pace each: who sends faster is told when to come again, and others send on', async () => {
    let now = 0;
    const door = new Door();
    const slow = bounds({ ratePerUser: { perSecond: 0.5, burst: 2 } });
    const batcher = new AdmissionBatcher(door, slow, undefined, () => now);
    const admitted = [batcher.admit(of('noisy', 0)), batcher.admit(of('noisy', 1))];
    await expect(batcher.admit(of('noisy', 2))).rejects.toMatchObject({
      code: 'USER_RATE_LIMITED',
      status: 429,
      options: { headers: { 'retry-after': '2' } },
    });
    admitted.push(batcher.admit(of('ann', 0)));
    now += 2_000;
    admitted.push(batcher.admit(of('noisy', 3)));
    await turn();
    door.answer!();
    expect(await Promise.all(admitted)).toEqual(Array(4).fill('admitted'));
  });

  it('are each served in their order, and by turns, whatever comes when', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 4 }), fc.integer({ min: 0, max: 3 })), { maxLength: 80 }),
        (steps) => {
          const waiting = new WaitingByUser<readonly [string, number]>();
          const taken: (readonly [string, number])[] = [];
          steps.forEach(([user, takes], n) => {
            waiting.push(`user-${user}`, [`user-${user}`, n]);
            let left = takes;
            taken.push(...waiting.take(() => left-- > 0));
          });
          const rest = waiting.take(() => true);
          expect(waiting.size).toBe(0);
          // Between two of one user's there is one of every other who waited all that time.
          const turns = rest.map(([userId]) => userId);
          const waitingUsers = new Set(turns);
          expect(new Set(turns.slice(0, waitingUsers.size))).toEqual(waitingUsers);
          for (const userId of waitingUsers) {
            const own = [...taken, ...rest].filter(([of]) => of === userId).map(([, n]) => n);
            expect(own).toEqual(own.toSorted((a, b) => a - b));
          }
          expect(taken.length + rest.length).toBe(steps.length);
        },
      ),
      { numRuns: 200 },
    );
  });
});
