import { describe, expect, it } from '@jest/globals';
import type { OutgoingEvent } from '@switchyard/log';
import { isInfrastructureError } from '@switchyard/persistence';
import { until } from '@switchyard/testing';
import type { ExecutionStore } from '../../ports/execution-store.js';
import {
  anOrder,
  aPolicy,
  claimed,
  enqueue,
  fillSaveOf,
  held,
  idsOf,
  intentOf,
  isPending,
  lease,
  next,
  opened,
  saveOf,
  type StoreFixture,
} from './fixture.js';

const event = (type: string): OutgoingEvent => ({ topic: type, type, key: 'u', payload: {}, cause: { id: type } });

export const transactionContract = (fixture: () => StoreFixture, client: () => ExecutionStore): void => {
  describe('a transaction', () => {
    it('that is undone leaves nothing: no task, order, fill, lease or event, and nobody is told', async () => {
      const [known, fresh] = [anOrder(), anOrder()];
      const epoch = await claimed(client(), known);
      let isTold = false;
      const undone = client().transaction(async (unit) => {
        unit.afterCommit(() => (isTold = true));
        await unit.enqueue([fresh]);
        await unit.lease([fresh.taskId], lease());
        await unit.intend([intentOf(fresh)], 'worker');
        await unit.saveTasks([{ taskId: known.taskId, status: 'done', lastError: undefined, waitMs: 0 }]);
        await unit.saveOrders([saveOf(known.taskId, { status: 'filled', version: 2 })]);
        await unit.saveFills([fillSaveOf(known, 't-1')]);
        await unit.saveLogs([]);
        await unit.storePolicies([aPolicy('u', 1, [{ accountId: 'a' }])]);
        await unit.append([event('OrderFilled')]);
        throw new Error('undone');
      });
      await expect(undone).rejects.toThrow('undone');
      expect(await held(client(), known.taskId, epoch)).toMatchObject({
        taskStatus: 'executing',
        order: { status: 'executing', version: 0 },
      });
      expect((await held(client(), known.taskId, epoch))?.order.trades.size).toBe(0);
      expect(await enqueue(client(), fresh)).toEqual(new Set([fresh.taskId]));
      expect(await client().takeDueBalances(1_000, 9)).toEqual([]);
      expect([await fixture().events(), isTold]).toEqual([[], false]);
    });

    it('is seen by nobody before its commit, and by everybody after, its events with it', async () => {
      const task = anOrder();
      let isTold = false;
      const open = await opened(client(), async (unit) => {
        unit.afterCommit(() => (isTold = true));
        await unit.enqueue([task]);
        await unit.append([event('OrderPlaced'), event('OrderFilled')]);
        expect(idsOf(await unit.take({ most: 9, perUser: 9, nowMs: Date.now() }))).toEqual([task.taskId]);
      });
      const other = await fixture().client();
      expect([await next(other), await fixture().events(), isTold]).toEqual([[], [], false]);
      await open.commit();
      expect([await next(other), await fixture().events(), isTold]).toEqual([
        [task.taskId],
        ['OrderPlaced', 'OrderFilled'],
        true,
      ]);
    });

    it('that did not wait for its statements has run all of them, in their order, when it is over', async () => {
      const task = anOrder();
      await client().transaction((unit) => {
        void unit.enqueue([task]);
        void unit.lease([task.taskId], lease());
        void unit.intend([intentOf(task)], 'worker');
        return Promise.resolve();
      });
      expect(await held(client(), task.taskId, '1')).toMatchObject({ taskStatus: 'executing', attempts: 1 });
    });

    it('fails with the error of a statement that it did not wait for, and stores nothing', async () => {
      const [order, other] = [anOrder(), anOrder()];
      await claimed(client(), order);
      const failing = client().transaction((unit) => {
        const refused = { routed: order.payload, clientOrderId: 'c', lastError: 'x', statusTimes: {} };
        void unit.storeRefused([{ ...refused, order: saveOf(order.taskId, { status: 'failed' }).order }]);
        void unit.enqueue([other]);
        return Promise.resolve();
      });
      await expect(failing).rejects.toMatchObject({ code: '23505' });
      expect(await next(client())).toEqual([]);
    });

    it('runs nothing after a statement that failed, and throws that one’s error', async () => {
      const order = anOrder();
      await claimed(client(), order);
      const later: unknown[] = [];
      const failing = client().transaction(async (unit) => {
        const refused = { routed: order.payload, clientOrderId: 'c', lastError: 'x', statusTimes: {} };
        void unit.storeRefused([{ ...refused, order: saveOf(order.taskId, { status: 'failed' }).order }]);
        await unit.enqueue([anOrder()]).catch((error: unknown) => later.push(error));
        await unit.append([event('OrderFailed')]);
      });
      await expect(failing).rejects.toMatchObject({ code: '23505' });
      expect(later).toMatchObject([{ code: '25P02' }]);
      expect(await fixture().events()).toEqual([]);
    });

    it('makes another wait for what it has locked', async () => {
      const order = anOrder();
      const epoch = await claimed(client(), order);
      const open = await opened(client(), (unit) => unit.lockHeld([{ orderId: order.taskId, epoch }]));
      const waiting = held(await fixture().client(), order.taskId, epoch);
      expect(await isPending(waiting)).toBe(true);
      await open.commit();
      expect(await waiting).toBeDefined();
    });

    it('that waits for one that waits for it is ended, and the other goes on', async () => {
      const [a, b] = [anOrder(), anOrder()];
      await enqueue(client(), a, b);
      const other = await fixture().client();
      let met = 0;
      const crossing = (store: ExecutionStore, from: string, to: string) =>
        store.transaction(async (unit) => {
          await unit.postpone([{ taskId: from, forMs: 0 }]);
          met += 1;
          await until(() => met === 2);
          await unit.postpone([{ taskId: to, forMs: 0 }]);
        });
      const ends = await Promise.allSettled([
        crossing(client(), a.taskId, b.taskId),
        crossing(other, b.taskId, a.taskId),
      ]);
      const failed = ends.filter((end) => end.status === 'rejected');
      expect(failed).toHaveLength(1);
      expect(failed[0]?.reason).toMatchObject({ code: '40P01' });
      expect(isInfrastructureError(failed[0]?.reason)).toBe(true);
    });
  });

  describe('a process that dies', () => {
    it('in the middle of a transaction leaves nothing of it, and holds nothing', async () => {
      const [task, fresh] = [anOrder(), anOrder()];
      await enqueue(client(), task);
      const doomed = await fixture().client();
      await opened(doomed, async (unit) => {
        await unit.take({ most: 9, perUser: 9, nowMs: Date.now() });
        await unit.lease([task.taskId], lease());
        await unit.enqueue([fresh]);
        await unit.append([event('OrderPlaced')]);
      });
      expect(await next(client())).toEqual([]);
      const waiting = enqueue(client(), fresh);
      await fixture().kill(doomed);
      expect(await waiting).toEqual(new Set([fresh.taskId]));
      expect(await next(client())).toEqual(idsOf([task, fresh]));
      expect(await fixture().events()).toEqual([]);
    });

    it('after its commit leaves all of it', async () => {
      const doomed = await fixture().client();
      const task = anOrder();
      await enqueue(doomed, task);
      await fixture().kill(doomed);
      expect(await next(client())).toEqual([task.taskId]);
    });
  });

  describe('a bell', () => {
    it('is heard by the other processes', async () => {
      let heard = 0;
      const unlisten = await (await fixture().client()).onRing(() => (heard += 1));
      await client().ring();
      await until(() => heard === 1);
      await unlisten();
    });
  });
};
