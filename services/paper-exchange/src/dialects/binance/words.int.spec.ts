import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NOON } from '../../testing/a-venue.js';
import { signed } from '../../testing/ccxt-binance.js';
import { KEYS, paperBinance, type PaperBinance } from '../../testing/paper-binance.js';

let paper: PaperBinance;

beforeAll(async () => {
  paper = await paperBinance();
  await paper.door('POST', '/_book', { symbol: 'BTCUSDT', bids: [['9999', '2']], asks: [['10001', '2']] });
});
afterAll(() => paper.close());

describe('Binance’s own words', () => {
  const order = (parameters: Record<string, string>) => ({
    symbol: 'BTCUSDT',
    side: 'BUY',
    timestamp: String(Date.now()),
    ...parameters,
  });
  const post = async (body: string, key: string | undefined = KEYS.apiKey) => {
    const response = await fetch(`${paper.url}/api/v3/order`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        ...(key === '' ? {} : { 'x-mbx-apikey': key }),
      },
      body,
    });
    return [response.status, await response.json()] as const;
  };
  const limit = { type: 'LIMIT', timeInForce: 'GTC', quantity: '1', price: '9000' };

  it.each([
    [{ ...limit, price: '9000.001' }, -1013, 'Filter failure: PRICE_FILTER'],
    [{ ...limit, quantity: '1.000001' }, -1013, 'Filter failure: LOT_SIZE'],
    [{ ...limit, quantity: '0.0001' }, -1013, 'Filter failure: NOTIONAL'],
    [{ ...limit, quantity: '1.000000001' }, -1111, "Parameter 'quantity' has too much precision."],
    [
      { ...limit, quantity: '1e3' },
      -1100,
      "Illegal characters found in parameter 'quantity'; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.",
    ],
    [{ ...limit, quantity: '' }, -1102, "Mandatory parameter 'quantity' was not sent, was empty/null, or malformed."],
    [{ ...limit, side: 'HOLD' }, -1117, 'Invalid side.'],
    [{ ...limit, timeInForce: 'DAY' }, -1115, 'Invalid timeInForce.'],
    [{ ...limit, type: 'ICEBERG' }, -1116, 'Invalid orderType.'],
    [{ ...limit, symbol: 'FOOBAR' }, -1121, 'Invalid symbol.'],
    [
      { type: 'STOP_LOSS', quantity: '1', stopPrice: '9000' },
      -2010,
      'Stop loss orders are not supported for this symbol.',
    ],
    [{ type: 'MARKET', quantity: '1', price: '9000' }, -1106, "Parameter 'price' sent when not required."],
    [{ type: 'MARKET' }, -1102, "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!"],
    [{ ...limit, recvWindow: '60001' }, -1131, 'recvWindow must be less than 60000.'],
    [{ ...limit, timestamp: '' }, -1102, "Mandatory parameter 'timestamp' was not sent, was empty/null, or malformed."],
  ])('%j is answered %d %s', async (parameters, code, msg) => {
    expect(await post(signed(KEYS.secret, order(parameters)))).toEqual([400, { code, msg }]);
  });

  it('a request without key, with an unknown one, without or with a wrong signature', async () => {
    const unsigned = new URLSearchParams(order(limit)).toString();
    expect(await post(signed(KEYS.secret, order(limit)), '')).toEqual([
      401,
      { code: -2014, msg: 'API-key format invalid.' },
    ]);
    expect(await post(signed(KEYS.secret, order(limit)), 'unknown')).toMatchObject([401, { code: -2015 }]);
    expect(await post(unsigned)).toMatchObject([400, { code: -1102 }]);
    expect(await post(`${unsigned}&signature=${'0'.repeat(64)}`)).toMatchObject([400, { code: -1022 }]);
    expect(await post(`${unsigned}&signature=short`)).toMatchObject([400, { code: -1022 }]);
  });

  it('numbers are strings with eight places; the reply is as long as was asked', async () => {
    const ask = async (newOrderRespType: string) => {
      const [, reply] = await post(signed(KEYS.secret, order({ ...limit, newOrderRespType })));
      return reply as Record<string, unknown>;
    };
    expect(Object.keys(await ask('ACK'))).toEqual([
      'symbol',
      'orderId',
      'orderListId',
      'clientOrderId',
      'transactTime',
    ]);
    expect(await ask('RESULT')).toMatchObject({ price: '9000.00000000', origQty: '1.00000000', status: 'NEW' });
    expect(await ask('RESULT')).not.toHaveProperty('fills');
    expect(await ask('FULL')).toHaveProperty('fills', []);
  });

  it('a signature over query and body together holds', async () => {
    const all = signed(KEYS.secret, order({}));
    const [query, signature] = all.split('&signature=') as [string, string];
    const body = new URLSearchParams(limit).toString();
    const both = createHmac('sha256', KEYS.secret)
      .update(query + body)
      .digest('hex');
    const send = (with_: string) =>
      fetch(`${paper.url}/api/v3/order?${query}`, {
        method: 'POST',
        headers: { 'x-mbx-apikey': KEYS.apiKey, 'content-type': 'application/x-www-form-urlencoded' },
        body: `${body}&signature=${with_}`,
      });
    expect((await send(both)).status).toBe(200);
    expect((await send(signature)).status).toBe(400);
  });

  it('counts the weight of requests, and beyond a limit answers 429 until the minute is over', async () => {
    // A clock that stands: no minute ends while the test counts.
    const limited = await paperBinance({ weightPerMinute: 30, now: () => NOON });
    try {
      const first = await fetch(`${limited.url}/api/v3/exchangeInfo`);
      expect([first.status, first.headers.get('x-mbx-used-weight-1m')]).toEqual([200, '20']);
      const statuses = [];
      for (let i = 0; i < 3; i++) statuses.push((await fetch(`${limited.url}/api/v3/depth?symbol=BTCUSDT`)).status);
      expect(statuses).toEqual([200, 200, 429]);
      const late = await fetch(`${limited.url}/api/v3/ping`);
      expect(Number(late.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await late.json()).toMatchObject({ code: -1003 });
      await expect(limited.ccxt.fetchTime()).rejects.toMatchObject({ name: 'DDoSProtection' });
    } finally {
      await limited.close();
    }
  });
});
