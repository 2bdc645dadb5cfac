import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadCcxtClass, withEndpoints } from '../ccxt/exchange.js';
import { market, order, refOf, soon } from '../contract/scene.js';
import { ok, type SeenRequest } from './scripted-bybit.js';
import {
  acknowledgement,
  AMEND,
  BTC,
  CANCEL,
  KEYS,
  listed,
  orderRow,
  ORDERS,
  OURS,
  PLACE,
  scriptedScene,
  tradeRow,
  TRADES,
  type ScriptedScene,
} from './scripted-scene.js';
import { withOwnWindows } from './signing.js';
import { bybit } from './venue.js';

let scene: ScriptedScene;
beforeEach(async () => {
  scene = await scriptedScene();
});
afterEach(() => scene.close());

const sent = (name: string): unknown => JSON.parse(scene.bybit.asked(name)[0]?.body ?? 'null');
const ref = refOf(order(BTC));

describe('what is sent', () => {
  const common = { category: 'spot', symbol: 'BTCUSDT', isLeverage: 0, orderFilter: 'Order', orderLinkId: OURS };

  it.each([
    [order(BTC), { side: 'Buy', orderType: 'Limit', qty: '0.01', price: '60000', timeInForce: 'GTC' }],
    [
      order(BTC, { timeInForce: 'ioc' }),
      { side: 'Buy', orderType: 'Limit', qty: '0.01', price: '60000', timeInForce: 'IOC' },
    ],
    [
      order(BTC, { timeInForce: 'fok' }),
      { side: 'Buy', orderType: 'Limit', qty: '0.01', price: '60000', timeInForce: 'FOK' },
    ],
    [
      order(BTC, { postOnly: true }),
      { side: 'Buy', orderType: 'Limit', qty: '0.01', price: '60000', timeInForce: 'PostOnly' },
    ],
    // Without marketUnit, a buy of 0.01 BTC would be an order to spend 0.01 USDT.
    [market(BTC), { side: 'Buy', orderType: 'Market', qty: '0.01', marketUnit: 'baseCoin', timeInForce: 'IOC' }],
    [
      market(BTC, { side: 'sell' }),
      { side: 'Sell', orderType: 'Market', qty: '0.01', marketUnit: 'baseCoin', timeInForce: 'IOC' },
    ],
  ])('of a new order is what was ordered, in its own texts: %j', async (wanted, expected) => {
    scene.bybit.script(PLACE, ok(acknowledgement()));
    expect(await scene.client.place(wanted, soon())).toMatchObject({ kind: 'accepted' });
    expect(sent(PLACE)).toEqual({ ...common, ...expected });
  });

  it('of a price is no float', async () => {
    scene.bybit.script(PLACE, ok(acknowledgement()));
    const wanted = order(BTC, { quantity: '12.123456', limitPrice: '123456.7' });
    await scene.client.place(wanted, soon());
    expect(sent(PLACE)).toMatchObject({ qty: '12.123456', price: '123456.7' });
  });

  it('of a cancel and of an amend is one id: the venue’s where it is known', async () => {
    scene.bybit.script(CANCEL, ok(acknowledgement()), ok(acknowledgement()));
    await scene.client.cancel(ref, soon());
    expect(sent(CANCEL)).toEqual({ category: 'spot', symbol: 'BTCUSDT', orderLinkId: OURS, orderFilter: 'Order' });
    scene.bybit.script(AMEND, ok(acknowledgement()));
    const known = { ...ref, venueOrderId: '2100000000000000256' };
    const change = { quantity: null, limitPrice: '59000', postOnly: false };
    expect(await scene.client.amend?.(known, change, soon())).toMatchObject({ kind: 'amended' });
    expect(sent(AMEND)).toEqual({
      category: 'spot',
      symbol: 'BTCUSDT',
      orderId: '2100000000000000256',
      price: '59000',
    });
  });

  it('asks a lookup by our id alone, so that Bybit cannot go by another', async () => {
    await scene.client.lookup(ref);
    const queries = scene.bybit.requests
      .filter(({ query }) => query.has('orderLinkId'))
      .map(({ query }) => [...query.keys()]);
    expect(queries).toEqual([
      ['category', 'orderLinkId'],
      ['category', 'orderLinkId'],
      ['category', 'orderLinkId', 'limit'],
    ]);
  });

  it('is refused here where an amend is to be post-only, which Bybit cannot promise', async () => {
    const change = { quantity: null, limitPrice: '59000', postOnly: true };
    expect(await scene.client.amend?.(ref, change, soon())).toMatchObject({
      kind: 'refused',
      code: 'UNSUPPORTED_OPTION',
    });
    expect(scene.bybit.asked(AMEND)).toEqual([]);
  });

  it('never asks what kind of account a key belongs to', async () => {
    scene.bybit.script(PLACE, ok(acknowledgement()));
    await scene.client.place(order(BTC), soon());
    await scene.client.balances();
    const paths = new Set(scene.bybit.requests.map(({ name }) => name));
    expect([...paths].filter((path) => /user|account\/info/.test(path))).toEqual([]);
  });
});

describe('the signature', () => {
  const signed = ({ headers, body, query, name }: SeenRequest): string =>
    createHmac('sha256', KEYS.secret)
      .update(
        [
          headers['x-bapi-timestamp'],
          KEYS.apiKey,
          headers['x-bapi-recv-window'],
          name.startsWith('GET') ? query.toString() : body,
        ].join(''),
      )
      .digest('hex');

  // Vectors of an implementation that is not ours.
  it.each([
    [
      'GET',
      { category: 'spot', symbol: 'BTCUSDT' },
      '57bb56b6f64b386cbc4a312af9260fbb98c1bc6c3731eac067b2a55229fb05f9',
    ],
    ['POST', { category: 'option' }, '38f5a5ef114062a9367e3da9cd897e2e00ba86dded436045c784b22508dde08a'],
  ])('of a %s is Bybit’s', async (method, params, expected) => {
    const Bybit = withOwnWindows(withEndpoints(await loadCcxtClass('bybit'), bybit.ccxt.endpoints));
    const exchange = new Bybit({ apiKey: 'api-key', secret: 'secret' });
    exchange.nonce = () => 1_658_385_579_423;
    const sign = exchange['sign'] as (...of: readonly unknown[]) => { readonly headers: Record<string, string> };
    const { headers } = sign.call(exchange, 'v5/account/fee-rate', 'private', method, { ...params, recvWindow: 5_000 });
    expect(headers).toMatchObject({ 'X-BAPI-RECV-WINDOW': '5000', 'X-BAPI-SIGN': expected });
  });

  it('holds each order’s own window, however many are signed at once', async () => {
    scene.bybit.script(PLACE, ...Array.from({ length: 8 }, () => ok(acknowledgement())));
    const windows = [1_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 8_000];
    await Promise.all([
      ...windows.map((recvWindowMs) => scene.client.place(order(BTC), soon({ recvWindowMs }))),
      scene.client.lookup(ref),
    ]);
    const orders = scene.bybit.asked(PLACE);
    expect(orders.map(({ headers }) => Number(headers['x-bapi-recv-window'])).sort()).toEqual(windows);
    for (const request of [...orders, ...scene.bybit.asked(ORDERS)]) {
      expect(request.headers['x-bapi-sign']).toBe(signed(request));
      expect(request.body).not.toContain('recvWindow');
    }
    expect(scene.bybit.asked(ORDERS)[0]?.headers['x-bapi-recv-window']).toBe('5000');
  });

  it('is over a cursor as Bybit gave it', async () => {
    const cursor = '132766%3A2%2C132766%3A2';
    scene.bybit.script(ORDERS, ok({ ...listed(orderRow()), nextPageCursor: cursor }));
    scene.bybit.script(TRADES, ok(listed(tradeRow())));
    await scene.client.openOrders(BTC);
    const [, second] = scene.bybit.asked(ORDERS);
    expect(second?.query.get('cursor')).toBe('132766:2,132766:2');
    expect(second?.headers['x-bapi-sign']).toBe(signed(second!));
  });
});

describe('lists', () => {
  it('are read to their end: an empty page, or one without a cursor', async () => {
    const page = (n: number) => ok({ ...listed(orderRow({ orderId: String(n) })), nextPageCursor: `page${n}` });
    scene.bybit.script(ORDERS, page(1), page(2), page(3));
    const open = await scene.client.openOrders(BTC);
    expect(open).toMatchObject({
      kind: 'answered',
      value: [{ venueOrderId: '1' }, { venueOrderId: '2' }, { venueOrderId: '3' }],
    });
    expect(scene.bybit.asked(ORDERS)).toHaveLength(4);
  });

  it('without an end are no answer', async () => {
    const page = ok({ ...listed(orderRow()), nextPageCursor: 'again' });
    scene.bybit.script(ORDERS, ...Array.from({ length: 50 }, () => page));
    expect(await scene.client.openOrders(BTC)).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });

  it('of an order’s trades are left once they add up, though Bybit names a next page', async () => {
    scene.bybit.script(ORDERS, ok(listed(orderRow())));
    scene.bybit.script(TRADES, ok({ ...listed(tradeRow()), nextPageCursor: 'next' }));
    expect(await scene.client.lookup(ref)).toMatchObject({ kind: 'found', fillsComplete: true });
    expect(scene.bybit.asked(TRADES)).toHaveLength(1);
  });

  it('of an order’s trades are not left early because a trade is told twice', async () => {
    scene.bybit.script(ORDERS, ok(listed(orderRow())));
    const half = (n: string) => tradeRow({ execId: n, execQty: '0.002' });
    scene.bybit.script(TRADES, ok({ ...listed(half('1'), half('1')), nextPageCursor: 'next' }), ok(listed(half('2'))));
    expect(await scene.client.lookup(ref)).toMatchObject({
      fillsComplete: true,
      fills: [{ tradeId: '1' }, { tradeId: '2' }],
    });
  });

  it('of trades since the beginning go back two years, a week at a time, and end now', async () => {
    expect(await scene.client.tradesSince(BTC, { sinceMs: 0 })).toEqual({
      kind: 'answered',
      value: { fills: [], next: null },
    });
    const starts = scene.bybit.asked(TRADES).map(({ query }) => Number(query.get('startTime')));
    expect(starts).toHaveLength(105);
    expect(Math.abs(Date.now() - 730 * 86_400_000 - starts[0]!)).toBeLessThan(60_000);
  });

  it('of trades after one that is not told of are no answer', async () => {
    const page = await scene.client.tradesSince(BTC, { afterTradeId: 'unheard-of' });
    expect(page).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });

  it('of trades too many for one question are cut in halves, and none is left out', async () => {
    // Every range longer than two days goes on beyond ten pages.
    const now = Date.now();
    const weekAgo = now - 6 * 86_400_000;
    const endless = Array.from({ length: 10 }, (_, n) =>
      ok({ ...listed(tradeRow({ execId: `9${n}` })), nextPageCursor: 'more' }),
    );
    const at = (id: string, days: number) => tradeRow({ execId: id, execTime: String(weekAgo + days * 86_400_000) });
    scene.bybit.script(
      TRADES,
      ...endless,
      ok(listed(at('12', 3), at('11', 1))),
      ...endless,
      ok(listed(at('13', 4))),
      ok(listed()),
    );
    const page = await scene.client.tradesSince(BTC, { sinceMs: weekAgo });
    expect(page).toMatchObject({
      value: { fills: [{ tradeId: '11' }, { tradeId: '12' }, { tradeId: '13' }], next: null },
    });
  });
});

describe('endpoints', () => {
  it('can neither withdraw nor transfer nor borrow', () => {
    const paths = Object.values(bybit.ccxt.endpoints).flatMap((verbs) => Object.values(verbs).flat());
    expect(paths.filter((path) => /withdraw|transfer|borrow|loan|margin|asset|user/.test(String(path)))).toEqual([]);
  });
});
