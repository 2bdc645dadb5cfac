import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mayUse, openVenue, VENUES, type NewOrder, type Venue } from '@switchyard/exchanges';
import { OKX_KEYS, paperOkx, type PaperOkx } from '../../testing/paper-okx.js';

/** Switchyard's own adapter against this OKX: what the shared contract says of time windows, for the one that OKX has beside its signature. */
let paper: PaperOkx;
let venue: Venue;
beforeAll(async () => {
  paper = await paperOkx();
  venue = await openVenue('okx', { origin: paper.url });
});
afterAll(async () => {
  await venue.close();
  await paper.close();
});

it('an order that arrives after its own expiry is refused, though its signature is still good', async () => {
  const { apiKey, secret, passphrase } = OKX_KEYS;
  const use = mayUse('paper', paper.url, {
    venue: VENUES.okx.capabilities.origins,
    liveTradingEnabled: false,
    simulatedOrigins: [],
    allowedLiveOrigins: [],
  });
  if (use.kind === 'refused') throw new Error(use.message);
  const client = venue.client({ apiKey, secret, passphrase }, use.permit);
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
  await paper.door('POST', '/_clock', { skewMs: 10_000 });
  expect(await client.place(order, within(1_000))).toMatchObject({
    kind: 'refused',
    code: 'CLOCK_SKEW',
    venueCode: '50036',
  });
  expect(await client.lookup({ ...order, venueOrderId: null })).toEqual({ kind: 'notFound' });
  expect(await client.place({ ...order, clientOrderId: 'inTime' }, within(30_000))).toMatchObject({ kind: 'accepted' });
  expect((await paper.ledger()).map(({ clientOrderId, status }) => [clientOrderId, status])).toEqual([
    ['late', 'rejected'],
    ['inTime', 'open'],
  ]);
});
