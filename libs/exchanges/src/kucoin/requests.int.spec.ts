import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { loadCcxtClass, withEndpoints } from '../ccxt/exchange.js';
import { answered, market, order, refOf, soon } from '../contract/scene.js';
import type { NewOrder } from '../orders.js';
import type { TradeCursor, TradePage } from '../port.js';
import {
  ack,
  ACTIVE,
  BTC,
  CANCEL,
  CANCEL_BY_ID,
  data,
  details,
  DETAILS,
  DONE,
  fill,
  FILLS,
  items,
  KEYS,
  ORDER_ID,
  PLACE,
  saying,
  scriptedScene,
  SYMBOLS,
  type Heard,
  type Script,
  type ScriptedScene,
} from './scripted-kucoin.js';
import { withOwnWindows } from './signing.js';
import { kucoin as definition } from './venue.js';

let scene: ScriptedScene;
beforeEach(async () => {
  scene = await scriptedScene();
});
afterEach(() => scene.close());

const { clientOrderId } = order(BTC);
const DAY = 86_400_000;
const bodyOf = (heard: Heard | undefined) => JSON.parse(heard?.body ?? '{}') as Readonly<Record<string, unknown>>;

describe('a new order on the wire', () => {
  const limit = {
    clientOid: clientOrderId,
    symbol: 'BTC-USDT',
    side: 'buy',
    type: 'limit',
    size: '0.01',
    price: '60000',
  };

  it.each<readonly [string, NewOrder, object]>([
    ['a limit order', order(BTC), { ...limit, timeInForce: 'GTC' }],
    [
      'its own texts',
      order(BTC, { quantity: '0.01000', limitPrice: '60000.10' }),
      { ...limit, size: '0.01000', price: '60000.10', timeInForce: 'GTC' },
    ],
    ['a post-only order', order(BTC, { postOnly: true }), { ...limit, timeInForce: 'GTC', postOnly: true }],
    ['immediate or cancel', order(BTC, { timeInForce: 'ioc' }), { ...limit, timeInForce: 'IOC' }],
    ['fill or kill', order(BTC, { timeInForce: 'fok' }), { ...limit, timeInForce: 'FOK' }],
    [
      'a market order, sized in base',
      market(BTC, { quantity: '0.010', side: 'sell' }),
      { clientOid: clientOrderId, symbol: 'BTC-USDT', side: 'sell', type: 'market', size: '0.010' },
    ],
  ])('%s', async (_, wanted, body) => {
    scene.kucoin.says(PLACE, ack());
    expect(await scene.client.place(wanted, soon({ recvWindowMs: 3_000 }))).toEqual({
      kind: 'accepted',
      venueOrderId: ORDER_ID,
      order: null,
      fills: [],
    });
    const [heard] = scene.kucoin.requests(PLACE);
    // Nothing else: no remark, no tag.
    expect(bodyOf(heard)).toEqual({
      ...body,
      allowMaxTimeWindow: 3_000,
      clientTimestamp: Number(heard?.headers['kc-api-timestamp']),
    });
  });

  it('is signed by the venue’s clock, carries its window from that very time, and nobody’s name but ours', async () => {
    scene.kucoin.skewMs = 20_000;
    scene.kucoin.says(PLACE, ack());
    const before = Date.now();
    await scene.client.place(order(BTC), soon());
    const { headers, body } = scene.kucoin.requests(PLACE)[0]!;
    const signedAt = String(headers['kc-api-timestamp']);
    // As exactly as the clock was measured: within the round trip.
    expect(Number(signedAt) - before).toBeGreaterThan(18_000);
    const hmac = (of: string) => createHmac('sha256', KEYS.secret).update(of).digest('base64');
    expect(headers).toMatchObject({
      'kc-api-key': KEYS.apiKey,
      'kc-api-passphrase': hmac(KEYS.passphrase),
      'kc-api-sign': hmac(`${signedAt}POST/api/v1/hf/orders${body}`),
    });
    expect(Object.keys(headers).filter((name) => name.includes('partner'))).toEqual([]);
  });

  it('never asks for more time than a signature is good for', async () => {
    scene.kucoin.says(PLACE, ack());
    await scene.client.place(order(BTC), soon({ recvWindowMs: 3_600_000 }));
    expect(bodyOf(scene.kucoin.requests(PLACE)[0])).toMatchObject({ allowMaxTimeWindow: 5_000 });
  });

  it('many at once each have a time of their own', async () => {
    scene.kucoin.says(PLACE, ({ body }) => ack({ clientOid: bodyOf({ body } as Heard)['clientOid'] }));
    await scene.venue.marketData.instruments();
    const wanted = Array.from({ length: 20 }, (_, index) => order(BTC, { clientOrderId: `order-${index}` }));
    await Promise.all(wanted.map((one) => scene.client.place(one, soon())));
    for (const heard of scene.kucoin.requests(PLACE))
      expect(bodyOf(heard)['clientTimestamp']).toBe(Number(heard.headers['kc-api-timestamp']));
    expect(scene.kucoin.requests(PLACE)).toHaveLength(20);
  });
});

describe('other requests on the wire', () => {
  it('a cancel names one order in its path', async () => {
    scene.kucoin.says(CANCEL, data({ clientOid: clientOrderId }));
    scene.kucoin.says(CANCEL_BY_ID, data({ orderId: ORDER_ID }));
    for (const ref of [refOf(order(BTC)), refOf(order(BTC), ORDER_ID)])
      expect(await scene.client.cancel(ref, soon())).toEqual({ kind: 'cancelled', order: null });
    expect(scene.kucoin.requests(CANCEL)[0]).toMatchObject({ query: { symbol: 'BTC-USDT' }, body: '' });
    expect(scene.kucoin.requests(CANCEL_BY_ID)).toHaveLength(1);
  });

  it.each(['', '/', 'cancelAll/x', '..', '{orderId}'])(
    'an order that is called "%s" is not asked about, and least of all cancelled: it is one slash from all orders',
    async (id) => {
      await scene.venue.marketData.instruments();
      const before = scene.kucoin.heard.length;
      for (const ref of [refOf(order(BTC), id), refOf(order(BTC, { clientOrderId: id }))]) {
        expect(await scene.client.cancel(ref, soon())).toMatchObject({ kind: 'refused', code: 'MALFORMED_ORDER' });
        expect(await scene.client.lookup(ref)).toMatchObject({ kind: 'couldNotAsk', code: 'MALFORMED_ORDER' });
      }
      expect(scene.kucoin.heard).toHaveLength(before);
    },
  );

  it('the class has no endpoint that withdraws, transfers, lends, or cancels more than one order', async () => {
    const Lean = withEndpoints(withOwnWindows(await loadCcxtClass('kucoin')), definition.ccxt.endpoints);
    const endpoints = Object.keys(new Lean({})).filter((name) =>
      /^(public|private|futures|broker|earn|uta|web)/.test(name),
    );
    const names = endpoints.filter((name) => /(Get|Post|Delete|Put)[A-Z]/.test(name));
    expect(names.filter((name) => !name.includes('Get')).sort()).toEqual([
      'privateDeleteHfOrdersClientOrderClientOid',
      'privateDeleteHfOrdersOrderId',
      'privatePostHfOrders',
    ]);
  });
});

describe('an order that KuCoin says does not exist', () => {
  const lookup = (change: object = {}) => scene.client.lookup({ ...refOf(order(BTC)), ...change });
  const another = (index: number, change: object = {}) =>
    details({ id: `o${index}`, clientOid: `other${index}`, ...change });

  it('is not found only after open and past orders were asked', async () => {
    expect(await lookup()).toEqual({ kind: 'notFound' });
    expect([DETAILS, ACTIVE, DONE].map((what) => scene.kucoin.requests(what).length)).toEqual([1, 1, 1]);
  });

  it('is not found where empty lists are told as nothing', async () => {
    scene.kucoin.says(ACTIVE, data(null));
    scene.kucoin.says(DONE, data({ items: null, lastId: 0 }));
    expect(await lookup()).toEqual({ kind: 'notFound' });
  });

  it.each<readonly [string, Script]>([
    [ACTIVE, data('none')],
    [ACTIVE, data({})],
    [ACTIVE, [200, { code: '200000' }]],
    [DONE, data(null)],
    [DONE, data({ lastId: 0 })],
  ])('is not "not found" while %s answers %j, which is no list', async (list, answer) => {
    scene.kucoin.says(list, answer);
    expect(await lookup()).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });

  it('or of which it says nothing, is looked for in the lists just so', async () => {
    scene.kucoin.says(DETAILS, data(null));
    scene.kucoin.says(DONE, items(details({ dealSize: '0.004', active: false })));
    scene.kucoin.says(FILLS, items(fill()));
    expect(await lookup()).toMatchObject({ kind: 'found', order: { state: 'cancelled' } });
  });

  it.each<readonly [string, string, Script, string]>([
    ['open', ACTIVE, data([another(1), details({ dealSize: '0' })]), 'placed'],
    ['past', DONE, items(another(1), details({ dealSize: '0.01', active: false })), 'filled'],
  ])('and is among the %s orders is found', async (_, list, answer, state) => {
    scene.kucoin.says(list, answer);
    scene.kucoin.says(FILLS, items(fill({ size: '0.01' })));
    expect(await lookup()).toMatchObject({ kind: 'found', order: { state, clientOrderId } });
  });

  it.each([ACTIVE, DONE])('is not "not found" while %s cannot be asked', async (list) => {
    scene.kucoin.says(list, [503, '']);
    expect(await lookup()).toMatchObject({ kind: 'couldNotAsk', reason: 'serverError' });
  });

  it('and has traded under its own id is not "not found"', async () => {
    scene.kucoin.says(FILLS, ({ query }) => items(...(query['orderId'] === ORDER_ID ? [fill()] : [])));
    expect(await lookup({ venueOrderId: ORDER_ID })).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });

  it('two orders under our id are nonsense: a person must look', async () => {
    scene.kucoin.says(ACTIVE, data([details({ dealSize: '0' }), details({ dealSize: '0', id: '17' })]));
    expect(await lookup()).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });

  it('strangers’ orders that this port has no words for hide nothing', async () => {
    scene.kucoin.says(DONE, items(another(1, { size: '0', funds: '100' }), details({ dealSize: '0', active: false })));
    expect(await lookup()).toMatchObject({ kind: 'found', order: { venueOrderId: ORDER_ID } });
  });

  it('is searched for no further back than it can have been sent', async () => {
    const sentAfterMs = Date.now() - 3_600_000;
    expect(await lookup({ sentAfterMs })).toEqual({ kind: 'notFound' });
    const startAt = Number(scene.kucoin.requests(DONE)[0]?.query['startAt']);
    expect(startAt).toBeLessThanOrEqual(sentAfterMs - 50_000);
    expect(startAt).toBeGreaterThan(sentAfterMs - 70_000);
  });

  it('and is on the second page of past orders is found; a list that comes again and again is not read for ever', async () => {
    const page = (from: number) => Array.from({ length: 100 }, (_, i) => another(from + i));
    const ours = details({ dealSize: '0', active: false });
    scene.kucoin.says(DONE, ({ query }) => (query['lastId'] === 'o99' ? items(ours) : items(...page(0))));
    expect(await lookup()).toMatchObject({ kind: 'found' });
    scene.kucoin.says(DONE, items(...page(0)));
    expect(await lookup()).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });
});

describe('open orders', () => {
  it('of the account are those of each symbol that has some, oldest first', async () => {
    scene.kucoin.says(SYMBOLS, data({ symbols: ['ETH-USDT', 'BTC-USDT'] }));
    scene.kucoin.says(ACTIVE, ({ query }) =>
      data([
        details({ id: `late-${query['symbol']!}`, symbol: query['symbol'], createdAt: Date.now() }),
        details({ id: `early-${query['symbol']!}`, symbol: query['symbol'], createdAt: Date.now() - DAY }),
      ]),
    );
    expect(answered(await scene.client.openOrders()).map(({ venueOrderId }) => venueOrderId)).toEqual([
      'early-ETH-USDT',
      'early-BTC-USDT',
      'late-ETH-USDT',
      'late-BTC-USDT',
    ]);
    scene.kucoin.says(ACTIVE, ({ query }) => (query['symbol'] === 'BTC-USDT' ? [503, ''] : data([])));
    expect(await scene.client.openOrders()).toMatchObject({ kind: 'couldNotAsk', reason: 'serverError' });
  });
});

describe('trades', () => {
  const trade = (index: number, at: number) => fill({ id: 1_000 + index, createdAt: at });
  /** As KuCoin pages them: latest first, within the times asked for, behind the last id. */
  const served =
    (all: readonly Readonly<Record<string, unknown>>[]) =>
    ({ query }: Heard): Script => {
      const within = all.filter(
        ({ createdAt }) => Number(createdAt) >= Number(query['startAt']) && Number(createdAt) <= Number(query['endAt']),
      );
      const latest = within.toReversed();
      const from = query['lastId'] === undefined ? 0 : latest.findIndex(({ id }) => String(id) === query['lastId']) + 1;
      return items(...latest.slice(from, from + Number(query['limit'])));
    };
  const idsOf = (fills: readonly { readonly tradeId: string }[]) => fills.map(({ tradeId }) => Number(tradeId) - 1_000);

  it('are told oldest first, week by week, each once', async () => {
    const now = Date.now();
    const all = Array.from({ length: 230 }, (_, i) => trade(i, now - (230 - i) * (DAY / 10)));
    scene.kucoin.says(FILLS, served(all));
    const page = answered(await scene.client.tradesSince(BTC, { sinceMs: now - 30 * DAY }));
    expect(idsOf(page.fills)).toEqual(all.map((_, i) => i));
    expect(page.next).toBeNull();
    for (const { query } of scene.kucoin.requests(FILLS))
      expect(Number(query['endAt']) - Number(query['startAt'])).toBeLessThanOrEqual(7 * DAY);
  });

  it('that are more than one answer holds are told in parts', async () => {
    const now = Date.now();
    const all = Array.from({ length: 2_500 }, (_, i) => trade(i, now - (2_500 - i) * 1_000));
    scene.kucoin.says(FILLS, served(all));
    const got: number[] = [];
    let from: TradeCursor | null = { sinceMs: now - DAY };
    while (from !== null) {
      const page: TradePage = answered(await scene.client.tradesSince(BTC, from));
      got.push(...idsOf(page.fills));
      from = page.next;
    }
    expect([...new Set(got)]).toEqual(all.map((_, i) => i));
  });

  it('behind a trade are those after it, however long ago it was; of one that is in no list nothing is said', async () => {
    const now = Date.now();
    const all = [now - 20 * DAY, now - 20 * DAY, now - DAY, now].map((at, i) => trade(i, at));
    scene.kucoin.says(FILLS, served(all));
    expect(idsOf(answered(await scene.client.tradesSince(BTC, { afterTradeId: '1000' })).fills)).toEqual([1, 2, 3]);
    expect(idsOf(answered(await scene.client.tradesSince(BTC, { afterTradeId: '1002' })).fills)).toEqual([3]);
    expect(await scene.client.tradesSince(BTC, { afterTradeId: '17' })).toMatchObject({ kind: 'couldNotAsk' });
  });

  it('of one order are asked for by its id, whenever they were', async () => {
    scene.kucoin.says(FILLS, items(fill({ id: 2 }), fill({ id: 1 })));
    const fills = answered(await scene.client.orderFills({ ...BTC, venueOrderId: ORDER_ID }));
    expect(fills.map(({ tradeId }) => tradeId)).toEqual(['1', '2']);
    expect(scene.kucoin.requests(FILLS)[0]?.query).toEqual({ symbol: 'BTC-USDT', orderId: ORDER_ID, limit: '100' });
  });
});

describe('listings', () => {
  it('are read to the digit; what KuCoin does not trade now is not traded', async () => {
    scene.kucoin.listed = { ...scene.kucoin.listed, enableTrading: false };
    const [btc] = answered(await scene.venue.marketData.instruments());
    expect(btc).toMatchObject({
      pair: 'BTC-USDT',
      tick: '0.1',
      lot: '0.00000001',
      minQuantity: '0.00001',
      maxQuantity: '10000000000',
      minNotional: '0.1',
      trading: false,
    });
    expect(await scene.client.place(order(BTC), soon())).toMatchObject({ kind: 'refused', code: 'PAIR_NOT_TRADING' });
  });

  it('that cannot be loaded let no order leave', async () => {
    scene.kucoin.says('GET /api/v2/symbols', saying('500000', 'Internal Server Error', 500));
    expect(await scene.client.place(order(BTC), soon())).toMatchObject({ kind: 'notSent', reason: 'notReady' });
  });
});
