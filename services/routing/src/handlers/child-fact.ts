import type { OrderCancelled, OrderExpired, OrderFailed, OrderFilled } from '@switchyard/contracts';
import type { ChildFact } from '@switchyard/routing-domain';

export const factOfFill = (fill: OrderFilled): ChildFact => ({
  kind: 'filled',
  orderId: fill.orderId,
  version: fill.orderVersion,
  tradeId: fill.tradeId,
  quantity: fill.quantity,
  price: fill.price,
  cumulativeQuantity: fill.cumulativeQuantity,
  complete: fill.orderStatus === 'filled',
});

export const factOfFailure = (failure: OrderFailed): ChildFact => ({
  kind: 'ended',
  orderId: failure.orderId,
  version: failure.orderVersion,
  end: failure.status,
  cumulativeQuantity: failure.cumulativeQuantity,
  retriable: failure.retriable,
  code: failure.code,
});

export const factOfCancellation = (cancelled: OrderCancelled): ChildFact => ({
  kind: 'ended',
  orderId: cancelled.orderId,
  version: cancelled.orderVersion,
  end: 'cancelled',
  cumulativeQuantity: cancelled.cumulativeQuantity,
  retriable: false,
});

export const factOfExpiry = (expired: OrderExpired): ChildFact => ({
  kind: 'ended',
  orderId: expired.orderId,
  version: expired.orderVersion,
  end: 'expired',
  cumulativeQuantity: expired.cumulativeQuantity,
  retriable: false,
});
