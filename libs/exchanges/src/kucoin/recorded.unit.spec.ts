import { describe, expect, it } from '@jest/globals';
import { order } from '../contract/scene.js';
import type { InstrumentKey } from '../instruments.js';
import type { NewOrder } from '../orders.js';
import { placeParams } from './request.js';

/** What went to KuCoin's `hf` service as the ccxt project recorded it (github.com/ccxt/ccxt, MIT licence, ts/src/test/static/request/kucoin.json). */
const at = (pair: string): InstrumentKey => ({ pair, venueSymbol: pair });

describe('what was recorded of KuCoin', () => {
  it.each<readonly [string, NewOrder]>([
    [
      '{"clientOid":"5d7a8110-1ea6-46e7-8d8f-1ba53267f20c","side":"buy","symbol":"LTC-USDT","type":"market","size":"0.1"}',
      order(at('LTC-USDT'), {
        clientOrderId: '5d7a8110-1ea6-46e7-8d8f-1ba53267f20c',
        orderType: 'market',
        limitPrice: null,
        quantity: '0.1',
      }),
    ],
    [
      '{"clientOid":"80190fba-4fc8-4cf2-ad16-fc48ab2749ae","side":"buy","symbol":"ETH-USDT","type":"limit","size":"0.0001","price":"1000"}',
      order(at('ETH-USDT'), {
        clientOrderId: '80190fba-4fc8-4cf2-ad16-fc48ab2749ae',
        quantity: '0.0001',
        limitPrice: '1000',
      }),
    ],
    [
      '{"clientOid":"5fd0d866-f3c7-439b-b299-dbe09375ea30","side":"buy","symbol":"ADA-USDT","type":"limit","size":"20","price":"0.3","postOnly":true}',
      order(at('ADA-USDT'), {
        clientOrderId: '5fd0d866-f3c7-439b-b299-dbe09375ea30',
        quantity: '20',
        limitPrice: '0.3',
        postOnly: true,
      }),
    ],
  ])('%s is how the order goes out, with its window and its time in force', (sent, wanted) => {
    const { allowMaxTimeWindow, timeInForce, ...params } = placeParams(wanted, 5_000);
    expect(params).toEqual(JSON.parse(sent));
    expect([allowMaxTimeWindow, timeInForce]).toEqual([5_000, wanted.limitPrice === null ? undefined : 'GTC']);
  });
});
