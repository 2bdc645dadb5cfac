import { describe, expect, it } from '@jest/globals';
import type { ChildStatus } from '@switchyard/order-domain';
import type { CancelRequest, CancelTarget } from '../../ports/cancel-records.js';
import type { ExecutionStore } from '../../ports/execution-store.js';
import { VENUE } from '../routed-order.js';
import {
  anOrder,
  claimed,
  enqueue,
  held,
  idsOf,
  isPending,
  lease,
  opened,
  saveOf,
  type StoreFixture,
} from './fixture.js';

let made = 0;
const aCancel = (target: CancelTarget, more: Partial<CancelRequest> = {}): CancelRequest => ({
  requestId: `cancel-${(made += 1)}`,
  target,
  reason: 'the user wants it gone',
  ...more,
});

type Order = ReturnType<typeof anOrder>;
const ofOrder = ({ payload: { orderId, userId } }: Order): CancelTarget => ({ kind: 'order', orderId, userId });
const ofParent = ({ payload: { parentOrderId: orderId, userId } }: Order): CancelTarget => ({
  ...{ kind: 'order', orderId, userId },
});
const ofScope = (scope: string): CancelTarget => ({ kind: 'scope', scope });

const request = (store: ExecutionStore, ...requests: readonly CancelRequest[]): Promise<void> =>
  store.transaction((unit) => unit.requestCancels(requests));
const mark = (store: ExecutionStore, most = 100) => store.transaction((unit) => unit.markCancels(most));
const toEnd = (store: ExecutionStore) => store.transaction(async (unit) => idsOf(await unit.takeCancelled(10)));
const due = async (store: ExecutionStore) =>
  (await store.takeDueCancels(lease(), 10)).map(({ orderId }) => orderId).toSorted();

/** An order that is open at the venue. */
const resting = async (store: ExecutionStore, order: Order, status: ChildStatus = 'placed'): Promise<string> => {
  const epoch = await claimed(store, order);
  await store.transaction(async (unit) => {
    await unit.lockHeld([{ orderId: order.taskId, epoch }]);
    await unit.saveTasks([{ taskId: order.taskId, status: 'done', lastError: undefined, waitMs: 0 }]);
    await unit.saveOrders([saveOf(order.taskId, { status }, { nextLookMs: 60_000 })]);
  });
  return epoch;
};

export const cancelContract = (fixture: () => StoreFixture, client: () => ExecutionStore): void => {
  describe('a cancel', () => {
    it('of a child marks it alone, of a parent all of its children, of another user nothing', async () => {
      const parent = { parentOrderId: 'p-1', userId: 'u' };
      const [one, two, other] = [anOrder(parent), anOrder(parent), anOrder({ userId: 'u' })];
      await enqueue(client(), one, two, other);
      await request(client(), aCancel({ ...ofOrder(one), userId: 'stranger' } as CancelTarget), aCancel(ofOrder(one)));
      expect(await client().cancelWork()).toMatchObject({ toMark: true, toEnd: false });
      expect(await mark(client())).toEqual({ marked: 1, more: false });
      expect(await toEnd(client())).toEqual([one.taskId]);
      await request(client(), aCancel(ofParent(one)));
      expect(await mark(client())).toEqual({ marked: 1, more: false });
      expect(await toEnd(client())).toEqual([one.taskId, two.taskId]);
      expect(await client().cancelWork()).toEqual({ toMark: false, toEnd: true, dueInMs: undefined });
    });

    it('is one request however often it comes, and keeps its first reason', async () => {
      const order = anOrder();
      await enqueue(client(), order);
      const cancel = aCancel(ofOrder(order));
      await request(client(), cancel, aCancel(ofOrder(order), { reason: 'another' }));
      await mark(client());
      await request(client(), { ...cancel, reason: 'later' });
      expect(await mark(client())).toEqual({ marked: 0, more: false });
      const [task] = await client().transaction((unit) => unit.takeCancelled(10));
      expect(task).toMatchObject({ taskId: order.taskId, cancelReason: cancel.reason });
    });

    it('that comes before its order holds for it, by its own id and by its parent’s, and for its own user alone', async () => {
      const [one, two, strangers, free] = [anOrder(), anOrder(), anOrder(), anOrder()];
      await request(
        client(),
        aCancel(ofOrder(one)),
        aCancel(ofParent(two)),
        aCancel({ ...ofOrder(strangers), userId: 'x' } as CancelTarget),
      );
      await mark(client());
      await enqueue(client(), one, two, strangers, free);
      expect(await toEnd(client())).toEqual([one.taskId, two.taskId]);
    });

    it('that is stored with its order, in one transaction, holds for it', async () => {
      const order = anOrder();
      await client().transaction(async (unit) => {
        void unit.requestCancels([aCancel(ofParent(order))]);
        await unit.enqueue([order]);
      });
      expect(await toEnd(client())).toEqual([order.taskId]);
    });

    it('waits for nobody when it is stored, whoever holds its order', async () => {
      const order = anOrder();
      const epoch = await claimed(client(), order);
      const other = await opened(client(), (unit) => unit.lockHeld([{ orderId: order.taskId, epoch }]));
      expect(await isPending(request(await fixture().client(), aCancel(ofOrder(order))))).toBe(false);
      await other.commit();
    });

    it('makes an order at the venue due to be cancelled there, under a lease of its own, again after it', async () => {
      const order = anOrder();
      const epoch = await resting(client(), order);
      await request(client(), aCancel(ofOrder(order)));
      await mark(client());
      expect((await client().cancelWork()).dueInMs).toBeLessThanOrEqual(0);
      const [taken] = await client().takeDueCancels(lease('one', -1), 10);
      expect(taken).toMatchObject({ orderId: order.taskId, attempts: 1, status: 'placed', pair: order.payload.pair });
      expect(await held(client(), order.taskId, epoch)).toBeUndefined();
      const [again] = await client().takeDueCancels(lease('two', 60_000), 10);
      expect(again).toMatchObject({ orderId: order.taskId, attempts: 2 });
      expect(await held(client(), order.taskId, again!.epoch)).toMatchObject({
        ...{ cancelReason: 'the user wants it gone', isCancelDue: true },
      });
      expect(await due(client())).toEqual([]);
      // Nobody looks it up while it is being cancelled.
      expect(await client().takeDueLookups(lease(), 10)).toEqual([]);
      expect((await client().cancelWork()).dueInMs).toBeGreaterThan(0);
    });

    it('is due as whoever saves the order says', async () => {
      const order = anOrder();
      await resting(client(), order);
      await request(client(), aCancel(ofOrder(order)));
      await mark(client());
      const save = async (cancelInMs: number | null | 'asItWas', status: ChildStatus = 'cancel_pending') =>
        client().transaction((unit) => unit.saveOrders([saveOf(order.taskId, { status }, { cancelInMs })]));
      await save(60_000);
      expect(await due(client())).toEqual([]);
      await save('asItWas');
      expect((await client().cancelWork()).dueInMs).toBeGreaterThan(0);
      await save(-1);
      expect(await due(client())).toEqual([order.taskId]);
      await save(null, 'cancelled');
      expect((await client().cancelWork()).dueInMs).toBeUndefined();
    });

    it('of an order that is out is seen by whoever stores what came of it', async () => {
      const order = anOrder();
      const epoch = await claimed(client(), order);
      await request(client(), aCancel(ofOrder(order)));
      await mark(client());
      expect(await due(client())).toEqual([]);
      expect(await held(client(), order.taskId, epoch)).toMatchObject({
        ...{ cancelReason: 'the user wants it gone', isCancelDue: false },
      });
    });

    it('is marked after whoever holds the order, and then sees what became of it', async () => {
      const order = anOrder();
      const epoch = await claimed(client(), order);
      await request(client(), aCancel(ofOrder(order)));
      const other = await opened(client(), async (unit) => {
        await unit.lockHeld([{ orderId: order.taskId, epoch }]);
        await unit.saveTasks([{ taskId: order.taskId, status: 'done', lastError: undefined, waitMs: 0 }]);
        await unit.saveOrders([saveOf(order.taskId, { status: 'placed' })]);
      });
      const marking = mark(await fixture().client());
      expect(await isPending(marking)).toBe(true);
      await other.commit();
      expect(await marking).toEqual({ marked: 1, more: false });
      expect(await due(client())).toEqual([order.taskId]);
    });

    it('of a scope means what waits, is out or is open in it now, and nothing that comes later', async () => {
      const user = (userId: string) => ({ userId, accountId: `acc-${userId}` });
      const [waits, out, open, ended, others, later] = [
        anOrder(user('u')),
        anOrder({ ...user('u'), pair: 'ETH-USDT' }),
        anOrder(user('u')),
        anOrder(user('u')),
        anOrder(user('v')),
        anOrder(user('u')),
      ];
      await resting(client(), open, 'partially_filled');
      await resting(client(), ended, 'filled');
      await enqueue(client(), waits, others);
      const epoch = await claimed(client(), out);
      await request(client(), aCancel(ofScope('user:u')));
      expect(await mark(client())).toEqual({ marked: 3, more: false });
      await enqueue(client(), later);
      expect(await toEnd(client())).toEqual([waits.taskId]);
      expect(await due(client())).toEqual([open.taskId]);
      expect(await held(client(), out.taskId, epoch)).toMatchObject({ cancelReason: 'the user wants it gone' });
    });

    it('of this venue, and of everything, is marked part by part; of another venue it is nothing', async () => {
      const orders = [anOrder(), anOrder(), anOrder()];
      await enqueue(client(), ...orders);
      await request(client(), aCancel(ofScope('venue:elsewhere')));
      expect((await client().cancelWork()).toMark).toBe(false);
      await request(client(), aCancel(ofScope('global')), aCancel(ofScope(`venue:${VENUE}`)));
      expect(await mark(client(), 2)).toEqual({ marked: 2, more: true });
      expect(await mark(client(), 2)).toEqual({ marked: 1, more: false });
      expect(await toEnd(client())).toEqual(idsOf(orders));
    });

    it('is forgotten some time after it was marked, not before', async () => {
      const [early, late] = [anOrder(), anOrder()];
      await request(client(), aCancel(ofOrder(early)), aCancel(ofOrder(late)));
      await client().forgetCancels(-60_000);
      await mark(client());
      await client().forgetCancels(60_000);
      await enqueue(client(), early);
      expect(await toEnd(client())).toEqual([early.taskId]);
      await client().forgetCancels(-60_000);
      await enqueue(client(), late);
      expect(await toEnd(client())).toEqual([early.taskId]);
    });
  });
};
