import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { market, order, refOf, soon } from '../contract/scene.js';
import {
  CANCEL,
  FILLS,
  fills,
  listing,
  PLACE,
  PRODUCTS,
  scriptedScene,
  taken,
  type ScriptedScene,
} from './scripted-coinbase.js';

/**
 * What ccxt has recorded of the real venue (`ts/src/test/static/{request,response}/coinbase.json` of github.com/ccxt/ccxt, MIT): the bodies
 * that it took, and an order and its fill as it told them on 2023-11-26.
 */
const ADA = { pair: 'ADA-USDT', venueSymbol: 'ADA-USDT' };
const ORDER_ID = '01b6e467-b659-432f-9490-c7cefe949564';
const CLIENT_ID = 'a0f970a2-05fa-4e1f-9517-f6702c33cfd1';

const ORDER = {
  order_id: ORDER_ID,
  product_id: 'ADA-USDT',
  order_configuration: { market_market_ioc: { base_size: '10' } },
  side: 'SELL',
  client_order_id: CLIENT_ID,
  status: 'FILLED',
  time_in_force: 'IMMEDIATE_OR_CANCEL',
  created_time: '2023-11-26T10:19:47.423220Z',
  completion_percentage: '100.00',
  filled_size: '10',
  average_filled_price: '0.392',
  fee: '',
  number_of_fills: '1',
  filled_value: '3.92',
  pending_cancel: false,
  size_in_quote: false,
  total_fees: '0.03136',
  total_value_after_fees: '3.88864',
  trigger_status: 'INVALID_ORDER_TYPE',
  order_type: 'MARKET',
  settled: true,
  product_type: 'SPOT',
  last_fill_time: '2023-11-26T10:19:47.504Z',
};

const FILL = {
  entry_id: 'dc7424ac5193601ae273cf704ece1667987d8c0b1077faa5fe3213e8e9efbd30',
  trade_id: '19fc7eee-f4b4-40a7-8104-033da1db5311',
  order_id: ORDER_ID,
  trade_time: '2023-11-26T10:19:47.504Z',
  trade_type: 'FILL',
  price: '0.392',
  size: '10',
  commission: '0.03136',
  product_id: 'ADA-USDT',
  sequence_timestamp: '2023-11-26T10:19:47.507001Z',
  liquidity_indicator: 'TAKER',
  size_in_quote: false,
  side: 'SELL',
};

let scene: ScriptedScene;
beforeEach(async () => {
  scene = await scriptedScene();
  const ada = { product_id: 'ADA-USDT', base_currency_id: 'ADA', quote_currency_id: 'USDT', price_increment: '0.0001' };
  const products = {
    body: { products: [listing({ ...ada, base_increment: '0.01', base_min_size: '0.01', quote_min_size: '0.5' })] },
  };
  scene.coinbase.script(PRODUCTS, products, products, products);
});
afterEach(() => scene.close());

describe('what Coinbase really said', () => {
  it('of a filled order and its fill is read as it was', async () => {
    scene.coinbase.script(`GET /api/v3/brokerage/orders/historical/${ORDER_ID}`, { body: { order: ORDER } });
    scene.coinbase.script(FILLS, fills(FILL));
    const ref = { ...ADA, clientOrderId: CLIENT_ID, venueOrderId: ORDER_ID };
    expect(await scene.client.lookup(ref)).toEqual({
      kind: 'found',
      order: {
        ...ADA,
        venueOrderId: ORDER_ID,
        clientOrderId: CLIENT_ID,
        side: 'sell',
        orderType: 'market',
        quantity: '10',
        limitPrice: null,
        stopPrice: null,
        state: 'filled',
        filledQuantity: '10',
        filledQuote: '3.92',
        placedAtMs: Date.parse('2023-11-26T10:19:47.423Z'),
        updatedAtMs: Date.parse('2023-11-26T10:19:47.504Z'),
      },
      fills: [
        {
          ...ADA,
          tradeId: '19fc7eee-f4b4-40a7-8104-033da1db5311',
          venueOrderId: ORDER_ID,
          side: 'sell',
          quantity: '10',
          price: '0.392',
          fee: { amount: '0.03136', currency: 'USDT' },
          liquidity: 'taker',
          filledAtMs: Date.parse('2023-11-26T10:19:47.504Z'),
        },
      ],
      fillsComplete: true,
    });
  });
});

describe('what it took', () => {
  /** A recorded body with its client order id, which is another each time, made ours. */
  const recorded = (body: string, clientOrderId: string): string =>
    body.replace(/"client_order_id":"[^"]*"/, `"client_order_id":"${clientOrderId}"`);
  const limited = { quantity: '10', limitPrice: '0.25' };

  it.each([
    [
      order(ADA, { quantity: '4', limitPrice: '0.2' }),
      '{"client_order_id":"26b6d2f3-1cb1-4d4a-8b58-c33e087e0d28","product_id":"ADA-USDT","side":"BUY","order_configuration":{"limit_limit_gtc":{"base_size":"4","limit_price":"0.2","post_only":false}}}',
    ],
    [
      order(ADA, { ...limited, postOnly: true }),
      '{"client_order_id":"e5297ce3-a3da-4360-80aa-563602fe2bf1","product_id":"ADA-USDT","side":"BUY","order_configuration":{"limit_limit_gtc":{"base_size":"10","limit_price":"0.25","post_only":true}}}',
    ],
    [
      order(ADA, { ...limited, timeInForce: 'ioc' }),
      '{"client_order_id":"1cbeaa37-a49d-43ba-9cfd-bfb670d0614a","product_id":"ADA-USDT","side":"BUY","order_configuration":{"sor_limit_ioc":{"base_size":"10","limit_price":"0.25"}}}',
    ],
    [
      market(ADA, { quantity: '10', side: 'sell' }),
      '{"client_order_id":"a0f970a2-05fa-4e1f-9517-f6702c33cfd1","product_id":"ADA-USDT","side":"SELL","order_configuration":{"market_market_ioc":{"base_size":"10"}}}',
    ],
  ])('for an order is what we send, byte for byte (%#)', async (wanted, body) => {
    scene.coinbase.script(PLACE, { body: taken() });
    await scene.client.place(wanted, soon());
    expect(scene.coinbase.asked(PLACE)[0]?.body).toBe(recorded(body, wanted.clientOrderId));
  });

  it('for a cancel, and where open orders were asked for', async () => {
    await scene.client.cancel(refOf(order(ADA), '9fd0cadc-2ccc-45e8-b254-ea511c34e5b2'), soon());
    expect(scene.coinbase.asked(CANCEL)[0]?.body).toBe('{"order_ids":["9fd0cadc-2ccc-45e8-b254-ea511c34e5b2"]}');
    await scene.client.openOrders();
    const { query } = scene.coinbase.asked('GET /api/v3/brokerage/orders/historical/batch').at(-1)!;
    expect(query.get('order_status')).toBe('OPEN');
  });
});
