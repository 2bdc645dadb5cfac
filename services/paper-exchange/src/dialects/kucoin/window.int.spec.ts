import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mayUse, openVenue, VENUES, type NewOrder, type Venue } from '@switchyard/exchanges';
import { KUCOIN_KEYS, paperKucoin, type PaperKucoin } from '../../testing/paper-kucoin.js';

/** Switchyard's own adapter against this KuCoin: what the shared contract says of windows, for the one that an order has beside its signature. */
let paper: PaperKucoin;
let venue: Venue;
beforeAll(async () => {
  paper = await paperKucoin();
  venue = await openVenue('kucoin', { origin: paper.url });
});
afterAll(async () => {
  await venue.close();
  await paper.close();
});

it('an order that arrives after its own window is no order, though its signature is still good; KuCoin has no words for that', async () => {
  const use = mayUse('paper', paper.url, {
    venue: VENUES.kucoin.capabilities.origins,
    liveTradingEnabled: false,
    simulatedOrigins: [],
    allowedLiveOrigins: [],
  });
  if (use.kind === 'refused') throw new Error(use.message);
  const client = venue.client(KUCOIN_KEYS, use.permit);
  const order: NewOrder = {
    pair: 'BTC-USDT',
    venueSymbol: 'BTC-USDT',
    clientOrderId: 'late',
    side: 'buy',
    orderType: 'limit',
    timeInForce: 'gtc',
    quantity: '0.01',
    limitPrice: '1000',
    stopPrice: null,
    postOnly: false,
    displayQuantity: null,
  };
  const within = (recvWindowMs: number) => ({ sendBy: performance.now() + 30_000, recvWindowMs });
  await venue.marketData.instruments();
  await venue.marketData.serverTime();
  await paper.door('POST', '/_clock', { skewMs: 2_500 });
  expect(await client.place(order, within(1_000))).toMatchObject({ kind: 'outcomeUnknown', reason: 'unlisted' });
  expect(await client.lookup({ ...order, venueOrderId: null })).toEqual({ kind: 'notFound' });
  await venue.marketData.serverTime();
  expect(await client.place({ ...order, clientOrderId: 'inTime' }, within(5_000))).toMatchObject({ kind: 'accepted' });
  expect((await paper.ledger()).map(({ clientOrderId, status }) => [clientOrderId, status])).toEqual([
    ['late', 'rejected'],
    ['inTime', 'open'],
  ]);
});
