import { describe, expect, it } from '@jest/globals';
import type { TradingStateChanged } from '@switchyard/contracts';
import type { ExecutionStore } from '../../ports/execution-store.js';
import { VENUE } from '../routed-order.js';
import { anOrder, aPolicy, claimed, enqueue, intentOf, lease, opened, saveOf, type StoreFixture } from './fixture.js';

export const aState = (
  scope: string,
  version: number,
  more: Partial<TradingStateChanged> = {},
): TradingStateChanged => ({
  ...{ scope, version, state: 'halted', reason: 'because', cancelOpen: false, changedBy: 'otto', role: 'operator' },
  ...{ changedAt: '2026-11-22T03:00:00.000Z', repeatedAt: '2026-11-22T03:00:00.000Z' },
  ...more,
});

export const tradingStateContract = (fixture: () => StoreFixture, client: () => ExecutionStore): void => {
  const store = (...changes: readonly TradingStateChanged[]) =>
    client().transaction(async (unit) =>
      (await unit.storeStates(changes)).map(({ scope, version }) => [scope, version]),
    );
  const halts = async (taskIds?: readonly string[]): Promise<readonly (string | undefined)[]> =>
    client().transaction(async (unit) => {
      const tasks =
        taskIds === undefined
          ? await unit.take({ most: 9, perUser: 9, nowMs: Date.now() })
          : await unit.takeThese(taskIds);
      return tasks.map(({ halt }) => halt && `${halt.scope} ${halt.state} ${halt.version} ${halt.since}`);
    });
  const look = (scope: string, more: object = {}) =>
    client().transaction((unit) =>
      unit.lookIntoScope({
        ...{ scope, version: 1, cancelRequestId: 'r-1', cancelReason: 'gone', cancelOpen: false },
        expiredBeforeMs: undefined,
        ...more,
      }),
    );

  describe('trading states', () => {
    it('the highest version of a scope stays, and is news once', async () => {
      expect(await store(aState('global', 2), aState('global', 1), aState('user:ann', 1))).toEqual([
        ['global', 2],
        ['user:ann', 1],
      ]);
      expect(await store(aState('global', 1, { state: 'active' }), aState('global', 2))).toEqual([]);
      expect(await store(aState('global', 3, { state: 'active' }))).toEqual([['global', 3]]);
      expect((await client().knownStates(9)).recent.map(({ scope }) => scope)).toEqual(['user:ann']);
    });

    it('another venue’s is none of ours', async () => {
      expect(await store(aState('venue:elsewhere', 1), aState(`venue:${VENUE}`, 1))).toEqual([[`venue:${VENUE}`, 1]]);
    });

    it('a task comes with the state that keeps it from opening: the global one before its user’s, that before the venue’s', async () => {
      const [ann, bob] = [anOrder({ userId: 'ann' }), anOrder({ userId: 'bob' })];
      await enqueue(client(), ann, bob);
      const since = '2026-11-22T03:00:00.000Z';
      expect(await halts()).toEqual([undefined, undefined]);
      await store(aState(`venue:${VENUE}`, 1, { state: 'reducing' }));
      expect(await halts()).toEqual(Array(2).fill(`venue:${VENUE} reducing 1 ${since}`));
      await store(aState('user:ann', 4));
      expect(await halts([ann.taskId, bob.taskId])).toEqual([
        `user:ann halted 4 ${since}`,
        `venue:${VENUE} reducing 1 ${since}`,
      ]);
      await store(aState('global', 1));
      expect(await halts()).toEqual(Array(2).fill(`global halted 1 ${since}`));
    });

    it('whoever takes tasks is under way until the transaction is over, and learns of what was stored before it took them', async () => {
      const task = anOrder();
      await enqueue(client(), task);
      expect(await client().claimsUnderWay()).toEqual(new Set());
      const one = await opened(client(), (unit) => unit.take({ most: 9, perUser: 9, nowMs: Date.now() }));
      const two = await opened(await fixture().client(), (unit) => unit.takeThese([task.taskId]));
      const before = await client().claimsUnderWay();
      expect(before.size).toBe(2);
      await two.commit();
      expect([...(await client().claimsUnderWay())].every((claim) => before.has(claim))).toBe(true);
      await one.undo();
      expect(await client().claimsUnderWay()).toEqual(new Set());
      const other = await opened(client(), (unit) => unit.enqueue([anOrder()]));
      expect(await client().claimsUnderWay()).toEqual(new Set());
      await other.undo();
    });

    it('a claim that dies is not under way any more', async () => {
      const mortal = await fixture().client();
      await opened(mortal, (unit) => unit.take({ most: 9, perUser: 9, nowMs: Date.now() }));
      expect((await client().claimsUnderWay()).size).toBe(1);
      await fixture().kill(mortal);
      for (let left = 1; left > 0;) left = (await client().claimsUnderWay()).size;
    });

    it('is told by one at a time, of the version that it has now', async () => {
      await store(aState('global', 1));
      expect((await client().knownStates(9)).toTell).toMatchObject([{ scope: 'global', version: 1, isKept: false }]);
      const one = await opened(client(), (unit) => unit.holdState('global', 1));
      const second = await fixture().client();
      expect(await second.transaction((unit) => unit.holdState('global', 1))).toBeUndefined();
      await one.undo();
      await client().transaction(async (unit) => {
        expect(await unit.holdState('global', 2)).toBeUndefined();
        expect(await unit.holdState('global', 1)).toEqual({ report: 0, said: undefined });
        await unit.saveReport('global', { report: 1, said: 'this', isTold: false });
      });
      expect((await client().knownStates(9)).toTell).toMatchObject([{ isKept: true }]);
      await client().transaction(async (unit) => {
        expect(await unit.holdState('global', 1)).toEqual({ report: 1, said: 'this' });
        await unit.saveReport('global', { report: 2, said: 'that', isTold: true });
      });
      expect((await client().knownStates(9)).toTell).toEqual([]);
      await store(aState('global', 2));
      expect(await client().transaction((unit) => unit.holdState('global', 2))).toEqual({ report: 0, said: undefined });
    });

    it('what has left and is not known is unresolved, but for what reduces, and for what can’t arrive any more', async () => {
      const [mine, other, exit, lost] = [
        anOrder({ userId: 'ann', accountId: 'a-1' }),
        anOrder({ userId: 'bob' }),
        anOrder({ userId: 'ann', accountId: 'a-2', reduceOnly: true, priority: 2 }),
        anOrder({ userId: 'ann', accountId: 'a-3' }),
      ];
      for (const task of [mine, other, exit]) await claimed(client(), task);
      await claimed(client(), lost, -1_000);
      await client().inherit();
      await enqueue(client(), anOrder({ userId: 'ann', accountId: 'a-4' }));
      expect(await look('user:ann')).toMatchObject({
        ...{ unresolved: 2, open: 0, cancelled: 0 },
        orders: [
          { orderId: mine.taskId, userId: 'ann', accountId: 'a-1', status: 'executing', why: expect.any(String) },
          { orderId: lost.taskId, status: 'unknown', why: expect.any(String) },
        ],
      });
      expect(await look('global')).toMatchObject({ unresolved: 3 });
      expect(await look('user:ann', { expiredBeforeMs: Date.now() + 3_600_000 })).toMatchObject({ unresolved: 1 });
    });

    it('what is to be cancelled is open until it has ended; what came later is not waited for', async () => {
      const open = anOrder({ userId: 'ann', accountId: 'a-1' });
      const later = anOrder({ userId: 'ann', accountId: 'a-2', reduceOnly: true, priority: 2 });
      await client().transaction((unit) =>
        unit.storePolicies([aPolicy('ann', 1, [{ accountId: 'a-1' }, { accountId: 'a-2' }])]),
      );
      const place = async (task: typeof open): Promise<void> => {
        await claimed(client(), task);
        await client().transaction(async (unit) => {
          await unit.saveTasks([{ taskId: task.taskId, status: 'done', lastError: undefined, waitMs: 0 }]);
          await unit.saveOrders([saveOf(task.taskId, { status: 'placed', venueOrderId: 'v' })]);
        });
      };
      await place(open);
      const request = { requestId: 'r-1', target: { kind: 'scope', scope: 'user:ann' }, reason: 'gone' } as const;
      await client().transaction((unit) => unit.requestCancels([request]));
      expect(await look('user:ann', { cancelOpen: true })).toMatchObject({ open: 1, isMarking: true });
      await client().transaction((unit) => unit.markCancels(100));
      await place(later);
      expect(await look('user:ann', { cancelOpen: true })).toMatchObject({
        ...{ unresolved: 0, open: 1, cancelled: 0, isMarking: false },
        orders: [{ orderId: open.taskId, status: 'placed' }],
      });
      expect(await look('user:bob', { cancelOpen: true })).toMatchObject({ open: 0, orders: [] });
      expect(await look('user:ann')).toMatchObject({ open: 0 });
      await client().transaction((unit) => unit.saveOrders([saveOf(open.taskId, { status: 'cancelled' })]));
      expect(await look('global', { cancelOpen: true })).toMatchObject({ open: 0, cancelled: 1, orders: [] });
    });

    it('stored beside a claim that is under way holds up neither', async () => {
      const task = anOrder();
      await enqueue(client(), task);
      const claim = await opened(client(), async (unit) => {
        await unit.take({ most: 9, perUser: 9, nowMs: Date.now() });
        await unit.lease([task.taskId], lease());
        await unit.intend([intentOf(task)], 'worker');
      });
      const other = await fixture().client();
      await other.transaction((unit) => unit.storeStates([aState('global', 1)]));
      await claim.commit();
      expect(await look('global')).toMatchObject({ unresolved: 1 });
    });
  });
};
