import type { Params } from '../ccxt/account-calls.js';
import type { NewOrder } from '../orders.js';

/**
 * `POST /api/v3/brokerage/orders`, with the order's own texts. ccxt would round prices through a float, size market buys in quote, and
 * drop the client order id.
 */
export const placeParams = (order: NewOrder): Params => ({
  client_order_id: order.clientOrderId,
  product_id: order.venueSymbol,
  side: order.side === 'buy' ? 'BUY' : 'SELL',
  order_configuration: configurationOf(order),
});

const configurationOf = (order: NewOrder): Params => {
  const { orderType, timeInForce, expireAtMs, side, postOnly } = order;
  const base_size = order.quantity;
  if (orderType === 'market') return { market_market_ioc: { base_size } };
  const limited = { base_size, limit_price: order.limitPrice ?? '' };
  const dated = typeof expireAtMs === 'number' ? { end_time: new Date(expireAtMs).toISOString() } : null;
  if (orderType === 'stop_limit') {
    // A stop waits for the price to run away: up for who buys, down for who sells.
    const stop_direction = side === 'buy' ? 'STOP_DIRECTION_STOP_UP' : 'STOP_DIRECTION_STOP_DOWN';
    const stopped = { ...limited, stop_price: order.stopPrice ?? '', stop_direction };
    return dated === null
      ? { stop_limit_stop_limit_gtc: stopped }
      : { stop_limit_stop_limit_gtd: { ...stopped, ...dated } };
  }
  if (timeInForce === 'ioc') return { sor_limit_ioc: limited };
  if (timeInForce === 'fok') return { limit_limit_fok: limited };
  const resting = { ...limited, post_only: postOnly };
  return dated === null ? { limit_limit_gtc: resting } : { limit_limit_gtd: { ...resting, ...dated } };
};
