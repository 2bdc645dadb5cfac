import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BOOK, market, order, refOf, soon } from '../contract/scene.js';
import type { InstrumentKey } from '../instruments.js';
import { mayUse } from '../origin.js';
import type { Venue, VenueClient } from '../port.js';
import { openVenue } from '../venues.js';
import { binanceCapabilities } from './capabilities.js';
import { binanceErrors } from './errors.js';
import { answering, FakeBinance } from './fake-binance.js';

const BTC: InstrumentKey = { pair: 'BTC-USDT', venueSymbol: 'BTCUSDT' };
const [PLACE, CANCEL, LOOKUP, TRADES] = [
  'POST /api/v3/order',
  'DELETE /api/v3/order',
  'GET /api/v3/order',
  'GET /api/v3/myTrades',
];

let fake: FakeBinance;
let venue: Venue;
let client: VenueClient;
let keys: { readonly apiKey: string; readonly secret: string };

beforeEach(async () => {
  fake = await FakeBinance.start();
  fake.setBook(BOOK);
  venue = await openVenue('binance', { origin: fake.origin, transport: { deadlineMs: 1_000 } });
  const rules = { liveTradingEnabled: false, simulatedOrigins: [], allowedLiveOrigins: [] };
  const use = mayUse('paper', fake.origin, { ...rules, venue: binanceCapabilities.origins });
  if (use.kind === 'refused') throw new Error(use.message);
  keys = fake.account({ BTC: '10', USDT: '1000000' });
  client = venue.client(keys, use.permit);
});

afterEach(async () => {
  await venue.close();
  await fake.close();
});

describe('Binance’s errors', () => {
  it.each(binanceErrors.map((row) => [row.venueCode, row.example, row.meaning] as const))(
    '%s "%s" means %j for a new order',
    async (venueCode, msg, meaning) => {
      fake.scripted.set(PLACE, [answering(400, { code: Number(venueCode), msg })]);
      const outcome = await client.place(order(BTC), soon());
      if ('refused' in meaning) expect(outcome).toMatchObject({ kind: 'refused', code: meaning.refused, venueCode });
      else if ('unknown' in meaning) expect(outcome).toMatchObject({ kind: 'outcomeUnknown', reason: meaning.unknown });
      else expect(outcome).toMatchObject({ kind: 'outcomeUnknown', reason: 'unlisted' });
    },
  );

  it.each([
    [400, { code: -1000, msg: 'An unknown error occurred while processing the request.' }, 'unlisted'],
    [400, { code: -1006, msg: 'An unexpected response was received. Execution status unknown.' }, 'unlisted'],
    [400, { code: -1007, msg: 'Timeout waiting for response from backend server.' }, 'unlisted'],
    [400, { code: -9999, msg: 'A code of tomorrow.' }, 'unlisted'],
    [403, '<html>Request blocked by the web application firewall</html>', 'unlisted'],
    [404, '', 'unlisted'],
    [302, '', 'unlisted'],
    [429, '<html>Too many requests</html>', 'unlisted'],
    [500, { code: -2010, msg: 'Account has insufficient balance for requested action.' }, 'serverError'],
    [503, { code: -1008, msg: 'Server is currently overloaded with other requests.' }, 'serverError'],
    [200, 'null', 'unreadable'],
    [200, '[]', 'nonsense'],
    [200, '"accepted"', 'unreadable'],
    [200, {}, 'nonsense'],
  ])('an answer of %i %j leaves the order unknown: %s', async (status, body, reason) => {
    fake.scripted.set(PLACE, [answering(status, body)]);
    expect(await client.place(order(BTC), soon())).toMatchObject({ kind: 'outcomeUnknown', reason });
  });

  it('a refusal of a lookup is not "not found"', async () => {
    fake.scripted.set(LOOKUP, [
      answering(401, { code: -2015, msg: 'Invalid API-key, IP, or permissions for action.' }),
    ]);
    const outcome = await client.lookup(refOf(order(BTC)));
    expect(outcome).toMatchObject({ kind: 'couldNotAsk', reason: 'refused', code: 'BAD_CREDENTIALS' });
  });

  it('"does not exist" is not believed while another list holds the order', async () => {
    await client.place(order(BTC), soon());
    fake.scripted.set(LOOKUP, [answering(400, { code: -2013, msg: 'Order does not exist.' })]);
    expect(await client.lookup(refOf(order(BTC)))).toMatchObject({ kind: 'found', order: { state: 'placed' } });
  });

  it('"does not exist" is not "not found" while another list cannot be asked', async () => {
    fake.scripted.set('GET /api/v3/allOrders', [answering(503, '')]);
    expect(await client.lookup(refOf(order(BTC)))).toMatchObject({ kind: 'couldNotAsk', reason: 'serverError' });
  });

  it('an order that is in no list any more but has traded is not "not found"', async () => {
    const outcome = await client.place(market(BTC), soon());
    if (outcome.kind !== 'accepted') throw new Error(outcome.kind);
    fake.forget(market(BTC).clientOrderId);
    const found = await client.lookup(refOf(market(BTC), outcome.venueOrderId));
    expect(found).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense', evidence: { httpStatus: 200 } });
  });
});

const GOOD = {
  symbol: 'BTCUSDT',
  orderId: 28,
  clientOrderId: order(BTC).clientOrderId,
  transactTime: Date.now(),
  price: '60000.00000000',
  origQty: '0.01000000',
  executedQty: '0.00400000',
  cummulativeQuoteQty: '240.00000000',
  status: 'PARTIALLY_FILLED',
  timeInForce: 'GTC',
  type: 'LIMIT',
  side: 'BUY',
  fills: [
    { price: '60000.00000000', qty: '0.00400000', commission: '0.00000400', commissionAsset: 'BTC', tradeId: 56 },
  ],
};
const FILL = GOOD.fills[0]!;

const NONSENSE: readonly (readonly [what: string, change: object])[] = [
  ['without an id', { orderId: undefined }],
  ['with an empty id', { orderId: '' }],
  ['with a null id', { orderId: null }],
  ['with an id that is not an integer', { orderId: 1.5 }],
  ['of another symbol', { symbol: 'ETHUSDT' }],
  ['of another client order id', { clientOrderId: 'somebody-else' }],
  ['of the other side', { side: 'SELL' }],
  ['of another quantity', { origQty: '0.02000000' }],
  ['at another price', { price: '61000.00000000' }],
  ['in an unknown state', { status: 'WONDERFUL' }],
  ['in the state "constructor"', { status: 'constructor' }],
  ['with a negative filled quantity', { executedQty: '-0.00400000' }],
  ['filled beyond the order', { executedQty: '0.02000000' }],
  ['filled by a float', { executedQty: 0.004 }],
  ['filled in exponent notation', { executedQty: '4e-3' }],
  ['called filled, and is not', { status: 'FILLED' }],
  ['called new, and has fills', { status: 'NEW' }],
  ['from 1970', { transactTime: 1_000 }],
  ['from tomorrow', { transactTime: Date.now() + 3 * 86_400_000 }],
  ['whose fills are not what is filled', { fills: [] }],
  ['whose fills are beyond the order', { fills: [{ ...FILL, qty: '5.00000000' }] }],
  ['with a fill of negative quantity', { fills: [{ ...FILL, qty: '-0.00400000' }] }],
  ['with a fill at no price', { fills: [{ ...FILL, price: '0.00000000' }] }],
  ['with a fill without a trade id', { fills: [{ ...FILL, tradeId: undefined }] }],
  ['with a fill without a fee currency', { fills: [{ ...FILL, commissionAsset: '' }] }],
  ['whose fills are not a list', { fills: 'many' }],
];

describe('an answer that makes no sense', () => {
  it('is told from one that does', async () => {
    fake.scripted.set(PLACE, [answering(200, GOOD)]);
    const outcome = await client.place(order(BTC), soon());
    expect(outcome).toMatchObject({
      kind: 'accepted',
      venueOrderId: '28',
      fills: [{ tradeId: '56', quantity: '0.00400000' }],
    });
  });

  it.each(NONSENSE)('an order %s stays unknown, with the answer as evidence', async (_, change) => {
    const body = { ...GOOD, ...change };
    fake.scripted.set(PLACE, [answering(200, body)]);
    const outcome = await client.place(order(BTC), soon());
    expect(outcome).toMatchObject({ kind: 'outcomeUnknown', reason: 'nonsense', evidence: { httpStatus: 200 } });
    expect(outcome.kind === 'outcomeUnknown' && outcome.evidence?.body).toBe(JSON.stringify(body));
  });

  it.each(
    NONSENSE.filter(
      ([, change]) => !('fills' in change || 'side' in change || 'price' in change || 'origQty' in change),
    ),
  )('a lookup that finds an order %s has found nothing', async (_, change) => {
    fake.scripted.set(LOOKUP, [answering(200, { ...GOOD, ...change })]);
    fake.scripted.set(TRADES, [answering(200, [])]);
    expect(await client.lookup(refOf(order(BTC)))).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });

  const trade = {
    symbol: 'BTCUSDT',
    id: 56,
    orderId: 28,
    price: '60000.00',
    qty: '0.00400000',
    commission: '0.000004',
    commissionAsset: 'BTC',
    time: Date.now(),
    isBuyer: true,
    isMaker: true,
  };
  it.each([
    ['of another order', [{ ...trade, orderId: 29 }]],
    ['of another symbol', [{ ...trade, symbol: 'ETHUSDT' }]],
    ['of the other side', [{ ...trade, isBuyer: false }]],
    ['beyond the order', [{ ...trade, qty: '0.02' }]],
    ['with two contents under one id', [trade, { ...trade, price: '1.00' }]],
    ['from 1970', [{ ...trade, time: 0 }]],
  ])('a lookup that finds trades %s has found nothing', async (_, trades) => {
    fake.scripted.set(LOOKUP, [answering(200, GOOD)]);
    fake.scripted.set(TRADES, [answering(200, trades)]);
    expect(await client.lookup(refOf(order(BTC)))).toMatchObject({
      kind: 'couldNotAsk',
      reason: 'nonsense',
      evidence: { httpStatus: 200, body: JSON.stringify(trades) },
    });
  });

  it('a trade told twice counts once, and a missing one is said to be missing', async () => {
    fake.scripted.set(LOOKUP, [answering(200, GOOD), answering(200, GOOD)]);
    fake.scripted.set(TRADES, [answering(200, [trade, trade]), answering(200, [])]);
    const twice = await client.lookup(refOf(order(BTC)));
    expect(twice).toMatchObject({ kind: 'found', fillsComplete: true, fills: [{ tradeId: '56', liquidity: 'maker' }] });
    expect(twice.kind === 'found' && twice.fills).toHaveLength(1);
    expect(await client.lookup(refOf(order(BTC)))).toMatchObject({ kind: 'found', fillsComplete: false, fills: [] });
  });

  it('a cancel answered with another order stays unknown', async () => {
    const cancelled = { ...GOOD, status: 'CANCELED', origClientOrderId: 'somebody-else' };
    fake.scripted.set(CANCEL, [answering(200, cancelled)]);
    const outcome = await client.cancel(refOf(order(BTC)), soon());
    expect(outcome).toMatchObject({ kind: 'outcomeUnknown', reason: 'nonsense' });
  });
});

describe('secrets', () => {
  it('are blotted out of evidence, should a proxy echo the request', async () => {
    fake.scripted.set(PLACE, [
      (response) => {
        const echo = `<pre>X-MBX-APIKEY: ${keys.apiKey} secret=${encodeURIComponent(keys.secret)} &signature=abc123</pre>`;
        // Once in the middle, once across the cut of 4 KiB.
        response.writeHead(200).end(echo + 'x'.repeat(4_075 - echo.length) + echo);
      },
    ]);
    const outcome = await client.place(order(BTC), soon());
    expect(outcome).toMatchObject({ kind: 'outcomeUnknown', reason: 'unreadable' });
    const text = inspect(outcome, { depth: 9, maxStringLength: null });
    expect(text).toContain('X-MBX-APIKEY');
    for (const secret of [keys.apiKey, keys.secret, 'abc123']) expect(text).not.toContain(secret.slice(0, 12));
  });

  it('of the wrong form never reach the wire', async () => {
    const rules = { liveTradingEnabled: false, simulatedOrigins: [], allowedLiveOrigins: [] };
    const use = mayUse('paper', fake.origin, { ...rules, venue: binanceCapabilities.origins });
    if (use.kind === 'refused') throw new Error(use.message);
    for (const broken of [
      { apiKey: 'line\r\nbreak', secret: 's' },
      { apiKey: '', secret: '' },
      { apiKey: 'k', secret: '-----BEGIN PRIVATE KEY-----\nnonsense\n-----END PRIVATE KEY-----' },
    ]) {
      const outcome = await venue.client(broken, use.permit).place(order(BTC), soon());
      expect(outcome).toMatchObject({ kind: 'notSent', reason: 'unsigned' });
    }
    expect(fake.requests).not.toContain(PLACE);
  });
});
