import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ALPACA_KEYS, ccxtAlpaca, paperAlpaca, type PaperAlpaca } from '../../testing/paper-alpaca.js';

/** ccxt's own class, over real HTTP: what it makes of our replies. */
let paper: PaperAlpaca;
let ids = 0;
const PAIR = 'BTC/USD';
const nextId = (): string => `client-${++ids}`;

beforeAll(async () => {
  paper = await paperAlpaca();
  await paper.ccxt.loadMarkets();
});
afterAll(() => paper.close());
beforeEach(async () => {
  await paper.door('DELETE', '/_faults');
  await paper.door('POST', '/_clock', { skewMs: 0 });
  for (const { id } of await paper.ccxt.fetchOpenOrders()) await paper.ccxt.cancelOrder(id);
  await paper.door('POST', '/_book', {
    symbol: PAIR,
    bids: [
      ['9999', '2'],
      ['9990', '50'],
    ],
    asks: [
      ['10001', '1'],
      ['10003', '2'],
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
  it('lists the pairs with tick, lot and least size', async () => {
    const markets = await paper.ccxt.loadMarkets();
    expect(Object.keys(markets)).toEqual([PAIR, 'ETH/USD', 'LTC/USD']);
    expect(markets[PAIR]).toMatchObject({
      id: PAIR,
      precision: { amount: 1e-9, price: 1 },
      limits: { amount: { min: 0.000028257 } },
    });
  });

  it('gives book, ticker, trades and candles that agree with each other', async () => {
    const { ccxt } = paper;
    const book = await ccxt.fetchOrderBook('ETH/USD');
    expect(book.bids.length).toBeGreaterThan(20);
    expect(book.bids[0]![0]).toBeLessThan(book.asks[0]![0]);
    const ticker = await ccxt.fetchTicker(PAIR);
    expect([ticker['bid'], ticker['ask']]).toEqual([9999, 10001]);
    expect((await ccxt.fetchTrades('ETH/USD', undefined, 5)).length).toBeGreaterThan(0);
    const candles = await ccxt.fetchOHLCV('ETH/USD', '5m', undefined, 3);
    expect(candles[1]![0]! - candles[0]![0]!).toBe(300_000);
  });

  it('tells books to anyone, listings and its clock to customers only', async () => {
    const stranger = await ccxtAlpaca(paper.url, { apiKey: 'nobody', secret: 'nothing' });
    const open = await fetch(`${paper.url}/v1beta3/crypto/us/latest/orderbooks?symbols=BTC%2FUSD`);
    expect(await open.json()).toMatchObject({ orderbooks: { [PAIR]: { a: [{ p: 10001, s: 1 }, {}, {}] } } });
    expect(await nameOf(stranger.loadMarkets())).toBe('PermissionDenied');
    await paper.door('POST', '/_clock', { skewMs: 30_000 });
    expect(Math.abs((await paper.ccxt.fetchTime()) - Date.now() - 30_000)).toBeLessThan(10_000);
  });
});

describe('orders through ccxt', () => {
  it('are answered before they are matched; a look-up tells what became of them', async () => {
    const clientOrderId = nextId();
    const placed = await paper.ccxt.createOrder(PAIR, 'market', 'buy', '2', undefined, { clientOrderId });
    expect(placed).toMatchObject({ clientOrderId, status: 'open', filled: 0, type: 'market', side: 'buy' });
    expect(placed.info).toMatchObject({ status: 'pending_new', filled_qty: '0', filled_avg_price: null });
    const found = await paper.ccxt.fetchOrder(placed.id);
    expect(found).toMatchObject({ id: placed.id, clientOrderId, status: 'closed', filled: 2, average: 10002 });
    const trades = (await paper.ccxt.fetchMyTrades(PAIR)).filter(({ order }) => order === placed.id);
    expect(trades.map(({ price, amount, side }) => [price, amount, side]).sort()).toEqual([
      [10001, 1, 'buy'],
      [10003, 1, 'buy'],
    ]);
    expect(new Set(trades.map(({ id }) => id)).size).toBe(2);
  });

  it('take their fee from what comes in, rounded up to nine places; no answer names it', async () => {
    const { BTC, USD } = await paper.ccxt.fetchBalance();
    const { id } = await paper.ccxt.createOrder(PAIR, 'market', 'buy', '0.001254903');
    const after = await paper.ccxt.fetchBalance();
    expect((after['BTC']!.total - BTC!.total).toFixed(9)).toBe('0.001251765');
    expect((USD!.total - after['USD']!.total).toFixed(9)).toBe((0.001254903 * 10_001).toFixed(9));
    expect((await paper.ccxt.fetchOrder(id)).filled).toBe(0.001254903);
    const [row] = (await paper.ledger()).slice(-1);
    expect(row).toMatchObject({ venueOrderId: id, fills: [{ fee: '0.000003138', feeCurrency: 'BTC' }] });
  });

  it('may be sized in dollars', async () => {
    const placed = await paper.ccxt.createMarketBuyOrderWithCost(PAIR, '10001');
    expect(placed.info).toMatchObject({ notional: '10001', qty: null });
    expect(await paper.ccxt.fetchOrder(placed.id)).toMatchObject({ status: 'closed', filled: 1 });
  });

  it.each([
    ['GTC', 'open'],
    ['IOC', 'canceled'],
  ])('a limit order for more than its limit reaches, %s, is then %s', async (timeInForce, status) => {
    const { id } = await paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1.5', '10001', { timeInForce });
    expect(await paper.ccxt.fetchOrder(id)).toMatchObject({ status, filled: 1, timeInForce });
    const { USD } = await paper.ccxt.fetchBalance();
    expect(USD!.used).toBeCloseTo(status === 'open' ? 5000.5 : 0, 6);
  });

  it('that rest are among the open ones, and cancelled by the venue’s id', async () => {
    const clientOrderId = nextId();
    const { id } = await paper.ccxt.createOrder(PAIR, 'limit', 'sell', '1', '10050', { clientOrderId });
    expect((await paper.ccxt.fetchOpenOrders(PAIR)).map((order) => order.clientOrderId)).toEqual([clientOrderId]);
    expect((await paper.ccxt.fetchBalance())['BTC']?.used).toBe(1);
    await paper.ccxt.cancelOrder(id);
    expect(await paper.ccxt.fetchOpenOrders(PAIR)).toEqual([]);
    const closed = await paper.ccxt.fetchClosedOrders(PAIR);
    expect(closed.find((order) => order.id === id)).toMatchObject({ status: 'canceled', filled: 0 });
  });

  it('a resting order fills as maker when the market comes to it', async () => {
    const { id } = await paper.ccxt.createOrder(PAIR, 'limit', 'sell', '1', '10050');
    await paper.door('POST', '/_book', { symbol: PAIR, bids: [['10060', '0.4']], asks: [['10070', '1']] });
    expect(await paper.ccxt.fetchOrder(id)).toMatchObject({ status: 'open', filled: 0.4, average: 10050 });
    const row = (await paper.ledger()).find(({ venueOrderId }) => venueOrderId === id);
    expect(row?.fills).toMatchObject([{ liquidity: 'maker', fee: '6.03', feeCurrency: 'USD' }]);
  });

  it('ccxt’s cancel by our id asks for the path of all orders: Switchyard never calls it', async () => {
    await paper.ccxt.createOrder(PAIR, 'limit', 'sell', '1', '10050', { clientOrderId: nextId() });
    await paper.ccxt.createOrder('ETH/USD', 'limit', 'buy', '1', '100', { clientOrderId: nextId() });
    await nameOf(paper.ccxt.cancelOrderWithClientOrderId(nextId()));
    expect(await paper.ccxt.fetchOpenOrders()).toEqual([]);
  });
});

describe('refusals through ccxt', () => {
  it.each([
    ['more than the account has', 'InsufficientFunds', ['market', 'sell', '5000']],
    ['a purchase worth less than ten dollars', 'InvalidOrder', ['limit', 'buy', '0.0001', '9000']],
    ['a time in force that crypto does not have', 'BadRequest', ['limit', 'buy', '1', '9000', { timeInForce: 'FOK' }]],
    ['a type that crypto does not have', 'BadRequest', ['stop', 'buy', '1']],
  ] as const)('%s is %s', async (_what, name, [type, side, amount, price, params]) => {
    expect(await nameOf(paper.ccxt.createOrder(PAIR, type, side, amount, price, params))).toBe(name);
  });

  it('a sale may be worth less', async () => {
    expect(await nameOf(paper.ccxt.createOrder(PAIR, 'limit', 'sell', '0.0001', '20000'))).toBe('no error');
  });

  it('a client id is used up by the first order under it, open or over, and the first order stays', async () => {
    const params = { clientOrderId: nextId() };
    const { id } = await paper.ccxt.createOrder(PAIR, 'market', 'buy', '0.1', undefined, params);
    expect(await nameOf(paper.ccxt.createOrder(PAIR, 'market', 'buy', '0.1', undefined, params))).toBe('BadRequest');
    expect(await paper.ccxt.fetchOrder(id)).toMatchObject({ status: 'closed', filled: 0.1 });
    expect((await paper.ledger()).filter((row) => row.clientOrderId === params.clientOrderId)).toMatchObject([
      { status: 'filled' },
      { status: 'rejected', refusedWith: '40010001 client_order_id must be unique' },
    ]);
  });

  it('another customer’s order is not found, and not cancelled', async () => {
    const { id } = await paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000');
    await paper.door('POST', '/_accounts', { accountKey: 'PK-mallory', secret: 'hers', balances: {} });
    const mallory = await ccxtAlpaca(paper.url, { apiKey: 'PK-mallory', secret: 'hers' });
    expect(await nameOf(mallory.fetchOrder(id))).toBe('InvalidOrder');
    expect(await nameOf(mallory.cancelOrder(id))).toBe('InvalidOrder');
    expect(await paper.ccxt.fetchOrder(id)).toMatchObject({ status: 'open' });
  });

  it('a wrong key or a wrong secret is denied and leaves no trace', async () => {
    const before = (await paper.ledger()).length;
    for (const keys of [
      { apiKey: 'nobody', secret: ALPACA_KEYS.secret },
      { apiKey: ALPACA_KEYS.apiKey, secret: 'wrong' },
    ]) {
      const stranger = await ccxtAlpaca(paper.url, keys);
      expect(await nameOf(stranger.fetchOpenOrders())).toBe('PermissionDenied');
    }
    expect(await paper.ledger()).toHaveLength(before);
  });
});
