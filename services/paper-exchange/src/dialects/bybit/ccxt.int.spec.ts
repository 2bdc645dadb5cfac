import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ccxtBybit } from '../../testing/ccxt-bybit.js';
import { BYBIT_KEYS, paperBybit, type PaperBybit } from '../../testing/paper-bybit.js';

/** ccxt's own class, over real HTTP: what it makes of our replies is what Switchyard will see. */
let paper: PaperBybit;
let count = 0;
const PAIR = 'BTC/USDT';
const nextId = (): string => `client-${++count}`;

beforeAll(async () => {
  paper = await paperBybit();
  await paper.ccxt.loadMarkets();
});
afterAll(() => paper.close());
beforeEach(async () => {
  await paper.door('DELETE', '/_faults');
  await paper.door('POST', '/_clock', { skewMs: 0 });
  await paper.ccxt.cancelAllOrders(PAIR);
  await paper.door('POST', '/_book', {
    symbol: 'BTCUSDT',
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

/** Bybit acknowledges an order by its ids; what became of it has to be asked. */
const placed = async (type: string, side: string, amount: string, price?: string, params: object = {}) => {
  const { id } = await paper.ccxt.createOrder(PAIR, type, side, amount, price, params);
  return paper.ccxt.fetchOrder(id, PAIR);
};

describe('market data through ccxt', () => {
  it('lists the pairs with their tick, lot and minimum value', async () => {
    const markets = await paper.ccxt.loadMarkets();
    expect(Object.keys(markets).sort()).toEqual(['BTC/USDT', 'ETH/USDT', 'LTC/USDT']);
    expect(markets[PAIR]).toMatchObject({
      id: 'BTCUSDT',
      precision: { amount: 0.000001, price: 0.1 },
      limits: { cost: { min: 5 } },
    });
  });

  it('gives book, ticker, trades and candles that agree with each other', async () => {
    const { ccxt } = paper;
    const book = await ccxt.fetchOrderBook('ETH/USDT', 20);
    expect(book.bids).toHaveLength(20);
    const ticker = await ccxt.fetchTicker('ETH/USDT');
    expect(ticker['bid']).toBeLessThan(ticker['ask']!);
    expect(ticker['low']).toBeLessThanOrEqual(ticker['last']!);
    expect(ticker['high']).toBeGreaterThanOrEqual(ticker['last']!);
    const candles = await ccxt.fetchOHLCV('ETH/USDT', '5m', undefined, 3);
    expect(candles).toHaveLength(3);
    expect(candles[1]![0]! - candles[0]![0]!).toBe(300_000);
    const trades = await ccxt.fetchTrades('ETH/USDT', undefined, 5);
    expect(trades).toHaveLength(5);
    expect(Math.abs((await ccxt.fetchTime()) - Date.now())).toBeLessThan(60_000);
  });

  it('needs no key', async () => {
    const stranger = await ccxtBybit(paper.url, { apiKey: 'nobody', secret: 'nothing' });
    await stranger.loadMarkets();
    expect((await stranger.fetchOrderBook(PAIR)).asks[0]).toEqual([10001, 1]);
  });

  it('tells fees of 0.1 %', async () => {
    expect(await paper.ccxt.fetchTradingFee(PAIR)).toMatchObject({ maker: 0.001, taker: 0.001 });
  });
});

describe('orders through ccxt', () => {
  it('a market order is acknowledged by its ids alone, and found closed with its trades', async () => {
    const clientOrderId = nextId();
    const {
      id,
      clientOrderId: told,
      status,
    } = await paper.ccxt.createOrder(PAIR, 'market', 'buy', '2', undefined, {
      clientOrderId,
    });
    expect([told, status]).toEqual([clientOrderId, undefined]);
    expect(await paper.ccxt.fetchOrder(id, PAIR)).toMatchObject({
      clientOrderId,
      status: 'closed',
      filled: 2,
      amount: 2,
    });
    const trades = await paper.ccxt.fetchOrderTrades(id, PAIR);
    expect(
      trades.map(({ price, amount, fee, takerOrMaker }) => [price, amount, fee.cost, fee.currency, takerOrMaker]),
    ).toEqual([
      [10001, 1, 0.001, 'BTC', 'taker'],
      [10002, 1, 0.001, 'BTC', 'taker'],
    ]);
    expect((await paper.ccxt.fetchClosedOrders(PAIR)).map((order) => order.id)).toContain(id);
  });

  it('a market buy is sized in money unless it says otherwise', async () => {
    // ccxt spends amount times price where a price is given, and names no unit then.
    const spent = await placed('market', 'buy', '0.5', '10001');
    expect(spent).toMatchObject({ status: 'closed', filled: 0.5, average: 10001 });
  });

  it('a market order beyond the book is cancelled in its rest', async () => {
    expect(await placed('market', 'sell', '9')).toMatchObject({ status: 'closed', filled: 9 });
    await paper.door('POST', '/_book', { symbol: 'BTCUSDT', bids: [['9999', '0.5']], asks: [] });
    const row = (await paper.ccxt.createOrder(PAIR, 'market', 'sell', '0.7')).id;
    expect(await paper.ccxt.fetchOrder(row, PAIR)).toMatchObject({ filled: 0.5, amount: 0.7 });
  });

  it.each([
    ['GTC', 'open', 1],
    // ccxt calls what was filled in part and then cancelled closed.
    ['IOC', 'closed', 1],
    ['FOK', 'canceled', 0],
  ])('a limit order for more than its limit reaches, %s, is %s with %d filled', async (timeInForce, status, filled) => {
    const order = await placed('limit', 'buy', '1.5', '10001.5', { timeInForce });
    expect(order).toMatchObject({ status, filled, timeInForce });
    expect((await paper.ccxt.fetchBalance())['USDT']?.used).toBe(status === 'open' ? 5000.75 : 0);
  });

  it('a post-only order that would take is taken, and cancelled at once', async () => {
    expect(await placed('limit', 'buy', '1', '10001', { postOnly: true })).toMatchObject({
      status: 'canceled',
      filled: 0,
    });
  });

  it('a post-only order rests, is among the open ones, and is cancelled', async () => {
    const clientOrderId = nextId();
    const order = await placed('limit', 'sell', '1', '10000.5', { clientOrderId, postOnly: true });
    expect(order).toMatchObject({ status: 'open', timeInForce: 'PO', filled: 0 });
    expect((await paper.ccxt.fetchOpenOrders(PAIR)).map(({ id }) => id)).toEqual([order.id]);
    expect((await paper.ccxt.fetchOpenOrders()).map(({ id }) => id)).toEqual([order.id]);
    expect((await paper.ccxt.fetchBalance())['BTC']?.used).toBe(1);
    const cancelled = await paper.ccxt.cancelOrder(undefined, PAIR, { orderLinkId: clientOrderId });
    expect(cancelled).toMatchObject({ id: order.id });
    expect(await paper.ccxt.fetchOpenOrders(PAIR)).toEqual([]);
    expect(await paper.ccxt.fetchOrder(order.id, PAIR)).toMatchObject({ status: 'canceled', filled: 0 });
    expect((await paper.ccxt.fetchCanceledOrders(PAIR)).map(({ id }) => id)).toContain(order.id);
  });

  it('a resting order fills as maker when the market comes to it', async () => {
    const { id } = await paper.ccxt.createOrder(PAIR, 'limit', 'sell', '1', '10050');
    await paper.door('POST', '/_book', { symbol: 'BTCUSDT', bids: [['10060', '0.4']], asks: [['10070', '1']] });
    expect(await paper.ccxt.fetchOrder(id, PAIR)).toMatchObject({ status: 'open', filled: 0.4, average: 10050 });
    expect(await paper.ccxt.fetchOrderTrades(id, PAIR)).toMatchObject([
      { price: 10050, amount: 0.4, takerOrMaker: 'maker', fee: { cost: 4.02, currency: 'USDT' } },
    ]);
  });

  it('is amended in place; what is over cannot be', async () => {
    const { id } = await paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000');
    expect(await paper.ccxt.editOrder(id, PAIR, 'limit', 'buy', '2', '8000')).toMatchObject({ id });
    expect(await paper.ccxt.fetchOrder(id, PAIR)).toMatchObject({ status: 'open', price: 8000, amount: 2 });
    await paper.ccxt.cancelOrder(id, PAIR);
    expect(await nameOf(paper.ccxt.editOrder(id, PAIR, 'limit', 'buy', '1', '7000'))).toBe('OrderNotFound');
  });

  it('stand in the ledger as they truly are, refused ones too', async () => {
    const since = new Date(Date.now() - 1).toISOString();
    const clientOrderId = nextId();
    const { id } = await paper.ccxt.createOrder(PAIR, 'market', 'sell', '3', undefined, { clientOrderId });
    await nameOf(paper.ccxt.createOrder(PAIR, 'market', 'sell', '5000', undefined, { clientOrderId: 'too-much' }));
    const rows = await paper.ledger(`?accountKey=${BYBIT_KEYS.apiKey}&since=${since}`);
    expect(rows).toMatchObject([
      {
        venueOrderId: id,
        clientOrderId,
        venueSymbol: 'BTCUSDT',
        status: 'filled',
        fills: [
          { quantity: '2', price: '9999', fee: '19.998', feeCurrency: 'USDT' },
          { quantity: '1', price: '9990', fee: '9.99', feeCurrency: 'USDT' },
        ],
      },
      { clientOrderId: 'too-much', venueOrderId: null, refusedWith: '170131 Insufficient balance.' },
    ]);
  });
});

describe('refusals through ccxt', () => {
  it.each([
    ['more than the account has', 'InsufficientFunds', ['market', 'sell', '5000']],
    ['a value under the minimum', 'InvalidOrder', ['limit', 'buy', '0.0001', '9000']],
  ] as const)('%s is %s', async (_what, name, [type, side, amount, price]) => {
    expect(await nameOf(paper.ccxt.createOrder(PAIR, type, side, amount, price))).toBe(name);
  });

  it('a client id is refused for good, of an order that is over too', async () => {
    const params = { clientOrderId: nextId() };
    await paper.ccxt.createOrder(PAIR, 'market', 'buy', '0.1', undefined, params);
    expect(await nameOf(paper.ccxt.createOrder(PAIR, 'market', 'buy', '0.1', undefined, params))).toBe('InvalidOrder');
  });

  it('an order that does not exist, or is another customer’s, is not found, cannot be cancelled', async () => {
    const { ccxt } = paper;
    const missing = '2100000000000000001';
    expect(await nameOf(ccxt.cancelOrder(missing, PAIR))).toBe('OrderNotFound');
    expect(await ccxt.fetchOpenOrders(PAIR, undefined, undefined, { orderLinkId: 'never' })).toEqual([]);
    const { id } = await ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000');
    await paper.door('POST', '/_accounts', { accountKey: 'mallory', secret: 'hers', balances: {} });
    const mallory = await ccxtBybit(paper.url, { apiKey: 'mallory', secret: 'hers' });
    await mallory.loadMarkets();
    expect(await mallory.fetchOpenOrders(PAIR, undefined, undefined, { orderId: id })).toEqual([]);
    expect(await nameOf(mallory.cancelOrder(id, PAIR))).toBe('OrderNotFound');
    expect(await ccxt.fetchOrder(id, PAIR)).toMatchObject({ status: 'open' });
  });

  it('a wrong key or a wrong secret is an authentication error and leaves no trace', async () => {
    const before = (await paper.ledger()).length;
    for (const keys of [
      { apiKey: 'nobody', secret: BYBIT_KEYS.secret },
      { apiKey: BYBIT_KEYS.apiKey, secret: 'wrong' },
    ]) {
      const stranger = await ccxtBybit(paper.url, keys);
      expect(await nameOf(stranger.createOrder(PAIR, 'market', 'buy', '1'))).toBe('AuthenticationError');
    }
    expect(await paper.ledger()).toHaveLength(before);
  });

  it.each([
    [60_000, 'too old'],
    [-60_000, 'too far ahead'],
  ])('with the venue’s clock %d ms off, a request is %s; signed by the venue’s time it passes', async (skewMs) => {
    await paper.door('POST', '/_clock', { skewMs });
    expect(await nameOf(paper.ccxt.createOrder(PAIR, 'market', 'buy', '1'))).toBe('InvalidNonce');
    expect((await paper.ledger()).at(-1)).toMatchObject({
      status: 'rejected',
      refusedWith: expect.stringContaining('10002'),
    });
    const inTime = await ccxtBybit(paper.url, BYBIT_KEYS);
    inTime.nonce = () => Date.now() + skewMs;
    expect(await nameOf(inTime.createOrder(PAIR, 'market', 'buy', '0.1'))).toBe('no error');
  });
});
