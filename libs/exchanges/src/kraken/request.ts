import type { Params } from '../ccxt/account-calls.js';
import type { NewOrder, OrderChange, OrderRef, OrderType } from '../orders.js';

const TYPES: Readonly<Record<OrderType, string>> = {
  market: 'market',
  limit: 'limit',
  stop: 'stop-loss',
  stop_limit: 'stop-loss-limit',
};

/** A time as Kraken wants deadlines (RFC 3339), so long after now by the venue's clock. */
export const deadline = (nowMs: number, windowMs: number): string => new Date(nowMs + windowMs).toISOString();

/** `AddOrder`, with the order's own texts. `price` is the limit of a limit order and the trigger of a stop, whose limit is `price2`. */
export const placeParams = (order: NewOrder, until: string): Params => {
  const { orderType, timeInForce, limitPrice, stopPrice, expireAtMs = null } = order;
  const price = stopPrice ?? limitPrice;
  return {
    pair: order.venueSymbol,
    type: order.side,
    ordertype: TYPES[orderType],
    volume: order.quantity,
    ...(price === null ? {} : { price }),
    ...(stopPrice === null || limitPrice === null ? {} : { price2: limitPrice }),
    // Fees in quote, whichever side: trades don't tell what theirs came in.
    oflags: order.postOnly ? 'fciq,post' : 'fciq',
    ...(orderType === 'limit' && timeInForce === 'ioc' ? { timeinforce: 'IOC' } : {}),
    // In whole seconds: sooner rather than later.
    ...(expireAtMs === null ? {} : { timeinforce: 'GTD', expiretm: Math.floor(expireAtMs / 1_000) }),
    cl_ord_id: order.clientOrderId,
    deadline: until,
  };
};

/** One id: Kraken's where it is known, for it is unique for ever, else ours. */
export const refParams = (order: OrderRef): Params =>
  order.venueOrderId === null ? { cl_ord_id: order.clientOrderId } : { txid: order.venueOrderId };

export const amendParams = (order: OrderRef, change: OrderChange, until: string): Params => ({
  ...refParams(order),
  ...(change.quantity === null ? {} : { order_qty: change.quantity }),
  ...(change.limitPrice === null ? {} : { limit_price: change.limitPrice }),
  ...(change.postOnly ? { post_only: 'true' } : {}),
  deadline: until,
});
