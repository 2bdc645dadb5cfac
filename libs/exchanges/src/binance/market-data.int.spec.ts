import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decimal, plain } from '@switchyard/money';
import { answered, BOOK, order, refOf, soon } from '../contract/scene.js';
import type { VenueOptions } from '../ccxt/open-venue.js';
import type { InstrumentKey } from '../instruments.js';
import { mayUse } from '../origin.js';
import type { Venue, VenueClient } from '../port.js';
import { openVenue } from '../venues.js';
import { binanceCapabilities } from './capabilities.js';
import { answering, FakeBinance } from './fake-binance.js';

const BTC: InstrumentKey = { pair: 'BTC-USDT', venueSymbol: 'BTCUSDT' };
const INFO = 'GET /api/v3/exchangeInfo';
const PLACE = 'POST /api/v3/order';

let fake: FakeBinance;
const open: Venue[] = [];

const opening = async (options: VenueOptions = {}): Promise<Venue> => {
  const venue = await openVenue('binance', { origin: fake.origin, ...options });
  open.push(venue);
  return venue;
};

const clientOf = (venue: Venue): VenueClient => {
  const rules = { liveTradingEnabled: false, simulatedOrigins: [], allowedLiveOrigins: [] };
  const use = mayUse('paper', venue.origin, { ...rules, venue: binanceCapabilities.origins });
  if (use.kind === 'refused') throw new Error(use.message);
  return venue.client(fake.account({ BTC: '10', USDT: '100000000' }), use.permit);
};

beforeEach(async () => {
  fake = await FakeBinance.start();
  fake.setBook(BOOK);
});

afterEach(async () => {
  for (const venue of open.splice(0)) await venue.close();
  await fake.close();
});

describe('the listings', () => {
  it('are asked for once, however many ask at the same time', async () => {
    const { marketData } = await opening();
    await Promise.all(Array.from({ length: 20 }, () => marketData.instruments()));
    await marketData.instrument('BTC-USDT', { usdtAsUsd: false });
    expect(fake.requests.filter((request) => request === INFO)).toHaveLength(1);
  });

  it('stay in use when a reload fails, and whoever asked for the reload is told', async () => {
    const { marketData } = await opening();
    const before = answered(await marketData.instruments());
    fake.scripted.set(INFO, [answering(503, ''), answering(503, '')]);
    expect(await marketData.instruments({ reload: true })).toMatchObject({
      kind: 'couldNotAsk',
      reason: 'serverError',
    });
    expect(answered(await marketData.instruments())).toEqual(before);
  });

  it('are asked for again once they are too old', async () => {
    const { marketData } = await opening({ instrumentsMaxAgeMs: 0 });
    await marketData.instruments();
    await marketData.instruments();
    expect(fake.requests.filter((request) => request === INFO)).toHaveLength(2);
  });

  it('leave out what makes no sense, and keep the rest', async () => {
    const good = { symbol: 'ETHUSDT', status: 'TRADING', baseAsset: 'ETH', quoteAsset: 'USDT', orderTypes: ['LIMIT'] };
    const filters = [
      { filterType: 'PRICE_FILTER', minPrice: '0.01', maxPrice: '1000', tickSize: '0.01' },
      { filterType: 'LOT_SIZE', minQty: '0.001', maxQty: '9000', stepSize: '0.001' },
    ];
    const zeroTick = [{ ...filters[0], tickSize: '0.00000000' }, filters[1]];
    const symbols = [
      { ...good, filters },
      { ...good, symbol: 'XUSDT', baseAsset: 'X', filters: zeroTick },
      { ...good, symbol: 'YUSDT', baseAsset: 'Y', filters: filters.slice(1) },
    ];
    fake.scripted.set(INFO, [answering(200, { symbols })]);
    const { marketData } = await opening();
    expect(answered(await marketData.instruments()).map(({ pair }) => pair)).toEqual(['ETH-USDT']);
  });

  it.each([
    ['none', { symbols: [] }],
    ['no list of them', {}],
    ['a page', '<html></html>'],
  ])('that are %s are no listings, and no order is sent without them', async (_, body) => {
    fake.scripted.set(INFO, [answering(200, body), answering(200, body)]);
    const venue = await opening();
    expect(await clientOf(venue).place(order(BTC), soon())).toMatchObject({ kind: 'notSent', reason: 'notReady' });
    expect(await venue.marketData.instruments()).toMatchObject({ kind: 'couldNotAsk' });
    expect(fake.requests).not.toContain(PLACE);
  });
});

describe('an order', () => {
  it('for a pair that the venue has halted is refused before sending', async () => {
    const client = clientOf(await opening());
    const outcome = await client.place(
      order({ pair: 'LTC-USDT', venueSymbol: 'LTCUSDT' }, { limitPrice: '600' }),
      soon(),
    );
    expect(outcome).toMatchObject({ kind: 'refused', code: 'PAIR_NOT_TRADING', venueCode: null });
    expect(fake.requests).not.toContain(PLACE);
  });

  it('arrives with exactly its own price and quantity, whatever they are', async () => {
    const client = clientOf(await opening());
    const ticks = fc.integer({ min: 500_000, max: 99_999_999 });
    const lots = fc.integer({ min: 100, max: 900_000 });
    let serial = 0;
    await fc.assert(
      fc.asyncProperty(ticks, lots, async (priceTicks, quantityLots) => {
        const limitPrice = plain(decimal(String(priceTicks)).times('0.01'));
        const quantity = plain(decimal(String(quantityLots)).times('0.00001'));
        const clientOrderId = `exact-${(serial += 1)}`;
        const outcome = await client.place(order(BTC, { clientOrderId, side: 'sell', limitPrice, quantity }), soon());
        // The answer repeats what arrived.
        const placed = outcome.kind === 'accepted' ? outcome.order : null;
        expect([placed?.limitPrice ?? '', placed?.quantity ?? ''].map((text) => plain(decimal(text)))).toEqual([
          limitPrice,
          quantity,
        ]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a limit that the venue counts', () => {
  it('by account keeps nobody else away, by address everybody', async () => {
    const venue = await opening();
    const [busy, other] = [clientOf(venue), clientOf(venue)];
    fake.scripted.set(PLACE, [
      answering(429, { code: -1015, msg: 'Too many new orders; current limit is 100 orders per 10 SECONDS.' }),
      answering(429, { code: -1003, msg: 'Too many requests.' }),
    ]);
    expect(await busy.place(order(BTC), soon())).toMatchObject({ kind: 'refused', code: 'RATE_LIMITED' });
    expect(await other.balances()).toMatchObject({ kind: 'answered' });
    expect(await busy.place(order(BTC), soon())).toMatchObject({ kind: 'refused', code: 'RATE_LIMITED' });
    expect(await other.balances()).toMatchObject({ kind: 'couldNotAsk', reason: 'rateLimited' });
    expect(await other.lookup(refOf(order(BTC)))).toMatchObject({ kind: 'couldNotAsk', reason: 'rateLimited' });
  });
});

describe('where Binance is', () => {
  it.each<readonly [VenueOptions, string]>([
    [{}, 'https://api.binance.com'],
    [{ testnet: true }, 'https://testnet.binance.vision'],
    [{ testnet: true, origin: 'http://127.0.0.1:9001/' }, 'http://127.0.0.1:9001'],
  ])('%j: %s', async (options, origin) => {
    const venue = await openVenue('binance', options);
    open.push(venue);
    expect(venue.origin).toBe(origin);
  });

  it.each(['ftp://127.0.0.1', 'nonsense', 'http://127.0.0.1:9001/api'])('cannot be %s', async (origin) => {
    await expect(openVenue('binance', { origin })).rejects.toThrow('origin must be');
  });
});
