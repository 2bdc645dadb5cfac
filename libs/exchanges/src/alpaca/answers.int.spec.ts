import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ask, attach } from '../ccxt/call.js';
import { endpoint, loadCcxtClass, rehosted, withEndpoints } from '../ccxt/exchange.js';
import { openCcxtVenue } from '../ccxt/open-venue.js';
import { Transport } from '../ccxt/transport.js';
import { answered, idOf, market, order, refOf, soon } from '../contract/scene.js';
import type { InstrumentKey } from '../instruments.js';
import { mayUse } from '../origin.js';
import type { Venue, VenueClient } from '../port.js';
import { openVenue } from '../venues.js';
import { alpacaCapabilities } from './capabilities.js';
import { ACCOUNT, ScriptedAlpaca, type Answering } from './scripted-alpaca.js';
import { alpaca as definition } from './venue.js';

const BTC: InstrumentKey = { pair: 'BTC-USD', venueSymbol: 'BTC/USD' };
const OWN = { apiKey: 'PK-of-the-deployment', secret: 'secret-of-the-deployment' };
const KEYS = { apiKey: 'PK-of-a-tenant', secret: 'secret-of-a-tenant' };
const ID = '61e69015-8549-4bfd-b9c3-01e75843f47d';
const PLACE = 'POST /v2/orders';
const OURS = 'GET /v2/orders:by_client_order_id';
const ORDERS = 'GET /v2/orders';
const FILLS = 'GET /v2/account/activities/FILL';
const RULES = { liveTradingEnabled: false, simulatedOrigins: [], allowedLiveOrigins: [] };

let alpaca: ScriptedAlpaca;
let venue: Venue;
let client: VenueClient;

const clientOf = (of: Venue): VenueClient => {
  const use = mayUse('paper', of.origin, { ...RULES, venue: alpacaCapabilities.origins });
  if (use.kind === 'refused') throw new Error(use.message);
  return of.client(KEYS, use.permit);
};
const saying =
  (status: number, body: unknown): Answering =>
  () => [status, body];

beforeEach(async () => {
  alpaca = await ScriptedAlpaca.start();
  venue = await openVenue('alpaca', { origin: alpaca.origin, credentials: OWN });
  client = clientOf(venue);
});
afterEach(async () => {
  await venue.close();
  await alpaca.close();
});

const NOW = new Date().toISOString();
const GOOD = {
  id: ID,
  client_order_id: order(BTC).clientOrderId,
  created_at: NOW,
  updated_at: NOW,
  submitted_at: NOW,
  symbol: 'BTC/USD',
  asset_class: 'crypto',
  notional: null,
  qty: '0.01',
  filled_qty: '0.004',
  filled_avg_price: '60000',
  type: 'limit',
  side: 'buy',
  time_in_force: 'gtc',
  limit_price: '60000',
  stop_price: null,
  status: 'partially_filled',
};
const FILL = {
  id: '20221228071929579::ca2aafd0-1270-4b56-b0a9-85423b4a07c8',
  activity_type: 'FILL',
  transaction_time: NOW,
  type: 'partial_fill',
  price: '60000',
  qty: '0.004',
  side: 'buy',
  symbol: 'BTC/USD',
  leaves_qty: '0.006',
  order_id: ID,
  cum_qty: '0.004',
  order_status: 'partially_filled',
};

describe('the path that cancels everything', () => {
  it.each(['', ' ', '/', '.', '..', '?', '#', '%2e', '*', 'all', `${ID}/..`, ID.toUpperCase(), `${ID} `])(
    'is not reached by a cancel under the id %j, nor is anything else',
    async (venueOrderId) => {
      alpaca.answers.set('DELETE', saying(204, ''));
      expect(await client.cancel(refOf(order(BTC), venueOrderId), soon())).toMatchObject({
        kind: 'refused',
        code: 'MALFORMED_ORDER',
        venueCode: null,
      });
      expect(await client.lookup(refOf(order(BTC), venueOrderId))).toMatchObject({
        kind: 'couldNotAsk',
        code: 'MALFORMED_ORDER',
      });
      expect(await client.orderFills({ ...BTC, venueOrderId })).toMatchObject({ kind: 'couldNotAsk' });
      expect(alpaca.calls).toEqual([]);
    },
  );

  it.each(['', undefined, null, '/', '..'])(
    'is not reached where the venue tells the id %j for an order that is to be cancelled',
    async (id) => {
      alpaca.answers.set('DELETE', saying(204, ''));
      alpaca.answers.set(OURS, saying(200, { ...GOOD, id }));
      expect(await client.cancel(refOf(order(BTC)), soon())).toMatchObject({
        kind: 'outcomeUnknown',
        reason: 'nonsense',
      });
      expect(alpaca.calls).toEqual([OURS]);
    },
  );

  it('is no endpoint of ours, nor is any that sells, replaces or withdraws', () => {
    const { trader } = definition.ccxt.endpoints as Record<string, Record<string, Record<string, readonly string[]>>>;
    expect(Object.keys(trader?.['private'] ?? {})).toEqual(['get', 'post', 'delete']);
    expect(trader?.['private']?.['delete']).toEqual(['v2/orders/{order_id}']);
    expect(trader?.['private']?.['post']).toEqual(['v2/orders']);
  });
});

describe('a cancel', () => {
  it('by our id finds the venue’s first; its yes has no content', async () => {
    alpaca.answers.set(OURS, saying(200, GOOD));
    alpaca.answers.set(`DELETE /v2/orders/${ID}`, saying(204, ''));
    expect(await client.cancel(refOf(order(BTC)), soon())).toEqual({ kind: 'cancelled', order: null });
    expect(alpaca.calls).toEqual([OURS, `DELETE /v2/orders/${ID}`]);
  });

  it('of another order than the one asked for does not leave', async () => {
    alpaca.answers.set(OURS, saying(200, { ...GOOD, client_order_id: idOf('another') }));
    expect(await client.cancel(refOf(order(BTC)), soon())).toMatchObject({ kind: 'outcomeUnknown' });
    expect(alpaca.calls).toEqual([OURS]);
  });

  it('that finds its order over says so, and one that cannot look it up is unknown', async () => {
    alpaca.answers.set(
      `DELETE /v2/orders/${ID}`,
      saying(422, { code: 42210000, message: 'order is already in "filled" state' }),
    );
    expect(await client.cancel(refOf(order(BTC), ID), soon())).toEqual({ kind: 'notOpen' });
    alpaca.answers.set(OURS, saying(503, ''));
    expect(await client.cancel(refOf(order(BTC)), soon())).toMatchObject({
      kind: 'outcomeUnknown',
      reason: 'serverError',
    });
  });
});

describe('an answer to a new order', () => {
  it.each(['pending_new', 'accepted'])('that calls it %s leaves to a lookup what became of it', async (status) => {
    alpaca.answers.set(PLACE, saying(200, { ...GOOD, status, filled_qty: '0', filled_avg_price: null }));
    expect(await client.place(order(BTC), soon())).toEqual({
      kind: 'accepted',
      venueOrderId: ID,
      order: null,
      fills: [],
    });
  });

  it('tells its state where it has one', async () => {
    alpaca.answers.set(PLACE, saying(200, GOOD));
    expect(await client.place(order(BTC), soon())).toMatchObject({
      kind: 'accepted',
      order: { state: 'partially_filled', filledQuantity: '0.004', limitPrice: '60000' },
    });
  });

  it('a market order is asked for as one that never rests, in the order’s own texts', async () => {
    alpaca.answers.set(PLACE, saying(200, { ...GOOD, type: 'market', limit_price: null }));
    await client.place(market(BTC, { quantity: '0.010000000' }), soon());
    expect(alpaca.asked.at(-1)?.body).toEqual({
      symbol: 'BTC/USD',
      qty: '0.010000000',
      side: 'buy',
      type: 'market',
      time_in_force: 'ioc',
      client_order_id: market(BTC).clientOrderId,
    });
    expect(alpaca.asked.at(-1)?.headers).toMatchObject({
      'apca-api-key-id': KEYS.apiKey,
      'apca-api-secret-key': KEYS.secret,
    });
  });

  it('a sale may be worth less than a purchase must', async () => {
    alpaca.answers.set(PLACE, saying(200, { ...GOOD, side: 'sell', qty: '0.0001', filled_qty: '0', status: 'new' }));
    const small = { quantity: '0.0001', limitPrice: '60000' } as const;
    expect(await client.place(order(BTC, { ...small, side: 'sell' }), soon())).toMatchObject({ kind: 'accepted' });
    expect(await client.place(order(BTC, small), soon())).toMatchObject({
      code: 'BELOW_MIN_NOTIONAL',
      venueCode: null,
    });
  });

  const NONSENSE: readonly (readonly [what: string, change: object])[] = [
    ['without an id', { id: undefined }],
    ['with an id that is none of the venue’s', { id: '28' }],
    ['of another symbol', { symbol: 'BTC/USDT' }],
    ['of another client order id', { client_order_id: 'somebody-else' }],
    ['without a client order id', { client_order_id: '' }],
    ['of the other side', { side: 'sell' }],
    ['of another quantity', { qty: '0.02' }],
    ['for a sum of money', { qty: null, notional: '600' }],
    ['at another price', { limit_price: '61000' }],
    ['in an unknown state', { status: 'wonderful' }],
    ['filled beyond the order', { filled_qty: '0.02' }],
    ['with a negative filled quantity', { filled_qty: '-0.004' }],
    ['called filled, and is not', { status: 'filled' }],
    ['from 1970', { submitted_at: '1970-01-01T00:00:01Z' }],
    ['from tomorrow', { submitted_at: new Date(Date.now() + 3 * 86_400_000).toISOString() }],
    ['of no time', { submitted_at: 'yesterday' }],
  ];
  it.each(NONSENSE)('%s makes no sense: unknown, with the answer as evidence', async (_, change) => {
    const body = { ...GOOD, ...change };
    alpaca.answers.set(PLACE, saying(200, body));
    const outcome = await client.place(order(BTC), soon());
    expect(outcome).toMatchObject({ kind: 'outcomeUnknown', reason: 'nonsense', evidence: { httpStatus: 200 } });
    expect(outcome.kind === 'outcomeUnknown' && outcome.evidence?.body).toBe(JSON.stringify(body));
  });

  it('a 204 is no order', async () => {
    alpaca.answers.set(PLACE, saying(204, ''));
    expect(await client.place(order(BTC), soon())).toMatchObject({ kind: 'outcomeUnknown', reason: 'nonsense' });
  });
});

describe('a lookup', () => {
  it('believes "not found" only when no list has the order either', async () => {
    alpaca.answers.set(ORDERS, ({ query }) => [200, query.get('status') === 'closed' ? [GOOD] : []]);
    alpaca.answers.set(FILLS, saying(200, [FILL]));
    expect(await client.lookup(refOf(order(BTC)))).toMatchObject({ kind: 'found', fillsComplete: true });
    alpaca.answers.set(ORDERS, saying(200, [{ ...GOOD, client_order_id: idOf('another') }]));
    expect(await client.lookup(refOf(order(BTC)))).toEqual({ kind: 'notFound' });
    alpaca.answers.set(ORDERS, saying(503, ''));
    expect(await client.lookup(refOf(order(BTC)))).toMatchObject({ kind: 'couldNotAsk', reason: 'serverError' });
  });

  it('does not say "not found" of an order that has traded', async () => {
    alpaca.answers.set(ORDERS, saying(200, []));
    alpaca.answers.set(FILLS, saying(200, [FILL]));
    expect(await client.lookup(refOf(order(BTC), ID))).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
    alpaca.answers.set(FILLS, saying(200, [{ ...FILL, order_id: '904837e3-3b76-47ec-b432-046db621571b' }]));
    expect(await client.lookup(refOf(order(BTC), ID))).toEqual({ kind: 'notFound' });
  });

  it('finds the order’s fills among those of others, page by page, each once', async () => {
    alpaca.answers.set(OURS, saying(200, { ...GOOD, filled_qty: '0.01', status: 'filled' }));
    const others = Array.from({ length: 99 }, (_, n) => ({
      ...FILL,
      id: `other-${n}`,
      symbol: 'ETH/USD',
      order_id: 'x',
    }));
    const rest = { ...FILL, id: 'rest', qty: '0.006' };
    alpaca.answers.set(FILLS, ({ query }) => [
      200,
      query.get('page_token') === null ? [...others, FILL] : query.get('page_token') === FILL.id ? [FILL, rest] : [],
    ]);
    const found = await client.lookup(refOf(order(BTC)));
    expect(found).toMatchObject({ kind: 'found', fillsComplete: true });
    expect(found.kind === 'found' && found.fills.map(({ tradeId }) => tradeId)).toEqual([FILL.id, 'rest']);
  });

  it('tells the fee that no answer names: the taker rate of the account’s tier, of what came in, rounded up', async () => {
    alpaca.answers.set(OURS, saying(200, { ...GOOD, qty: '0.001254903', filled_qty: '0.001254903', status: 'filled' }));
    alpaca.answers.set(FILLS, saying(200, [{ ...FILL, qty: '0.001254903' }]));
    // Measured at the venue: of 0.001254903 BTC bought, 0.001251765 came in.
    const one = await client.lookup(refOf(order(BTC)));
    expect(one.kind === 'found' && one.fills).toMatchObject([{ fee: { amount: '0.000003138', currency: 'BTC' } }]);
    alpaca.answers.set('GET /v2/account', saying(200, { ...ACCOUNT, crypto_tier: 4 }));
    expect(answered(await client.fees(BTC))).toEqual({ maker: '0.0008', taker: '0.0018', scope: 'account' });
    alpaca.answers.set(OURS, saying(200, { ...GOOD, side: 'sell' }));
    alpaca.answers.set(FILLS, saying(200, [{ ...FILL, side: 'sell' }]));
    const other = await client.lookup(refOf(order(BTC)));
    expect(other.kind === 'found' && other.fills).toMatchObject([{ fee: { amount: '0.432', currency: 'USD' } }]);
  });

  it('finds nothing where the account’s tier is unknown: a fee that is a guess is no fee', async () => {
    alpaca.answers.set(OURS, saying(200, GOOD));
    alpaca.answers.set('GET /v2/account', saying(200, { ...ACCOUNT, crypto_tier: 9 }));
    expect(await client.lookup(refOf(order(BTC)))).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });
});

describe('an account that trades more than crypto', () => {
  it('is asked for open orders of crypto, page by page; stocks and orders for a sum of money are left out', async () => {
    const row = (n: number): object => ({
      ...GOOD,
      id: ID.replace(/.{3}$/, String(n).padStart(3, '0')),
      client_order_id: `id-${n}`,
    });
    const stock = { ...GOOD, symbol: 'AAPL', asset_class: 'us_equity' };
    alpaca.answers.set(ORDERS, ({ query }) => [
      200,
      query.get('before_order_id') === null
        ? Array.from({ length: 500 }, (_, n) => row(n))
        : [row(500), stock, { ...GOOD, qty: null, notional: '600' }],
    ]);
    const open = answered(await client.openOrders());
    expect(open.map(({ clientOrderId }) => clientOrderId)).toEqual(Array.from({ length: 501 }, (_, n) => `id-${n}`));
    expect(open[0]).toMatchObject({ pair: 'BTC-USD', venueSymbol: 'BTC/USD' });
    expect(alpaca.asked.at(-1)?.query.get('before_order_id')).toBe(ID.replace(/.{3}$/, '499'));
  });

  it('tells its money without what stands in positions, and its coins without stocks', async () => {
    alpaca.answers.set(
      'GET /v2/positions',
      saying(200, [
        { symbol: 'BTCUSD', asset_class: 'crypto', qty: '0.000207296', qty_available: '0.0001' },
        { symbol: 'USDT/USD', asset_class: 'crypto', qty: '12', qty_available: '12' },
        { symbol: 'AAPL', asset_class: 'us_equity', qty: '3', qty_available: '3' },
        { symbol: 'ETHUSD', asset_class: 'crypto', qty: '0', qty_available: '0' },
      ]),
    );
    expect(answered(await client.balances())).toEqual([
      { asset: 'USD', free: '5.92', locked: '10', total: '15.92' },
      { asset: 'BTC', free: '0.0001', locked: '0.000107296', total: '0.000207296' },
      { asset: 'USDT', free: '12', locked: '0', total: '12' },
    ]);
    alpaca.answers.set(
      'GET /v2/account',
      saying(200, { ...ACCOUNT, equity: '20', non_marginable_buying_power: '-22' }),
    );
    expect(answered(await client.balances()).map(({ asset }) => asset)).toEqual(['BTC', 'USDT']);
  });

  it('trades in pages over all pairs: one may hold nothing of the pair, and lead on', async () => {
    const others = Array.from({ length: 100 }, (_, n) => ({ ...FILL, id: `other-${n}`, symbol: 'ETH/USD' }));
    alpaca.answers.set(FILLS, ({ query }) => [200, query.get('page_token') === null ? others : [FILL]]);
    const first = answered(await client.tradesSince(BTC, { sinceMs: Date.now() - 60_000 }));
    expect(first).toEqual({ fills: [], next: { afterTradeId: 'other-99' } });
    const second = answered(await client.tradesSince(BTC, first.next ?? { sinceMs: 0 }));
    expect(second).toMatchObject({ fills: [{ tradeId: FILL.id }], next: null });
  });
});

describe('listings', () => {
  it('hold the crypto pairs that make sense, as the venue has them', async () => {
    const listed = answered(await venue.marketData.instruments());
    expect(listed.map(({ pair, trading }) => [pair, trading])).toEqual([
      ['BTC-USD', true],
      ['BTC-USDT', true],
      ['SHIB-USDT', true],
      ['OLD-USD', false],
    ]);
    expect(listed[0]).toMatchObject({ tick: '1', lot: '0.000000001', minQuantity: '0.000026873', minNotional: null });
    expect(listed[2]).toMatchObject({ lot: '1' });
  });

  it('are not asked for without a key of the deployment’s own, and no order leaves', async () => {
    const keyless = await openVenue('alpaca', { origin: alpaca.origin });
    expect(await keyless.marketData.instruments()).toMatchObject({ kind: 'couldNotAsk', reason: 'unsigned' });
    expect(await clientOf(keyless).place(order(BTC), soon())).toMatchObject({ kind: 'notSent', reason: 'notReady' });
    expect(alpaca.asked).toEqual([]);
    await keyless.close();
  });

  it('are asked for with that key, which signs nothing of a tenant’s and is seen nowhere', async () => {
    alpaca.answers.set('GET /v2/assets', saying(403, `<pre>${OWN.apiKey} ${OWN.secret}</pre>`));
    const refused = await venue.marketData.instruments();
    alpaca.answers.delete('GET /v2/assets');
    await client.balances();
    const told = inspect([venue, client, refused], { depth: 20, showHidden: true, getters: true });
    for (const secret of [...Object.values(OWN), ...Object.values(KEYS)]) expect(told).not.toContain(secret);
    const keysBy = (path: string) =>
      new Set(alpaca.asked.filter((asked) => asked.path === path).map(({ headers }) => headers['apca-api-key-id']));
    expect([...keysBy('/v2/assets')]).toEqual([OWN.apiKey]);
    expect([...keysBy('/v2/positions')]).toEqual([KEYS.apiKey]);
  });
});

describe('books and prices', () => {
  const BOOKS = 'GET /v1beta3/crypto/us/latest/orderbooks';
  const raw =
    '{"orderbooks":{"BTC/USD":{"a":[{"p":64767.70,"s":5.2e-7},{"p":12345678901234567.25,"s":1e3}],"b":[{"p":64709.3,"s":0.2801}],"t":"x"}}}';

  it('are the very digits of the answer, though it has them as numbers', async () => {
    alpaca.answers.set(BOOKS, saying(200, raw));
    expect(answered(await venue.marketData.book(BTC, 10))).toMatchObject({
      asks: [
        ['64767.70', '0.00000052'],
        ['12345678901234567.25', '1000'],
      ],
      bids: [['64709.3', '0.2801']],
    });
  });

  it('a signed question that loses its way there leaves without its key, and an order does not leave', async () => {
    const [data, elsewhere] = [await ScriptedAlpaca.start(), new Transport('http://127.0.0.1:9')];
    const there = new Transport(data.origin);
    const Lean = withEndpoints(await loadCcxtClass('alpaca'), {
      trader: { private: { get: ['v2/account'], post: ['v2/orders'] } },
    });
    const exchange = new Lean({ ...KEYS, enableRateLimit: false });
    exchange.urls = rehosted(exchange.urls, data.origin);
    attach(exchange, elsewhere, definition.dialect, () => undefined, there);
    try {
      expect(await ask(() => endpoint(exchange, 'traderPrivateGetV2Account')({}))).toMatchObject({ kind: 'answered' });
      expect(await ask(() => endpoint(exchange, 'traderPrivatePostV2Orders')({ qty: '1' }))).toMatchObject({
        kind: 'notSent',
        reason: 'foreignOrigin',
      });
      expect(data.calls).toEqual(['GET /v2/account']);
      expect(JSON.stringify(data.asked)).not.toContain(KEYS.secret);
    } finally {
      await Promise.all([there.close(), elsewhere.close()]);
      await data.close();
    }
  });

  it('are told where the venue tells them, without any key, and orders go nowhere but to the other place', async () => {
    const data = await ScriptedAlpaca.start();
    data.answers.set(BOOKS, saying(200, raw));
    alpaca.answers.set(PLACE, saying(200, GOOD));
    const origins = { live: alpaca.origin, testnet: null, marketData: data.origin };
    const whole = { ...definition, capabilities: { ...alpacaCapabilities, origins } };
    const two = await openCcxtVenue(whole, { credentials: OWN });
    try {
      expect(await two.marketData.book(BTC, 1)).toMatchObject({ kind: 'answered' });
      expect(await two.marketData.serverTime()).toMatchObject({ kind: 'answered' });
      expect(await clientOf(two).place(order(BTC), soon())).toMatchObject({ kind: 'accepted' });
      expect(data.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([BOOKS]);
      for (const { headers } of data.asked)
        expect(Object.keys(headers).filter((name) => name.startsWith('apca'))).toEqual([]);
      expect(alpaca.asked.map(({ path }) => path)).not.toContain('/v1beta3/crypto/us/latest/orderbooks');
    } finally {
      await two.close();
      await data.close();
    }
  });
});
