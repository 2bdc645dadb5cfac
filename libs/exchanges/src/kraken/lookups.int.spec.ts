import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { answered, order, refOf } from '../contract/scene.js';
import type { VenueClient } from '../port.js';
import { failing, result, type Answer, type ScriptedKraken } from './scripted-kraken.js';
import {
  BTC,
  FILL,
  NOW,
  open,
  ORDER,
  OTHER_TXID,
  queried,
  scriptedScene,
  TRADE,
  trades,
  TXID,
  type ScriptedScene,
} from './scripted-scene.js';

/** What Kraken tells of orders and trades, as its documents write it. */

let scene: ScriptedScene;
let kraken: ScriptedKraken;
let client: VenueClient;

beforeEach(async () => {
  scene = await scriptedScene();
  ({ kraken, client } = scene);
});
afterEach(() => scene.close());

const lookUp = () => client.lookup(refOf(order(BTC)));

describe('a lookup', () => {
  it('asks open orders by our id, then what an order that has traded is made of', async () => {
    kraken.script('OpenOrders', open());
    kraken.script('QueryOrders', queried());
    kraken.script('QueryTrades', trades());
    expect(await lookUp()).toMatchObject({
      kind: 'found',
      order: { venueOrderId: TXID, state: 'partially_filled', filledQuantity: '0.00400000', limitPrice: '60000.0' },
      fills: [
        {
          tradeId: TRADE,
          price: '60000.00000',
          fee: { amount: '0.96000', currency: 'USD' },
          liquidity: 'maker',
          filledAtMs: Math.floor(NOW * 1_000),
        },
      ],
      fillsComplete: true,
    });
    const { clientOrderId } = order(BTC);
    expect(kraken.asked('OpenOrders')).toMatchObject([{ cl_ord_id: clientOrderId }]);
    expect(kraken.asked('QueryOrders')).toMatchObject([{ txid: TXID, trades: 'true', consolidate_taker: 'false' }]);
    expect(kraken.asked('QueryTrades')).toMatchObject([{ txid: TRADE }]);
    expect(kraken.asked('ClosedOrders')).toEqual([]);
  });

  it('asks closed orders after open ones, and believes "none" only when both say so', async () => {
    kraken.script('OpenOrders', result({ open: {} }), result({ open: {} }), result({ open: {} }));
    kraken.script(
      'ClosedOrders',
      result({ closed: { [TXID]: { ...ORDER, status: 'canceled', vol_exec: '0', trades: [], closetm: NOW } } }),
      failing('EService:Unavailable'),
      result({ closed: {} }),
    );
    expect(await lookUp()).toMatchObject({
      kind: 'found',
      order: { state: 'cancelled' },
      fills: [],
      fillsComplete: true,
    });
    expect(await lookUp()).toMatchObject({ kind: 'couldNotAsk', reason: 'serverError' });
    expect(await lookUp()).toEqual({ kind: 'notFound' });
  });

  it.each<readonly [Answer]>([[failing('EOrder:Unknown order')], [failing('EOrder:Invalid order')], [result({})]])(
    'by Kraken’s id goes on to the lists where it is answered %j, and last to the latest trades',
    async (none) => {
      kraken.script('QueryOrders', none);
      kraken.script('OpenOrders', result({ open: {} }));
      kraken.script('ClosedOrders', result({ closed: {} }));
      kraken.script('TradesHistory', result({ trades: { [TRADE]: FILL }, count: 1 }));
      const outcome = await client.lookup(refOf(order(BTC), TXID));
      expect(outcome).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense', evidence: { httpStatus: 200 } });
    },
  );

  it('takes no order for ours that carries another id, though Kraken tells of it', async () => {
    kraken.script('OpenOrders', open({ cl_ord_id: 'somebody-else' }));
    kraken.script('ClosedOrders', result({ closed: {} }));
    expect(await lookUp()).toEqual({ kind: 'notFound' });
  });

  it('takes neither of two orders under one id for ours', async () => {
    kraken.script('OpenOrders', result({ open: { [TXID]: ORDER, [OTHER_TXID]: ORDER } }));
    expect(await lookUp()).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });

  it.each([
    ['closed', '0.01000000', 'filled'],
    ['closed', '0.00400000', 'expired'],
    ['canceled', '0.00400000', 'cancelled'],
    ['expired', '0.00400000', 'expired'],
    ['pending', '0.00000000', 'placed'],
  ])('a %s order with %s of 0.01 filled is %s', async (status, vol_exec, state) => {
    kraken.script('QueryOrders', queried({ status, vol_exec, trades: [] }));
    expect(await client.lookup(refOf(order(BTC), TXID))).toMatchObject({ order: { state } });
  });

  it.each([
    ['of another pair', { descr: { ...ORDER.descr, pair: 'ETHXBT' } }],
    ['in an unknown state', { status: 'wonderful' }],
    ['in the state "constructor"', { status: 'constructor' }],
    ['filled beyond the order', { vol_exec: '0.02000000' }],
    ['called pending, with fills', { status: 'pending' }],
    ['filled by a float', { vol_exec: 0.004 }],
    ['of negative quantity', { vol: '-1' }],
    ['from 1970', { opentm: 5 }],
    ['from tomorrow', { opentm: NOW + 3 * 86_400 }],
    ['without a time', { opentm: 'soon' }],
    ['without flags', { oflags: undefined }],
  ])('that finds an order %s has found nothing', async (_, change) => {
    kraken.script('OpenOrders', open(change));
    expect(await lookUp()).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });

  it.each([
    ['of another order', { ordertxid: OTHER_TXID }],
    ['of the other side', { type: 'sell' }],
    ['of another pair', { pair: 'XETHXXBT' }],
    ['beyond the order', { vol: '0.02000000' }],
    ['at no price', { price: '0' }],
    ['without saying who made it', { maker: undefined }],
    ['without a number', { trade_id: undefined }],
  ])('that finds trades %s has found nothing', async (_, change) => {
    kraken.script('QueryOrders', queried());
    kraken.script('QueryTrades', trades(change));
    expect(await client.lookup(refOf(order(BTC), TXID))).toMatchObject({ kind: 'couldNotAsk', reason: 'nonsense' });
  });

  it('says that trades are missing while Kraken does not tell them', async () => {
    kraken.script('QueryOrders', queried({ trades: [] }), queried());
    kraken.script('QueryTrades', result({}));
    for (let asked = 0; asked < 2; asked += 1)
      expect(await client.lookup(refOf(order(BTC), TXID))).toMatchObject({
        kind: 'found',
        fills: [],
        fillsComplete: false,
      });
  });

  it('asks for trades twenty at a time, and takes a fee for base where the order asked for that', async () => {
    const ids = Array.from({ length: 25 }, (_, i) => `TAAAAA-BBBBB-0000${String(i).padStart(2, '0')}`);
    const row = (id: string) => [id, { ...FILL, vol: '0.0004', trade_id: ids.indexOf(id) }] as const;
    kraken.script('QueryOrders', queried({ status: 'closed', vol_exec: '0.01', trades: ids, oflags: 'post,fcib' }));
    kraken.script(
      'QueryTrades',
      result(Object.fromEntries(ids.slice(0, 20).reverse().map(row))),
      result(Object.fromEntries(ids.slice(20).map(row))),
    );
    const found = await client.lookup(refOf(order(BTC), TXID));
    expect(found).toMatchObject({ kind: 'found', order: { state: 'filled' }, fillsComplete: true });
    expect(found.kind === 'found' && found.fills.map(({ tradeId }) => tradeId)).toEqual(ids);
    expect(found.kind === 'found' && new Set(found.fills.map(({ fee }) => fee.currency))).toEqual(new Set(['BTC']));
    expect(kraken.asked('QueryTrades').map(({ txid }) => txid?.split(',').length)).toEqual([20, 5]);
  });
});

describe('an account’s trades', () => {
  const history = (from: number, to: number, total: number, second = Math.floor(NOW) - 1_000): Answer =>
    result({
      trades: Object.fromEntries(
        Array.from({ length: to - from + 1 }, (_, i) => to - i).map((n) => [
          `TAAAAA-BBBBB-${String(n).padStart(6, '0')}`,
          { ...FILL, trade_id: n, time: second + n, pair: n % 10 === 0 ? 'XETHXXBT' : 'XXBTZUSD' },
        ]),
      ),
      count: total,
    });
  const numbers = (page: Awaited<ReturnType<VenueClient['tradesSince']>>) =>
    answered(page).fills.map(({ tradeId }) => Number(tradeId.slice(-6)));

  it('of one pair are told oldest first, in pages from the oldest, whatever other pairs traded', async () => {
    kraken.script('TradesHistory', history(71, 120, 120), history(1, 50, 120));
    const first = await client.tradesSince(BTC, { sinceMs: 0 });
    expect(numbers(first)).toEqual(Array.from({ length: 50 }, (_, i) => i + 1).filter((n) => n % 10 !== 0));
    expect(kraken.asked('TradesHistory').map(({ ofs }) => ofs)).toEqual(['0', '70']);
    const { next } = answered(first);
    expect(next).toEqual({ afterTradeId: 'TAAAAA-BBBBB-000049' });

    kraken.script(
      'QueryTrades',
      result({ 'TAAAAA-BBBBB-000049': { ...FILL, trade_id: 49, time: Math.floor(NOW) - 951 } }),
    );
    kraken.script('TradesHistory', history(48, 97, 50));
    const second = await client.tradesSince(BTC, next ?? { sinceMs: 0 });
    expect(numbers(second)[0]).toBe(51);
    expect(kraken.asked('TradesHistory').at(-1)).toMatchObject({ start: String(Math.floor(NOW) - 952) });
    expect(answered(second).next).toBeNull();
  });

  it('are read anew when more come meanwhile, and none is passed over', async () => {
    kraken.script('TradesHistory', history(71, 120, 120), history(4, 53, 123), history(1, 50, 123));
    expect(numbers(await client.tradesSince(BTC, { sinceMs: 0 }))[0]).toBe(1);
    expect(kraken.asked('TradesHistory').map(({ ofs }) => ofs)).toEqual(['0', '70', '73']);
  });

  it('that never stand still could not be asked for', async () => {
    kraken.script('TradesHistory', ...[120, 121, 122, 123].map((total) => history(1, 50, total)));
    expect(await client.tradesSince(BTC, { sinceMs: 0 })).toMatchObject({ kind: 'couldNotAsk' });
  });
});
