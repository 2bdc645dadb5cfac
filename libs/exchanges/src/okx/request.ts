import type { Params } from '../ccxt/account-calls.js';
import { nameOf } from '../ccxt/writes.js';
import type { NewOrder, OrderChange, OrderRef } from '../orders.js';

/**
 * `POST /api/v5/trade/order`, with the order's own texts: ccxt's rounding would pass prices through a float, and grid and limits have been
 * checked by now. A market order says that its size is in base (a purchase's default is quote), and that OKX may not make it smaller where
 * the balance does not suffice.
 */
export const placeParams = (order: NewOrder, expTime: number): Params => ({
  instId: order.venueSymbol,
  // Spot without margin.
  tdMode: 'cash',
  clOrdId: order.clientOrderId,
  side: order.side,
  ordType: ordTypeOf(order),
  sz: order.quantity,
  ...(order.orderType === 'market' ? { tgtCcy: 'base_ccy', banAmend: true } : {}),
  ...(order.limitPrice === null ? {} : { px: order.limitPrice }),
  expTime,
});

/** OKX's order types are ours together with the time in force. */
const ordTypeOf = ({ orderType, timeInForce, postOnly }: NewOrder): string => {
  if (orderType === 'market') return 'market';
  if (postOnly) return 'post_only';
  return timeInForce === 'ioc' || timeInForce === 'fok' ? timeInForce : 'limit';
};

/** The symbol and one id: where both are given, OKX looks at its own alone. */
export const refParams = (order: OrderRef): Params => {
  const name = nameOf(order);
  return { instId: order.venueSymbol, ...('ours' in name ? { clOrdId: name.ours } : { ordId: name.venue }) };
};

/** `POST /api/v5/trade/amend-order`: the whole new quantity, as the port has it. */
export const amendParams = (order: OrderRef, { quantity, limitPrice }: OrderChange, expTime: number): Params => ({
  ...refParams(order),
  ...(quantity === null ? {} : { newSz: quantity }),
  ...(limitPrice === null ? {} : { newPx: limitPrice }),
  expTime,
});
