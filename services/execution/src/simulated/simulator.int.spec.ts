import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { OrderRouted } from '@switchyard/contracts';
import { testDatabase } from '@switchyard/persistence/testing';
import { until } from '@switchyard/testing';
import type { Executor } from '../executor.js';
import { openHarness, type Harness } from '../testing/harness.js';
import { snapshot } from '../testing/routed-order.js';
import { ScriptedVenue } from '../testing/scripted-venue.js';

const postgres = testDatabase();
let harness: Harness;
let venue: ScriptedVenue;

beforeAll(async () => {
  harness = await openHarness(postgres);
});
afterEach(() => harness.reset());

const simulated = { mode: 'simulated' } as const;
const account = (startingBalances = { USDT: '100000' }) =>
  harness.account('acc-1', 'user-1', 'simulated', { startingBalances });
const replica = (): Executor => {
  venue = new ScriptedVenue();
  const executor = harness.replica(venue);
  executor.board.put(snapshot());
  return executor;
};
const balances = async (): Promise<Record<string, string>> => {
  const { rows } = await harness.db.query<{ currency: string; total: string; locked: string }>(
    'select * from simulated_balances',
  );
  return Object.fromEntries(
    rows.map(({ currency, total, locked }) => [currency, `${Number(total)}/${Number(locked)}`]),
  );
};
const eventsOf = async (order: OrderRouted | undefined) => harness.events(order!.orderId);
const typesOf = async (order: OrderRouted | undefined) => (await eventsOf(order)).map(({ type }) => type);

describe('an order of a simulated account', () => {
  it('is filled against the live book without a call, at its prices, with its fees', async () => {
    await account();
    const executor = replica();
    const [order] = await harness.route({ ...simulated, quantity: '1.5' });
    expect(await executor.simulator.round()).toMatchObject({ found: 1 });
    expect(
      (await eventsOf(order)).map(({ type, payload }) => [
        type,
        payload['orderVersion'],
        payload['price'],
        payload['quantity'],
        payload['fee'],
      ]),
    ).toEqual([
      ['OrderPlaced', 1, undefined, '1.5', undefined],
      ['OrderFilled', 2, '64000', '1', { amount: '0.001', currency: 'BTC' }],
      ['OrderFilled', 3, '64010', '0.5', { amount: '0.0005', currency: 'BTC' }],
    ]);
    expect(await balances()).toEqual({ USDT: '3995/0', BTC: '1.4985/0' });
    expect(await harness.task(order!.orderId)).toMatchObject({ status: 'done' });
    expect(venue.keysSeen.size + venue.placeCalls).toBe(0);
  });

  it('that somebody wants gone ends with its funds free, where it rests, and untraded where it waits or comes later', async () => {
    await account();
    const executor = replica();
    const rests = { ...simulated, orderType: 'limit', limitPrice: '60000', timeInForce: 'gtc', quantity: '1' } as const;
    const [resting, other] = await harness.route(rests, rests);
    await executor.simulator.round();
    expect(await balances()).toEqual({ USDT: '100000/60000' });
    expect(await typesOf(other)).toEqual(['OrderFailed']);
    const [waiting] = await harness.route(simulated);
    for (const order of [resting!, waiting!, { orderId: 'to-come' }]) await harness.cancel(order.orderId);
    await executor.canceller.round();
    await harness.route({ ...simulated, orderId: 'to-come' });
    await executor.simulator.round();
    await executor.resting.round();
    expect(await typesOf(resting)).toEqual(['OrderPlaced', 'OrderCancelled']);
    expect(await typesOf(waiting)).toEqual(['OrderCancelled']);
    expect((await harness.events('to-come')).map(({ type }) => type)).toEqual(['OrderCancelled']);
    expect((await eventsOf(resting))[1]!.payload).toMatchObject({
      ...{ cumulativeQuantity: '0', reason: 'cancelled as its user asked: changed my mind' },
    });
    expect(await balances()).toEqual({ USDT: '100000/0' });
    await executor.resting.round();
    expect(await typesOf(resting)).toHaveLength(2);
  });

  it('is executed once, however often its routing is delivered', async () => {
    await account();
    const executor = replica();
    const [order] = await harness.route(simulated);
    await executor.simulator.round();
    await harness.route(order!);
    expect(await executor.simulator.round()).toMatchObject({ found: 0 });
    expect(await typesOf(order)).toEqual(['OrderPlaced', 'OrderFilled']);
  });

  it('is refused what its account can’t pay for, also together with the order before it', async () => {
    await account({ USDT: '70000' });
    const executor = replica();
    const orders = await harness.route(
      { ...simulated, quantity: '1' },
      { ...simulated, quantity: '1' },
      { ...simulated, side: 'sell', quantity: '5' },
    );
    await executor.simulator.round();
    expect(await typesOf(orders[0])).toEqual(['OrderPlaced', 'OrderFilled']);
    for (const order of orders.slice(1)) {
      expect(await eventsOf(order)).toMatchObject([
        { type: 'OrderFailed', payload: { code: 'INSUFFICIENT_FUNDS', status: 'rejected', retriable: true } },
      ]);
      expect(await harness.task(order.orderId)).toMatchObject({ status: 'failed', last_error: 'INSUFFICIENT_FUNDS' });
    }
  });

  it('at market ends with the book: what was filled, then expired', async () => {
    await account({ USDT: '1000000' });
    const executor = replica();
    const [order] = await harness.route({ ...simulated, quantity: '5' });
    await executor.simulator.round();
    expect((await eventsOf(order)).at(-1)).toMatchObject({
      type: 'OrderExpired',
      payload: { cumulativeQuantity: '3', orderVersion: 4 },
    });
  });

  it('without a fresh book fails at once, so that it can go elsewhere', async () => {
    await account();
    const executor = harness.replica(new ScriptedVenue());
    const [order] = await harness.route(simulated);
    await executor.simulator.round();
    expect(await eventsOf(order)).toMatchObject([
      { type: 'OrderFailed', payload: { code: 'PRICE_UNKNOWN', retriable: true } },
    ]);
  });

  it('waits for its account’s policy', async () => {
    const executor = replica();
    const [order] = await harness.route(simulated);
    await executor.simulator.round();
    expect(await harness.task(order!.orderId)).toMatchObject({ status: 'queued' });
    await account();
    await harness.db.query('update execution_tasks set not_before = now()');
    await executor.simulator.round();
    expect(await typesOf(order)).toEqual(['OrderPlaced', 'OrderFilled']);
  });

  it('rests at its limit with its funds held, and is filled at that price when a later book reaches it', async () => {
    await account();
    const executor = replica();
    const [order] = await harness.route({
      ...simulated,
      orderType: 'limit',
      timeInForce: 'gtc',
      limitPrice: '63995',
      quantity: '1',
    });
    await executor.simulator.round();
    expect(await balances()).toEqual({ USDT: '100000/63995' });
    expect(await executor.resting.round()).toMatchObject({ found: 0 });
    executor.board.put(
      snapshot({
        version: 2,
        bookHash: 'book-2',
        asks: [
          ['63990', '0.4'],
          ['64010', '2'],
        ],
        bids: [['63980', '1']],
      }),
    );
    await executor.resting.round();
    executor.board.put(snapshot({ version: 3, bookHash: 'book-3', asks: [['63985', '2']], bids: [['63980', '1']] }));
    await executor.resting.round();
    expect(
      (await eventsOf(order)).map(({ type, payload }) => [
        type,
        payload['price'],
        payload['quantity'],
        payload['liquidity'],
        payload['leavesQuantity'],
      ]),
    ).toEqual([
      ['OrderPlaced', undefined, '1', undefined, undefined],
      ['OrderFilled', '63995', '0.4', 'maker', '0.6'],
      ['OrderFilled', '63995', '0.6', 'maker', '0'],
    ]);
    expect(await balances()).toEqual({ USDT: '36005/0', BTC: '0.999/0' });
  });

  it('ends when its time in force is over, and what it held is free again', async () => {
    await account();
    const executor = replica();
    const [order] = await harness.route({
      ...simulated,
      orderType: 'limit',
      timeInForce: 'gtd',
      expireAt: new Date(Date.now() - 1).toISOString(),
      limitPrice: '60000',
      quantity: '1',
    });
    await executor.simulator.round();
    await executor.resting.round();
    expect(await typesOf(order)).toEqual(['OrderPlaced', 'OrderExpired']);
    expect(await balances()).toEqual({ USDT: '100000/0' });
  });

  it('is not executed by a replica while another is at it; what is rolled back never happened', async () => {
    await account();
    const executor = replica();
    const [order] = await harness.route(simulated);
    await harness.db.query('alter table test_events add constraint broken check (false) not valid');
    await expect(executor.simulator.round()).rejects.toThrow();
    await harness.db.query('alter table test_events drop constraint broken');
    expect(await harness.task(order!.orderId)).toMatchObject({ status: 'queued' });
    expect(await balances()).toEqual({ USDT: '100000/0' });
    await Promise.all([executor.simulator.round(), harness.replica(venue).simulator.round()]);
    await until(async () => (await executor.simulator.round()).found === 0);
    expect((await eventsOf(order)).length).toBeGreaterThan(0);
    const versions = (await eventsOf(order)).map(({ payload }) => payload['orderVersion']);
    expect(versions).toEqual(versions.map((_, index) => index + 1));
  });

  it('lets users take turns', async () => {
    await account();
    await harness.account('acc-2', 'user-2', 'simulated');
    const flood = await harness.route(...Array.from({ length: 20 }, () => simulated));
    const [other] = await harness.route({ ...simulated, userId: 'user-2', accountId: 'acc-2' });
    const executor = harness.replica(new ScriptedVenue(), { simulatorClaimSize: 10 });
    executor.board.put(snapshot());
    await executor.simulator.round();
    expect(await typesOf(other)).toEqual(['OrderPlaced', 'OrderFilled']);
    expect(await typesOf(flood[19])).toEqual([]);
  });
});

describe('balances of a simulated account', () => {
  it('are told when it appears and after its orders, and asked of nobody', async () => {
    await account();
    const executor = replica();
    await executor.simulator.round();
    await harness.db.query("update accounts set balance_asked_at = now() - interval '1 second'");
    await harness.route({ ...simulated, orderType: 'limit', timeInForce: 'gtc', limitPrice: '60000', quantity: '1' });
    await executor.simulator.round();
    await executor.balances.round();
    const told = (await harness.events()).filter(({ type }) => type === 'BalanceUpdated');
    expect(told.map(({ payload }) => payload['balances'])).toEqual([
      [{ currency: 'USDT', total: '100000', free: '100000', locked: '0' }],
      [{ currency: 'USDT', total: '100000', free: '40000', locked: '60000' }],
    ]);
    expect(venue.balanceCalls).toBe(0);
  });

  it('start once: a later policy gives nothing again', async () => {
    await account();
    const executor = replica();
    await harness.route({ ...simulated, quantity: '1' });
    await executor.simulator.round();
    await account({ USDT: '100000' });
    expect(await balances()).toEqual({ USDT: '36000/0', BTC: '0.999/0' });
  });

  it('are in the report of its state, with its open orders and fills', async () => {
    await account();
    const executor = replica();
    await harness.route(
      { ...simulated, quantity: '1' },
      { ...simulated, orderType: 'limit', timeInForce: 'gtc', limitPrice: '30000', quantity: '1' },
    );
    await executor.simulator.round();
    await harness.request('req-1', 'acc-1', 'user-1');
    await executor.workers.round();
    await until(() => executor.workers.inFlight === 0);
    const [report] = (await harness.events()).filter(({ type }) => type === 'VenueStateReported');
    expect(report!.payload).toMatchObject({
      mode: 'simulated',
      missing: [],
      openOrders: [{ quantity: '1', limitPrice: '30000', pair: 'BTC-USDT' }],
      fills: [{ quantity: '1', price: '64000' }],
      balances: [
        { currency: 'BTC', total: '0.999' },
        { currency: 'USDT', total: '36000', locked: '30000' },
      ],
    });
  });
});
