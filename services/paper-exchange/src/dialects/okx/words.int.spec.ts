import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { OKX_KEYS, okxHeaders, paperOkx, type PaperOkx } from '../../testing/paper-okx.js';

let paper: PaperOkx;
/** The venue's clock stands, or goes as far as a test sets it. */
let now = Date.UTC(2026, 10, 21, 12, 0, 7);

beforeAll(async () => {
  paper = await paperOkx({ now: () => now });
});
afterAll(() => paper.close());
beforeEach(async () => {
  now += 1_000;
  for (const { ordId, instId } of (await ask('GET', '/api/v5/trade/orders-pending'))[1].data)
    await ask('POST', '/api/v5/trade/cancel-order', { instId, ordId });
  await paper.door('POST', '/_book', { symbol: 'BTC-USDT', bids: [['9999', '2']], asks: [['10001', '2']] });
});

interface Answer {
  readonly code: string;
  readonly msg: string;
  readonly data: readonly Readonly<Record<string, unknown>>[];
}

const ask = async (
  method: 'GET' | 'POST',
  path: string,
  body?: object | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly [status: number, answer: Answer]> => {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const signed = okxHeaders(
    { method, path, ...(text === undefined ? {} : { body: text }) },
    { at: new Date(now).toISOString() },
  );
  const response = await fetch(paper.url + path, {
    method,
    headers: { ...signed, ...headers },
    ...(text === undefined ? {} : { body: text }),
  });
  return [response.status, (await response.json()) as Answer];
};

const limit = { instId: 'BTC-USDT', tdMode: 'cash', side: 'buy', ordType: 'limit', sz: '1', px: '9000' };
const place = (change: object = {}, headers?: Readonly<Record<string, string>>) =>
  ask('POST', '/api/v5/trade/order', { ...limit, ...change }, headers);
const details = async (ordId: unknown) =>
  (await ask('GET', `/api/v5/trade/order?instId=BTC-USDT&ordId=${String(ordId)}`))[1].data[0];

describe('OKX’s own words', () => {
  it('an order is acknowledged with its ids, and with when the gateway had it', async () => {
    const [status, answer] = await place({ clOrdId: 'b15' });
    expect([status, answer]).toEqual([
      200,
      {
        code: '0',
        msg: '',
        data: [
          {
            clOrdId: 'b15',
            ordId: expect.stringMatching(/^\d{19}$/),
            tag: '',
            ts: String(now),
            sCode: '0',
            sMsg: 'Order placed',
          },
        ],
        inTime: `${now}000`,
        outTime: `${now}000`,
      },
    ]);
  });

  it.each([
    [{ instId: 'FOO-BAR' }, '51001', "Instrument ID or Spread ID doesn't exist."],
    [{ sz: '1.000000001' }, '51121', 'Order quantity must be a multiple of the lot size.'],
    [{ sz: '0.000001' }, '51020', 'Your order should meet or exceed the minimum order amount.'],
    [{ sz: '9001' }, '51005', 'Your order amount exceeds the max order amount.'],
    [{ px: '9000.05' }, '51150', 'The precision of the number of trades or the price exceeds the limit.'],
    [{ px: '2000000' }, '51116', 'Order price or trigger price exceeds 2000000.'],
    [{ px: '' }, '51204', 'The price for the limit order cannot be empty.'],
    [{ sz: '100' }, '51008', 'Order failed. Insufficient USDT balance in account'],
    [{ side: 'sell', px: '20000', sz: '11' }, '51008', 'Order failed. Insufficient BTC balance in account'],
    [{ tdMode: 'cross' }, '51010', 'Request unsupported under current account mode'],
  ])('%j is refused in the row of the order: %s %s', async (change, sCode, sMsg) => {
    const [status, answer] = await place(change);
    expect([status, answer]).toMatchObject([
      200,
      { code: '1', msg: 'All operations failed', data: [{ ordId: '', sCode, sMsg }] },
    ]);
  });

  it.each([
    [{ sz: '1e3' }, '51000', 'Parameter sz error'],
    [{ sz: '-1' }, '51000', 'Parameter sz error'],
    [{ px: 'cheap' }, '51000', 'Parameter px error'],
    [{ side: 'hold' }, '51000', 'Parameter side error'],
    [{ ordType: 'stop' }, '51000', 'Parameter ordType error'],
    [{ clOrdId: 'with-a-dash' }, '51000', 'Parameter clOrdId error'],
    [{ clOrdId: 'x'.repeat(33) }, '51000', 'Parameter clOrdId error'],
    [{ sz: '' }, '50014', 'Parameter sz can not be empty.'],
    [{ instId: '' }, '50014', 'Parameter instId can not be empty.'],
  ])('%j is malformed: %s %s', async (change, code, msg) => {
    expect(await place(change)).toEqual([400, { code, msg, data: [] }]);
  });

  it.each([
    ['no body', '', {}, '50000', 'Body for POST request cannot be empty.'],
    ['half a body', '{"instId":', {}, '50002', 'JSON syntax error'],
    [
      'a form',
      'sz=1',
      { 'content-type': 'application/x-www-form-urlencoded' },
      '50006',
      'Invalid Content-Type. Please use "application/JSON".',
    ],
  ])('%s is no order', async (_, body, headers, code, msg) => {
    const [status, answer] = await ask('POST', '/api/v5/trade/order', body, headers);
    expect([status, answer]).toEqual([400, { code, msg, data: [] }]);
  });

  it.each([
    [{ 'ok-access-key': '' }, 401, '50103'],
    [{ 'ok-access-key': 'nobody' }, 200, '50119'],
    [{ 'ok-access-passphrase': 'wrong' }, 401, '50105'],
    [{ 'ok-access-sign': 'wrong' }, 401, '50113'],
    [{ 'x-simulated-trading': '1' }, 401, '50101'],
  ])('a request with %j is answered %d, %s, and leaves no row in the ledger', async (headers, status, code) => {
    const before = (await paper.ledger()).length;
    expect(await place({}, headers)).toMatchObject([status, { code, data: [] }]);
    expect(await paper.ledger()).toHaveLength(before);
  });

  it('an order whose expTime has passed is not processed, and the ledger says so', async () => {
    expect(await place({ clOrdId: 'inTime' }, { expTime: String(now) })).toMatchObject([200, { code: '0' }]);
    expect(await place({ clOrdId: 'tooLate' }, { expTime: String(now - 1) })).toEqual([
      200,
      {
        code: '50036',
        msg: "The expTime can't be earlier than the current system time. Please adjust the expTime and try again.",
        data: [],
      },
    ]);
    expect((await paper.ledger()).filter(({ clientOrderId }) => clientOrderId === 'tooLate')).toMatchObject([
      { status: 'rejected', refusedWith: expect.stringContaining('50036') },
    ]);
  });

  it('an amend expires as an order does, a cancel never', async () => {
    const [, { data }] = await place();
    const named = { instId: 'BTC-USDT', ordId: data[0]?.['ordId'] };
    const past = { expTime: String(now - 1) };
    expect((await ask('POST', '/api/v5/trade/amend-order', { ...named, newSz: '2' }, past))[1].code).toBe('50036');
    expect(await details(named.ordId)).toMatchObject({ sz: '1', state: 'live' });
    expect((await ask('POST', '/api/v5/trade/cancel-order', named, past))[1].code).toBe('0');
  });

  it('an order without a client id has none', async () => {
    const [, { data }] = await place();
    expect(data[0]).toMatchObject({ clOrdId: '' });
    expect(await details(data[0]?.['ordId'])).toMatchObject({ clOrdId: '' });
    expect((await place())[1].code).toBe('0');
  });

  it('an order is told in OKX’s fields: fees negative, sizes in base, empty where there is nothing', async () => {
    const [, { data }] = await place({ ordType: 'ioc', px: '10001', sz: '3', clOrdId: 'taker' });
    expect(await details(data[0]?.['ordId'])).toMatchObject({
      accFillSz: '2',
      avgPx: '10001',
      cancelSource: '14',
      clOrdId: 'taker',
      fee: '-0.002',
      feeCcy: 'BTC',
      instType: 'SPOT',
      ordType: 'ioc',
      px: '10001',
      state: 'canceled',
      sz: '3',
      tdMode: 'cash',
      tgtCcy: '',
      cTime: String(now),
    });
    const [, fills] = await ask('GET', '/api/v5/trade/fills?instType=SPOT&instId=BTC-USDT');
    expect(fills.data[0]).toMatchObject({
      clOrdId: 'taker',
      execType: 'T',
      fee: '-0.002',
      feeCcy: 'BTC',
      feeRate: '-0.001',
      fillPx: '10001',
      fillSz: '2',
      side: 'buy',
    });
  });

  it('a market buy says whether its size is in base; else it is money to spend', async () => {
    const market = { ordType: 'market', px: '' };
    const [, base] = await place({ ...market, sz: '0.5', tgtCcy: 'base_ccy', banAmend: true });
    expect(await details(base.data[0]?.['ordId'])).toMatchObject({ accFillSz: '0.5', sz: '0.5', tgtCcy: 'base_ccy' });
    const [, quote] = await place({ ...market, sz: '5000.5' });
    expect(await details(quote.data[0]?.['ordId'])).toMatchObject({
      accFillSz: '0.5',
      sz: '5000.5',
      tgtCcy: 'quote_ccy',
    });
  });
});

describe('OKX’s lists', () => {
  it('go back from the newest row, page by page behind a row', async () => {
    const placed: unknown[] = [];
    for (const px of ['8001', '8002', '8003']) placed.push((await place({ px }))[1].data[0]?.['ordId']);
    const pending = async (query: string) =>
      (await ask('GET', `/api/v5/trade/orders-pending?instType=SPOT&${query}`))[1].data.map(({ ordId }) => ordId);
    expect(await pending('limit=2')).toEqual([placed[2], placed[1]]);
    expect((await pending(`limit=2&after=${String(placed[1])}`))[0]).toBe(placed[0]);
    expect(await pending(`before=${String(placed[1])}`)).toEqual([placed[2]]);
    expect(await pending('ordType=post_only,fok')).toEqual([]);
    expect([(await pending('state=live')).length, await pending('state=partially_filled')]).toEqual([3, []]);
    expect((await ask('GET', '/api/v5/trade/orders-pending?limit=101'))[1].code).toBe('51000');
  });

  it('keep a cancelled order that never traded for two hours, and one that traded for seven days', async () => {
    now += 1_000;
    const since = now;
    const [, unfilled] = await place({ clOrdId: 'unfilled' });
    const [, filled] = await place({ clOrdId: 'filled', ordType: 'ioc', px: '10001', sz: '3' });
    await ask('POST', '/api/v5/trade/cancel-order', { instId: 'BTC-USDT', clOrdId: 'unfilled' });
    const kept = async () => {
      const [, { data }] = await ask('GET', `/api/v5/trade/orders-history?instType=SPOT&begin=${since}`);
      return data.map(({ clOrdId }) => clOrdId);
    };
    const unheardOf = async (ordId: unknown) =>
      (await ask('GET', `/api/v5/trade/order?instId=BTC-USDT&ordId=${String(ordId)}`))[1].code;
    expect(await kept()).toEqual(['filled', 'unfilled']);
    now += 2 * 3_600_000;
    expect(await kept()).toEqual(['filled']);
    expect(await unheardOf(unfilled.data[0]?.['ordId'])).toBe('51603');
    expect(await unheardOf(filled.data[0]?.['ordId'])).toBe('0');
    now += 7 * 86_400_000;
    expect(await kept()).toEqual([]);
    const history = async (path: string) => (await ask('GET', `${path}?instType=SPOT&begin=${since}`))[1].data.length;
    expect(await history('/api/v5/trade/orders-history-archive')).toBe(1);
    expect([await history('/api/v5/trade/fills'), await history('/api/v5/trade/fills-history')]).toEqual([0, 1]);
  });

  it('want to know the market; of others than spot there is nothing', async () => {
    expect((await ask('GET', '/api/v5/trade/orders-history'))[1]).toMatchObject({ code: '50014' });
    expect((await ask('GET', '/api/v5/trade/fills-history?instType=SWAP'))[1]).toEqual({
      code: '0',
      msg: '',
      data: [],
    });
    expect((await ask('GET', '/api/v5/public/instruments?instType=FUTURES'))[1].data).toEqual([]);
    expect((await ask('GET', '/api/v5/public/instruments?instType=SPOTS'))[1].code).toBe('51000');
  });
});

/** Requests that ccxt's repository has recorded of its class (MIT licence, ts/src/test/static/request/okx.json), for spot. */
describe('requests as ccxt has recorded them', () => {
  beforeAll(async () => {
    await paper.door('POST', '/_book', { symbol: 'LTC-USDT', bids: [['65', '10']], asks: [['66', '10']] });
  });
  const order = { instId: 'LTC-USDT', side: 'buy', tdMode: 'cash', tag: '6b9ad766b55dBCDE' };

  it.each([
    [
      { ordType: 'limit', sz: '2', tgtCcy: 'base_ccy', px: '50', clOrdId: '6b9ad766b55dBCDEbc180f9bc47b8d2b' },
      'live',
      '0',
    ],
    [
      { ordType: 'market', sz: '0.1', tgtCcy: 'base_ccy', clOrdId: '6b9ad766b55dBCDEb5b084423460a131' },
      'filled',
      '0.1',
    ],
    [{ ordType: 'limit', sz: '0.5', tgtCcy: 'base_ccy', px: '50', clOrdId: 'mycustomid' }, 'live', '0'],
    [
      { ordType: 'market', sz: '10', tgtCcy: 'quote_ccy', clOrdId: '6b9ad766b55dBCDE8ce3873ff4a2839e' },
      'filled',
      '0.151515',
    ],
  ])('the order %j is %s, with %s filled', async (recorded, state, accFillSz) => {
    const [status, { code, data }] = await ask('POST', '/api/v5/trade/order', { ...order, ...recorded });
    expect([status, code]).toEqual([200, '0']);
    const [, told] = await ask('GET', `/api/v5/trade/order?instId=LTC-USDT&ordId=${String(data[0]?.['ordId'])}`);
    const { ordType, sz, clOrdId } = recorded;
    expect(told.data).toMatchObject([{ ordType, sz, clOrdId, state, accFillSz }]);
  });

  it.each([
    ['/api/v5/trade/cancel-order', { instId: 'LTC-USDT', ordId: '635561007938625536' }, '51400'],
    [
      '/api/v5/trade/amend-order',
      { instId: 'BTC-USDT', ordId: '617122719557050368', newSz: '0.05', newPx: '55' },
      '51603',
    ],
  ])('%s %j finds no such order', async (path, body, sCode) => {
    expect(await ask('POST', path, body)).toMatchObject([200, { code: '1', data: [{ sCode }] }]);
  });

  it.each([
    ['/api/v5/trade/orders-pending', 1],
    ['/api/v5/trade/orders-pending?instId=LTC-USDT', 1],
    ['/api/v5/trade/orders-history?instType=SPOT&state=filled', 1],
    ['/api/v5/trade/orders-history?instId=LTC-USDT&instType=SPOT&state=canceled', 0],
    ['/api/v5/trade/fills-history?instType=SPOT', 1],
    ['/api/v5/trade/fills-history?instId=LTC-USDT&instType=SPOT', 1],
    ['/api/v5/account/balance', 1],
    ['/api/v5/account/trade-fee?instType=SPOT&instId=BTC-USDT', 1],
    ['/api/v5/account/config', 1],
    ['/api/v5/market/books?instId=BTC-USDT&sz=5', 1],
    ['/api/v5/market/trades?instId=BTC-USDT', 1],
    ['/api/v5/market/ticker?instId=BTC-USDT', 1],
    ['/api/v5/market/tickers?instType=SPOT', 3],
    ['/api/v5/market/candles?instId=BTC-USDT&bar=1m&limit=100', 100],
    ['/api/v5/public/time', 1],
    ['/api/v5/system/status', 0],
  ])('%s is answered with %d rows or more', async (path, least) => {
    const begun = (await ask('POST', '/api/v5/trade/order', { ...order, ordType: 'limit', sz: '0.1', px: '50' }))[1];
    expect(begun.code).toBe('0');
    const [status, { code, data }] = await ask('GET', path);
    expect([status, code]).toEqual([200, '0']);
    expect(data.length).toBeGreaterThanOrEqual(least);
  });

  it('a trade has the fields that Hummingbot has recorded (Apache-2.0), and the currency it was paid in', async () => {
    const [, { data }] = await ask('GET', '/api/v5/trade/fills?instType=SPOT&instId=LTC-USDT');
    const recorded =
      'fillSz fillPxVol fillFwdPx fee ordId feeRate clOrdId posSide fillMarkVol tag execType fillIdxPx side fillPx fillPnl ' +
      'instType fillPxUsd instId billId subType fillTime tradeId fillMarkPx feeCcy ts';
    expect(Object.keys(data[0] ?? {}).sort()).toEqual([...recorded.split(' '), 'tradeQuoteCcy'].sort());
  });
});

describe('OKX’s failures', () => {
  it.each([
    ['http_500', 500, '50026'],
    ['http_429', 429, '50011'],
    ['http_504_after', 504, '50004'],
  ])('%s is %d with %s', async (fault, status, code) => {
    await paper.door('POST', '/_faults', { fault, count: 1 });
    expect(await ask('GET', '/api/v5/account/balance')).toMatchObject([status, { code, data: [] }]);
  });

  it('an order that is to be refused is refused with the words asked for, or with its own', async () => {
    await paper.door('POST', '/_faults', { fault: 'refuse', count: 1, code: 51006, message: 'Too dear.' });
    expect((await place())[1].data[0]).toMatchObject({ sCode: '51006', sMsg: 'Too dear.' });
    await paper.door('POST', '/_faults', { fault: 'refuse', count: 1 });
    expect((await place())[1].data[0]).toMatchObject({ sCode: '51124' });
  });

  it('faults find their order by its client id, and their customer by the key', async () => {
    const match = { accountKey: OKX_KEYS.apiKey, clientOrderId: 'struck' };
    await paper.door('POST', '/_faults', { fault: 'http_500', match });
    expect((await place({ clOrdId: 'passes' }))[0]).toBe(200);
    expect((await place({ clOrdId: 'struck' }))[0]).toBe(500);
    expect((await ask('GET', '/api/v5/trade/order?instId=BTC-USDT&clOrdId=struck'))[0]).toBe(500);
    await paper.door('DELETE', '/_faults');
  });

  it('a path that is not simulated is gone', async () => {
    expect(await ask('POST', '/api/v5/asset/withdrawal', {})).toMatchObject([410, { code: '50005' }]);
  });
});
