import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mayUse, openVenue, type NewOrder, type Venue, type VenueClient } from '@switchyard/exchanges';
import { BYBIT_KEYS, paperBybit, type PaperBybit } from '../../testing/paper-bybit.js';

/** More rows than Bybit gives on one page. */
const LEVELS = 230;

let paper: PaperBybit;
let venue: Venue;
let client: VenueClient;
beforeAll(async () => {
  paper = await paperBybit();
  venue = await openVenue('bybit', { origin: paper.url });
  const rules = { liveTradingEnabled: false, simulatedOrigins: [], allowedLiveOrigins: [] };
  const use = mayUse('paper', paper.url, { ...rules, venue: venue.capabilities.origins });
  if (use.kind === 'refused') throw new Error(use.message);
  client = venue.client(BYBIT_KEYS, use.permit);
  const asks = Array.from({ length: LEVELS }, (_, level) => [String(10_000 + level), '0.001']);
  await paper.door('POST', '/_book', { symbol: 'BTCUSDT', bids: [['9990', '1']], asks });
});
afterAll(async () => {
  await venue.close();
  await paper.close();
});

const BTC = { pair: 'BTC-USDT', venueSymbol: 'BTCUSDT' };
const soon = () => ({ sendBy: performance.now() + 30_000, recvWindowMs: 10_000 });
const order = (change: Partial<NewOrder>): NewOrder => ({
  ...BTC,
  clientOrderId: 'a'.repeat(32),
  side: 'buy',
  orderType: 'market',
  timeInForce: 'ioc',
  quantity: '0.23',
  limitPrice: null,
  stopPrice: null,
  postOnly: false,
  displayQuantity: null,
  ...change,
});

describe('lists longer than a page', () => {
  it('hold all fills of an order, the first trade first, each once', async () => {
    const wanted = order({});
    expect(await client.place(wanted, soon())).toMatchObject({ kind: 'accepted' });
    const found = await client.lookup({ ...wanted, venueOrderId: null });
    if (found.kind !== 'found') throw new Error(found.kind);
    expect(found.fillsComplete).toBe(true);
    expect(found.fills.map(({ price }) => Number(price))).toEqual(Array.from({ length: LEVELS }, (_, n) => 10_000 + n));

    const all = await client.tradesSince(BTC, { sinceMs: Date.now() - 60_000 });
    if (all.kind !== 'answered') throw new Error(all.message);
    expect(all.value.fills.map(({ tradeId }) => tradeId)).toEqual(found.fills.map(({ tradeId }) => tradeId));
    const middle = found.fills[LEVELS / 2]!;
    const rest = await client.tradesSince(BTC, { afterTradeId: middle.tradeId });
    expect(rest.kind === 'answered' && rest.value.fills).toEqual(found.fills.slice(LEVELS / 2 + 1));
  });

  it('hold all open orders of an account', async () => {
    const names = Array.from({ length: 60 }, (_, n) => `resting-${n}`);
    const resting = { orderType: 'limit', timeInForce: 'gtc', limitPrice: '9000', quantity: '0.001' } as const;
    await Promise.all(names.map((clientOrderId) => client.place(order({ ...resting, clientOrderId }), soon())));
    const open = await client.openOrders();
    if (open.kind !== 'answered') throw new Error(open.message);
    expect(open.value.map(({ clientOrderId }) => clientOrderId).sort()).toEqual(names.sort());
  });
});
