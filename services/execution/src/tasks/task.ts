import type { OrderRouted, VenueStateRequested } from '@switchyard/contracts';
import { deriveId, type LogEvent } from '@switchyard/log';
import type { Mode, OrderType, Side, TimeInForce } from '@switchyard/model';

/** What the executor keeps of an `OrderRouted`: what it needs to place the order and to speak of it, not why it was routed so. */
export interface RoutedOrder {
  readonly orderId: string;
  readonly parentOrderId: string;
  readonly signalId: string;
  readonly userId: string;
  readonly accountId: string;
  readonly pair: string;
  readonly venueSymbol: string;
  readonly side: Side;
  readonly orderType: OrderType;
  readonly quantity: string;
  readonly limitPrice?: string | undefined;
  readonly stopPrice?: string | undefined;
  readonly timeInForce: TimeInForce;
  readonly expireAt?: string | undefined;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly mode: Mode;
  readonly sendBy: string;
  /** Whether routing saw another suitable venue: then what was not sent is handed back at once instead of tried again here. */
  readonly hasAlternative: boolean;
}

export interface StateRequest {
  readonly requestId: string;
  readonly userId: string;
  readonly accountId: string;
  readonly since?: string | undefined;
  readonly pairs: readonly string[];
  readonly requestedAt: string;
}

export interface NewTask {
  readonly taskId: string;
  readonly eventType: 'OrderRouted' | 'VenueStateRequested';
  readonly executor: 'venue' | 'simulator';
  readonly userId: string;
  readonly accountId: string;
  readonly lane: string;
  readonly tradeId: string | undefined;
  readonly parentOrderId: string | undefined;
  readonly signalId: string | undefined;
  /** 1 first, 5 last. */
  readonly priority: number;
  /** An exit or a stop-loss: it makes a position smaller. */
  readonly reduces: boolean;
  /** Refused when it has not left by then, whatever it waits for. */
  readonly sendBy: string | undefined;
  readonly payload: RoutedOrder | StateRequest;
  readonly causeId: string;
  readonly traceparent: string | undefined;
}

export const taskOfOrder = ({ payload: order, id, traceparent }: LogEvent<OrderRouted>): NewTask => ({
  taskId: order.orderId,
  eventType: 'OrderRouted',
  executor: order.mode === 'simulated' ? 'simulator' : 'venue',
  userId: order.userId,
  accountId: order.accountId,
  lane: `${order.accountId}|${order.pair}`,
  tradeId: (order as { readonly tradeId?: string }).tradeId,
  parentOrderId: order.parentOrderId,
  signalId: order.signalId,
  priority: order.priority,
  reduces: order.reduceOnly || order.priority <= 2,
  sendBy: order.sendBy,
  payload: {
    orderId: order.orderId,
    parentOrderId: order.parentOrderId,
    signalId: order.signalId,
    userId: order.userId,
    accountId: order.accountId,
    pair: order.pair,
    venueSymbol: order.venueSymbol,
    side: order.side,
    orderType: order.orderType,
    quantity: order.quantity,
    limitPrice: order.limitPrice,
    stopPrice: order.stopPrice,
    timeInForce: order.timeInForce,
    expireAt: order.expireAt,
    postOnly: order.postOnly,
    reduceOnly: order.reduceOnly,
    mode: order.mode,
    sendBy: order.sendBy,
    hasAlternative: order.decision.venues.some(({ chosen, rejected }) => !chosen && rejected === undefined),
  },
  causeId: id,
  traceparent,
});

/** Reports of one account are made one after the other, behind all orders. */
export const taskOfStateRequest = ({ payload: request, id, traceparent }: LogEvent<VenueStateRequested>): NewTask => ({
  taskId: request.requestId,
  eventType: 'VenueStateRequested',
  executor: 'venue',
  userId: request.userId,
  accountId: request.accountId,
  lane: `${request.accountId}|`,
  tradeId: undefined,
  parentOrderId: undefined,
  signalId: undefined,
  priority: 5,
  reduces: false,
  sendBy: undefined,
  payload: {
    requestId: request.requestId,
    userId: request.userId,
    accountId: request.accountId,
    since: request.since,
    pairs: request.pairs,
    requestedAt: request.requestedAt,
  },
  causeId: id,
  traceparent,
});

/** Derived from the child order alone: every attempt, by whomever, has the same. */
export const clientOrderIdOf = (orderId: string): string => deriveId('client-order', orderId);

/** A task's order. Throws where the payload is none of this task's: better that it is condemned than that it waits for ever. */
export const orderOf = ({ taskId, payload }: { readonly taskId: string; readonly payload: unknown }): RoutedOrder => {
  const order = payload as RoutedOrder | null;
  if (order?.orderId !== taskId || Number.isNaN(Date.parse(order.sendBy)))
    throw new Error(`the payload of the task ${taskId} is not its order`);
  return order;
};
