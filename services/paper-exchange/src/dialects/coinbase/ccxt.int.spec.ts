import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ccxtCoinbase, COINBASE_KEYS, paperCoinbase, type PaperCoinbase } from '../../testing/paper-coinbase.js';

/** ccxt's own class, over real HTTP, with its own signature: what it makes of our replies is what Switchyard will see. */
let paper: PaperCoinbase;
let ids = 0;
const PAIR = 'BTC/USD';
const nextId = (): string => `client-${++ids}`;

beforeAll(async () => {
  paper = await paperCoinbase();
  await paper.ccxt.loadMarkets();
});
afterAll(() => paper.close());
beforeEach(async () => {
  await paper.door('DELETE', '/_faults');
  for (const { id } of await paper.ccxt.fetchOpenOrders(PAIR)) await paper.ccxt.cancelOrder(id, PAIR);
  await paper.door('POST', '/_book', {
    symbol: 'BTC-USD',
    bids: [
      ['9999', '2'],
      ['9990', '50'],
    ],
    asks: [
      ['10001', '1'],
      ['10002', '2'],
      ['10010', '50'],
    ],
  });
});

const nameOf = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'no error',
    (error: unknown) => (error instanceof Error ? error.constructor.name : String(error)),
  );
/** ccxt drops `clientOrderId`: the raw parameter is what goes through. */
const named = (client_order_id = nextId()) => ({ client_order_id });

describe('market data through ccxt', () => {
  it('lists the pairs with their tick, lot and minimum', async () => {
    const markets = await paper.ccxt.loadMarkets();
    expect(Object.keys(markets).sort()).toEqual(['BTC/USD', 'ETH/USD', 'LTC/USD']);
    expect(markets[PAIR]).toMatchObject({
      id: 'BTC-USD',
      precision: { amount: 1e-8, price: 0.01 },
      limits: { amount: { min: 1e-8 }, cost: { min: 1 } },
    });
  });

  it('gives book, ticker, bids and asks, trades and candles that agree with each other', async () => {
    const { ccxt } = paper;
    const book = await ccxt.fetchOrderBook('ETH/USD', 20);
    expect(book.bids).toHaveLength(20);
    expect(await ccxt.fetchTicker(PAIR)).toMatchObject({ bid: 9999, ask: 10001 });
    expect((await ccxt.fetchBidsAsks([PAIR]))[PAIR]).toMatchObject({ bid: 9999, ask: 10001 });
    expect(Object.keys(await ccxt.fetchTickers(['ETH/USD', PAIR])).sort()).toEqual([PAIR, 'ETH/USD']);
    // The market moves on between two questions.
    const { last } = await ccxt.fetchTicker('ETH/USD');
    const trades = await ccxt.fetchTrades('ETH/USD', undefined, 5);
    expect(trades).toHaveLength(5);
    expect(trades.map(({ price }) => price)).toContain(last);
    const candles = await ccxt.fetchOHLCV('ETH/USD', '5m', Date.now() - 3_600_000, 3);
    expect(candles).toHaveLength(3);
    expect(candles[1]![0]! - candles[0]![0]!).toBe(300_000);
  });

  it('tells its time, in both of its versions', async () => {
    for (const method of ['v2PublicGetTime', 'v3PublicGetBrokerageTime'])
      expect(Math.abs((await paper.ccxt.fetchTime({ method })) - Date.now())).toBeLessThan(30_000);
  });
});

describe('orders through ccxt', () => {
  it('a market order fills from the book, and its fee comes in quote', async () => {
    const { ccxt } = paper;
    const placed = await ccxt.createOrder(PAIR, 'market', 'sell', '3', undefined, named());
    const order = await ccxt.fetchOrder(placed.id, PAIR);
    expect(order).toMatchObject({ status: 'closed', type: 'market', side: 'sell', filled: 3, amount: 3 });
    expect(order.average).toBeCloseTo((2 * 9999 + 9990) / 3, 6);
    expect(order.fee).toEqual({ cost: String((2 * 9999 + 9990) * 0.012), currency: 'USD' });
    const trades = (await ccxt.fetchMyTrades(PAIR)).filter(({ order: of }) => of === placed.id);
    expect(trades.map(({ price, amount, takerOrMaker }) => [price, amount, takerOrMaker])).toEqual([
      [9999, 2, 'taker'],
      [9990, 1, 'taker'],
    ]);
  });

  it('a market buy is sized in quote, as ccxt does it, or in base', async () => {
    const { ccxt } = paper;
    // Priced, ccxt turns the amount into what it costs.
    const inQuote = await ccxt.createOrder(PAIR, 'market', 'buy', '0.5', '10001', named());
    const order = await ccxt.fetchOrder(inQuote.id, PAIR);
    expect(order).toMatchObject({ status: 'closed', filled: 0.5 });
    const [row] = (await paper.ledger()).filter(({ venueOrderId }) => venueOrderId === inQuote.id);
    expect(row).toMatchObject({ quoteQuantity: '5000.5', side: 'buy' });
  });

  it('limits rest, cross, fill at once or not at all', async () => {
    const { ccxt } = paper;
    const resting = await ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000', named());
    expect(await ccxt.fetchOrder(resting.id, PAIR)).toMatchObject({
      ...{ status: 'open', price: 9000, amount: 1, filled: 0, timeInForce: 'GTC', postOnly: false },
    });
    const ioc = await ccxt.createOrder(PAIR, 'limit', 'buy', '5', '10002', { ...named(), timeInForce: 'IOC' });
    expect(await ccxt.fetchOrder(ioc.id, PAIR)).toMatchObject({ status: 'canceled', filled: 3, timeInForce: 'IOC' });
    const fok = await ccxt.createOrder(PAIR, 'limit', 'sell', '5', '9999', { ...named(), timeInForce: 'FOK' });
    expect(await ccxt.fetchOrder(fok.id, PAIR)).toMatchObject({ status: 'canceled', filled: 0, timeInForce: 'FOK' });
    const end_time = new Date(Date.now() + 3_600_000).toISOString();
    const gtd = await ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000', {
      ...{ ...named(), timeInForce: 'GTD', end_time },
    });
    expect(await ccxt.fetchOrder(gtd.id, PAIR)).toMatchObject({ status: 'open', timeInForce: 'GTD' });
  });

  it('an open order is edited where it stands', async () => {
    const { ccxt } = paper;
    const { id } = await ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000', named());
    await ccxt.editOrder(id, PAIR, 'limit', 'buy', '2', '9100');
    expect(await ccxt.fetchOrder(id, PAIR)).toMatchObject({ id, status: 'open', amount: 2, price: 9100 });
  });

  it('orders are listed by what became of them', async () => {
    const { ccxt } = paper;
    const open = await ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000', named());
    const filled = await ccxt.createOrder(PAIR, 'market', 'sell', '1', undefined, named());
    const gone = await ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000', named());
    await ccxt.cancelOrder(gone.id, PAIR);
    const idsOf = (orders: readonly { readonly id: string }[]) => orders.map(({ id }) => id);
    expect(idsOf(await ccxt.fetchOpenOrders(PAIR))).toEqual([open.id]);
    expect(idsOf(await ccxt.fetchClosedOrders(PAIR))).toContain(filled.id);
    expect(idsOf(await ccxt.fetchCanceledOrders(PAIR))).toContain(gone.id);
    expect(idsOf(await ccxt.fetchOrders(PAIR))).toEqual(expect.arrayContaining([open.id, filled.id, gone.id]));
    expect(idsOf(await ccxt.fetchOrders(PAIR, undefined, 1))).toEqual([gone.id]);
  });

  it('a client order id that is known gets the order that has it, whatever is asked for under it, and makes none', async () => {
    const { ccxt } = paper;
    const id = nextId();
    const first = await ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000', named(id));
    const rows = (await paper.ledger()).length;
    const second = await ccxt.createOrder(PAIR, 'market', 'sell', '1', undefined, named(id));
    expect(second).toMatchObject({ id: first.id, clientOrderId: id, side: 'sell' });
    const added = (await paper.ledger()).slice(rows);
    expect(added.map(({ venueOrderId, status }) => [venueOrderId, status])).toEqual([[null, 'rejected']]);
    expect(await ccxt.fetchOrder(first.id, PAIR)).toMatchObject({ side: 'buy', status: 'open' });
  });

  it('ccxt drops the client order id that it is given in its own way', async () => {
    const clientOrderId = nextId();
    const placed = await paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000', { clientOrderId });
    expect(placed.clientOrderId).not.toBe(clientOrderId);
  });
});

describe('what ccxt makes of our refusals', () => {
  it.each([
    ['InsufficientFunds', ['limit', 'buy', '100', '9000']],
    ['ExchangeError', ['limit', 'buy', '0.00001', '9000']],
  ] as const)('%s', async (name, [type, side, amount, price]) => {
    expect(await nameOf(paper.ccxt.createOrder(PAIR, type, side, amount, price, named()))).toBe(name);
  });

  it('an order that is not there', async () => {
    expect(await nameOf(paper.ccxt.fetchOrder('0c000000-0000-4000-8000-ffffffffffff', PAIR))).toBe('ExchangeError');
    expect(await nameOf(paper.ccxt.cancelOrder('0c000000-0000-4000-8000-ffffffffffff', PAIR))).toBe('BadRequest');
  });

  it('a key that is not the account’s', async () => {
    const { apiKey } = COINBASE_KEYS;
    const stranger = await ccxtCoinbase(paper.url, { ...COINBASE_KEYS, apiKey: `${apiKey}0` });
    expect(await nameOf(stranger.fetchBalance({ v3: true }))).toBe('AuthenticationError');
  });

  it.each([
    ['http_500', 'ExchangeNotAvailable'],
    ['http_429', 'RateLimitExceeded'],
    ['http_504_after', 'RequestTimeout'],
  ])('%s is %s', async (fault, name) => {
    await paper.door('POST', '/_faults', { fault, count: 1 });
    const got = await nameOf(paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000', named()));
    expect([name, 'ExchangeError']).toContain(got);
  });
});

describe('the account through ccxt', () => {
  it('tells balances with what open orders hold, fee included, and the tier’s rates', async () => {
    const fresh = await paperCoinbase();
    try {
      await fresh.ccxt.loadMarkets();
      await fresh.ccxt.createOrder(PAIR, 'limit', 'buy', '0.1', '1000', named());
      const { USD, BTC } = await fresh.ccxt.fetchBalance({ v3: true });
      expect(USD).toEqual({ free: 100_000 - 101.2, used: 101.2, total: 100_000 });
      expect(BTC).toEqual({ free: 10, used: 0, total: 10 });
      expect((await fresh.ccxt.fetchTradingFees())[PAIR]).toMatchObject({ maker: 0.006, taker: 0.012 });
    } finally {
      await fresh.close();
    }
  });
});
