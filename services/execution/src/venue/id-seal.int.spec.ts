import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { VENUES, type Answer, type NewOrder, type PlaceOutcome, type Ticker } from '@switchyard/exchanges';
import { testDatabase } from '@switchyard/persistence/testing';
import { until } from '@switchyard/testing';
import type { Executor } from '../executor.js';
import { accessTo, clientOrderIdOf, openHarness, type Harness } from '../testing/harness.js';
import { ScriptedVenue, unknownOutcome } from '../testing/scripted-venue.js';

const postgres = testDatabase();
let harness: Harness;

beforeAll(async () => {
  harness = await openHarness(postgres);
});
afterEach(() => harness.reset());

const KEY = 'key-of-acc-1';
const capabilities = { ...VENUES.binance.capabilities, enforcesExpiry: false, clientIdReuse: 'forever' } as const;
const touch = { bid: '64000', ask: '64001' };

/** As Alpaca does: an id is used up for ever, and what can't be filled at once is cancelled. */
const arrive = (venue: ScriptedVenue, order: NewOrder): PlaceOutcome => {
  if (venue.rowsOf(order.clientOrderId).length > 0) return { ...unknownOutcome(), reason: 'duplicate' } as PlaceOutcome;
  const row = venue.take(order, KEY);
  if (order.orderType === 'limit') row.state = 'cancelled';
  return { kind: 'accepted', venueOrderId: row.venueOrderId, order: null, fills: [] };
};

interface Lost {
  readonly venue: ScriptedVenue;
  readonly executor: Executor;
  readonly orderId: string;
  /** The request that is still on its way. */
  readonly late: () => PlaceOutcome;
}

/** An order was sent, no answer came, and the venue does not have it. */
const lostOrder = async (
  side: 'buy' | 'sell' = 'buy',
  can: Partial<typeof VENUES.binance.capabilities> = capabilities,
  ticker: Answer<Pick<Ticker, 'bid' | 'ask'>> = { kind: 'answered', value: touch },
): Promise<Lost> => {
  const venue = new ScriptedVenue();
  await harness.account('acc-1', 'user-1');
  const [order] = await harness.route({ side, quantity: '0.01' });
  let lost: NewOrder | undefined;
  venue.places.push((_, placed) => {
    lost = placed;
    return Promise.resolve(unknownOutcome('connectionLost'));
  });
  const marketData = {
    ...venue.venue.marketData,
    ticker: () => Promise.resolve(ticker as Answer<Ticker>),
    instruments: async () => {
      const one = await venue.venue.marketData.instrument('BTC-USDT', { usdtAsUsd: true });
      return one.kind === 'answered' ? { ...one, value: [{ ...one.value, venueSymbol: order!.venueSymbol }] } : one;
    },
  } as typeof venue.venue.marketData;
  const access = {
    ...accessTo(venue),
    capabilities: { ...capabilities, ...can },
    open: () => Promise.resolve({ ...venue.venue, marketData }),
  };
  const executor = harness.replica(venue, {}, { access });
  await executor.workers.round();
  await until(() => executor.workers.inFlight === 0);
  return { venue, executor, orderId: order!.orderId, late: () => arrive(venue, lost!) };
};

const poll = async (executor: Executor): Promise<void> => {
  await harness.makeDue();
  await executor.poller.round();
};
const later = (): void => {
  harness.clock.offsetMs = 16_000;
};
const toldOf = async (orderId: string): Promise<readonly string[]> =>
  (await harness.events(orderId)).map(({ type }) => type);

describe('an order that is nowhere, at a venue that takes a request whenever it arrives, and a client order id only once', () => {
  it('is sealed under its id by one that nobody fills: what comes late is refused, and the user is told that nothing was traded', async () => {
    const { venue, executor, orderId, late } = await lostOrder();
    venue.places.push((scripted, order) => Promise.resolve(arrive(scripted, order)));
    await poll(executor);
    expect(venue.placeCalls).toBe(1);
    later();
    await poll(executor);
    expect(venue.ledger.map(({ order }) => order)).toMatchObject([
      { orderType: 'limit', timeInForce: 'ioc', side: 'buy', quantity: '0.01', limitPrice: '57600' },
    ]);
    expect(await harness.row(orderId)).toMatchObject({ status: 'cancelled', cumulative_quantity: '0' });
    expect((await toldOf(orderId)).at(-1)).toBe('OrderCancelled');
    expect(late()).toMatchObject({ kind: 'outcomeUnknown', reason: 'duplicate' });
    expect(venue.rowsOf(clientOrderIdOf(orderId))).toHaveLength(1);
  });

  it('that arrives before the seal is the order: the seal is refused, and its fill is told', async () => {
    const { venue, executor, orderId, late } = await lostOrder();
    venue.places.push((scripted, order) => {
      late();
      return Promise.resolve(arrive(scripted, order));
    });
    later();
    await poll(executor);
    expect(await toldOf(orderId)).toEqual(['OrderPlaced', 'OrderFilled']);
    expect(venue.rowsOf(clientOrderIdOf(orderId))).toMatchObject([{ order: { orderType: 'market' }, state: 'filled' }]);
  });

  it('is sealed once, whatever becomes of the answer, and whoever asks next', async () => {
    const { venue, executor, orderId } = await lostOrder('sell');
    for (let asked = 0; asked < 2; asked += 1)
      venue.places.push((scripted, order) => {
        arrive(scripted, order);
        return Promise.resolve(unknownOutcome());
      });
    venue.lookups.push(
      () => Promise.resolve({ kind: 'notFound' }),
      () => Promise.resolve({ kind: 'notFound' }),
    );
    later();
    await poll(executor);
    expect(await harness.row(orderId)).toMatchObject({ status: 'unknown' });
    await poll(executor);
    expect(venue.rowsOf(clientOrderIdOf(orderId))).toMatchObject([{ order: { limitPrice: '70401.1' } }]);
    expect(await harness.row(orderId)).toMatchObject({ status: 'cancelled' });
  });

  it.each([
    ['takes ids again once an order is over', { clientIdReuse: 'openOnly' as const }],
    ['refuses late requests itself', { enforcesExpiry: true }],
  ])('is never sealed where the venue %s', async (_, can) => {
    const { venue, executor } = await lostOrder('buy', can);
    later();
    await poll(executor);
    expect(venue.placeCalls).toBe(1);
  });

  it('waits where no price can be told that nobody gives', async () => {
    const { venue, executor, orderId } = await lostOrder('buy', capabilities, {
      kind: 'answered',
      value: { bid: null, ask: '64001' },
    });
    later();
    await poll(executor);
    expect(venue.placeCalls).toBe(1);
    expect(await harness.row(orderId)).toMatchObject({ status: 'unknown' });
  });
});
