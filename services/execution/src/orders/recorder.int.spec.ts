import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { OrderRouted } from '@switchyard/contracts';
import type { FillSeen } from '@switchyard/order-domain';
import { testDatabase } from '@switchyard/persistence/testing';
import { until } from '@switchyard/testing';
import { openHarness, type Harness } from '../testing/harness.js';
import { ScriptedVenue } from '../testing/scripted-venue.js';
import { recordFindings, type Finding, type Recorded, type RecorderParts } from './recorder.js';

const postgres = testDatabase();
let harness: Harness;

beforeAll(async () => {
  harness = await openHarness(postgres);
});
afterEach(() => harness.reset());

/** An order that rests at the venue. */
const resting = async (order: Partial<OrderRouted> = {}): Promise<OrderRouted> => {
  await harness.account('acc-1', 'user-1');
  const [routed] = await harness.route({ orderType: 'limit', limitPrice: '64000', timeInForce: 'gtc', ...order });
  const executor = harness.replica(new ScriptedVenue());
  await executor.workers.round();
  await until(() => executor.workers.inFlight === 0);
  await harness.db.query('update orders set venue_order_id = $2 where order_id = $1', [
    routed!.orderId,
    `v-${routed!.orderId}`,
  ]);
  return routed!;
};
const found = (order: OrderRouted, epoch: string, facts: Finding['facts']): Finding => ({
  orderId: order.orderId,
  epoch,
  facts,
  looked: true,
  logs: [
    {
      taskId: order.orderId,
      attempt: 0,
      action: 'lookup',
      status: `epoch ${epoch}`,
      reason: undefined,
      responseCode: undefined,
      responseBody: undefined,
      tookMs: 1,
    },
  ],
});
const trade = (order: OrderRouted, tradeId: string): FillSeen => ({
  kind: 'fillSeen',
  venueOrderId: `v-${order.orderId}` as FillSeen['venueOrderId'],
  tradeId,
  quantity: '0.01',
  price: '64000',
  fee: { amount: '0.1', currency: 'USDT' },
  liquidity: 'maker',
  at: new Date().toISOString(),
});
const record = (...findings: readonly Finding[]): Promise<readonly Recorded[]> => {
  const parts: RecorderParts = {
    venue: 'binance',
    venueEnforcesExpiry: true,
    balanceIntervalMs: 1_000,
    clock: harness.clock,
  };
  return harness.store.transaction((unit) => recordFindings(unit, parts, findings));
};
const fills = async () =>
  (await harness.db.query('select order_id, trade_id, side from fills order by side, order_id')).rows;

describe('what was learned under a lease that passed on', () => {
  it('changes nothing, though what its successor learned is stored in the same batch', async () => {
    const order = await resting();
    await harness.db.query('update orders set lease_epoch = 7');
    const cancelled = {
      kind: 'cancelled',
      venueOrderId: `v-${order.orderId}` as FillSeen['venueOrderId'],
      reason: 'by a zombie',
      at: new Date().toISOString(),
    } as const;
    const recorded = await record(found(order, '6', [cancelled]), found(order, '7', [trade(order, 't-1')]));
    expect(recorded).toEqual(['stale', 'stored']);
    expect(await harness.row(order.orderId)).toMatchObject({ status: 'filled', version: 2 });
    expect((await harness.events(order.orderId)).map(({ type }) => type)).toEqual(['OrderPlaced', 'OrderFilled']);
    const { rows } = await harness.db.query("select status from execution_logs where action = 'lookup'");
    expect(rows).toEqual([{ status: 'epoch 7' }]);
  });
});

describe('a venue’s trade', () => {
  it('between two orders of one account is stored for both', async () => {
    const sell = await resting({ side: 'sell' });
    const buy = await resting({ side: 'buy' });
    const epochOf = async ({ orderId }: OrderRouted) => (await harness.row(orderId))['lease_epoch'] as string;
    await record(found(sell, await epochOf(sell), [trade(sell, 't-1')]));
    await record(found(buy, await epochOf(buy), [trade(buy, 't-1')]));
    expect(await fills()).toEqual([
      { order_id: buy.orderId, trade_id: 't-1', side: 'buy' },
      { order_id: sell.orderId, trade_id: 't-1', side: 'sell' },
    ]);
    for (const order of [sell, buy]) expect(await harness.row(order.orderId)).toMatchObject({ status: 'filled' });
  });

  it('that is another order’s of the same side already changes nothing', async () => {
    const first = await resting();
    const second = await resting({ pair: 'BTC-USDT' });
    const epochOf = async ({ orderId }: OrderRouted) => (await harness.row(orderId))['lease_epoch'] as string;
    await record(found(first, await epochOf(first), [trade(first, 't-1')]));
    await expect(record(found(second, await epochOf(second), [trade(second, 't-1')]))).rejects.toThrow(
      'another order of its side',
    );
    expect(await harness.row(second.orderId)).toMatchObject({ status: 'placed' });
    expect(await fills()).toHaveLength(1);
  });
});
