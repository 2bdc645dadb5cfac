import type { Params } from '../ccxt/account-calls.js';
import { nameOf } from '../ccxt/writes.js';
import type { NewOrder, OrderChange, OrderRef, TimeInForce } from '../orders.js';

export const SPOT = { category: 'spot' } as const;

const TIMES_IN_FORCE: Readonly<Partial<Record<TimeInForce, string>>> = { gtc: 'GTC', ioc: 'IOC', fok: 'FOK' };

/**
 * `POST /v5/order/create`, with the order's own texts: ccxt's rounding would pass prices through a float, and grid and limits have been
 * checked by now. A market order is sized in base by saying so: without `marketUnit`, Bybit reads a buy's quantity as money to spend.
 */
export const placeParams = (order: NewOrder, recvWindowMs: number): Params => ({
  ...SPOT,
  symbol: order.venueSymbol,
  side: order.side === 'buy' ? 'Buy' : 'Sell',
  qty: order.quantity,
  ...(order.limitPrice === null
    ? { orderType: 'Market', marketUnit: 'baseCoin', timeInForce: 'IOC' }
    : {
        orderType: 'Limit',
        price: order.limitPrice,
        timeInForce: order.postOnly ? 'PostOnly' : (TIMES_IN_FORCE[order.timeInForce] ?? 'GTC'),
      }),
  // Bought with one's own money only.
  isLeverage: 0,
  orderFilter: 'Order',
  orderLinkId: order.clientOrderId,
  recvWindow: recvWindowMs,
});

/** One id: given both, Bybit goes by its own and does not compare. */
export const idParams = (order: OrderRef): Params => {
  const name = nameOf(order);
  return 'venue' in name ? { orderId: name.venue } : { orderLinkId: name.ours };
};

export const cancelParams = (order: OrderRef, recvWindowMs: number): Params => ({
  ...SPOT,
  symbol: order.venueSymbol,
  ...idParams(order),
  orderFilter: 'Order',
  recvWindow: recvWindowMs,
});

/** The whole new quantity, what is filled of it included, as Bybit counts it too. */
export const amendParams = (order: OrderRef, change: OrderChange, recvWindowMs: number): Params => ({
  ...SPOT,
  symbol: order.venueSymbol,
  ...idParams(order),
  ...(change.quantity === null ? {} : { qty: change.quantity }),
  ...(change.limitPrice === null ? {} : { price: change.limitPrice }),
  recvWindow: recvWindowMs,
});
