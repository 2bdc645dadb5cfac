import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { KUCOIN_KEYS, kucoinHeaders, paperKucoin, type PaperKucoin } from '../../testing/paper-kucoin.js';

let paper: PaperKucoin;
/** The venue's clock stands, or goes as far as a test sets it. */
let now = Date.UTC(2026, 10, 21, 12, 0, 7);

beforeAll(async () => {
  paper = await paperKucoin({ now: () => now });
});
afterAll(() => paper.close());
beforeEach(async () => {
  now += 1_000;
  await ask('DELETE', '/api/v1/hf/orders?symbol=BTC-USDT');
  await paper.door('POST', '/_book', { symbol: 'BTC-USDT', bids: [['9999', '2']], asks: [['10001', '2']] });
});

interface Answer {
  readonly code: string;
  readonly msg?: string;
  readonly data?: any;
}

const ask = async (
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: object | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly [status: number, answer: Answer]> => {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  const signed = kucoinHeaders({ method, path, ...(text === undefined ? {} : { body: text }) }, { at: now });
  const response = await fetch(paper.url + path, {
    method,
    headers: { ...signed, ...headers },
    ...(text === undefined ? {} : { body: text }),
  });
  return [response.status, (await response.json()) as Answer];
};

const limit = { symbol: 'BTC-USDT', side: 'buy', type: 'limit', size: '1', price: '9000' };
const place = (change: object = {}, headers?: Readonly<Record<string, string>>) =>
  ask('POST', '/api/v1/hf/orders', { ...limit, ...change }, headers);
const details = async (id: unknown) => (await ask('GET', `/api/v1/hf/orders/${String(id)}?symbol=BTC-USDT`))[1].data;

describe('KuCoin’s own words', () => {
  it('an order is acknowledged with its ids, and nothing else', async () => {
    expect(await place({ clientOid: '5c52e11203aa677f33e493fb' })).toEqual([
      200,
      {
        code: '200000',
        data: { orderId: expect.stringMatching(/^[0-9a-f]{24}$/), clientOid: '5c52e11203aa677f33e493fb' },
      },
    ]);
  });

  it('one that is answered after its match says what came of it', async () => {
    const [, { data }] = await ask('POST', '/api/v1/hf/orders/sync', { ...limit, price: '10001', size: '3' });
    expect(data).toMatchObject({ originSize: '3', dealSize: '2', remainSize: '1', canceledSize: '0', status: 'open' });
  });

  it('one that is only tried leaves no trace', async () => {
    const before = (await paper.ledger()).length;
    expect((await ask('POST', '/api/v1/hf/orders/test', limit))[1].code).toBe('200000');
    expect((await ask('POST', '/api/v1/hf/orders/test', { ...limit, size: '100' }))[1].code).toBe('200004');
    expect(await paper.ledger()).toHaveLength(before);
  });

  it.each([
    [{ symbol: 'FOO-BAR' }, 400, '400100', 'Unsupported trading pair.'],
    [{ size: '1.000000001' }, 200, '600100', 'Order size increment invalid.'],
    [{ size: '0.000001' }, 400, '400100', 'Order size below the minimum requirement.'],
    [{ size: '9001' }, 400, '400100', 'size not in the given range!'],
    [{ size: '0.00001', price: '9999' }, 200, '600101', 'The order funds should more then 0.1 USDT.'],
    [{ price: '9000.05' }, 200, '600100', 'Price increment invalid.'],
    [{ price: '2000000' }, 400, '400100', 'price not in the given range!'],
    [{ size: '100' }, 200, '200004', 'Balance insufficient!'],
    [{ side: 'sell', price: '20000', size: '20' }, 200, '200004', 'Balance insufficient!'],
  ])('%j is refused: %d %s %s', async (change, status, code, msg) => {
    expect(await place(change)).toEqual([status, { code, msg }]);
    expect((await paper.ledger()).at(-1)).toMatchObject({ status: 'rejected', refusedWith: `${code} ${msg}` });
  });

  it.each([
    [{ size: '1e3' }, 'size is invalid'],
    [{ size: '-1' }, 'size is invalid'],
    [{ price: 'cheap' }, 'price is invalid'],
    [{ side: 'hold' }, 'side is invalid'],
    [{ type: 'stop' }, 'type is invalid'],
    [{ timeInForce: 'GTT', cancelAfter: 5 }, 'timeInForce is invalid'],
    [{ iceberg: true, visibleSize: '0.1' }, 'iceberg is invalid'],
    [{ clientOid: 'with a space' }, 'clientOid is invalid'],
    [{ clientOid: 'x'.repeat(41) }, 'clientOid is invalid'],
    [{ price: '' }, 'validation.createOrder.priceIsRequired'],
    [{ size: '' }, 'validation.createOrder.sizeIsRequired'],
    [{ symbol: '' }, 'validation.createOrder.symbolIsRequired'],
  ])('%j is malformed: 400100 %s', async (change, msg) => {
    expect(await place(change)).toEqual([400, { code: '400100', msg }]);
  });

  it.each([
    ['half a body', '{"symbol":', {}, 400, '400100'],
    ['a form', 'size=1', { 'content-type': 'application/x-www-form-urlencoded' }, 415, '415000'],
  ])('%s is no order', async (_, body, headers, status, code) => {
    expect(await ask('POST', '/api/v1/hf/orders', body, headers)).toMatchObject([status, { code }]);
  });

  it.each([
    [{ 'kc-api-key': '' }, '400001'],
    [{ 'kc-api-key': 'nobody' }, '400003'],
    [{ 'kc-api-passphrase': 'wrong' }, '400004'],
    [{ 'kc-api-sign': 'wrong' }, '400005'],
    [{ 'kc-api-key-version': '1' }, '400009'],
  ])('a request with %j is answered 401, %s, and leaves no row in the ledger', async (headers, code) => {
    const before = (await paper.ledger()).length;
    expect(await place({}, headers)).toMatchObject([401, { code }]);
    expect(await paper.ledger()).toHaveLength(before);
  });

  it('the id of an open order is taken, that of one that is over is not', async () => {
    const taken = { clientOid: 'twice', price: '9000' };
    await place(taken);
    expect(await place(taken)).toEqual([400, { code: '400100', msg: 'validation.createOrder.clientOidDuplicated' }]);
    expect((await ask('DELETE', '/api/v1/hf/orders/client-order/twice?symbol=BTC-USDT'))[1].data).toEqual({
      clientOid: 'twice',
    });
    expect((await place(taken))[1].code).toBe('200000');
  });

  it('an order whose window has passed is no order, and the ledger says so; a window counts from the signature', async () => {
    const window = (change: object) => ({ allowMaxTimeWindow: 1_000, clientTimestamp: now, ...change });
    expect((await place(window({ clientOid: 'in-time' })))[1].code).toBe('200000');
    expect(await place(window({ clientTimestamp: now - 1 }))).toEqual([
      400,
      { code: '400100', msg: 'clientTimestamp is invalid' },
    ]);
    expect((await place({ allowMaxTimeWindow: 1_000 }))[1].msg).toBe(
      'validation.createOrder.clientTimestampIsRequired',
    );
    await paper.door('POST', '/_clock', { skewMs: 1_000 });
    expect((await place(window({ clientOid: 'at-the-end' })))[1].code).toBe('200000');
    await paper.door('POST', '/_clock', { skewMs: 1_001 });
    expect((await place(window({ clientOid: 'too-late' })))[1].code).toBe('400100');
    await paper.door('POST', '/_clock', { skewMs: 0 });
    expect((await paper.ledger()).filter(({ clientOrderId }) => clientOrderId === 'too-late')).toMatchObject([
      { status: 'rejected', refusedWith: expect.stringContaining('400100') },
    ]);
  });

  it('an order without a client id has none', async () => {
    const [, { data }] = await place();
    expect(data).toMatchObject({ clientOid: null });
    expect(await details(data.orderId)).toMatchObject({ clientOid: null });
    expect((await place())[1].code).toBe('200000');
  });

  it('an order and its fills are told in KuCoin’s fields, as its documentation shows them', async () => {
    const [, { data }] = await place({ timeInForce: 'IOC', price: '10001', size: '3', clientOid: 'taker' });
    const told = await details(data.orderId);
    expect(told).toMatchObject({
      clientOid: 'taker',
      price: '10001',
      size: '3',
      funds: '30003',
      dealSize: '2',
      dealFunds: '20002',
      remainSize: '0',
      cancelledSize: '1',
      cancelledFunds: '10001',
      fee: '20.002',
      feeCurrency: 'USDT',
      timeInForce: 'IOC',
      cancelExist: true,
      active: false,
      createdAt: now,
    });
    const orderFields =
      'id clientOid symbol opType type side price size funds dealSize dealFunds remainSize remainFunds cancelledSize ' +
      'cancelledFunds fee feeCurrency stp timeInForce postOnly hidden iceberg visibleSize cancelAfter channel remark tags ' +
      'cancelExist tradeType inOrderBook active tax createdAt lastUpdatedAt';
    expect(Object.keys(told).sort()).toEqual(orderFields.split(' ').sort());
    const [, fills] = await ask('GET', `/api/v1/hf/fills?symbol=BTC-USDT&orderId=${data.orderId}`);
    expect(fills.data).toMatchObject({
      items: [
        {
          fee: '20.002',
          feeCurrency: 'USDT',
          feeRate: '0.001',
          liquidity: 'taker',
          price: '10001',
          size: '2',
          funds: '20002',
        },
      ],
      lastId: fills.data.items[0].id,
    });
    const fillFields =
      'id orderId counterOrderId tradeId symbol side liquidity type forceTaker price size funds fee feeRate feeCurrency stop ' +
      'tradeType taxRate tax createdAt';
    expect(Object.keys(fills.data.items[0]).sort()).toEqual(fillFields.split(' ').sort());
  });
});

describe('KuCoin’s lists', () => {
  it('are told latest first, page by page behind the last id, and narrowed by side, type and time', async () => {
    now += 1_000;
    const since = now;
    const ids: string[] = [];
    for (const side of ['buy', 'sell', 'buy']) {
      now += 1_000;
      const price = side === 'buy' ? '10001' : '9999';
      ids.push((await place({ side, price, size: '0.1' }))[1].data.orderId);
    }
    const list = async (path: string, query: string) =>
      (await ask('GET', `${path}?symbol=BTC-USDT&startAt=${since}&${query}`))[1].data;
    const first = await list('/api/v1/hf/orders/done', 'limit=2');
    expect(first.items.map(({ id }: any) => id)).toEqual([ids[2], ids[1]]);
    expect((await list('/api/v1/hf/orders/done', `limit=2&lastId=${first.lastId}`)).items).toMatchObject([
      { id: ids[0] },
    ]);
    expect((await list('/api/v1/hf/orders/done', 'side=sell')).items).toMatchObject([{ id: ids[1] }]);
    expect((await list('/api/v1/hf/orders/done', 'type=market')).items).toEqual([]);
    const trades = await list('/api/v1/hf/fills', 'limit=1');
    expect(trades.items).toMatchObject([{ orderId: ids[2] }]);
    expect((await list('/api/v1/hf/fills', `limit=1&lastId=${trades.lastId}`)).items).toMatchObject([
      { orderId: ids[1] },
    ]);
    expect((await list('/api/v1/hf/fills', `endAt=${since + 1_000}`)).items).toMatchObject([{ orderId: ids[0] }]);
    expect((await ask('GET', '/api/v1/hf/fills?symbol=BTC-USDT&limit=101'))[1].code).toBe('400100');
  });

  it('keep an order that is over for three days, an open one for as long as it is open', async () => {
    await place({ clientOid: 'open' });
    await place({ clientOid: 'gone' });
    await ask('DELETE', '/api/v1/hf/orders/client-order/gone?symbol=BTC-USDT');
    const known = async (clientOid: string) =>
      (await ask('GET', `/api/v1/hf/orders/client-order/${clientOid}?symbol=BTC-USDT`))[1];
    expect([(await known('open')).code, (await known('gone')).code]).toEqual(['200000', '200000']);
    now += 3 * 86_400_000;
    expect([(await known('open')).code, (await known('gone')).msg]).toEqual(['200000', 'order_not_exist']);
    expect((await ask('GET', '/api/v1/hf/orders/done?symbol=BTC-USDT'))[1].data).toEqual({ lastId: 0, items: [] });
  });

  it('of open orders are by symbol, and the symbols that have some are told', async () => {
    await place({ clientOid: 'one' });
    expect((await ask('GET', '/api/v1/hf/orders/active/symbols'))[1].data).toEqual({ symbols: ['BTC-USDT'] });
    expect((await ask('GET', '/api/v1/hf/orders/active?symbol=BTC-USDT'))[1].data).toMatchObject([
      { clientOid: 'one' },
    ]);
    expect((await ask('GET', '/api/v1/hf/orders/active?symbol=ETH-USDT'))[1].data).toEqual([]);
    expect((await ask('GET', '/api/v1/hf/orders/client-order/one?symbol=ETH-USDT'))[1].msg).toBe('order_not_exist');
    expect((await ask('GET', '/api/v1/hf/orders/active'))[1].msg).toBe('validation.createOrder.symbolIsRequired');
  });
});

/** Requests that ccxt's repository has recorded of its class (MIT licence, ts/src/test/static/request/kucoin.json), for spot. */
describe('requests as ccxt has recorded them', () => {
  it.each([
    [
      'LTC-USDT',
      { clientOid: '5d7a8110-1ea6-46e7-8d8f-1ba53267f20c', side: 'buy', type: 'market', size: '0.1' },
      false,
    ],
    [
      'ETH-USDT',
      { clientOid: '80190fba-4fc8-4cf2-ad16-fc48ab2749ae', side: 'buy', type: 'limit', size: '0.0001', price: '1000' },
      true,
    ],
  ])('the order of %s %j is taken', async (symbol, recorded, isResting) => {
    await paper.door('POST', '/_book', { symbol, bids: [['1199', '10']], asks: [['1200', '10']] });
    const [status, { code, data }] = await ask('POST', '/api/v1/hf/orders', { symbol, ...recorded });
    expect([status, code, data.clientOid]).toEqual([200, '200000', recorded.clientOid]);
    const [, told] = await ask('GET', `/api/v1/hf/orders/${data.orderId}?symbol=${symbol}`);
    expect(told.data).toMatchObject({ ...recorded, symbol, active: isResting });
  });

  it.each([
    '/api/v1/hf/orders/66d1c3fb7a0f910007762fdc?symbol=BTC-USDT',
    '/api/v1/hf/orders/66d22fac5caf5a0007d9f1bc?symbol=ETH-USDT',
  ])('DELETE %s finds no such order', async (path) => {
    expect(await ask('DELETE', path)).toEqual([400, { code: '400100', msg: 'order_not_exist_or_not_allow_to_cancel' }]);
  });

  it.each([
    '/api/v1/hf/orders/active?status=active&symbol=BTC-USDT&tradeType=TRADE',
    '/api/v1/hf/orders/done?status=done&symbol=BTC-USDT&tradeType=TRADE',
    '/api/v1/hf/fills?symbol=ETH-USDT',
    '/api/v1/accounts?type=trade',
    '/api/v1/accounts?type=trade_hf',
    '/api/v1/accounts',
    '/api/v1/trade-fees?symbols=BTC-USDT',
    '/api/v1/timestamp',
    '/api/v1/market/allTickers',
    '/api/v1/market/stats?symbol=BTC-USDT',
    '/api/v1/market/histories?symbol=BTC-USDT',
    '/api/v1/market/orderbook/level2_20?symbol=BTC-USDT',
    '/api/v3/market/orderbook/level2?symbol=BTC-USDT',
    '/api/v1/market/candles?symbol=BTC-USDT&type=1min&endAt=1709992989',
  ])('GET %s is answered', async (path) => {
    expect(await ask('GET', path)).toMatchObject([200, { code: '200000', data: expect.anything() }]);
  });
});

describe('KuCoin’s failures', () => {
  it.each([
    ['http_500', 500, '500000'],
    ['http_504_after', 504, '408000'],
  ])('%s is %d with %s', async (fault, status, code) => {
    await paper.door('POST', '/_faults', { fault, count: 1 });
    expect(await ask('GET', '/api/v1/accounts')).toMatchObject([status, { code }]);
  });

  it('an address that asks too often is turned away before it reaches KuCoin', async () => {
    await paper.door('POST', '/_faults', { fault: 'http_429', count: 1 });
    const response = await fetch(`${paper.url}/api/v1/timestamp`);
    expect([response.status, await response.text()]).toEqual([429, 'error code: 1015']);
  });

  it('an order that is to be refused is refused with the words asked for, or with its own', async () => {
    await paper.door('POST', '/_faults', { fault: 'refuse', count: 1, code: 400370, message: 'Max. price: 0.1' });
    expect(await place()).toEqual([200, { code: '400370', msg: 'Max. price: 0.1' }]);
    await paper.door('POST', '/_faults', { fault: 'refuse', count: 1 });
    expect((await place())[1].code).toBe('200001');
  });

  it('faults find their order by its client id, in the body or in the path, and their customer by the key', async () => {
    const match = { accountKey: KUCOIN_KEYS.apiKey, clientOrderId: 'struck' };
    await paper.door('POST', '/_faults', { fault: 'http_500', match });
    expect((await place({ clientOid: 'passes' }))[0]).toBe(200);
    expect((await place({ clientOid: 'struck' }))[0]).toBe(500);
    expect((await ask('GET', '/api/v1/hf/orders/client-order/struck?symbol=BTC-USDT'))[0]).toBe(500);
    await paper.door('DELETE', '/_faults');
  });

  it('a path that is not simulated is not there', async () => {
    expect(await ask('POST', '/api/v3/withdrawals', {})).toMatchObject([404, { code: '404000' }]);
  });
});
