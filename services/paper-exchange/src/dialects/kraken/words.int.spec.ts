import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { KRAKEN_KEYS, krakenSign, nextNonce, paperKraken, type PaperKraken } from '../../testing/paper-kraken.js';

let paper: PaperKraken;
let ids = 0;
const nextId = (): string => `client-${++ids}`;

beforeAll(async () => {
  paper = await paperKraken();
});
afterAll(() => paper.close());
beforeEach(async () => {
  await paper.door('DELETE', '/_faults');
  await ask('CancelAll', {});
  await paper.door('POST', '/_book', {
    symbol: 'XXBTZUSD',
    bids: [['9999', '50']],
    asks: [
      ['10001', '1'],
      ['10002', '1'],
    ],
  });
});

interface Reply {
  readonly error: readonly string[];
  readonly result?: Record<string, unknown>;
}

/** A private request, signed; Kraken answers it with HTTP 200 whatever it thinks of it. */
const ask = async (name: string, params: Record<string, string>): Promise<Reply> => {
  const path = `/0/private/${name}`;
  const nonce = String(nextNonce());
  const body = new URLSearchParams({ nonce, ...params }).toString();
  const response = await fetch(paper.url + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'api-key': KRAKEN_KEYS.apiKey,
      'api-sign': krakenSign(path, params['nonce'] ?? nonce, body, KRAKEN_KEYS.secret),
    },
    body,
  });
  expect(response.status).toBe(200);
  return (await response.json()) as Reply;
};

const limit = { pair: 'XBTUSD', type: 'buy', ordertype: 'limit', volume: '1', price: '9000' };
const market = { pair: 'XBTUSD', type: 'buy', ordertype: 'market', volume: '1' };

const placed = async (params: Record<string, string> = limit): Promise<string> => {
  const { error, result } = await ask('AddOrder', params);
  expect(error).toEqual([]);
  return (result?.['txid'] as string[])[0] ?? '';
};
const rows = async (name: 'OpenOrders' | 'ClosedOrders' | 'TradesHistory', params: Record<string, string> = {}) => {
  const { result } = await ask(name, params);
  return Object.entries((result?.['open'] ?? result?.['closed'] ?? result?.['trades']) as Record<string, object>);
};

describe('Kraken’s own words', () => {
  it.each([
    [{ ...limit, price: '9000.01' }, 'EOrder:Tick size check failed'],
    [{ ...limit, volume: '0.00001' }, 'EOrder:Order minimum not met'],
    [{ ...limit, volume: '0.00005', price: '1' }, 'EOrder:Cost minimum not met'],
    [{ ...limit, volume: '1.000000001' }, 'EGeneral:Invalid arguments:volume'],
    [{ ...limit, volume: '1e3' }, 'EGeneral:Invalid arguments:volume'],
    [{ ...limit, volume: '-1' }, 'EGeneral:Invalid arguments:volume'],
    [{ ...limit, volume: '' }, 'EGeneral:Invalid arguments:volume'],
    [{ ...limit, price: '' }, 'EGeneral:Invalid arguments:price'],
    [{ ...limit, pair: 'FOOBAR' }, 'EQuery:Unknown asset pair'],
    [{ ...limit, pair: '' }, 'EGeneral:Invalid arguments:pair'],
    [{ ...limit, type: 'hold' }, 'EGeneral:Invalid arguments:type'],
    [{ ...limit, ordertype: 'iceberg' }, 'EGeneral:Invalid arguments:ordertype'],
    [{ ...limit, ordertype: 'stop-loss' }, 'EGeneral:Invalid arguments:ordertype'],
    [{ ...limit, timeinforce: 'FOK' }, 'EGeneral:Invalid arguments:timeinforce'],
    [{ ...limit, timeinforce: 'GTD' }, 'EGeneral:Invalid arguments:timeinforce'],
    [{ ...limit, expiretm: '+60' }, 'EGeneral:Invalid arguments:timeinforce'],
    [{ ...limit, timeinforce: 'GTD', expiretm: '1600000000' }, 'EGeneral:Invalid arguments:expiretm'],
    [{ ...limit, oflags: 'post', timeinforce: 'IOC' }, 'EGeneral:Invalid arguments:timeinforce'],
    [{ ...limit, oflags: 'fcib,fciq' }, 'EGeneral:Invalid arguments:oflags'],
    [{ ...limit, oflags: 'viqc' }, 'EGeneral:Invalid arguments:oflags'],
    [{ ...market, oflags: 'post' }, 'EGeneral:Invalid arguments:oflags'],
    [{ ...limit, oflags: 'post', price: '10001' }, 'EOrder:Post only order'],
    [{ ...market, type: 'sell', volume: '11' }, 'EOrder:Insufficient funds'],
    [{ ...limit, cl_ord_id: 'nineteen-characters' }, 'EGeneral:Invalid arguments:cl_ord_id'],
    [{ ...limit, cl_ord_id: 'a', userref: '1' }, 'EGeneral:Invalid arguments:cl_ord_id'],
    [{ ...limit, userref: 'one' }, 'EGeneral:Invalid arguments:userref'],
    [{ ...limit, deadline: 'tomorrow' }, 'EGeneral:Invalid arguments:deadline'],
    [{ ...limit, deadline: '2020-01-01T00:00:00Z' }, 'EService:Deadline elapsed'],
    [{ ...limit, nonce: '1' }, 'EAPI:Invalid nonce'],
  ])('AddOrder of %j is answered "%s"', async (params, error) => {
    expect(await ask('AddOrder', params)).toEqual({ error: [error] });
    expect(await rows('OpenOrders')).toEqual([]);
  });

  it('what there is no method or pair for', async () => {
    expect(await ask('Withdraw', {})).toEqual({ error: ['EGeneral:Unknown method'] });
    const depth = await fetch(`${paper.url}/0/public/Depth?pair=FOOBAR`);
    expect([depth.status, await depth.json()]).toEqual([200, { error: ['EQuery:Unknown asset pair'] }]);
  });

  it.each([['XXBTZUSD'], ['XBTUSD'], ['XBT/USD'], ['BTC/USD']])(
    'a pair is known as %s, and answered by its id',
    async (pair) => {
      const response = await fetch(`${paper.url}/0/public/Depth?pair=${encodeURIComponent(pair)}&count=1`);
      expect(await response.json()).toEqual({
        error: [],
        result: {
          XXBTZUSD: {
            asks: [['10001.00000', '1.00000000', expect.any(Number)]],
            bids: [['9999.00000', '50.00000000', expect.any(Number)]],
          },
        },
      });
    },
  );

  it('the clock is told in whole seconds', async () => {
    const told = (await (await fetch(`${paper.url}/0/public/Time`)).json()) as { result: { unixtime: number } };
    expect(Number.isInteger(told.result.unixtime)).toBe(true);
  });
});

describe('orders in Kraken’s words', () => {
  it('are acknowledged in words and with an id, and told with what they were asked with', async () => {
    const cl_ord_id = nextId();
    const { result } = await ask('AddOrder', { ...limit, cl_ord_id, oflags: 'post' });
    const [txid = ''] = result?.['txid'] as string[];
    expect(result?.['descr']).toEqual({ order: 'buy 1.00000000 XBTUSD @ limit 9000.0' });
    expect(txid).toMatch(/^O[A-Z0-9]{5}-[A-Z0-9]{5}-[A-Z0-9]{6}$/);
    expect(await rows('OpenOrders', { cl_ord_id })).toMatchObject([
      [
        txid,
        {
          userref: null,
          cl_ord_id,
          status: 'open',
          descr: { pair: 'XBTUSD', type: 'buy', ordertype: 'limit', price: '9000.0' },
          vol: '1.00000000',
          vol_exec: '0.00000000',
          oflags: 'post,fciq',
        },
      ],
    ]);
    expect(await rows('OpenOrders', { cl_ord_id: 'another' })).toEqual([]);
    expect(await ask('AddOrder', { ...limit, cl_ord_id })).toEqual({
      error: ['EGeneral:Invalid arguments:cl_ord_id not unique'],
    });
  });

  it('may carry a userref instead, which many may share', async () => {
    const both = [await placed({ ...limit, userref: '-7' }), await placed({ ...limit, userref: '-7' })];
    await placed(limit);
    expect(new Set((await rows('OpenOrders', { userref: '-7' })).map(([id]) => id))).toEqual(new Set(both));
    expect(await ask('CancelOrder', { txid: '-7' })).toMatchObject({ result: { count: 2 } });
    expect(await rows('OpenOrders')).toHaveLength(1);
  });

  it('are only rehearsed where that is asked', async () => {
    expect(await ask('AddOrder', { ...limit, validate: 'true' })).toEqual({
      error: [],
      result: { descr: { order: 'buy 1.00000000 XBTUSD @ limit 9000.0' } },
    });
    expect(await ask('AddOrder', { ...market, type: 'sell', volume: '11', validate: 'true' })).toEqual({
      error: ['EOrder:Insufficient funds'],
    });
    expect(await rows('OpenOrders')).toEqual([]);
  });

  it('that are over, or never were, cannot be cancelled, amended or asked for: each in its own words', async () => {
    const gone = await placed();
    expect(await ask('CancelOrder', { txid: gone })).toEqual({ error: [], result: { count: 1 } });
    const never = 'OAAAAA-BBBBB-CCCCCC';
    const amend = { order_qty: '2' };
    expect(await ask('CancelOrder', { txid: gone })).toEqual({ error: ['EOrder:Unknown order'] });
    expect(await ask('CancelOrder', { txid: never })).toEqual({ error: ['EOrder:Invalid order'] });
    expect(await ask('CancelOrder', { cl_ord_id: 'never' })).toEqual({ error: ['EOrder:Unknown order'] });
    expect(await ask('CancelOrder', {})).toEqual({ error: ['EGeneral:Invalid arguments:txid'] });
    expect(await ask('AmendOrder', { txid: gone, ...amend })).toEqual({ error: ['EOrder:Unknown order'] });
    expect(await ask('AmendOrder', { txid: gone })).toEqual({ error: ['EGeneral:Invalid arguments'] });
    expect(await ask('QueryOrders', { txid: never })).toEqual({ error: ['EOrder:Invalid order'] });
    expect(await ask('QueryOrders', {})).toEqual({ error: ['EGeneral:Invalid arguments:txid'] });
  });

  it('are amended in place, by their rules', async () => {
    const txid = await placed();
    const amended = await ask('AmendOrder', { txid, order_qty: '2', limit_price: '9001' });
    expect(amended).toEqual({ error: [], result: { amend_id: expect.stringMatching(/^T/) } });
    expect(await rows('OpenOrders')).toMatchObject([[txid, { vol: '2.00000000', descr: { price: '9001.0' } }]]);
    const taking = { txid, limit_price: '10001', post_only: 'true' };
    expect(await ask('AmendOrder', taking)).toEqual({ error: ['EOrder:Post only order'] });
    expect(await ask('AmendOrder', { txid, order_qty: '100' })).toEqual({ error: ['EOrder:Insufficient funds'] });
    expect(await ask('AmendOrder', { txid, order_qty: '2', deadline: '2020-01-01T00:00:00Z' })).toEqual({
      error: ['EService:Deadline elapsed'],
    });
    expect(await rows('OpenOrders')).toMatchObject([[txid, { vol: '2.00000000', descr: { price: '9001.0' } }]]);
  });

  it.each([
    ['', 'fciq', 'USD', '160.024'],
    ['fciq', 'fciq', 'USD', '160.024'],
    ['fcib', 'fcib', 'BTC', '0.016'],
  ])('pay in quote, or in base: oflags=%s', async (oflags, told, currency, fee) => {
    const txid = await placed({ ...market, volume: '2', oflags });
    expect(await ask('QueryOrders', { txid })).toMatchObject({
      result: { [txid]: { oflags: told, status: 'closed' } },
    });
    const fills = (await paper.ledger()).at(-1)?.fills ?? [];
    expect(fills.map(({ feeCurrency }) => feeCurrency)).toEqual([currency, currency]);
    expect(fills.reduce((sum, one) => sum + Number(one.fee), 0)).toBeCloseTo(Number(fee), 8);
  });

  it('tell what they took at once as one trade, unless that is asked to be left apart', async () => {
    const txid = await placed({ ...market, volume: '2' });
    const ids = async (params: Record<string, string>): Promise<unknown> =>
      ((await ask('QueryOrders', { txid, trades: 'true', ...params })).result?.[txid] as { trades: string[] }).trades;
    const apart = await ids({ consolidate_taker: 'false' });
    expect(apart).toHaveLength(2);
    expect(await ids({})).toHaveLength(1);
    const together = (await rows('TradesHistory')).filter(([, row]) => 'ordertxid' in row && row.ordertxid === txid);
    expect(together).toMatchObject([
      [expect.stringMatching(/^T/), { vol: '2.00000000', price: '10001.50000', cost: '20003.00000', fee: '160.02400' }],
    ]);
    const each = (await rows('TradesHistory', { consolidate_taker: 'false' })).slice(0, 2);
    expect(each.map(([id]) => id).reverse()).toEqual(apart);
    expect(await ask('QueryTrades', { txid: 'nothing' })).toEqual({ error: ['EGeneral:Invalid arguments:txid'] });
  });

  it('are listed 50 at a time, the newest first, with how many there are', async () => {
    const fresh = await paperKraken();
    try {
      const asked = async (name: string, params: Record<string, string>) => {
        const path = `/0/private/${name}`;
        const nonce = String(nextNonce());
        const body = new URLSearchParams({ nonce, ...params }).toString();
        const headers = {
          'api-key': KRAKEN_KEYS.apiKey,
          'api-sign': krakenSign(path, nonce, body, KRAKEN_KEYS.secret),
        };
        const response = await fetch(fresh.url + path, { method: 'POST', headers, body });
        return ((await response.json()) as Reply).result ?? {};
      };
      await fresh.door('POST', '/_book', { symbol: 'XXBTZUSD', bids: [['9999', '9']], asks: [['10001', '9']] });
      for (let i = 0; i < 51; i += 1) await asked('AddOrder', { ...market, volume: '0.001' });
      for (const [name, list] of [
        ['ClosedOrders', 'closed'],
        ['TradesHistory', 'trades'],
      ] as const) {
        const first = await asked(name, {});
        expect([Object.keys(first[list] as object).length, first['count']]).toEqual([50, 51]);
        const times = Object.values(first[list] as Record<string, { opentm?: number; time?: number }>);
        const at = times.map((one) => one.opentm ?? one.time ?? 0);
        expect(at).toEqual([...at].sort((a, b) => b - a));
        const rest = await asked(name, { ofs: '50', without_count: 'true' });
        expect([Object.keys(rest[list] as object).length, rest['count']]).toEqual([1, undefined]);
      }
    } finally {
      await fresh.close();
    }
  });
});

describe('failures in Kraken’s words', () => {
  it('a refusal on demand is in Kraken’s words, or in those that were given', async () => {
    await paper.door('POST', '/_faults', { fault: 'refuse', count: 1 });
    expect(await ask('AddOrder', limit)).toEqual({ error: ['EService:Market in post_only mode'] });
    const words = 'EService:Market in cancel_only mode';
    await paper.door('POST', '/_faults', { fault: 'refuse', count: 1, message: words });
    expect(await ask('AddOrder', limit)).toEqual({ error: [words] });
    expect((await paper.ledger()).at(-1)).toMatchObject({ status: 'rejected', refusedWith: words });
  });

  it.each([
    ['http_500', 500, 'EGeneral:Internal error'],
    ['http_429', 429, 'EGeneral:Too many requests'],
    ['http_504_after', 504, 'EService:Unavailable'],
  ])('%s is HTTP %d with "%s"', async (fault, status, words) => {
    await paper.door('POST', '/_faults', { fault, count: 1 });
    const response = await fetch(`${paper.url}/0/public/Time`);
    expect([response.status, await response.json()]).toEqual([status, { error: [words] }]);
  });
});
