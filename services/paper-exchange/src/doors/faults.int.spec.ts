import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { paperBinance, type PaperBinance } from '../testing/paper-binance.js';

/** Each fault as ccxt's own class meets it, and what the ledger knows meanwhile. */
let paper: PaperBinance;
let ids = 0;
const PAIR = 'BTC/USDT';

beforeAll(async () => {
  paper = await paperBinance();
  await paper.ccxt.loadMarkets();
  paper.ccxt.timeout = 300;
});
afterAll(() => paper.close());
beforeEach(async () => {
  await paper.door('DELETE', '/_faults');
  await paper.door('POST', '/_book', { symbol: 'BTCUSDT', bids: [['9999', '500']], asks: [['10001', '500']] });
});

const arm = (fault: object) => paper.door('POST', '/_faults', fault);

/** A market order under a fresh client id: how ccxt took it, and the ledger's rows of it. */
const trade = async (clientOrderId = `fault${++ids}`) => {
  const outcome = await paper.ccxt.createOrder(PAIR, 'market', 'buy', '0.001', undefined, { clientOrderId }).then(
    (order) => ({ order, error: undefined }),
    (error: unknown) => ({ order: undefined, error: error instanceof Error ? error.constructor.name : String(error) }),
  );
  const rows = (await paper.ledger()).filter((row) => row.clientOrderId === clientOrderId);
  return { ...outcome, rows, clientOrderId };
};

describe('a fault', () => {
  it.each([
    ['reset_before', /NetworkError|ExchangeNotAvailable/],
    ['down', /NetworkError|ExchangeNotAvailable/],
    ['http_500', /ExchangeNotAvailable|ExchangeError|OperationFailed/],
    ['http_429', /DDoSProtection/],
  ])('%s: the venue never had the order', async (fault, error) => {
    await arm({ fault, count: 1 });
    const { error: met, rows } = await trade();
    expect(met).toMatch(error);
    expect(rows).toEqual([]);
    expect((await trade()).order?.status).toBe('closed');
  });

  it.each([
    ['reset_after', /NetworkError|ExchangeNotAvailable/],
    ['hang_after', /RequestTimeout/],
    ['http_504_after', /RequestTimeout|ExchangeNotAvailable/],
    ['cut_200', /./],
  ])('%s: the order filled, and its reply is lost', async (fault, error) => {
    await arm({ fault, count: 1 });
    const { error: met, rows, clientOrderId } = await trade();
    expect(met).toMatch(error);
    expect(rows).toMatchObject([{ status: 'filled', fills: [{ price: '10001' }] }]);
    const found = await paper.ccxt.fetchOrder(undefined, PAIR, { origClientOrderId: clientOrderId });
    expect(found).toMatchObject({ status: 'closed', filled: 0.001 });
  });

  it.each(['empty_200', 'html_200', 'truncated_200'])('%s: the order filled, and ccxt is told no id', async (fault) => {
    await arm({ fault, count: 1 });
    const { order, rows } = await trade();
    expect(order?.id).toBeUndefined();
    expect(rows).toMatchObject([{ status: 'filled' }]);
  });

  it('slow: the request waits, then goes through', async () => {
    await arm({ fault: 'slow', ms: 60, count: 1 });
    const started = performance.now();
    expect((await trade()).order?.status).toBe('closed');
    expect(performance.now() - started).toBeGreaterThanOrEqual(58);
  });

  it('refuse: the venue says no in its own words, and the ledger says it said no', async () => {
    await arm({ fault: 'refuse', count: 1 });
    const { error, rows } = await trade();
    expect(error).toBe('BadRequest');
    expect(rows).toMatchObject([
      { status: 'rejected', venueOrderId: null, refusedWith: expect.stringContaining('-2010') },
    ]);
    await arm({
      fault: 'refuse',
      code: -2010,
      message: 'Account has insufficient balance for requested action.',
      count: 1,
    });
    expect((await trade()).error).toBe('InsufficientFunds');
  });

  it('duplicate_fill: replies name a fill twice under one trade id, the ledger once', async () => {
    await arm({ fault: 'duplicate_fill', count: 2 });
    const { order, rows } = await trade();
    expect(new Set(order?.trades.map(({ id }) => id)).size).toBe(1);
    expect(order?.trades).toHaveLength(2);
    const trades = await paper.ccxt.fetchMyTrades(PAIR, undefined, undefined, { orderId: order?.id });
    expect(trades.map(({ id }) => id)).toEqual([trades[0]?.id, trades[0]?.id]);
    expect(rows[0]?.fills).toHaveLength(1);
  });

  it('late_fill: filled in truth, told open and without fills for a while; a cancel comes too late', async () => {
    await arm({ fault: 'late_fill', ms: 400, count: 1 });
    const { order, rows } = await trade();
    const id = order?.id ?? '';
    expect(order).toMatchObject({ status: 'open', filled: 0 });
    expect(rows).toMatchObject([{ status: 'filled' }]);
    const { ccxt } = paper;
    expect(await ccxt.fetchOrder(id, PAIR)).toMatchObject({ status: 'open', filled: 0 });
    expect((await ccxt.fetchOpenOrders(PAIR)).map((open) => open.id)).toEqual([id]);
    expect(await ccxt.fetchMyTrades(PAIR, undefined, undefined, { orderId: id })).toEqual([]);
    await expect(ccxt.cancelOrder(id, PAIR)).rejects.toThrow('Unknown order sent');
    const deadline = performance.now() + 3_000;
    let told = await ccxt.fetchOrder(id, PAIR);
    while (told.status === 'open' && performance.now() < deadline) told = await ccxt.fetchOrder(id, PAIR);
    expect(told).toMatchObject({ status: 'closed', filled: 0.001 });
    expect(await ccxt.fetchMyTrades(PAIR, undefined, undefined, { orderId: id })).toHaveLength(1);
    expect(await ccxt.fetchOpenOrders(PAIR)).toEqual([]);
  });

  it('strikes only what it matches, only as often as it was told', async () => {
    await arm({
      fault: 'reset_before',
      match: { path: '/api/v3/order', method: 'POST', clientOrderId: 'marked' },
      count: 1,
    });
    expect((await trade('other')).order?.status).toBe('closed');
    expect(await paper.ccxt.fetchOrderBook(PAIR)).toBeDefined();
    expect((await trade('marked')).rows).toEqual([]);
    expect((await trade('marked')).order?.status).toBe('closed');
    await arm({ fault: 'http_500', match: { path: '/api/v3/*', accountKey: 'somebody else' } });
    expect((await trade()).order?.status).toBe('closed');
  });

  it('with a probability and a seed strikes the same requests each time', async () => {
    const pattern = async (seed: number) => {
      await arm({ fault: 'http_500', match: { path: '/api/v3/ping' }, probability: 0.5, seed });
      const statuses = [];
      for (let i = 0; i < 24; i++) statuses.push((await fetch(`${paper.url}/api/v3/ping`)).status);
      await paper.door('DELETE', '/_faults');
      return statuses.join();
    };
    const first = await pattern(7);
    expect(await pattern(7)).toBe(first);
    expect(await pattern(8)).not.toBe(first);
    expect(first).toContain('200');
    expect(first).toContain('500');
  });

  it('429 says when to come back, and Retry-After says it too', async () => {
    await arm({ fault: 'http_429', retryAfterS: 7, count: 1 });
    const response = await fetch(`${paper.url}/api/v3/ping`);
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '7']);
    expect(await response.json()).toMatchObject({ code: -1003 });
  });

  it('cleared, lets go of those who hang', async () => {
    await arm({ fault: 'hang_after' });
    const hanging = fetch(`${paper.url}/api/v3/ping`).then(
      () => 'answered',
      () => 'let go',
    );
    const deadline = performance.now() + 3_000;
    const struck = async () =>
      ((await (await paper.door('GET', '/_faults')).json()) as { faults: { struck: number }[] }).faults[0]?.struck ?? 0;
    while ((await struck()) === 0 && performance.now() < deadline);
    await paper.door('DELETE', '/_faults');
    expect(await hanging).toBe('let go');
  });
});
