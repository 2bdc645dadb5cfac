import { describe, expect, it } from '@jest/globals';
import type { OrderMarket } from '../ccxt/market-data.js';
import { order, refOf } from '../contract/scene.js';
import type { InstrumentKey } from '../instruments.js';
import type { NewOrder } from '../orders.js';
import { toOrder, toPlaced } from './map.js';
import { placeParams, refParams } from './request.js';

/**
 * What went to Kraken and what it answered, as the ccxt project recorded it (github.com/ccxt/ccxt, MIT licence,
 * ts/src/test/static/{request,response}/kraken.json).
 */
const LTC: InstrumentKey = { pair: 'LTC-USDT', venueSymbol: 'LTCUSDT' };
const MARKET: OrderMarket = {
  ready: () => Promise.reject(new Error('not asked for')),
  symbolOf: (name) => name,
  pairOf: () => LTC.pair,
};

const ltc = (change: Partial<NewOrder>): NewOrder =>
  order(LTC, { quantity: '0.1', orderType: 'market', timeInForce: 'ioc', limitPrice: null, ...change });

const told = (descr: object, rest: object = {}): object => ({
  refid: null,
  userref: '0',
  status: 'open',
  opentm: '1705259439.563000',
  starttm: '0',
  expiretm: '0',
  descr: { pair: 'LTCUSDT', leverage: 'none', close: '', ...descr },
  vol: '0.10000000',
  vol_exec: '0.00000000',
  cost: '0.000000',
  fee: '0.000000',
  price: '0.000000',
  stopprice: '0.000000',
  limitprice: '0.000000',
  misc: '',
  oflags: 'fciq',
  reason: null,
  ...rest,
});

describe('what was recorded of Kraken', () => {
  it.each<readonly [string, Partial<NewOrder>]>([
    ['pair=LTCUSDT&type=buy&ordertype=market&volume=0.1', {}],
    ['pair=LTCUSDT&type=sell&ordertype=market&volume=0.1', { side: 'sell' }],
    [
      'pair=LTCUSDT&type=sell&ordertype=stop-loss&volume=0.1&price=55',
      { side: 'sell', orderType: 'stop', timeInForce: 'gtc', stopPrice: '55' },
    ],
    [
      'pair=LTCUSDT&type=sell&ordertype=stop-loss-limit&volume=0.1&price=55&price2=54',
      { side: 'sell', orderType: 'stop_limit', timeInForce: 'gtc', limitPrice: '54', stopPrice: '55' },
    ],
    [
      // Sent with `fcib,post`; this adapter asks for fees in quote.
      'pair=LTCUSDT&type=buy&ordertype=limit&volume=0.1&price=50',
      { orderType: 'limit', timeInForce: 'gtc', limitPrice: '50', postOnly: true },
    ],
  ])('%s is how the order goes out', (sent, change) => {
    const { oflags, cl_ord_id, deadline, ...params } = placeParams(ltc(change), '2026-01-01T00:00:00.000Z');
    expect(params).toEqual(Object.fromEntries(new URLSearchParams(sent)));
    expect(oflags).toBe(change.postOnly === true ? 'fciq,post' : 'fciq');
    expect([cl_ord_id, deadline]).not.toContain(undefined);
  });

  it('a cancel goes out with Kraken’s id alone', () => {
    expect(refParams(refOf(ltc({}), 'OF7S76-H2IMS-N2ML4U'))).toEqual({ txid: 'OF7S76-H2IMS-N2ML4U' });
  });

  it.each([
    ['OL7LNO-R4SAD-6UINEU', 'buy 0.10000000 LTCUSDT @ market', {}],
    ['OR6EGN-KQSEG-AMI6CL', 'buy 0.10000000 LTCUSDT @ limit 50.00000', { orderType: 'limit', limitPrice: '50' }],
    [
      'OIIQBL-6PV3A-7M2AJJ',
      'sell 0.10000000 LTCUSDT @ stop loss 55.00000 -> limit 54.00000',
      { side: 'sell', orderType: 'stop_limit', limitPrice: '54', stopPrice: '55' },
    ],
  ] as const)('%s, "%s", is the order that was sent', (id, words, change) => {
    const answer = { error: [], result: { txid: [id], descr: { order: words } } };
    expect(toPlaced(answer, ltc(change), MARKET)).toEqual({ venueOrderId: id, order: null, fills: [] });
  });

  it('an open post-only order, with numbers and times as texts', () => {
    const raw = told({ type: 'buy', ordertype: 'limit', price: '50.00000', price2: '0' }, { oflags: 'post,fciq' });
    expect(toOrder('OR6EGN-KQSEG-AMI6CL', raw, LTC, MARKET)).toMatchObject({
      order: {
        venueOrderId: 'OR6EGN-KQSEG-AMI6CL',
        clientOrderId: null,
        state: 'placed',
        orderType: 'limit',
        limitPrice: '50.00000',
        placedAtMs: 1_705_259_439_563,
        updatedAtMs: 1_705_259_439_563,
      },
      tradeIds: [],
      feeIn: 'quote',
    });
  });

  it('a market order that was filled', () => {
    const raw = told(
      { type: 'buy', ordertype: 'market', price: '0', price2: '0' },
      {
        status: 'closed',
        opentm: '1705260547.472000',
        closetm: '1705260547.4728658',
        vol_exec: '0.10000000',
        cost: '7.105741',
        fee: '0.018475',
        price: '71.05741',
        trades: ['TWA6QJ-ZO4EM-6QIHQJ'],
      },
    );
    expect(toOrder('OGMZCL-KC6MC-ZRBGM6', raw, LTC, MARKET)).toMatchObject({
      order: {
        state: 'filled',
        orderType: 'market',
        limitPrice: null,
        filledQuantity: '0.10000000',
        filledQuote: '7.105741',
        updatedAtMs: 1_705_260_547_472,
      },
      tradeIds: ['TWA6QJ-ZO4EM-6QIHQJ'],
    });
  });

  it('a resting stop with a limit', () => {
    const raw = told({ type: 'sell', ordertype: 'stop-loss-limit', price: '55.00000', price2: '54.00000' });
    expect(toOrder('OIIQBL-6PV3A-7M2AJJ', raw, LTC, MARKET)).toMatchObject({
      order: { side: 'sell', orderType: 'stop_limit', stopPrice: '55.00000', limitPrice: '54.00000', state: 'placed' },
    });
  });

  it('an order of a type that this project does not send keeps its numbers, without a type', () => {
    const raw = told(
      { type: 'buy', ordertype: 'trailing-stop', price: '+50.0000%', price2: '0' },
      { trigger: 'index' },
    );
    expect(toOrder('OF7S76-H2IMS-N2ML4U', raw, LTC, MARKET)).toMatchObject({
      order: { orderType: null, limitPrice: null, stopPrice: null, quantity: '0.10000000' },
    });
  });
});
