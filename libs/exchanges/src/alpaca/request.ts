import { decimal } from '@switchyard/money';
import { refused } from '../order-checks.js';
import type { NewOrder } from '../orders.js';
import type { Refused } from '../outcomes.js';

/** What a purchase in dollars must cost at least: "cost basis must be >= minimal amount of order 10". Sales are not held to it. */
const MIN_PURCHASE_USD = '10';

type Params = Readonly<Record<string, string>>;

/**
 * `POST /v2/orders`. A market order goes as ioc: Alpaca makes a limit order of it, 2 % beyond the best price, and as gtc what that does not
 * fill would stay in the book. https://alpaca.markets/support/why-do-i-see-a-discrepancy-between-the-notional-value-requested-and-the-order-value-ultimately-filled
 */
export const placeParams = (order: NewOrder): Params => ({
  symbol: order.venueSymbol,
  qty: order.quantity,
  side: order.side,
  type: order.orderType,
  time_in_force: order.orderType === 'market' ? 'ioc' : order.timeInForce,
  ...(order.limitPrice === null ? {} : { limit_price: order.limitPrice }),
  ...(order.stopPrice === null ? {} : { stop_price: order.stopPrice }),
  client_order_id: order.clientOrderId,
});

/** Refuses a purchase that is too small, as far as its worth is known here: a market order's is judged by the venue. */
export const checkPurchase = ({ side, venueSymbol, quantity, limitPrice }: NewOrder): Refused | null => {
  if (side !== 'buy' || !venueSymbol.endsWith('/USD') || limitPrice === null) return null;
  const cost = decimal(limitPrice).times(decimal(quantity));
  return cost.lt(decimal(MIN_PURCHASE_USD))
    ? refused('BELOW_MIN_NOTIONAL', { notional: cost.toFixed(), minNotional: MIN_PURCHASE_USD })
    : null;
};

const ORDER_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Whether this may stand in the path of an order. `DELETE /v2/orders/<nothing>` is one slash away from `DELETE /v2/orders`, which cancels
 * everything that the account has: nothing but a whole id ever gets there.
 */
export const isOrderId = (text: string): boolean => ORDER_ID.test(text);
