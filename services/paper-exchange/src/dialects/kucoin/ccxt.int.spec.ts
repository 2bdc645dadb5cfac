import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ccxtKucoin, KUCOIN_KEYS, paperKucoin, type PaperKucoin } from '../../testing/paper-kucoin.js';

/** ccxt's own class, over real HTTP: what it makes of our replies is what Switchyard will see. */
let paper: PaperKucoin;
let ids = 0;
const PAIR = 'BTC/USDT';
const nextId = (): string => `client-${++ids}`;

beforeAll(async () => {
  paper = await paperKucoin();
  await paper.ccxt.loadMarkets();
});
afterAll(() => paper.close());
beforeEach(async () => {
  await paper.door('DELETE', '/_faults');
  await paper.door('POST', '/_clock', { skewMs: 0 });
  for (const { id } of await paper.ccxt.fetchOpenOrders(PAIR)) await paper.ccxt.cancelOrder(id, PAIR);
  await paper.door('POST', '/_book', {
    symbol: 'BTC-USDT',
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

describe('market data through ccxt', () => {
  it('lists the pairs with their tick, lot, least quantity and least worth', async () => {
    const markets = await paper.ccxt.loadMarkets();
    expect(Object.keys(markets).sort()).toEqual(['BTC/USDT', 'ETH/USDT', 'LTC/USDT']);
    expect(markets[PAIR]).toMatchObject({
      id: 'BTC-USDT',
      precision: { amount: 0.00000001, price: 0.1 },
      limits: { amount: { min: 0.00001 }, cost: { min: 0.1 } },
    });
  });

  it('gives book, tickers, trades and time that agree with each other', async () => {
    const { ccxt } = paper;
    const book = await ccxt.fetchOrderBook('ETH/USDT', 20);
    expect([book.bids.length, book.asks.length]).toEqual([20, 20]);
    expect((await ccxt.fetchOrderBook('ETH/USDT')).bids.length).toBeGreaterThan(100);
    const ticker = await ccxt.fetchTicker('ETH/USDT');
    const touch = (await ccxt.fetchTickers(['ETH/USDT']))['ETH/USDT'];
    expect(touch?.['ask']).toBe(ticker['ask']);
    expect(ticker['low']).toBeLessThanOrEqual(ticker['last']!);
    expect(ticker['high']).toBeGreaterThanOrEqual(ticker['last']!);
    expect((await ccxt.fetchTrades('ETH/USDT', undefined, 5)).length).toBeGreaterThan(0);
    expect(Math.abs((await ccxt.fetchTime()) - Date.now())).toBeLessThan(60_000);
  });

  it('gives candles up to now, or from a time on', async () => {
    const { ccxt } = paper;
    const newest = await ccxt.fetchOHLCV('ETH/USDT', '5m', undefined, 3);
    expect(newest).toHaveLength(3);
    expect(newest[1]![0]! - newest[0]![0]!).toBe(300_000);
    const since = newest[0]![0]! - 10 * 300_000;
    const older = await ccxt.fetchOHLCV('ETH/USDT', '5m', since, 4);
    expect(older.map(([at]) => (at! - since) / 300_000)).toEqual([0, 1, 2, 3]);
  });

  it('tells fees of 0.1 %', async () => {
    expect(await paper.ccxt.fetchTradingFee(PAIR)).toMatchObject({ maker: 0.001, taker: 0.001 });
  });
});

describe('orders through ccxt', () => {
  it('a market order is answered with its ids alone, is found by either, and pays its fee in quote', async () => {
    const clientOrderId = nextId();
    const placed = await paper.ccxt.createOrder(PAIR, 'market', 'buy', '2', undefined, { clientOrderId });
    expect([placed.clientOrderId, placed.status, placed.filled]).toEqual([clientOrderId, undefined, undefined]);
    for (const params of [{}, { clientOrderId }])
      expect(await paper.ccxt.fetchOrder(placed.id, PAIR, params)).toMatchObject({
        id: placed.id,
        clientOrderId,
        status: 'closed',
        filled: 2,
        average: 10001.5,
      });
    const trades = await paper.ccxt.fetchMyTrades(PAIR, undefined, undefined, { orderId: placed.id });
    expect(
      trades
        .map(({ price, amount, fee, takerOrMaker }) => [price, amount, fee.cost, fee.currency, takerOrMaker])
        .sort(),
    ).toEqual([
      [10001, 1, 10.001, 'USDT', 'taker'],
      [10002, 1, 10.002, 'USDT', 'taker'],
    ]);
  });

  it('a market buy may be sized by what it spends', async () => {
    const { id } = await paper.ccxt.createOrder(PAIR, 'market', 'buy', '1', undefined, { cost: 5_000.5 });
    expect(await paper.ccxt.fetchOrder(id, PAIR)).toMatchObject({ filled: 0.5, average: 10001 });
  });

  it.each([
    ['GTC', 'open', 1],
    ['IOC', 'canceled', 1],
    ['FOK', 'canceled', 0],
  ])('a limit order for more than its limit reaches, %s, is %s with %d filled', async (timeInForce, status, filled) => {
    const { id } = await paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1.5', '10001.5', { timeInForce });
    expect(await paper.ccxt.fetchOrder(id, PAIR)).toMatchObject({ status, filled });
    const balance = await paper.ccxt.fetchBalance();
    // With what its fee will be: "once your order enters the order book, the system will freeze the handling fees".
    expect(balance['USDT']?.used).toBe(status === 'open' ? 5005.75075 : 0);
  });

  it('a post-only order rests, is among the open ones, and is cancelled by our id', async () => {
    const clientOrderId = nextId();
    const { id } = await paper.ccxt.createOrder(PAIR, 'limit', 'sell', '1', '10000.5', {
      clientOrderId,
      postOnly: true,
    });
    expect((await paper.ccxt.fetchOpenOrders(PAIR)).map((order) => order.clientOrderId)).toEqual([clientOrderId]);
    expect((await paper.ccxt.fetchBalance())['BTC']?.used).toBe(1);
    await paper.ccxt.cancelOrder(id, PAIR, { clientOrderId });
    expect(await paper.ccxt.fetchOpenOrders(PAIR)).toEqual([]);
    expect(await paper.ccxt.fetchOrder(id, PAIR)).toMatchObject({ status: 'canceled', filled: 0 });
    expect((await paper.ccxt.fetchClosedOrders(PAIR)).map((order) => order.id)).toContain(id);
  });

  it('a post-only order that would take is accepted, and over at once', async () => {
    const { id } = await paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1', '10001', { postOnly: true });
    expect(await paper.ccxt.fetchOrder(id, PAIR)).toMatchObject({ status: 'canceled', filled: 0 });
  });

  it('a resting order fills as maker when the market comes to it', async () => {
    const { id } = await paper.ccxt.createOrder(PAIR, 'limit', 'sell', '1', '10050');
    await paper.door('POST', '/_book', { symbol: 'BTC-USDT', bids: [['10060', '0.4']], asks: [['10070', '1']] });
    expect(await paper.ccxt.fetchOrder(id, PAIR)).toMatchObject({ status: 'open', filled: 0.4, average: 10050 });
    expect(await paper.ccxt.fetchMyTrades(PAIR, undefined, undefined, { orderId: id })).toMatchObject([
      { price: 10050, amount: 0.4, takerOrMaker: 'maker', fee: { cost: 4.02, currency: 'USDT' } },
    ]);
  });

  it('all of a symbol’s orders are cancelled by one request', async () => {
    for (const price of ['9000', '9001']) await paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1', price);
    await paper.ccxt.cancelAllOrders(PAIR);
    expect(await paper.ccxt.fetchOpenOrders(PAIR)).toEqual([]);
  });
});

describe('refusals through ccxt', () => {
  it.each([
    ['more than the account has', 'InsufficientFunds', ['market', 'sell', '50']],
    ['a quantity under the minimum', 'InvalidOrder', ['limit', 'buy', '0.000009', '9000']],
  ] as const)('%s is %s', async (_what, name, [type, side, amount, price]) => {
    expect(await nameOf(paper.ccxt.createOrder(PAIR, type, side, amount, price))).toBe(name);
  });

  it('the client id of an open order is refused, and the first order stays', async () => {
    const params = { clientOrderId: nextId() };
    await paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000', params);
    expect(await nameOf(paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000', params))).toBe('BadRequest');
    expect(await paper.ccxt.fetchOpenOrders(PAIR)).toHaveLength(1);
  });

  it('an order that does not exist, or is another customer’s, is not found, cannot be cancelled', async () => {
    const { ccxt } = paper;
    expect(await nameOf(ccxt.fetchOrder('670fd33bf9406e0007ab3945', PAIR))).toBe('OrderNotFound');
    expect(await nameOf(ccxt.fetchOrder('x', PAIR, { clientOrderId: 'never' }))).toBe('OrderNotFound');
    expect(await nameOf(ccxt.cancelOrder('670fd33bf9406e0007ab3945', PAIR))).toBe('OrderNotFound');
    const { id } = await ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000');
    const hers = { apiKey: 'mallory', secret: 'hers', passphrase: 'alone' };
    const { apiKey: accountKey, secret, passphrase } = hers;
    await paper.door('POST', '/_accounts', { accountKey, secret, passphrase, balances: {} });
    const mallory = await ccxtKucoin(paper.url, hers);
    expect(await nameOf(mallory.fetchOrder(id, PAIR))).toBe('OrderNotFound');
    expect(await nameOf(mallory.cancelOrder(id, PAIR))).toBe('OrderNotFound');
    expect(await ccxt.fetchOrder(id, PAIR)).toMatchObject({ status: 'open' });
  });

  it('a wrong key, secret or passphrase is an error and leaves no trace', async () => {
    const before = (await paper.ledger()).length;
    for (const wrong of [{ apiKey: 'nobody' }, { secret: 'wrong' }, { passphrase: 'wrong' }]) {
      const stranger = await ccxtKucoin(paper.url, { ...KUCOIN_KEYS, ...wrong });
      expect(await nameOf(stranger.fetchBalance())).toBe('AuthenticationError');
    }
    expect(await paper.ledger()).toHaveLength(before);
  });

  it.each([
    [6_000, 'too old'],
    [-6_000, 'too far ahead'],
  ])('with the venue’s clock %d ms off, a request is %s; signed by the venue’s time it passes', async (skewMs) => {
    await paper.door('POST', '/_clock', { skewMs });
    expect(await nameOf(paper.ccxt.createOrder(PAIR, 'market', 'buy', '1'))).toBe('InvalidNonce');
    expect((await paper.ledger()).at(-1)).toMatchObject({
      status: 'rejected',
      refusedWith: expect.stringContaining('400002'),
    });
    const inTime = await ccxtKucoin(paper.url, KUCOIN_KEYS);
    inTime.nonce = () => Date.now() + skewMs;
    expect(await nameOf(inTime.createOrder(PAIR, 'market', 'buy', '0.1'))).toBe('no error');
  });
});
