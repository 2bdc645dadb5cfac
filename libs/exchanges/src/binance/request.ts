import type { NewOrder, OrderRef, OrderType, TimeInForce } from '../orders.js';

type Params = Readonly<Record<string, string | number>>;

const TYPES: Readonly<Record<OrderType, string>> = {
  market: 'MARKET',
  limit: 'LIMIT',
  stop: 'STOP_LOSS',
  stop_limit: 'STOP_LOSS_LIMIT',
};

const TIMES_IN_FORCE: Readonly<Partial<Record<TimeInForce, string>>> = { gtc: 'GTC', ioc: 'IOC', fok: 'FOK' };

/**
 * `POST /api/v3/order`, with the order's own texts: ccxt's rounding would pass prices through a float, and grid and limits have been
 * checked by now. FULL asks for state and fills at every type; the venue's default is ACK for stops.
 */
export const placeParams = (order: NewOrder, recvWindowMs: number): Params => {
  const limited = order.orderType === 'limit' || order.orderType === 'stop_limit';
  // A post-only order is a type of its own here, and takes no time in force.
  const timeInForce = limited && !order.postOnly ? TIMES_IN_FORCE[order.timeInForce] : undefined;
  return {
    symbol: order.venueSymbol,
    side: order.side === 'buy' ? 'BUY' : 'SELL',
    type: order.postOnly ? 'LIMIT_MAKER' : TYPES[order.orderType],
    ...(timeInForce === undefined ? {} : { timeInForce }),
    quantity: order.quantity,
    ...(order.limitPrice === null ? {} : { price: order.limitPrice }),
    ...(order.stopPrice === null ? {} : { stopPrice: order.stopPrice }),
    ...(order.displayQuantity === null ? {} : { icebergQty: order.displayQuantity }),
    newClientOrderId: order.clientOrderId,
    newOrderRespType: 'FULL',
    recvWindow: recvWindowMs,
  };
};

/** The symbol and one id: the venue's where it is known, for it is unique for ever, else ours. */
export const refParams = (order: OrderRef): Params =>
  order.venueOrderId === null
    ? { symbol: order.venueSymbol, origClientOrderId: order.clientOrderId }
    : { symbol: order.venueSymbol, orderId: order.venueOrderId };
