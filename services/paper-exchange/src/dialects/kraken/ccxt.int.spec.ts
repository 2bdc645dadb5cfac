import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ccxtKraken, KRAKEN_KEYS, paperKraken, type PaperKraken } from '../../testing/paper-kraken.js';

/** ccxt's own class, over real HTTP: what it makes of our replies is what Switchyard will see. */
let paper: PaperKraken;
let ids = 0;
const PAIR = 'BTC/USD';
const nextId = (): string => `client-${++ids}`;

beforeAll(async () => {
  paper = await paperKraken();
  await paper.ccxt.loadMarkets();
});
afterAll(() => paper.close());
beforeEach(async () => {
  await paper.door('DELETE', '/_faults');
  await paper.door('POST', '/_clock', { skewMs: 0 });
  await paper.ccxt.cancelAllOrders();
  await paper.door('POST', '/_book', {
    symbol: 'XXBTZUSD',
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
  it('lists the pairs, under names without prefixes, with their tick, lot and minimums', async () => {
    const markets = await paper.ccxt.loadMarkets();
    expect(Object.keys(markets)).toEqual(['BTC/USD', 'ETH/USD', 'LTC/USD']);
    expect(markets[PAIR]).toMatchObject({
      id: 'XXBTZUSD',
      precision: { amount: 0.00000001, price: 0.1 },
      limits: { amount: { min: 0.00005 }, cost: { min: 0.5 } },
    });
  });

  it('gives book, tickers, trades and candles that agree with each other', async () => {
    const { ccxt } = paper;
    const book = await ccxt.fetchOrderBook('ETH/USD', 20);
    expect([book.bids.length, book.asks.length]).toEqual([20, 20]);
    const ticker = await ccxt.fetchTicker('ETH/USD');
    const touch = (await ccxt.fetchTickers(['ETH/USD']))['ETH/USD'];
    expect(touch?.['ask']).toBe(ticker['ask']);
    expect(ticker['low']).toBeLessThanOrEqual(ticker['last']!);
    expect(ticker['high']).toBeGreaterThanOrEqual(ticker['last']!);
    const candles = await ccxt.fetchOHLCV('ETH/USD', '5m', undefined, 3);
    expect(candles).toHaveLength(3);
    expect(candles[1]![0]! - candles[0]![0]!).toBe(300_000);
    expect((await ccxt.fetchTrades('ETH/USD', undefined, 5)).length).toBeGreaterThan(0);
    expect(await ccxt.fetchStatus()).toMatchObject({ status: 'ok' });
    // In whole seconds.
    expect(Math.abs((await ccxt.fetchTime()) - Date.now())).toBeLessThan(2_000);
  });

  it('needs no key', async () => {
    const stranger = await ccxtKraken(paper.url, { apiKey: 'nobody', secret: 'bm90aGluZw==' });
    await stranger.loadMarkets();
    expect((await stranger.fetchOrderBook(PAIR)).asks[0]?.slice(0, 2)).toEqual([10001, 1]);
  });

  it('tells fees of 0.4 % and 0.8 %', async () => {
    expect(await paper.ccxt.fetchTradingFee(PAIR)).toMatchObject({ maker: 0.004, taker: 0.008 });
  });
});

describe('orders through ccxt', () => {
  it('a market order is answered with its id and its words alone, and found by Kraken’s id, with its trades', async () => {
    const clientOrderId = nextId();
    const placed = await paper.ccxt.createOrder(PAIR, 'market', 'buy', '2', undefined, { clientOrderId });
    expect(placed).toMatchObject({ type: 'market', side: 'buy', amount: 2, status: undefined, filled: undefined });
    const found = await paper.ccxt.fetchOrder(placed.id, PAIR, { consolidate_taker: 'false' });
    expect(found).toMatchObject({ status: 'closed', filled: 2, average: 10001.5, info: { cl_ord_id: clientOrderId } });
    // Fees in quote, whichever side: 0.8 % of 20,003.
    expect([Number(found.fee.cost), found.fee.currency]).toEqual([160.024, 'USD']);
    const trades = await paper.ccxt.fetchOrderTrades(placed.id, PAIR, undefined, undefined, { trades: found.trades });
    expect(trades.map(({ price, amount, fee, takerOrMaker }) => [price, amount, fee.cost, takerOrMaker])).toEqual([
      [10001, 1, 80.008, 'taker'],
      [10002, 1, 80.016, 'taker'],
    ]);
    const history = await paper.ccxt.fetchMyTrades(PAIR, undefined, undefined, { consolidate_taker: 'false' });
    expect(history.slice(-2).map(({ order, price }) => [order, price])).toEqual([
      [placed.id, 10001],
      [placed.id, 10002],
    ]);
    // As Kraken tells it to who does not ask otherwise: what was taken at once is one trade.
    const [consolidated] = (await paper.ccxt.fetchMyTrades(PAIR)).slice(-1);
    expect(consolidated).toMatchObject({ order: placed.id, price: 10001.5, amount: 2 });
  });

  it('a market buy may be sized in quote', async () => {
    const { id } = await paper.ccxt.createMarketBuyOrderWithCost(PAIR, '5000.5');
    expect(await paper.ccxt.fetchOrder(id, PAIR)).toMatchObject({ status: 'closed', average: 10001 });
    expect((await paper.ledger()).at(-1)).toMatchObject({ fills: [{ quantity: '0.5', price: '10001' }] });
  });

  it.each([
    ['GTC', 'open', 1],
    ['IOC', 'canceled', 1],
  ])('a limit order for more than its limit reaches, %s, is %s with %d filled', async (timeInForce, status, filled) => {
    const { id } = await paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1.5', '10001.5', { timeInForce });
    expect(await paper.ccxt.fetchOrder(id, PAIR)).toMatchObject({ status, filled });
    const balance = await paper.ccxt.fetchBalance();
    // What is open, with its fee.
    expect(balance['USD']?.used).toBe(status === 'open' ? 5040.756 : 0);
  });

  it('an order that is good until a date is over when the date comes', async () => {
    const now = Math.floor(Date.now() / 1_000);
    const { id } = await paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000', {
      timeinforce: 'GTD',
      expiretm: String(now + 30),
    });
    expect(await paper.ccxt.fetchOrder(id, PAIR)).toMatchObject({ status: 'open' });
    await paper.door('POST', '/_clock', { skewMs: 40_000 });
    expect(await paper.ccxt.fetchOrder(id, PAIR)).toMatchObject({ status: 'expired', filled: 0 });
    expect((await paper.ccxt.fetchBalance())['USD']?.used).toBe(0);
  });

  it('a post-only order rests, is among the open ones, and is cancelled by our own id', async () => {
    const clientOrderId = nextId();
    const { id } = await paper.ccxt.createOrder(PAIR, 'limit', 'sell', '1', '10000.5', {
      clientOrderId,
      postOnly: true,
    });
    expect(await paper.ccxt.fetchOpenOrders(PAIR)).toMatchObject([
      { id, postOnly: true, info: { cl_ord_id: clientOrderId } },
    ]);
    expect((await paper.ccxt.fetchOpenOrders()).map((order) => order.id)).toEqual([id]);
    expect((await paper.ccxt.fetchBalance())['BTC']?.used).toBe(1);
    await paper.ccxt.cancelOrder(undefined, PAIR, { clientOrderId });
    expect(await paper.ccxt.fetchOpenOrders(PAIR)).toEqual([]);
    expect(await paper.ccxt.fetchOrder(id, PAIR)).toMatchObject({ status: 'canceled', filled: 0 });
    expect((await paper.ccxt.fetchClosedOrders(PAIR)).map((order) => order.id)).toContain(id);
  });

  it('a resting order fills as maker when the market comes to it', async () => {
    const { id } = await paper.ccxt.createOrder(PAIR, 'limit', 'sell', '1', '10050');
    await paper.door('POST', '/_book', { symbol: 'XXBTZUSD', bids: [['10060', '0.4']], asks: [['10070', '1']] });
    expect(await paper.ccxt.fetchOrder(id, PAIR)).toMatchObject({ status: 'open', filled: 0.4, average: 10050 });
    const [trade] = (await paper.ccxt.fetchMyTrades(PAIR)).slice(-1);
    expect(trade).toMatchObject({ order: id, price: 10050, takerOrMaker: 'maker', fee: { cost: 16.08 } });
  });

  it('is amended in place, under the same id; what is over cannot be', async () => {
    const { id } = await paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000');
    await paper.ccxt.editOrder(id, PAIR, 'limit', 'buy', '2', '8000');
    expect(await paper.ccxt.fetchOpenOrders(PAIR)).toMatchObject([{ id, price: 8000, amount: 2 }]);
    await paper.ccxt.cancelOrder(id, PAIR);
    expect(await nameOf(paper.ccxt.editOrder(id, PAIR, 'limit', 'buy', '1', '7000'))).toBe('InvalidOrder');
  });

  it('stand in the ledger as they truly are, refused ones too', async () => {
    const since = new Date(Date.now() - 1).toISOString();
    const clientOrderId = nextId();
    await paper.ccxt.createOrder(PAIR, 'market', 'sell', '3', undefined, { clientOrderId });
    await nameOf(paper.ccxt.createOrder(PAIR, 'market', 'sell', '5000', undefined, { clientOrderId: 'too-much' }));
    expect(await paper.ledger(`?accountKey=${KRAKEN_KEYS.apiKey}&since=${since}`)).toMatchObject([
      {
        clientOrderId,
        accountKey: KRAKEN_KEYS.apiKey,
        venueSymbol: 'XXBTZUSD',
        side: 'sell',
        orderType: 'market',
        status: 'filled',
        refusedWith: null,
        fills: [
          { quantity: '2', price: '9999', fee: '159.984', feeCurrency: 'USD' },
          { quantity: '1', price: '9990', fee: '79.92', feeCurrency: 'USD' },
        ],
      },
      {
        clientOrderId: 'too-much',
        venueOrderId: null,
        status: 'rejected',
        refusedWith: 'EOrder:Insufficient funds',
        fills: [],
      },
    ]);
  });
});

describe('refusals through ccxt', () => {
  it.each([
    ['more than the account has', 'InsufficientFunds', ['market', 'sell', '5000']],
    ['less than the least quantity', 'InvalidOrder', ['limit', 'buy', '0.00001', '9000']],
    ['a post-only order that would take', 'ExchangeError', ['limit', 'buy', '1', '10001', { postOnly: true }]],
  ] as const)('%s is %s', async (_what, name, [type, side, amount, price, params]) => {
    expect(await nameOf(paper.ccxt.createOrder(PAIR, type, side, amount, price, params))).toBe(name);
  });

  it('the client id of an open order is refused, and the first order stays', async () => {
    const params = { clientOrderId: nextId() };
    await paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000', params);
    expect(await nameOf(paper.ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000', params))).not.toBe('no error');
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

  it('an order that does not exist, or is another customer’s, is not told of, and cannot be cancelled', async () => {
    const { ccxt } = paper;
    const nowhere = 'OAAAAA-BBBBB-CCCCCC';
    expect(await nameOf(ccxt.fetchOrder(nowhere, PAIR))).toBe('InvalidOrder');
    expect(await nameOf(ccxt.cancelOrder(nowhere, PAIR))).toBe('InvalidOrder');
    expect(await nameOf(ccxt.cancelOrder(undefined, PAIR, { clientOrderId: 'never' }))).toBe('OrderNotFound');
    const { id } = await ccxt.createOrder(PAIR, 'limit', 'buy', '1', '9000');
    const hers = { apiKey: 'mallory', secret: Buffer.from('hers').toString('base64') };
    await paper.door('POST', '/_accounts', { accountKey: hers.apiKey, secret: hers.secret, balances: {} });
    const mallory = await ccxtKraken(paper.url, hers);
    expect(await nameOf(mallory.fetchOrder(id, PAIR))).toBe('InvalidOrder');
    expect(await nameOf(mallory.cancelOrder(id, PAIR))).toBe('InvalidOrder');
    expect(await ccxt.fetchOrder(id, PAIR)).toMatchObject({ status: 'open' });
  });

  it('a wrong key or a wrong secret leaves no trace', async () => {
    const before = (await paper.ledger()).length;
    for (const [keys, name] of [
      [{ apiKey: 'nobody', secret: KRAKEN_KEYS.secret }, 'AuthenticationError'],
      [{ apiKey: KRAKEN_KEYS.apiKey, secret: 'd3Jvbmc=' }, 'ExchangeError'],
    ] as const) {
      const stranger = await ccxtKraken(paper.url, keys);
      expect(await nameOf(stranger.createOrder(PAIR, 'market', 'buy', '1'))).toBe(name);
    }
    expect(await paper.ledger()).toHaveLength(before);
  });

  it('a nonce that was used, or one below it, is refused, and the order stands in the ledger as that', async () => {
    const { ccxt } = paper;
    const used = ccxt.nonce();
    await ccxt.fetchBalance();
    const late = await ccxtKraken(paper.url, KRAKEN_KEYS);
    await late.loadMarkets();
    for (const nonce of [used, used + 1]) {
      late.nonce = () => nonce;
      expect(await nameOf(late.createOrder(PAIR, 'market', 'buy', '1'))).toBe('InvalidNonce');
      expect((await paper.ledger()).at(-1)).toMatchObject({ status: 'rejected', refusedWith: 'EAPI:Invalid nonce' });
    }
  });
});
