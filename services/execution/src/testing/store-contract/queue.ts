import { describe, expect, it } from '@jest/globals';
import { isInfrastructureError } from '@switchyard/persistence';
import type { ExecutionStore } from '../../ports/execution-store.js';
import { VENUE } from '../routed-order.js';
import {
  anOrder,
  aPolicy,
  aRequest,
  claimed,
  enqueue,
  held,
  idsOf,
  isPending,
  lease,
  next,
  opened,
  type StoreFixture,
} from './fixture.js';

export const queueContract = (fixture: () => StoreFixture, client: () => ExecutionStore): void => {
  describe('the queue', () => {
    it('keeps a task once, however often it comes', async () => {
      const [one, two] = [anOrder(), anOrder()];
      expect(await enqueue(client(), one)).toEqual(new Set([one.taskId]));
      expect(await enqueue(client(), one, two)).toEqual(new Set([two.taskId]));
      expect(await next(client())).toEqual([one.taskId, two.taskId]);
    });

    it('keeps a task once that two bring at the same moment: the second waits for what becomes of the first', async () => {
      const [kept, undone] = [anOrder(), anOrder()];
      for (const [task, isKept] of [
        [kept, true],
        [undone, false],
      ] as const) {
        const first = await opened(client(), (unit) => unit.enqueue([task]));
        const second = enqueue(await fixture().client(), task);
        expect(await isPending(second)).toBe(true);
        await (isKept ? first.commit() : first.undo());
        expect((await second).has(task.taskId)).toBe(!isKept);
      }
      expect(await next(client())).toEqual(idsOf([kept, undone]));
    });

    it('gives what is urgent first, then what came first', async () => {
      const tasks = [
        anOrder({ priority: 4 }),
        anOrder({ priority: 3 }),
        anOrder({ priority: 1 }),
        anOrder({ priority: 3 }),
      ];
      await enqueue(client(), ...tasks);
      expect(await next(client())).toEqual([2, 1, 3, 0].map((index) => tasks[index]!.taskId));
      expect(await next(client(), { most: 2 })).toEqual([2, 1].map((index) => tasks[index]!.taskId));
    });

    it('lets users take turns, each at most so many times', async () => {
      const flood = Array.from({ length: 4 }, (_, at) => anOrder({ userId: 'flood', accountId: `flood-${at}` }));
      const other = anOrder();
      await enqueue(client(), ...flood, other);
      expect(await next(client(), { perUser: 2 })).toEqual(idsOf([flood[0]!, other, flood[1]!]));
    });

    it('gives of an account and pair the head alone, and none while one is out or unknown', async () => {
      const lane = { userId: 'a', accountId: 'acc-lane' };
      const [first, second, elsewhere] = [anOrder(lane), anOrder(lane), anOrder({ ...lane, pair: 'ETH-USDT' })];
      await enqueue(client(), first, second, elsewhere);
      expect(await next(client())).toEqual(idsOf([first, elsewhere]));
      const epoch = await claimed(client(), first, -1_000);
      expect(await next(client())).toEqual(idsOf([elsewhere]));
      await client().inherit();
      expect(await held(client(), first.taskId, epoch)).toBeUndefined();
      expect(await next(client())).toEqual(idsOf([elsewhere]));
      await client().transaction((unit) => unit.close([first.taskId]));
      expect(await next(client())).toEqual(idsOf([second, elsewhere]));
    });

    it('lets a stop-loss pass an order that is out, and wait for another stop-loss', async () => {
      const lane = { userId: 'a', accountId: 'acc-lane' };
      const [entry, stop, another] = [
        anOrder(lane),
        anOrder({ ...lane, priority: 1 }),
        anOrder({ ...lane, priority: 1 }),
      ];
      await claimed(client(), entry);
      await enqueue(client(), stop, another);
      expect(await next(client())).toEqual([stop.taskId]);
      await claimed(client(), stop);
      expect(await next(client())).toEqual([]);
    });

    it('does not let the next of an account and pair pass one that is put off', async () => {
      const lane = { userId: 'a', accountId: 'acc-lane' };
      const [first, second] = [anOrder(lane), anOrder(lane)];
      await enqueue(client(), first, second);
      await client().transaction((unit) => unit.postpone([{ taskId: first.taskId, forMs: 60_000 }]));
      expect(await next(client())).toEqual([]);
      expect(await client().transaction((unit) => unit.takeThese([first.taskId]))).toEqual([]);
      await client().transaction((unit) => unit.postpone([{ taskId: first.taskId, forMs: -1 }]));
      expect(await next(client())).toEqual([first.taskId]);
    });

    it('gives orders past their sendBy beside the others, whatever holds their lane', async () => {
      const lane = { userId: 'a', accountId: 'acc-lane' };
      const late = anOrder({ ...lane, sendBy: new Date(Date.now() + 60_000).toISOString() });
      await claimed(client(), anOrder(lane));
      const other = anOrder();
      await enqueue(client(), late, other);
      expect(await next(client())).toEqual([other.taskId]);
      expect(await next(client(), { most: 1, nowMs: Date.now() + 61_000 })).toEqual(idsOf([other, late]));
    });

    it('gives no task to two claims at once, and lets none of them wait', async () => {
      const tasks = Array.from({ length: 6 }, () => anOrder());
      await enqueue(client(), ...tasks);
      let first: readonly string[] = [];
      const one = await opened(client(), async (unit) => {
        first = idsOf(await unit.take({ most: 4, perUser: 5, nowMs: Date.now() }));
      });
      const second = await next(await fixture().client());
      expect([first, second]).toEqual([idsOf(tasks.slice(0, 4)), idsOf(tasks.slice(4))]);
      expect(await client().transaction((unit) => unit.takeThese(first))).toEqual([]);
      await one.undo();
      expect(await next(client())).toEqual(idsOf(tasks));
    });

    it('leases each task once, however many claim at the same moment', async () => {
      const tasks = Array.from({ length: 40 }, () => anOrder());
      await enqueue(client(), ...tasks);
      const claimers = await Promise.all([1, 2, 3, 4].map(() => fixture().client()));
      const claimAll = async (store: ExecutionStore): Promise<readonly string[]> => {
        const taken = await store.transaction(async (unit) => {
          const ids = idsOf(await unit.take({ most: 3, perUser: 5, nowMs: Date.now() }));
          await unit.lease(ids, lease());
          return ids;
        });
        return taken.length === 0 ? [] : [...taken, ...(await claimAll(store))];
      };
      const leased = (await Promise.all(claimers.map(claimAll))).flat();
      expect(leased.toSorted()).toEqual(idsOf(tasks));
    });

    it('says what is known of a task’s account', async () => {
      const [known, unknown] = [anOrder({ userId: 'u', accountId: 'acc-known' }), anOrder()];
      await client().transaction((unit) => unit.storePolicies([aPolicy('u', 1, [{ accountId: 'acc-known' }])]));
      await enqueue(client(), known, unknown);
      const tasks = await client().transaction((unit) => unit.take({ most: 9, perUser: 9, nowMs: Date.now() }));
      expect(tasks).toMatchObject([
        { eventType: 'OrderRouted', attempts: 0, account: { userId: 'u', mode: 'paper', enabled: true } },
        { causeId: unknown.causeId, account: undefined },
      ]);
      expect(tasks[0]!.payload).toEqual(JSON.parse(JSON.stringify(known.payload)));
    });

    it('counts what waits by user, entries apart, and knows what is stored', async () => {
      const [entry, exit, out] = [
        anOrder({ userId: 'a' }),
        anOrder({ userId: 'a', priority: 2 }),
        anOrder({ userId: 'b' }),
      ];
      await enqueue(client(), entry, exit, aRequest());
      await claimed(client(), out);
      const { waiting, stored } = await client().transaction((unit) =>
        unit.countWaiting([entry.taskId, out.taskId, 'none']),
      );
      expect(waiting).toMatchObject({ orders: 2, simulated: 0, entriesOf: new Map([['a', 1]]) });
      expect(stored).toEqual(new Set([entry.taskId, out.taskId]));
      expect(await client().depths()).toMatchObject({ queued: 3, unknown: 0 });
    });

    it('that is full undoes the transaction, and blames no event', async () => {
      const task = anOrder();
      const full = client().transaction(async (unit) => {
        void unit.enqueue([task]);
        await unit.outOfRoom(`the queue of ${VENUE} is full; it's as it should be`);
      });
      await expect(full).rejects.toThrow(/is full; it's/);
      expect(isInfrastructureError(await full.catch((error: unknown) => error))).toBe(true);
      expect(await next(client())).toEqual([]);
    });

    it('fails what is condemned while it waits, its order too, and nothing else', async () => {
      const [waiting, again, out] = [anOrder(), anOrder(), anOrder()];
      await enqueue(client(), waiting);
      await claimed(client(), again);
      await client().transaction(async (unit) => {
        await unit.saveTasks([{ taskId: again.taskId, status: 'queued', lastError: 'x', waitMs: 0 }]);
        await unit.intend([], 'worker');
      });
      await claimed(client(), out);
      const condemn = (taskId: string) => client().transaction((unit) => unit.condemn(taskId));
      expect(await condemn(waiting.taskId)).toMatchObject({
        taskId: waiting.taskId,
        lane: waiting.lane,
        orderVersion: 1,
      });
      expect(await condemn(waiting.taskId)).toBeUndefined();
      expect(await condemn(again.taskId)).toMatchObject({ taskId: again.taskId, orderVersion: 1 });
      expect(await condemn(out.taskId)).toBeUndefined();
      expect(await next(client())).toEqual([]);
    });

    it('keeps a task that failed at once as failed, and never gives it', async () => {
      const task = anOrder();
      await client().transaction((unit) => unit.enqueue([task], 'QUEUE_FULL'));
      expect(await next(client())).toEqual([]);
      expect(await enqueue(client(), task)).toEqual(new Set());
    });
  });

  describe('a lease', () => {
    it('that runs out makes its order unknown under a new epoch, to be looked up at once, and has a request asked again', async () => {
      const [order, alive, request] = [anOrder(), anOrder(), aRequest()];
      const epoch = await claimed(client(), order, -1_000);
      await claimed(client(), alive);
      await enqueue(client(), request);
      const old = await client().transaction((unit) => unit.lease([request.taskId], lease('worker', -1_000)));
      expect(await client().inherit()).toMatchObject({ orders: 1, requests: 1 });
      expect(await client().inherit()).toMatchObject({ orders: 0, requests: 0 });
      expect(await held(client(), order.taskId, epoch)).toBeUndefined();
      const finish = client().transaction((unit) => unit.finishRequest(request.taskId, old.get(request.taskId)!));
      expect(await finish).toBe(false);
      expect(await next(client())).toEqual([request.taskId]);
      expect(await client().depths()).toMatchObject({ unknown: 1 });
      expect(await client().takeDueLookups(lease(), 9)).toMatchObject([{ orderId: order.taskId, status: 'unknown' }]);
    });

    it('is inherited once, by whoever comes first; what somebody is storing at this moment is passed over', async () => {
      const orders = Array.from({ length: 8 }, () => anOrder());
      const [busy] = orders;
      let epoch = '';
      for (const order of orders)
        epoch =
          order === busy ? await claimed(client(), order, -1_000) : (await claimed(client(), order, -1_000), epoch);
      const storing = await opened(client(), (unit) => unit.lockHeld([{ orderId: busy!.taskId, epoch }]));
      const heirs = await Promise.all([1, 2, 3].map(() => fixture().client()));
      const inherited = await Promise.all(heirs.map((heir) => heir.inherit()));
      expect(inherited.reduce((sum, { orders: count }) => sum + count, 0)).toBe(7);
      await storing.commit();
      expect(await client().inherit()).toMatchObject({ orders: 1 });
    });

    it('ends a request only under its own epoch, and once', async () => {
      const request = aRequest();
      await enqueue(client(), request);
      const epochs = await client().transaction((unit) => unit.lease([request.taskId], lease()));
      const epoch = epochs.get(request.taskId)!;
      const finish = (under: string) => client().transaction((unit) => unit.finishRequest(request.taskId, under));
      expect(await finish(String(Number(epoch) - 1))).toBe(false);
      expect(await finish(epoch)).toBe(true);
      expect(await finish(epoch)).toBe(false);
    });
  });
};
