import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NOON } from '../../testing/a-venue.js';
import { ALPACA_KEYS, paperAlpaca, type PaperAlpaca } from '../../testing/paper-alpaca.js';

let paper: PaperAlpaca;

beforeAll(async () => {
  paper = await paperAlpaca();
  await paper.door('POST', '/_book', { symbol: 'BTC/USD', bids: [['9999', '2']], asks: [['10001', '2']] });
});
afterAll(() => paper.close());

const HEADERS = { 'APCA-API-KEY-ID': ALPACA_KEYS.apiKey, 'APCA-API-SECRET-KEY': ALPACA_KEYS.secret };

const ask = async (method: string, path: string, body?: object, headers: Record<string, string> = HEADERS) => {
  const response = await fetch(`${paper.url}${path}`, {
    method,
    headers: { ...headers, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return [response.status, text === '' ? '' : (JSON.parse(text) as unknown)] as const;
};

let ids = 0;
const limit = (change: object = {}): object => ({
  symbol: 'BTC/USD',
  qty: '1',
  side: 'buy',
  type: 'limit',
  time_in_force: 'gtc',
  limit_price: '9000',
  client_order_id: `words-${++ids}`,
  ...change,
});
const placed = async (change: object = {}): Promise<Readonly<Record<string, unknown>>> => {
  const [status, order] = await ask('POST', '/v2/orders', limit(change));
  expect(status).toBe(200);
  return order as Readonly<Record<string, unknown>>;
};

describe('Alpaca’s own words', () => {
  it.each([
    [{ qty: '0.00001' }, 403, 40310000, 'cost basis must be >= minimal amount of order 10'],
    [{ qty: '0.00001', side: 'sell' }, 422, 40010001, 'qty must be >= 0.000028257'],
    [{ qty: '200' }, 403, 40310000, 'insufficient balance for USD (requested: 1800000, available: 1000000)'],
    [{ qty: '11', side: 'sell' }, 403, 40310000, 'insufficient balance for BTC (requested: 11, available: 10)'],
    [{ limit_price: '9000.5' }, 422, 42210000, 'invalid limit_price 9000.5'],
    [{ time_in_force: 'day' }, 422, 42210000, 'invalid crypto time_in_force'],
    [{ type: 'stop' }, 422, 40010001, 'invalid order type for crypto order'],
    [{ type: 'stop_limit', stop_price: '1' }, 422, 42210000, 'stop limit orders are not simulated'],
    [{ symbol: 'BTC/XYZ' }, 422, 42210000, 'asset not found for BTC/XYZ'],
    [{ symbol: undefined }, 422, 40010001, 'symbol is required'],
    [{ qty: undefined }, 422, 40010001, 'qty or notional is required'],
    [{ qty: '0' }, 422, 40010001, 'qty must be > 0'],
    [{ qty: '1e3' }, 422, 40010001, 'qty must be a number'],
    [{ side: 'hold' }, 422, 40010001, 'side must be buy or sell'],
    [{ limit_price: undefined }, 422, 40010001, 'limit orders require a limit price'],
    [{ client_order_id: 'x'.repeat(129) }, 422, 40010001, 'client_order_id must be at most 128 characters'],
  ])('%j is answered %d %d %s', async (change, status, code, message) => {
    expect(await ask('POST', '/v2/orders', limit(change))).toMatchObject([status, { code, message }]);
  });

  it('a lack of funds is told with what there is', async () => {
    expect(await ask('POST', '/v2/orders', limit({ qty: '200' }))).toMatchObject([
      403,
      { available: '1000000', balance: '1000000' },
    ]);
  });

  it('a request without key, with an unknown one, with a wrong secret', async () => {
    const withKey = (more: Record<string, string>) => ask('POST', '/v2/orders', limit(), more);
    const unauthorized = [401, { code: 40110000, message: 'request is not authorized' }];
    expect(await withKey({})).toEqual(unauthorized);
    expect(await withKey({ ...HEADERS, 'APCA-API-KEY-ID': 'unknown' })).toEqual(unauthorized);
    expect(await withKey({ 'APCA-API-KEY-ID': ALPACA_KEYS.apiKey })).toEqual(unauthorized);
    expect(await withKey({ ...HEADERS, 'APCA-API-SECRET-KEY': 'wrong' })).toEqual([403, { message: 'forbidden.' }]);
  });

  it('an order has the fields that Alpaca’s have, as texts', async () => {
    const order = await placed();
    // The fields of an order in ccxt's recorded answers and in the API's own description.
    for (const name of 'id client_order_id created_at updated_at submitted_at filled_at expired_at canceled_at failed_at replaced_at replaced_by replaces asset_id symbol asset_class notional qty filled_qty filled_avg_price order_class order_type type side time_in_force limit_price stop_price status extended_hours legs trail_percent trail_price hwm subtag source'.split(
      ' ',
    ))
      expect(order).toHaveProperty(name);
    expect(order).toMatchObject({ status: 'pending_new', qty: '1', limit_price: '9000', asset_class: 'crypto' });
    expect(order['id']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(order['submitted_at']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect(await ask('GET', `/v2/orders/${String(order['id'])}`)).toMatchObject([200, { status: 'new' }]);
  });

  it('an order is found by our id for ever, by no other', async () => {
    const { id, client_order_id: ours } = await placed();
    expect(await ask('GET', `/v2/orders:by_client_order_id?client_order_id=${String(ours)}`)).toMatchObject([
      200,
      { id },
    ]);
    expect(await ask('GET', '/v2/orders:by_client_order_id?client_order_id=nobody')).toEqual([
      404,
      { code: 40410000, message: 'order not found for nobody' },
    ]);
  });

  it('a cancel has no content; what is filled cannot be cancelled, what is cancelled can', async () => {
    const { id } = await placed();
    expect(await ask('DELETE', `/v2/orders/${String(id)}`)).toEqual([204, '']);
    expect(await ask('DELETE', `/v2/orders/${String(id)}`)).toEqual([204, '']);
    const { id: filled } = await placed({ type: 'market', limit_price: undefined, qty: '0.01' });
    expect(await ask('DELETE', `/v2/orders/${String(filled)}`)).toEqual([
      422,
      { code: 42210000, message: 'order is already in "filled" state' },
    ]);
    const unknown = 'b0b6dd9d-8b9b-48a9-ba46-b9d54906e415';
    expect(await ask('DELETE', `/v2/orders/${unknown}`)).toMatchObject([404, { code: 40410000 }]);
  });

  it('lists are of one status, newest first, at most as long as asked, from an order or a time on', async () => {
    const orders = [await placed(), await placed(), await placed()];
    const [first, second, third] = orders.map(({ id }) => String(id));
    const listed = async (query: string): Promise<readonly unknown[]> => {
      const [, rows] = await ask('GET', `/v2/orders?${query}`);
      return (rows as readonly { readonly id: string }[]).map(({ id }) => id);
    };
    expect((await listed('status=open&limit=3')).slice(0, 3)).toEqual([third, second, first]);
    expect(await listed(`before_order_id=${second}&limit=1`)).toEqual([first]);
    expect(await listed(`after_order_id=${second}&direction=asc&limit=1`)).toEqual([third]);
    expect(await listed('status=closed&symbols=ETHUSD')).toEqual([]);
    expect((await listed('symbols=BTCUSD&limit=1'))[0]).toBe(third);
    expect(await listed(`after=${encodeURIComponent(new Date(Date.now() + 60_000).toISOString())}`)).toEqual([]);
    expect(await ask('GET', '/v2/orders?limit=501')).toMatchObject([422, { code: 40010001 }]);
  });

  it('DELETE of all orders cancels all; with a slash behind, too', async () => {
    for (const path of ['/v2/orders', '/v2/orders/']) {
      const { id } = await placed();
      const [status, rows] = await ask('DELETE', path);
      expect([status, (rows as readonly { readonly id: string }[]).map((row) => row.id)]).toEqual([
        200,
        expect.arrayContaining([id]),
      ]);
      expect(await ask('GET', '/v2/orders')).toEqual([200, []]);
    }
  });

  it('counts each account’s requests, and beyond a limit answers 429 until the minute is over', async () => {
    // A clock that stands: no minute ends while the test counts.
    const limited = await paperAlpaca({ weightPerMinute: 2, now: () => NOON });
    try {
      const positions = () => fetch(`${limited.url}/v2/positions`, { headers: HEADERS });
      const first = await positions();
      expect([first.status, first.headers.get('x-ratelimit-remaining')]).toEqual([200, '1']);
      await positions();
      const third = await positions();
      expect([third.status, await third.json()]).toEqual([429, { code: 42910000, message: 'rate limit exceeded' }]);
      // The market is told to anyone, and counted for nobody.
      const book = await fetch(`${limited.url}/v1beta3/crypto/us/latest/orderbooks?symbols=BTC/USD`);
      expect(book.status).toBe(200);
    } finally {
      await limited.close();
    }
  });

  it('a pair in one word is an error of the market data, one that is not listed is left out', async () => {
    const books = (symbols: string) =>
      ask('GET', `/v1beta3/crypto/us/latest/orderbooks?symbols=${symbols}`, undefined, {});
    expect(await books('BTCUSD')).toMatchObject([400, { message: expect.stringContaining('does not match') }]);
    expect(await books('XYZ/USD')).toEqual([200, { orderbooks: {} }]);
  });
});
