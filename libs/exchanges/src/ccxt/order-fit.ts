import { decimal, ZERO } from '@switchyard/money';
import type { NewOrder, OrderRef, VenueOrder } from '../orders.js';
import { Nonsense, same } from './fields.js';

/** An order checked against itself: a state and a filled quantity that can be together. */
export const consistent = (order: VenueOrder): VenueOrder => {
  const { state } = order;
  const filled = decimal(order.filledQuantity);
  const quantity = decimal(order.quantity);
  if (filled.gt(quantity)) throw new Nonsense('more is filled than was ordered');
  if (state === 'filled' && !filled.eq(quantity)) throw new Nonsense('a filled order is not filled');
  if (state === 'placed' && !filled.eq(ZERO)) throw new Nonsense('an unfilled order has fills');
  if (state === 'partially_filled' && (filled.eq(ZERO) || filled.eq(quantity)))
    throw new Nonsense('a partly filled order is not');
  return order;
};

/** The order must be the one that was placed: the same client id, side, quantity and price. Its symbol was compared when it was read. */
export const sameAsPlaced = (order: VenueOrder, placed: NewOrder): void => {
  same('clientOrderId', order.clientOrderId ?? '', placed.clientOrderId);
  same('side', order.side, placed.side);
  if (!decimal(order.quantity).eq(decimal(placed.quantity))) throw new Nonsense('quantity is not the one ordered');
  const { limitPrice } = placed;
  if (limitPrice !== null && order.limitPrice !== null && !decimal(order.limitPrice).eq(decimal(limitPrice)))
    throw new Nonsense('price is not the one ordered');
};

export const sameAsAsked = (order: VenueOrder, asked: OrderRef): void => {
  if (asked.venueOrderId !== null) same('orderId', order.venueOrderId, asked.venueOrderId);
  same('clientOrderId', order.clientOrderId ?? '', asked.clientOrderId);
};
