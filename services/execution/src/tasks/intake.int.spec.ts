import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { OrderRouted } from '@switchyard/contracts';
import { isInfrastructureError } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { until } from '@switchyard/testing';
import type { Executor } from '../executor.js';
import { openHarness, type Harness } from '../testing/harness.js';
import { ScriptedVenue } from '../testing/scripted-venue.js';

const postgres = testDatabase();
let harness: Harness;

beforeAll(async () => {
  harness = await openHarness(postgres);
});
afterEach(() => harness.reset());

const limits = { orders: 20, entriesPerUser: 5, simulated: 30 };
const of = (user: string, more: Partial<OrderRouted> = {}): Partial<OrderRouted> => ({
  userId: user,
  accountId: `acc-of-${user}`,
  ...more,
});
const ofMany = (count: number): readonly Partial<OrderRouted>[] =>
  Array.from({ length: count }, (_, index) => of(`user-${index}`));
const exit = { signalType: 'exit', priority: 2, side: 'sell', reduceOnly: true } as const;
const stop = { signalType: 'stop_loss', priority: 1, side: 'sell', reduceOnly: true } as const;
const queued = async (): Promise<number> =>
  (await harness.db.query("select from execution_tasks where status = 'queued'")).rows.length;
const work = async (executor: Executor): Promise<void> => {
  await executor.workers.round();
  await until(() => executor.workers.inFlight === 0);
};
const full = 'the queue of binance is full';

describe('a user who floods a venue’s queue', () => {
  it('is refused beyond his share, order by order, so that routing may go elsewhere; nobody else is', async () => {
    const route = harness.routeInto(limits);
    const flood = await route(...Array.from({ length: 8 }, () => of('flooder')));
    const [other] = await route(of('other'));
    for (const order of flood.slice(5)) {
      expect(await harness.events(order.orderId)).toMatchObject([
        {
          type: 'OrderFailed',
          key: 'flooder',
          payload: { stage: 'execution', code: 'QUEUE_FULL', retriable: true, status: 'failed', orderVersion: 1 },
        },
      ]);
      expect(await harness.task(order.orderId)).toMatchObject({ status: 'failed', last_error: 'QUEUE_FULL' });
      expect(await harness.row(order.orderId)).toMatchObject({ status: 'failed', version: 1, attempt: 0 });
    }
    for (const order of [...flood.slice(0, 5), other!])
      expect(await harness.task(order.orderId)).toMatchObject({ status: 'queued' });
    expect(await harness.events()).toHaveLength(3);
  });

  it('is refused once, however often his order is delivered, and is never sent what was refused', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-of-flooder', 'flooder');
    const route = harness.routeInto(limits);
    const orders = await route(...Array.from({ length: 6 }, () => of('flooder')));
    await route(orders[5]!);
    await harness.routeInto(limits)(orders[5]!);
    expect(await harness.events(orders[5]!.orderId)).toHaveLength(1);
    const executor = harness.replica(venue);
    for (let round = 0; round < 6; round += 1) await work(executor);
    expect(venue.ledger).toHaveLength(5);
    expect(await harness.events(orders[5]!.orderId)).toHaveLength(1);
  });

  it('may still get out: his exits and stop-losses are taken', async () => {
    const route = harness.routeInto(limits);
    await route(...Array.from({ length: 8 }, () => of('flooder')));
    const [out, guard] = await route(of('flooder', exit), of('flooder', stop));
    for (const order of [out, guard]) expect(await harness.task(order!.orderId)).toMatchObject({ status: 'queued' });
  });

  it('has room again when his orders have left', async () => {
    const venue = new ScriptedVenue();
    await harness.account('acc-of-flooder', 'flooder');
    const route = harness.routeInto(limits);
    await route(...Array.from({ length: 5 }, (_, index) => of('flooder', { pair: `P${index}-USDT` })));
    await work(harness.replica(venue, { claimsPerUser: 5 }));
    const [next] = await route(of('flooder'));
    expect(await harness.task(next!.orderId)).toMatchObject({ status: 'queued' });
    expect((await harness.events()).map(({ type }) => type)).not.toContain('OrderFailed');
  });
});

describe('a venue’s queue that is full', () => {
  it('takes no more entries: nothing of them is stored or refused, and no event is at fault', async () => {
    const route = harness.routeInto(limits);
    await route(...ofMany(18));
    const pausing = route(of('late'), of('later'));
    await expect(pausing).rejects.toThrow(full);
    await expect(pausing).rejects.toMatchObject({ code: '53400' });
    expect(isInfrastructureError(await pausing.catch((error: unknown) => error))).toBe(true);
    expect(await queued()).toBe(18);
    expect(await harness.events()).toEqual([]);
  });

  it('is filled to its bound and no further by a batch that is too large, which comes again whole until all of it is in', async () => {
    const venue = new ScriptedVenue();
    const route = harness.routeInto(limits);
    const orders = ofMany(30).map((order, index) => ({ ...order, orderId: `batch-${index}` }));
    for (const { userId, accountId } of orders) await harness.account(accountId!, userId!);
    await expect(route(...orders)).rejects.toThrow(full);
    await until(async () => (await queued()) === 18);
    await expect(route(...orders)).rejects.toThrow(full);
    expect(await queued()).toBe(18);
    const executor = harness.replica(venue);
    await work(executor);
    await work(executor);
    await route(...orders);
    await until(async () => {
      await work(executor);
      return (await queued()) === 0;
    });
    expect(venue.ledger).toHaveLength(30);
    expect(new Set(venue.ledger.map(({ accountKey }) => accountKey)).size).toBe(30);
  });

  it('lets stop-losses pass what waits before them in the log; exits wait behind their entries', async () => {
    const route = harness.routeInto(limits);
    await route(...ofMany(18));
    const late = of('late', { orderId: 'late-entry' });
    const guard = of('late', { ...stop, orderId: 'late-stop' });
    const out = of('late', { ...exit, orderId: 'late-exit' });
    await expect(route(late, out, guard)).rejects.toThrow(full);
    await until(async () => (await harness.task('late-stop'))['status'] === 'queued');
    expect(await harness.task('late-exit')).toEqual({});
    expect(await harness.task('late-entry')).toEqual({});
  });

  it('is counted anew where the last count leaves no room', async () => {
    const route = harness.routeInto(limits);
    await route(...Array.from({ length: 5 }, () => of('a')));
    await harness.db.query("update execution_tasks set status = 'done'");
    await route(...Array.from({ length: 5 }, () => of('a')));
    expect(await queued()).toBe(5);
    expect(await harness.events()).toEqual([]);
  });

  it('of the simulator stops simulated orders alone', async () => {
    const route = harness.routeInto(limits);
    const simulated = Array.from({ length: 30 }, (_, index) => of(`sim-${index}`, { mode: 'simulated' }));
    await route(...simulated);
    await expect(route(of('late', { mode: 'simulated' }), of('real', { orderId: 'real' }))).rejects.toThrow(full);
    await until(async () => (await harness.task('real'))['status'] === 'queued');
    expect(await queued()).toBe(31);
  });
});
