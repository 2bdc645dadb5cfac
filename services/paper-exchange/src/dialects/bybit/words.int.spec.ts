import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { NOON } from '../../testing/a-venue.js';
import { signedHeaders } from '../../testing/ccxt-bybit.js';
import { BYBIT_KEYS, paperBybit, type PaperBybit } from '../../testing/paper-bybit.js';

/** A clock that stands: what is at the edge of a window stays there. */
let paper: PaperBybit;
beforeAll(async () => {
  paper = await paperBybit({ now: () => NOON });
});
beforeEach(async () => {
  await paper.door('POST', '/_book', { symbol: 'BTCUSDT', bids: [['9999', '2']], asks: [['10001', '2']] });
});
afterAll(() => paper.close());

interface Answer {
  readonly retCode: number;
  readonly retMsg: string;
  readonly result: Readonly<Record<string, unknown>>;
}

type Signing = Parameters<typeof signedHeaders>[2];

const answerTo = async (url: string, init: RequestInit): Promise<readonly [status: number, answer: Answer]> => {
  const response = await fetch(url, init);
  return [response.status, (await response.json()) as Answer];
};

const post = (path: string, body: object, signing: Signing = {}) => {
  const text = JSON.stringify(body);
  const headers = signedHeaders(BYBIT_KEYS, text, { timestamp: NOON, ...signing });
  return answerTo(`${paper.url}${path}`, { method: 'POST', body: text, headers });
};

const get = (path: string, query: string, signing: Signing = {}) =>
  answerTo(`${paper.url}${path}?${query}`, {
    headers: signedHeaders(BYBIT_KEYS, query, { timestamp: NOON, ...signing }),
  });

const LIMIT = { category: 'spot', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Limit', qty: '1', price: '9000' };
const place = (change: object = {}) => post('/v5/order/create', { ...LIMIT, ...change });
let count = 0;
const orderLinkId = (): string => `words-${++count}`;

describe('Bybit’s own words', () => {
  it.each([
    [{ price: '9000.01' }, 170134, 'Order price decimal too long.'],
    [{ price: '2000000' }, 170132, 'Order price too high.'],
    [{ price: '0.01' }, 170133, 'Order price lower than the minimum.'],
    [{ qty: '1.0000001' }, 170137, 'Order volume decimal too long'],
    [{ qty: '0.00001' }, 170136, 'Order quantity lower than the minimum.'],
    [{ qty: '100000' }, 170381, 'Order quantity too large.'],
    [{ qty: '0.0001' }, 170140, 'Order value exceeded lower limit.'],
    [{ qty: '1e3' }, 170130, "Data sent for paramter 'qty' is not valid."],
    [{ qty: '0' }, 170130, "Data sent for paramter 'qty' is not valid."],
    [{ qty: '' }, 170105, "Parameter 'qty' was empty."],
    [{ price: undefined }, 170105, "Parameter 'price' was empty."],
    [{ side: 'BUY' }, 170117, 'Invalid side.'],
    [{ orderType: 'Stop' }, 170116, 'Invalid orderType.'],
    [{ timeInForce: 'DAY' }, 170115, 'Invalid timeInForce.'],
    [{ symbol: 'FOOBAR' }, 170121, 'Invalid symbol.'],
    [{ category: 'linear' }, 10001, 'Illegal category'],
    [{ orderLinkId: 'with space' }, 170130, "Data sent for paramter 'orderLinkId' is not valid."],
    [{ orderLinkId: 'x'.repeat(37) }, 170130, "Data sent for paramter 'orderLinkId' is not valid."],
    [{ triggerPrice: '9500' }, 170227, 'This feature is not supported.'],
    [{ orderFilter: 'tpslOrder' }, 170227, 'This feature is not supported.'],
    [{ isLeverage: 1 }, 170344, 'Symbol is not supported on Margin Trading'],
    [{ qty: '1000' }, 170131, 'Insufficient balance.'],
  ])('%j is answered 200 and %d %s', async (change, retCode, retMsg) => {
    const [status, answer] = await place(change);
    expect([status, answer]).toMatchObject([200, { retCode, retMsg, result: {} }]);
  });

  it('an id that was used is a duplicate, whatever became of its order', async () => {
    const id = orderLinkId();
    expect((await place({ orderLinkId: id }))[1]).toMatchObject({
      retCode: 0,
      retMsg: 'OK',
      result: { orderLinkId: id },
    });
    await post('/v5/order/cancel', { category: 'spot', symbol: 'BTCUSDT', orderLinkId: id });
    expect((await place({ orderLinkId: id }))[1]).toMatchObject({ retCode: 170141, retMsg: 'Duplicate clientOrderId' });
  });

  it('an order without an id of ours is given one', async () => {
    const [, { result }] = await place();
    expect(BigInt(String(result['orderLinkId'])) - BigInt(String(result['orderId']))).toBe(1n);
  });

  it('what is not open is an order that does not exist', async () => {
    const gone = { retCode: 170213, retMsg: 'Order does not exist.' };
    for (const path of ['/v5/order/cancel', '/v5/order/amend']) {
      const named = { category: 'spot', symbol: 'BTCUSDT', orderLinkId: 'never', qty: '2' };
      expect((await post(path, named))[1]).toMatchObject(gone);
      expect((await post(path, { ...named, orderLinkId: undefined, orderId: '7' }))[1]).toMatchObject(gone);
    }
  });

  it('both ids given, the venue’s counts', async () => {
    const [, first] = await place({ orderLinkId: orderLinkId() });
    const other = orderLinkId();
    await place({ orderLinkId: other });
    const named = { category: 'spot', symbol: 'BTCUSDT', orderId: first.result['orderId'], orderLinkId: other };
    expect((await post('/v5/order/cancel', named))[1].result['orderId']).toBe(first.result['orderId']);
    const open = await get('/v5/order/realtime', `category=spot&orderLinkId=${other}`);
    expect(open[1].result['list']).toMatchObject([{ orderStatus: 'New' }]);
  });

  it('an amend that changes nothing, or leaves less than is filled, is refused', async () => {
    const id = orderLinkId();
    await place({ orderLinkId: id, qty: '3', price: '10001' });
    const named = { category: 'spot', symbol: 'BTCUSDT', orderLinkId: id };
    expect((await post('/v5/order/amend', named))[1].retCode).toBe(10001);
    expect((await post('/v5/order/amend', { ...named, qty: '1' }))[1].retCode).toBe(170313);
    expect((await post('/v5/order/amend', { ...named, qty: '2.5' }))[1].retCode).toBe(0);
    await post('/v5/order/cancel', named);
    const [, { result }] = await get('/v5/order/history', `category=spot&orderLinkId=${id}`);
    expect(result['list']).toMatchObject([
      { orderStatus: 'PartiallyFilledCanceled', cancelType: 'CancelByUser', qty: '2.500000', cumExecQty: '2.000000' },
    ]);
  });
});

/** Requests that ccxt's repository has recorded of its class (ts/src/test/static/request/bybit.json), for spot. */
describe('requests as ccxt has recorded them', () => {
  beforeAll(async () => {
    const book = { symbol: 'LTCUSDT', bids: [['65', '10']], asks: [['66', '10']] };
    await paper.door('POST', '/_book', book);
    await paper.door('POST', '/_accounts', {
      accountKey: 'key-of-carol',
      secret: 'secret-of-carol',
      balances: { USDT: '1000', LTC: '10' },
    });
    // For the lists: one order that rests, one that traded.
    for (const terms of ['"orderType":"Limit","price":"60"', '"orderType":"Market","marketUnit":"baseCoin"'])
      await ask('POST', '/v5/order/create', `{"category":"spot","symbol":"LTCUSDT","side":"Buy","qty":"0.1",${terms}}`);
  });
  const carol = { apiKey: 'key-of-carol', secret: 'secret-of-carol' };
  const ask = (method: string, path: string, payload: string) => {
    const headers = signedHeaders(carol, payload, { timestamp: NOON });
    return method === 'GET'
      ? answerTo(`${paper.url}${path}?${payload}`, { headers })
      : answerTo(`${paper.url}${path}`, { method, body: payload, headers });
  };

  it.each([
    ['/v5/order/create', '"orderType":"Limit","category":"spot","qty":"0.1","price":"60","timeInForce":"PostOnly"', 0],
    ['/v5/order/create', '"orderType":"Market","category":"spot","marketUnit":"baseCoin","qty":"0.2"', 0],
    ['/v5/order/create', '"orderType":"Market","category":"spot","qty":"10"', 0],
    // Their order of 2 USDT is under what Bybit asks for now.
    ['/v5/order/create', '"orderType":"Market","category":"spot","marketUnit":"quoteCoin","qty":"2"', 170140],
    [
      '/v5/order/create',
      '"orderType":"Market","category":"spot","qty":"10","triggerPrice":"55","orderFilter":"StopOrder"',
      170227,
    ],
    ['/v5/order/cancel', '"orderFilter":"Order","orderId":"1513125485218108928","category":"spot"', 170213],
  ])('POST %s {%s} is answered %d', async (path, members, retCode) => {
    const [status, answer] = await ask('POST', path, `{"symbol":"LTCUSDT","side":"Buy",${members}}`);
    expect([status, answer.retCode]).toEqual([200, retCode]);
  });

  it.each([
    ['/v5/order/realtime', 'symbol=LTCUSDT&category=spot'],
    ['/v5/execution/list', 'execType=Trade&symbol=LTCUSDT&category=spot'],
    ['/v5/account/wallet-balance', 'accountType=UNIFIED'],
    ['/v5/market/tickers', 'category=spot'],
    ['/v5/market/kline', 'symbol=BTCUSDT&limit=5&interval=60&category=spot'],
  ])('GET %s?%s is answered with a list', async (path, query) => {
    const [status, { retCode, result }] = await ask('GET', path, query);
    expect([status, retCode]).toEqual([200, 0]);
    expect((result['list'] as readonly unknown[]).length).toBeGreaterThan(0);
  });
});

describe('the signature', () => {
  it.each([
    ['without a key', { 'x-bapi-api-key': '' }, 401, 10001],
    ['without a timestamp', { 'x-bapi-timestamp': '' }, 401, 10001],
    ['without a signature', { 'x-bapi-sign': '' }, 401, 10001],
    ['of an unknown key', { 'x-bapi-api-key': 'nobody' }, 401, 10003],
    ['that is wrong', { 'x-bapi-sign': '0'.repeat(64) }, 200, 10004],
    ['that is short', { 'x-bapi-sign': 'abc' }, 200, 10004],
    ['under another window', { 'x-bapi-recv-window': '60000' }, 200, 10004],
    ['of another moment', { 'x-bapi-timestamp': String(NOON - 1) }, 200, 10004],
  ])('a request %s is refused', async (_, change, status, retCode) => {
    const query = 'accountType=UNIFIED';
    const headers = { ...signedHeaders(BYBIT_KEYS, query, { timestamp: NOON }), ...change };
    const [told, answer] = await answerTo(`${paper.url}/v5/account/wallet-balance?${query}`, { headers });
    expect([told, answer.retCode]).toEqual([status, retCode]);
  });

  it('is over the query, or the body, to the byte', async () => {
    const headers = signedHeaders(BYBIT_KEYS, 'accountType=UNIFIED', { timestamp: NOON });
    const url = `${paper.url}/v5/account/wallet-balance?accountType=UNIFIED&coin=BTC`;
    const [, answer] = await answerTo(url, { headers });
    expect(answer).toMatchObject({
      retCode: 10004,
      retMsg: `error sign! origin_string[${NOON}key-of-alice5000accountType=UNIFIED&coin=BTC]`,
    });
  });

  it.each([
    ['at the window’s edge', -5_000, '5000', 0],
    ['a millisecond beyond it', -5_001, '5000', 10002],
    ['late, under a longer window', -20_000, '30000', 0],
    ['late, under a shorter one', -1_001, '1000', 10002],
    ['without a window, within five seconds', -5_000, '', 0],
    ['without a window, beyond them', -5_001, '', 10002],
    ['not quite a second ahead', 999, '5000', 0],
    ['a second ahead, whatever the window', 1_000, '60000', 10002],
  ])('a request %s is judged by its own window', async (_, offset, window, retCode) => {
    const [, answer] = await get('/v5/account/wallet-balance', 'accountType=UNIFIED', {
      timestamp: NOON + offset,
      window,
    });
    expect(answer.retCode).toBe(retCode);
  });

  // Vectors of an implementation that is not ours: key `api-key`, secret `secret`.
  it('holds where others made it', async () => {
    const at = 1_658_385_579_423;
    const other = await paperBybit({
      now: () => at,
      accounts: [{ accountKey: 'api-key', secret: 'secret', balances: {} }],
    });
    try {
      const headers = {
        'x-bapi-api-key': 'api-key',
        'x-bapi-timestamp': String(at),
        'x-bapi-recv-window': '5000',
        'x-bapi-sign': '57bb56b6f64b386cbc4a312af9260fbb98c1bc6c3731eac067b2a55229fb05f9',
      };
      const [, fees] = await answerTo(`${other.url}/v5/account/fee-rate?category=spot&symbol=BTCUSDT`, { headers });
      expect(fees).toMatchObject({ retCode: 0, result: { list: [{ takerFeeRate: '0.001' }] } });
      const sign = '38f5a5ef114062a9367e3da9cd897e2e00ba86dded436045c784b22508dde08a';
      const [, order] = await answerTo(`${other.url}/v5/order/create`, {
        method: 'POST',
        body: '{"category":"option"}',
        headers: { ...headers, 'content-type': 'application/json', 'x-bapi-sign': sign },
      });
      expect(order).toMatchObject({ retCode: 10001, retMsg: 'Illegal category' });
    } finally {
      await other.close();
    }
  });
});

describe('lists', () => {
  it('come newest first, a page at a time, by a cursor that is sent on as it is; the last page names one too', async () => {
    await post('/v5/order/cancel-all', { category: 'spot', symbol: 'BTCUSDT' });
    const names = [orderLinkId(), orderLinkId(), orderLinkId()];
    for (const name of names) await place({ orderLinkId: name });
    const seen: string[] = [];
    let cursor = '';
    for (let pages = 1; pages <= 3; pages += 1) {
      const [, { result }] = await get('/v5/order/realtime', `category=spot&limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...(result['list'] as { orderLinkId: string }[]).map((row) => row.orderLinkId));
      cursor = String(result['nextPageCursor']);
      expect(cursor === '').toBe(pages === 3);
    }
    expect(seen).toEqual(names.toReversed());
    await post('/v5/order/cancel-all', { category: 'spot' });
  });

  it('cover a week at most', async () => {
    const week = 7 * 86_400_000;
    for (const path of ['/v5/order/history', '/v5/execution/list']) {
      const ask = async (range: string) => (await get(path, `category=spot&symbol=BTCUSDT${range}`))[1];
      expect((await ask(`&startTime=${NOON - week}&endTime=${NOON}`)).retCode).toBe(0);
      expect((await ask(`&startTime=${NOON - week - 1}&endTime=${NOON}`)).retCode).toBe(10001);
      expect((await ask(`&startTime=${NOON - 3 * week}`)).result['list']).toEqual([]);
    }
  });

  it('of past orders forget one that ended without a fill after a day, and keep one that traded', async () => {
    const [unfilled, filled] = [orderLinkId(), orderLinkId()];
    await paper.door('POST', '/_clock', { skewMs: -1 });
    const early = { timestamp: NOON - 1 };
    await post('/v5/order/create', { ...LIMIT, timeInForce: 'FOK', orderLinkId: unfilled }, early);
    await post('/v5/order/create', { ...LIMIT, qty: '0.1', price: '10001', orderLinkId: filled }, early);
    const past = async (timestamp: number) => {
      const rows = await Promise.all(
        [unfilled, filled].map((id) => get('/v5/order/history', `category=spot&orderLinkId=${id}`, { timestamp })),
      );
      return rows.map(([, { result }]) => (result['list'] as { orderStatus: string }[]).map((row) => row.orderStatus));
    };
    expect(await past(NOON - 1)).toEqual([['Cancelled'], ['Filled']]);
    await paper.door('POST', '/_clock', { skewMs: 86_400_000 });
    expect(await past(NOON + 86_400_000)).toEqual([[], ['Filled']]);
    await paper.door('POST', '/_clock', { skewMs: 0 });
  });

  it('of open orders and of those just over forget what lies 500 back; past orders have it', async () => {
    const first = orderLinkId();
    const market = { category: 'spot', symbol: 'BTCUSDT', side: 'Buy', orderType: 'Market', qty: '10' };
    await post('/v5/order/create', { ...market, orderLinkId: first });
    const found = async (path: string): Promise<number> => {
      const [, { result }] = await get(path, `category=spot&orderLinkId=${first}`);
      return (result['list'] as readonly unknown[]).length;
    };
    for (let batch = 0; batch < 10; batch += 1)
      await Promise.all(Array.from({ length: 50 }, () => post('/v5/order/create', market)));
    expect(await found('/v5/order/realtime')).toBe(0);
    expect(await found('/v5/order/history')).toBe(1);
  });

  it('forget an order that was made to be forgotten, and its trades by no id', async () => {
    const id = orderLinkId();
    const [, { result }] = await place({ orderLinkId: id, qty: '0.1', price: '10001' });
    await paper.door('POST', '/_forget', { accountKey: BYBIT_KEYS.apiKey, clientOrderId: id });
    for (const path of ['/v5/order/realtime', '/v5/order/history'])
      expect((await get(path, `category=spot&orderLinkId=${id}`))[1].result['list']).toEqual([]);
    for (const named of [`orderLinkId=${id}`, `orderId=${String(result['orderId'])}`])
      expect((await get('/v5/execution/list', `category=spot&${named}`))[1].result['list']).toMatchObject([
        { orderLinkId: id },
      ]);
  });
});

describe('faults', () => {
  it.each([
    ['http_500', 500, 10016, 'Server error.'],
    ['http_429', 429, 10429, 'System level frequency protection'],
    ['http_504_after', 504, 10000, 'Server Timeout'],
  ])('%s is answered %i with %d', async (fault, status, retCode, retMsg) => {
    await paper.door('POST', '/_faults', { fault, count: 1 });
    const [told, answer] = await get('/v5/account/wallet-balance', 'accountType=UNIFIED');
    expect([told, answer]).toMatchObject([status, { retCode, retMsg }]);
  });

  it('a refusal on demand is in its own words, or in those that were given', async () => {
    await paper.door('POST', '/_faults', { fault: 'refuse', count: 1 });
    expect((await place())[1]).toMatchObject({ retCode: 170210, retMsg: 'New order rejected.' });
    await paper.door('POST', '/_faults', {
      fault: 'refuse',
      count: 1,
      code: 170031,
      message: 'The feature has been suspended',
    });
    expect((await place())[1]).toMatchObject({ retCode: 170031, retMsg: 'The feature has been suspended' });
  });

  it('an order that is told late is open and without trades, and is gone for a cancel', async () => {
    const id = orderLinkId();
    await paper.door('POST', '/_faults', { fault: 'late_fill', count: 1, ms: 60_000 });
    await place({ orderLinkId: id, qty: '0.1', price: '10001' });
    const named = `category=spot&orderLinkId=${id}`;
    expect((await get('/v5/order/realtime', named))[1].result['list']).toMatchObject([{ orderStatus: 'New' }]);
    expect((await get('/v5/execution/list', named))[1].result['list']).toEqual([]);
    const cancel = await post('/v5/order/cancel', { category: 'spot', symbol: 'BTCUSDT', orderLinkId: id });
    expect(cancel[1].retCode).toBe(170213);
  });
});
