import { describe, expect, it } from '@jest/globals';
import { decimal } from '@switchyard/money';
import { newOrder, type ChildOrder } from '@switchyard/order-domain';
import type { ExecutionStore } from '../../ports/execution-store.js';
import { TradeOfAnotherOrder } from '../../ports/order-records.js';
import { clientOrderIdOf } from '../../tasks/task.js';
import {
  anOrder,
  claimed,
  enqueue,
  fillSaveOf,
  held,
  intentOf,
  isPending,
  lease,
  next,
  opened,
  saveOf,
  type StoreFixture,
} from './fixture.js';

const venueOrderId = (id: string) => id as NonNullable<ChildOrder['venueOrderId']>;

export const orderContract = (fixture: () => StoreFixture, client: () => ExecutionStore): void => {
  describe('an intent', () => {
    it('is stored under an epoch of its own at each attempt; an order that is beyond the queue gets none', async () => {
      const order = anOrder();
      const first = await claimed(client(), order);
      const again = () => client().transaction((unit) => unit.intend([intentOf(order, { attempt: 2 })], 'other'));
      expect(await again()).toEqual(new Map());
      await client().transaction(async (unit) => {
        await unit.lockHeld([{ orderId: order.taskId, epoch: first }]);
        await unit.saveOrders([saveOf(order.taskId, { status: 'queued' }, { negatives: 2 })]);
      });
      const second = (await again()).get(order.taskId)!;
      expect(Number(second)).toBeGreaterThan(Number(first));
      expect(await held(client(), order.taskId, first)).toBeUndefined();
      expect(await held(client(), order.taskId, second)).toMatchObject({
        ...{ epoch: second, clientOrderId: clientOrderIdOf(order.taskId), negatives: 0, attempts: 1 },
        venueExpiryMs: Date.parse(order.payload.sendBy) + 5_000,
        order: { status: 'executing' },
      });
    });

    it('waits for another that is just being stored for the same order, and then is beyond the queue', async () => {
      const order = anOrder();
      await enqueue(client(), order);
      const first = await opened(client(), (unit) => unit.intend([intentOf(order)], 'one'));
      const second = (await fixture().client()).transaction((unit) => unit.intend([intentOf(order)], 'two'));
      expect(await isPending(second)).toBe(true);
      await first.commit();
      expect(await second).toEqual(new Map());
    });
  });

  describe('an order', () => {
    it('is read as it was saved', async () => {
      const order = anOrder();
      const epoch = await claimed(client(), order);
      const saved: ChildOrder = {
        ...newOrder('0.01'),
        ...{ status: 'partially_filled', venueOrderId: venueOrderId('v-1'), version: 2 },
        ...{ cumulativeQuantity: decimal('0.004'), cumulativeQuote: decimal('256'), fees: { USDT: decimal('0.1') } },
      };
      const around = {
        negatives: 1,
        settled: 2,
        alarms: ['one', 'two'],
        statusTimes: { queued: 'then' },
      };
      await client().transaction(async (unit) => {
        await unit.saveTasks([{ taskId: order.taskId, status: 'done', lastError: undefined, waitMs: 0 }]);
        await unit.saveOrders([saveOf(order.taskId, saved, { ...around, restartsAge: true })]);
        await unit.saveFills([fillSaveOf(order, 't-1')]);
      });
      const known = await held(client(), order.taskId, epoch);
      expect(known).toMatchObject({ ...around, venueOrderId: 'v-1', taskStatus: 'done', causeId: order.causeId });
      expect(known?.order).toMatchObject({ status: 'partially_filled', version: 2, venueOrderId: 'v-1' });
      expect([known?.order.cumulativeQuantity.toString(), known?.order.cumulativeQuote.toString()]).toEqual([
        '0.004',
        '256',
      ]);
      expect(known?.order.fees['USDT']?.toString()).toBe('0.1');
      expect([...(known?.order.trades.keys() ?? [])]).toEqual(['t-1']);
      expect(known?.ageMs).toBeLessThan(60_000);
      expect(await client().clientOrderIds(order.accountId, ['v-1', 'v-2'])).toEqual(
        new Map([['v-1', clientOrderIdOf(order.taskId)]]),
      );
      expect(await client().clientOrderIds('acc-other', ['v-1'])).toEqual(new Map());
    });

    it('is not held under an epoch that passed on, though it be asked for beside others that are', async () => {
      const [order, other] = [anOrder(), anOrder()];
      const epochs = [await claimed(client(), order, -1_000), await claimed(client(), other)] as const;
      await client().inherit();
      const found = await client().transaction((unit) =>
        unit.lockHeld([
          { orderId: order.taskId, epoch: epochs[0] },
          { orderId: other.taskId, epoch: epochs[1] },
        ]),
      );
      expect([...found.keys()]).toEqual([other.taskId]);
    });

    it('is waited for while somebody changes it, and then seen as it has become', async () => {
      const order = anOrder();
      const epoch = await claimed(client(), order);
      const first = await opened(client(), async (unit) => {
        await unit.lockHeld([{ orderId: order.taskId, epoch }]);
        await unit.saveOrders([saveOf(order.taskId, { status: 'placed', version: 1 })]);
      });
      const second = held(await fixture().client(), order.taskId, epoch);
      expect(await isPending(second)).toBe(true);
      await first.commit();
      expect((await second)?.order).toMatchObject({ status: 'placed', version: 1 });
    });

    it('whose lease passes on while it is waited for is not held', async () => {
      const order = anOrder();
      const epoch = await claimed(client(), order);
      await client().transaction((unit) => unit.saveOrders([saveOf(order.taskId, { status: 'queued' })]));
      const taking = await opened(client(), (unit) => unit.intend([intentOf(order, { attempt: 2 })], 'other'));
      const late = held(await fixture().client(), order.taskId, epoch);
      expect(await isPending(late)).toBe(true);
      await taking.commit();
      expect(await late).toBeUndefined();
    });

    it('that is refused a place is stored as ended, and never again', async () => {
      const task = anOrder();
      const order: ChildOrder = { ...newOrder('0.01'), status: 'failed', version: 1 };
      const refuse = () =>
        client().transaction((unit) =>
          unit.storeRefused([
            {
              routed: task.payload,
              clientOrderId: clientOrderIdOf(task.taskId),
              order,
              lastError: 'QUEUE_FULL',
              statusTimes: {},
            },
          ]),
        );
      await refuse();
      await expect(refuse()).rejects.toMatchObject({ code: '23505' });
      expect(await client().transaction((unit) => unit.intend([intentOf(task)], 'worker'))).toEqual(new Map());
    });

    it('goes back to the queue with its pause', async () => {
      const order = anOrder();
      await claimed(client(), order);
      const back = (waitMs: number) =>
        client().transaction((unit) =>
          unit.saveTasks([{ taskId: order.taskId, status: 'queued', lastError: 'x', waitMs }]),
        );
      await back(60_000);
      expect(await next(client())).toEqual([]);
      await back(-1);
      expect(await next(client())).toEqual([order.taskId]);
    });
  });

  describe('a fill', () => {
    it('is stored once by the venue’s trade id; once for each side where both orders are of one account', async () => {
      const [order, other] = [anOrder({ accountId: 'acc-both' }), anOrder({ accountId: 'acc-both', side: 'sell' })];
      const epochs = [await claimed(client(), order), await claimed(client(), other)] as const;
      await client().transaction((unit) => unit.saveFills([fillSaveOf(order, 't-1'), fillSaveOf(other, 't-1')]));
      const again = client().transaction(async (unit) => {
        await unit.saveOrders([saveOf(order.taskId, { status: 'filled' })]);
        await unit.saveFills([fillSaveOf(order, 't-2'), fillSaveOf(order, 't-1')]);
      });
      await expect(again).rejects.toThrow(TradeOfAnotherOrder);
      for (const [task, epoch] of [
        [order, epochs[0]],
        [other, epochs[1]],
      ] as const) {
        const known = await held(client(), task.taskId, epoch);
        expect([known?.order.status, [...(known?.order.trades.keys() ?? [])]]).toEqual(['executing', ['t-1']]);
      }
    });

    it('of another account, or symbol, may have the same id', async () => {
      const [order, other] = [anOrder(), anOrder()];
      await claimed(client(), order);
      await claimed(client(), other);
      await client().transaction((unit) =>
        unit.saveFills([
          fillSaveOf(order, 't-1'),
          fillSaveOf(other, 't-1'),
          fillSaveOf(order, 't-1', { venueSymbol: 'ETHUSDT' }),
        ]),
      );
    });

    it('that two store at the same moment is stored by one: the other waits, and is undone', async () => {
      const order = anOrder();
      await claimed(client(), order);
      const first = await opened(client(), (unit) => unit.saveFills([fillSaveOf(order, 't-1')]));
      const second = (await fixture().client()).transaction((unit) => unit.saveFills([fillSaveOf(order, 't-1')]));
      expect(await isPending(second)).toBe(true);
      await first.commit();
      await expect(second).rejects.toThrow(TradeOfAnotherOrder);
    });
  });

  describe('an order that is due to be looked up', () => {
    const due = async (status: 'unknown' | 'placed', nextLookMs: number | null = -1) => {
      const order = anOrder();
      const epoch = await claimed(client(), order);
      await client().transaction((unit) =>
        unit.saveOrders([
          saveOf(order.taskId, { status, venueOrderId: venueOrderId(`v-${order.taskId}`) }, { nextLookMs }),
        ]),
      );
      return { order, epoch, orderId: order.taskId };
    };

    it('is taken under a new epoch, the unknown first, at most so many, and not again while that lease lasts', async () => {
      const [placed, unknown, later] = [await due('placed'), await due('unknown'), await due('placed', 60_000)];
      await due('placed', null);
      const [first] = await client().takeDueLookups(lease(), 1);
      expect(first).toMatchObject({ orderId: unknown.orderId, status: 'unknown', venueSymbol: 'BTCUSDT' });
      expect(first!.storedAtMs).toBeGreaterThan(0);
      const { side, quantity } = unknown.order.payload;
      expect([first!.side, Number(first!.quantity)]).toEqual([side, Number(quantity)]);
      expect(await held(client(), unknown.orderId, unknown.epoch)).toBeUndefined();
      expect(await held(client(), unknown.orderId, first!.epoch)).toBeDefined();
      const rest = await client().takeDueLookups(lease(), 9);
      expect(rest.map(({ orderId }) => orderId)).toEqual([placed.orderId]);
      expect(rest[0]).toMatchObject({
        venueOrderId: `v-${placed.orderId}`,
        clientOrderId: clientOrderIdOf(placed.orderId),
      });
      expect(await client().takeDueLookups(lease(), 9)).toEqual([]);
      const inMs = await client().nextLookupInMs();
      expect(inMs).toBeGreaterThan(1_000);
      expect(inMs).toBeLessThanOrEqual(60_000);
      expect(await held(client(), later.orderId, later.epoch)).toBeDefined();
    });

    it('is passed over while somebody holds it, and taken by one only', async () => {
      const orders = [await due('unknown'), await due('unknown'), await due('unknown'), await due('unknown')];
      const [busy] = orders;
      const storing = await opened(client(), (unit) => unit.lockHeld([busy!]));
      const others = await Promise.all([1, 2, 3].map(() => fixture().client()));
      const taken = (await Promise.all(others.map((other) => other.takeDueLookups(lease(), 9)))).flat();
      expect(taken.map(({ orderId }) => orderId).toSorted()).toEqual(orders.slice(1).map(({ orderId }) => orderId));
      await storing.commit();
      expect(await client().takeDueLookups(lease(), 9)).toMatchObject([{ orderId: busy!.orderId }]);
    });

    it('is due at once when the venue names a trade of it that we do not have', async () => {
      const [news, known] = [await due('placed', null), await due('placed', null)];
      await client().transaction((unit) => unit.saveFills([fillSaveOf(known.order, 't-1')]));
      expect(await client().nextLookupInMs()).toBeUndefined();
      const named = (order: typeof news, tradeId: string) => ({
        venueOrderId: `v-${order.orderId}`,
        venueSymbol: 'BTCUSDT',
        tradeId,
      });
      await client().transaction(async (unit) => {
        await unit.lookAgain(known.order.accountId, [named(known, 't-1'), named(news, 't-9')]);
        await unit.lookAgain(news.order.accountId, [named(news, 't-2')]);
      });
      expect(await client().takeDueLookups(lease(), 9)).toMatchObject([{ orderId: news.orderId }]);
    });
  });
};
