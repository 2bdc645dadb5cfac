import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ccxtOkx, OKX_KEYS, paperOkx, type PaperOkx } from '../../testing/paper-okx.js';

/** ccxt's own class, over real HTTP: what it makes of our replies is what Switchyard will see. */
let paper: PaperOkx;
let ids = 0;
const PAIR = 'BTC/USDT';
const nextId = (): string => `client${++ids}`;

beforeAll(async () => {
  paper = await paperOkx();
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
  it('lists the pairs with their tick, lot and least quantity', async () => {
    const markets = await paper.ccxt.loadMarkets();
    expect(Object.keys(markets)).toEqual(['BTC/USDT', 'ETH/USDT', 'LTC/USDT']);
    expect(markets[PAIR]).toMatchObject({
      id: 'BTC-USDT',
      precision: { amount: 0.00000001, price: 0.1 },
      limits: { amount: { min: 0.00001 } },
    });
  });

  it('gives book, tickers, trades and candles that agree with each other', async () => {
    const { ccxt } = paper;
    const book = await ccxt.fetchOrderBook('ETH/USDT', 20);
    expect([book.bids.length, book.asks.length]).toEqual([20, 20]);
    const ticker = await ccxt.fetchTicker('ETH/USDT');
    const touch = (await ccxt.fetchTickers(['ETH/USDT']))['ETH/USDT'];
    expect(touch?.['ask']).toBe(ticker['ask']);
    expect(ticker['low']).toBeLessThanOrEqual(ticker['last']!);
    expect(ticker['high']).toBeGreaterThanOrEqual(ticker['last']!);
    const trades = await ccxt.fetchTrades('ETH/USDT', undefined, 5);
    expect(trades.length).toBeGreaterThan(0);
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

  it('needs no key', async () => {
    const stranger = await ccxtOkx(paper.url, { apiKey: 'nobody', secret: 'nothing', passphrase: 'none' });
    await stranger.loadMarkets();
    expect((await stranger.fetchOrderBook(PAIR)).asks[0]?.slice(0, 2)).toEqual([10001, 1]);
  });

  it('tells fees of 0.08 % and 0.1 %', async () => {
    expect(await paper.ccxt.fetchTradingFee(PAIR)).toMatchObject({ maker: 0.0008, taker: 0.001 });
  });
});

describe('orders through ccxt', () => {
  it('a market order is answered with its id alone, is found by our own id, and its trades by its own', async () => {
    const clientOrderId = nextId();
    const placed = await paper.ccxt.createOrder(PAIR, 'market', 'buy', '2', undefined, { clientOrderId });
    expect([placed.clientOrderId, placed.status, placed.filled]).toEqual([clientOrderId, undefined, undefined]);
    const found = await paper.ccxt.fetchOrder(undefined, PAIR, { clientOrderId });
    expect(found).toMatchObject({ id: placed.id, status: 'closed', filled: 2, average: 10001.5 });
    const trades = await paper.ccxt.fetchMyTrades(PAIR, undefined, undefined, { ordId: placed.id });
    expect(
      trades.map(({ price, amount, fee, takerOrMaker }) => [price, amount, fee.cost, fee.currency, takerOrMaker]),
    ).toEqual([
      [10001, 1, 0.001, 'BTC', 'taker'],
      [10002, 1, 0.001, 'BTC', 'taker'],
    ]);
  });

  it('a market buy without a word about its size spends quote', async () => {
    const { id } = await paper.ccxt.createOrder(PAIR, 'market', 'buy', '5000.5', undefined, { tgtCcy: 'quote_ccy' });
    expect(await paper.ccxt.fetchOrder(id, PAIR)).toMatchObject({ status: 'closed', filled: 0.5, average: 10001 });
  });

  it.each([
    ['GTC', 'open', 1],
    ['IOC', 'canceled', 1],
    ['FOK', 'canceled', 0],
  ])('a limit order for more than its limit reaches, %s, is %s with %d filled', async (timeInForce, status, filled) => {
    const { id } = await paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1.5', '10001.5', { timeInForce });
    expect(await paper.ccxt.fetchOrder(id, PAIR)).toMatchObject({ status, filled });
    const balance = await paper.ccxt.fetchBalance();
    expect(balance['USDT']?.used).toBe(status === 'open' ? 5000.75 : 0);
  });

  it('a post-only order rests, is among the open ones, and is cancelled', async () => {
    const clientOrderId = nextId();
    const { id } = await paper.ccxt.createOrder(PAIR, 'limit', 'sell', '1', '10000.5', {
      clientOrderId,
      postOnly: true,
    });
    expect((await paper.ccxt.fetchOpenOrders(PAIR)).map((order) => order.clientOrderId)).toEqual([clientOrderId]);
    expect((await paper.ccxt.fetchOpenOrders()).map((order) => order.id)).toEqual([id]);
    expect((await paper.ccxt.fetchBalance())['BTC']?.used).toBe(1);
    expect(await paper.ccxt.cancelOrder(undefined, PAIR, { clientOrderId })).toMatchObject({ id });
    expect(await paper.ccxt.fetchOpenOrders(PAIR)).toEqual([]);
    expect(await paper.ccxt.fetchOrder(id, PAIR)).toMatchObject({ status: 'canceled', filled: 0 });
    expect((await paper.ccxt.fetchCanceledOrders(PAIR)).map((order) => order.id)).toContain(id);
  });

  it('a post-only order that would take is accepted, and cancelled at once by the venue', async () => {
    const { id } = await paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1', '10001', { postOnly: true });
    const order = await paper.ccxt.fetchOrder(id, PAIR);
    expect(order).toMatchObject({ status: 'canceled', filled: 0, info: { cancelSource: '31' } });
  });

  it('a resting order fills as maker when the market comes to it', async () => {
    const { id } = await paper.ccxt.createOrder(PAIR, 'limit', 'sell', '1', '10050');
    await paper.door('POST', '/_book', { symbol: 'BTC-USDT', bids: [['10060', '0.4']], asks: [['10070', '1']] });
    expect(await paper.ccxt.fetchOrder(id, PAIR)).toMatchObject({ status: 'open', filled: 0.4, average: 10050 });
    const trades = await paper.ccxt.fetchMyTrades(PAIR, undefined, undefined, { ordId: id });
    expect(trades).toMatchObject([
      { price: 10050, amount: 0.4, takerOrMaker: 'maker', fee: { cost: 3.216, currency: 'USDT' } },
    ]);
  });

  it('is amended where it rests, under its own id; what is over cannot be', async () => {
    const { id } = await paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000');
    expect(await paper.ccxt.editOrder(id, PAIR, 'limit', 'buy', '2', '8000')).toMatchObject({ id });
    expect(await paper.ccxt.fetchOrder(id, PAIR)).toMatchObject({ status: 'open', price: 8000, amount: 2 });
    expect((await paper.ccxt.fetchBalance())['USDT']?.used).toBe(16_000);
    await paper.ccxt.cancelOrder(id, PAIR);
    expect(await nameOf(paper.ccxt.editOrder(id, PAIR, 'limit', 'buy', '1', '7000'))).not.toBe('no error');
  });

  it('stand in the ledger as they truly are, refused ones too', async () => {
    const since = new Date(Date.now() - 1).toISOString();
    const clientOrderId = nextId();
    await paper.ccxt.createOrder(PAIR, 'market', 'sell', '3', undefined, { clientOrderId });
    await nameOf(paper.ccxt.createOrder(PAIR, 'market', 'sell', '50', undefined, { clientOrderId: 'tooMuch' }));
    expect(await paper.ledger(`?accountKey=${OKX_KEYS.apiKey}&since=${since}`)).toMatchObject([
      {
        clientOrderId,
        accountKey: OKX_KEYS.apiKey,
        venueSymbol: 'BTC-USDT',
        side: 'sell',
        orderType: 'market',
        quantity: '3',
        limitPrice: null,
        status: 'filled',
        refusedWith: null,
        venueOrderId: expect.stringMatching(/^\d{19}$/),
        fills: [
          { quantity: '2', price: '9999', fee: '19.998', feeCurrency: 'USDT' },
          { quantity: '1', price: '9990', fee: '9.99', feeCurrency: 'USDT' },
        ],
      },
      {
        clientOrderId: 'tooMuch',
        venueOrderId: null,
        status: 'rejected',
        refusedWith: expect.stringContaining('51008'),
        fills: [],
      },
    ]);
    expect(await paper.ledger('?accountKey=somebody')).toEqual([]);
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
    expect(await nameOf(paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000', params))).toBe('InvalidOrder');
    expect(await paper.ccxt.fetchOpenOrders(PAIR)).toHaveLength(1);
  });

  it('the client id of an order that is over fills again: it is no idempotency key, and the latest is found', async () => {
    const params = { clientOrderId: nextId() };
    const [first, second] = [
      await paper.ccxt.createOrder(PAIR, 'market', 'buy', '0.1', undefined, params),
      await paper.ccxt.createOrder(PAIR, 'market', 'buy', '0.1', undefined, params),
    ];
    expect(first.id).not.toBe(second.id);
    expect((await paper.ccxt.fetchOrder(undefined, PAIR, params)).id).toBe(second.id);
  });

  it('an order that does not exist, or is another customer’s, is not found, cannot be cancelled', async () => {
    const { ccxt } = paper;
    expect(await nameOf(ccxt.fetchOrder('2896576259728795296', PAIR))).toBe('OrderNotFound');
    expect(await nameOf(ccxt.fetchOrder(undefined, PAIR, { clientOrderId: 'never' }))).toBe('OrderNotFound');
    expect(await nameOf(ccxt.cancelOrder('987654', PAIR))).toBe('OrderNotFound');
    const { id } = await ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000');
    const hers = { apiKey: 'mallory', secret: 'hers', passphrase: 'alone' };
    await paper.door('POST', '/_accounts', {
      accountKey: 'mallory',
      secret: 'hers',
      passphrase: 'alone',
      balances: {},
    });
    const mallory = await ccxtOkx(paper.url, hers);
    expect(await nameOf(mallory.fetchOrder(id, PAIR))).toBe('OrderNotFound');
    expect(await nameOf(mallory.cancelOrder(id, PAIR))).toBe('OrderNotFound');
    expect(await ccxt.fetchOrder(id, PAIR)).toMatchObject({ status: 'open' });
  });

  it('a wrong key, secret or passphrase is an error and leaves no trace', async () => {
    const before = (await paper.ledger()).length;
    for (const wrong of [{ apiKey: 'nobody' }, { secret: 'wrong' }, { passphrase: 'wrong' }]) {
      const stranger = await ccxtOkx(paper.url, { ...OKX_KEYS, ...wrong });
      expect(await nameOf(stranger.createOrder(PAIR, 'market', 'buy', '1'))).not.toBe('no error');
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
      refusedWith: expect.stringContaining('50102'),
    });
    const inTime = await ccxtOkx(paper.url, OKX_KEYS);
    inTime.nonce = () => Date.now() + skewMs;
    expect(await nameOf(inTime.createOrder(PAIR, 'market', 'buy', '0.1'))).toBe('no error');
  });
});
