import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ccxtBinance } from '../../testing/ccxt-binance.js';
import { KEYS, paperBinance, type PaperBinance } from '../../testing/paper-binance.js';

/** ccxt's own class, over real HTTP: what it makes of our replies is what Switchyard will see. */
let paper: PaperBinance;
let ids = 0;
const PAIR = 'BTC/USDT';
const nextId = (): string => `client${++ids}`;

beforeAll(async () => {
  paper = await paperBinance();
  await paper.ccxt.loadMarkets();
});
afterAll(() => paper.close());
beforeEach(async () => {
  await paper.door('DELETE', '/_faults');
  await paper.door('POST', '/_clock', { skewMs: 0 });
  for (const { id, status } of await paper.ccxt.fetchOpenOrders(PAIR)) {
    if (status === 'open') await paper.ccxt.cancelOrder(id, PAIR);
  }
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

describe('market data through ccxt', () => {
  it('lists the pairs with their tick, lot and minimum notional', async () => {
    const markets = await paper.ccxt.loadMarkets();
    expect(Object.keys(markets)).toEqual(['BTC/USDT', 'ETH/USDT', 'LTC/USDT']);
    expect(markets[PAIR]).toMatchObject({
      id: 'BTCUSDT',
      precision: { amount: 0.00001, price: 0.01 },
      limits: { amount: { min: 0.00001 }, cost: { min: 5 } },
    });
  });

  it('gives book, ticker, bids and asks, trades and candles that agree with each other', async () => {
    const { ccxt } = paper;
    const book = await ccxt.fetchOrderBook('ETH/USDT', 20);
    expect(book.bids).toHaveLength(20);
    const ticker = await ccxt.fetchTicker('ETH/USDT');
    const touch = (await ccxt.fetchBidsAsks(['ETH/USDT']))['ETH/USDT'];
    expect(touch?.['ask']).toBe(ticker['ask']);
    expect(ticker['low']).toBeLessThanOrEqual(ticker['last']!);
    expect(ticker['high']).toBeGreaterThanOrEqual(ticker['last']!);
    const candles = await ccxt.fetchOHLCV('ETH/USDT', '5m', undefined, 3);
    expect(candles).toHaveLength(3);
    expect(candles[1]![0]! - candles[0]![0]!).toBe(300_000);
    const trades = await ccxt.fetchTrades('ETH/USDT', undefined, 5);
    expect(trades.length).toBeGreaterThan(0);
    expect(Math.abs((await ccxt.fetchTime()) - Date.now())).toBeLessThan(1_000);
  });

  it('needs no key', async () => {
    const stranger = await ccxtBinance(paper.url, { apiKey: 'nobody', secret: 'nothing' });
    await stranger.loadMarkets();
    expect((await stranger.fetchOrderBook(PAIR)).asks[0]).toEqual([10001, 1]);
  });

  it('tells fees of 0.1 %', async () => {
    expect(await paper.ccxt.fetchTradingFee(PAIR)).toMatchObject({ maker: 0.001, taker: 0.001 });
  });
});

describe('orders through ccxt', () => {
  it('a market order comes back closed, with its fills, and is found again by our own id', async () => {
    const clientOrderId = nextId();
    const placed = await paper.ccxt.createOrder(PAIR, 'market', 'buy', '2', undefined, { clientOrderId });
    expect(placed).toMatchObject({
      clientOrderId,
      status: 'closed',
      filled: 2,
      average: 10001.5,
      type: 'market',
      side: 'buy',
    });
    expect(placed.trades.map(({ price, amount, fee }) => [price, amount, fee.cost, fee.currency])).toEqual([
      [10001, 1, 0.001, 'BTC'],
      [10002, 1, 0.001, 'BTC'],
    ]);
    const found = await paper.ccxt.fetchOrder(undefined, PAIR, { origClientOrderId: clientOrderId });
    expect(found).toMatchObject({ id: placed.id, status: 'closed', filled: 2 });
    const trades = await paper.ccxt.fetchMyTrades(PAIR, undefined, undefined, { orderId: placed.id });
    expect(trades.map(({ id, takerOrMaker }) => [id, takerOrMaker])).toEqual(
      placed.trades.map(({ id }) => [id, 'taker']),
    );
  });

  it('a market order may be sized in quote', async () => {
    const placed = await paper.ccxt.createOrder(PAIR, 'market', 'buy', undefined, undefined, {
      quoteOrderQty: '5000.5',
    });
    expect(placed).toMatchObject({ status: 'closed', filled: 0.5, average: 10001 });
  });

  it.each([
    ['GTC', 'open', 1],
    ['IOC', 'expired', 1],
    ['FOK', 'expired', 0],
  ])('a limit order for more than its limit reaches, %s, is %s with %d filled', async (timeInForce, status, filled) => {
    const placed = await paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1.5', '10001.5', { timeInForce });
    expect(placed).toMatchObject({ status, filled, timeInForce });
    const balance = await paper.ccxt.fetchBalance();
    expect(balance['USDT']?.used).toBe(status === 'open' ? 5000.75 : 0);
  });

  it('a post-only order rests, is among the open ones, and is cancelled', async () => {
    const clientOrderId = nextId();
    const placed = await paper.ccxt.createOrder(PAIR, 'limit', 'sell', '1', '10000.5', {
      clientOrderId,
      postOnly: true,
    });
    // LIMIT_MAKER is answered as ccxt asked: with everything.
    expect(placed).toMatchObject({ status: 'open', postOnly: true, filled: 0 });
    expect((await paper.ccxt.fetchOpenOrders(PAIR)).map((order) => order.clientOrderId)).toEqual([clientOrderId]);
    expect((await paper.ccxt.fetchOpenOrders()).map((order) => order.id)).toEqual([placed.id]);
    expect((await paper.ccxt.fetchBalance())['BTC']?.used).toBe(1);
    const cancelled = await paper.ccxt.cancelOrder(undefined, PAIR, { origClientOrderId: clientOrderId });
    expect(cancelled).toMatchObject({ id: placed.id, status: 'canceled' });
    expect(await paper.ccxt.fetchOpenOrders(PAIR)).toEqual([]);
    expect(await paper.ccxt.fetchOrder(placed.id, PAIR)).toMatchObject({ status: 'canceled', filled: 0 });
  });

  it('a resting order fills as maker when the market comes to it', async () => {
    const { id } = await paper.ccxt.createOrder(PAIR, 'limit', 'sell', '1', '10050');
    await paper.door('POST', '/_book', { symbol: 'BTCUSDT', bids: [['10060', '0.4']], asks: [['10070', '1']] });
    expect(await paper.ccxt.fetchOrder(id, PAIR)).toMatchObject({ status: 'open', filled: 0.4, average: 10050 });
    const trades = await paper.ccxt.fetchMyTrades(PAIR, undefined, undefined, { orderId: id });
    expect(trades).toMatchObject([
      { price: 10050, amount: 0.4, takerOrMaker: 'maker', fee: { cost: 4.02, currency: 'USDT' } },
    ]);
  });

  it('is amended by cancel and replace; what is over cannot be', async () => {
    const { id } = await paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000');
    const edited = await paper.ccxt.editOrder(id, PAIR, 'limit', 'buy', '2', '8000');
    expect(edited).toMatchObject({ status: 'open', price: 8000, amount: 2 });
    expect(await paper.ccxt.fetchOrder(id, PAIR)).toMatchObject({ status: 'canceled' });
    expect(await nameOf(paper.ccxt.editOrder(id, PAIR, 'limit', 'buy', '1', '7000'))).not.toBe('no error');
    expect((await paper.ccxt.fetchOpenOrders(PAIR)).map((order) => order.id)).toEqual([edited.id]);
  });

  it('all of a pair are cancelled at once, and all are listed with the others', async () => {
    for (const price of ['9000', '9001']) await paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1', price);
    expect((await paper.ccxt.cancelAllOrders(PAIR)).map(({ status }) => status)).toEqual(['canceled', 'canceled']);
    const all = await paper.ccxt.fetchOrders(PAIR);
    expect(all.slice(-2).map(({ price, status }) => [price, status])).toEqual([
      [9000, 'canceled'],
      [9001, 'canceled'],
    ]);
  });

  it('stand in the ledger as they truly are, refused ones too', async () => {
    const since = new Date(Date.now() - 1).toISOString();
    const clientOrderId = nextId();
    await paper.ccxt.createOrder(PAIR, 'market', 'sell', '3', undefined, { clientOrderId });
    await nameOf(paper.ccxt.createOrder(PAIR, 'market', 'sell', '5000', undefined, { clientOrderId: 'too-much' }));
    const rows = await paper.ledger(`?accountKey=${KEYS.apiKey}&since=${since}`);
    expect(rows).toMatchObject([
      {
        clientOrderId,
        accountKey: KEYS.apiKey,
        venueSymbol: 'BTCUSDT',
        side: 'sell',
        orderType: 'market',
        quantity: '3',
        limitPrice: null,
        status: 'filled',
        refusedWith: null,
        fills: [
          { quantity: '2', price: '9999', fee: '19.998', feeCurrency: 'USDT' },
          { quantity: '1', price: '9990', fee: '9.99', feeCurrency: 'USDT' },
        ],
      },
      {
        clientOrderId: 'too-much',
        venueOrderId: null,
        status: 'rejected',
        refusedWith: expect.stringContaining('-2010'),
        fills: [],
      },
    ]);
    expect(await paper.ledger('?accountKey=somebody')).toEqual([]);
  });
});

describe('refusals through ccxt', () => {
  it.each([
    ['more than the account has', 'InsufficientFunds', ['market', 'sell', '5000']],
    ['a value under the minimum', 'BadRequest', ['limit', 'buy', '0.0001', '9000']],
    [
      'a post-only order that would take',
      'OrderImmediatelyFillable',
      ['limit', 'buy', '1', '10001', { postOnly: true }],
    ],
  ] as const)('%s is %s', async (_what, name, [type, side, amount, price, params]) => {
    expect(await nameOf(paper.ccxt.createOrder(PAIR, type, side, amount, price, params))).toBe(name);
  });

  it('the client id of an open order is refused, and the first order stays', async () => {
    const clientOrderId = nextId();
    await paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000', { clientOrderId });
    expect(await nameOf(paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000', { clientOrderId }))).toBe(
      'InvalidOrder',
    );
    expect(await paper.ccxt.fetchOpenOrders(PAIR)).toHaveLength(1);
  });

  it('the client id of an order that is over fills again: it is no idempotency key', async () => {
    const params = { clientOrderId: nextId() };
    const [first, second] = [
      await paper.ccxt.createOrder(PAIR, 'market', 'buy', '0.1', undefined, params),
      await paper.ccxt.createOrder(PAIR, 'market', 'buy', '0.1', undefined, params),
    ];
    expect(first.id).not.toBe(second.id);
  });

  it('an order that does not exist, or is another customer’s, is not found, cannot be cancelled', async () => {
    const { ccxt } = paper;
    expect(await nameOf(ccxt.fetchOrder('987654', PAIR))).toBe('OrderNotFound');
    expect(await nameOf(ccxt.fetchOrder(undefined, PAIR, { origClientOrderId: 'never' }))).toBe('OrderNotFound');
    expect(await nameOf(ccxt.cancelOrder('987654', PAIR))).toBe('OrderNotFound');
    const { id } = await ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000');
    await paper.door('POST', '/_accounts', { accountKey: 'mallory', secret: 'hers', balances: {} });
    const mallory = await ccxtBinance(paper.url, { apiKey: 'mallory', secret: 'hers' });
    expect(await nameOf(mallory.fetchOrder(id, PAIR))).toBe('OrderNotFound');
    expect(await nameOf(mallory.cancelOrder(id, PAIR))).toBe('OrderNotFound');
    expect(await ccxt.fetchOrder(id, PAIR)).toMatchObject({ status: 'open' });
  });

  it('a wrong key or a wrong secret is an authentication error and leaves no trace', async () => {
    const before = (await paper.ledger()).length;
    for (const keys of [
      { apiKey: 'nobody', secret: KEYS.secret },
      { apiKey: KEYS.apiKey, secret: 'wrong' },
    ]) {
      const stranger = await ccxtBinance(paper.url, keys);
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
      refusedWith: expect.stringContaining('-1021'),
    });
    const inTime = await ccxtBinance(paper.url, KEYS);
    inTime.nonce = () => Date.now() + skewMs;
    expect(await nameOf(inTime.createOrder(PAIR, 'market', 'buy', '0.1'))).toBe('no error');
  });
});
