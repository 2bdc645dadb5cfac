import type {
  OrderApproved,
  OrderCancelRequested,
  OrderCancelled,
  OrderCompleted,
  OrderExpired,
  OrderFailed,
  OrderFilled,
  OrderPlaced,
  OrderRouted,
} from '@switchyard/contracts';
import type { OrderStatus } from '@switchyard/model';
import { decimal, type DecimalString } from '@switchyard/money';

/**
 * What one event says of one order, parent or child. Changes of an order merge in any order, within a transaction here and across
 * transactions in the table, by the same rules:
 *
 * 1. What never changes (pair, side, quantity, ids) is taken from whoever knows it first.
 * 2. The status of the highest rank stands, with its code, message and end; a fill that completes an order beats its cancellation, and
 *    an order that was said to have failed and turns up after all is what it turned up as.
 * 3. Filled quantity and version are the highest seen; an order was made when the first of its events says so.
 */
export interface OrderChange {
  readonly orderId: string;
  readonly parentOrderId: string;
  readonly signalId: string;
  readonly userId: string;
  readonly accountId?: string | undefined;
  readonly venue?: string | undefined;
  readonly pair?: string | undefined;
  readonly venueSymbol?: string | undefined;
  readonly side?: string | undefined;
  readonly signalType?: string | undefined;
  readonly orderType?: string | undefined;
  readonly quantity?: string | undefined;
  readonly limitPrice?: string | undefined;
  readonly timeInForce?: string | undefined;
  readonly clientOrderId?: string | undefined;
  readonly venueOrderId?: string | undefined;
  readonly orderVersion: number;
  readonly placedAt?: string | undefined;
  readonly mode?: string | undefined;
  readonly dryRun?: boolean | undefined;
  readonly referencePrice?: string | undefined;
  readonly status: OrderStatus;
  readonly rank: number;
  readonly filledQuantity: DecimalString;
  readonly averagePrice?: string | undefined;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  readonly createdAt: string;
  readonly endedAt?: string | undefined;
  /** When somebody first asked for it to be gone. */
  readonly cancelRequestedAt?: string | undefined;
  /** Whether this is the event that makes the order: it is likely not in the table yet. */
  readonly opens: boolean;
}

/** How far a status is along an order's life: no two that could meet are equal. Gaps leave room for states between. */
const RANK = {
  /** What is only asked of an order says nothing of how far it is. */
  asked: 0,
  routing: 10,
  queued: 10,
  executing: 15,
  expired: 32_001,
  cancelled: 32_002,
  filled: 32_003,
} as const satisfies Partial<Record<OrderStatus | 'asked', number>>;
/** Routing's last word on a parent stands above everything. */
const COMPLETED = 32_010;

/** Of states that may follow each other either way, the later version is further. Below every end that stands. */
const rankOf = (orderVersion: number): number => 100 + Math.min(orderVersion, 30_000);

export const approved = (event: OrderApproved): OrderChange => ({
  ...UNFILLED,
  orderId: event.parentOrderId,
  parentOrderId: event.parentOrderId,
  signalId: event.signalId,
  userId: event.userId,
  pair: event.pair,
  side: event.side,
  signalType: event.signalType,
  orderType: event.orderType,
  quantity: event.quantity,
  limitPrice: event.limitPrice,
  timeInForce: event.timeInForce,
  mode: event.mode,
  dryRun: event.dryRun,
  referencePrice: event.referencePrice,
  status: 'routing',
  rank: RANK.routing,
  createdAt: event.approvedAt,
  opens: true,
});

export const routed = (event: OrderRouted): OrderChange => ({
  ...UNFILLED,
  orderId: event.orderId,
  parentOrderId: event.parentOrderId,
  signalId: event.signalId,
  userId: event.userId,
  accountId: event.accountId,
  venue: event.venue,
  pair: event.pair,
  venueSymbol: event.venueSymbol,
  side: event.side,
  signalType: event.signalType,
  orderType: event.orderType,
  quantity: event.quantity,
  limitPrice: event.limitPrice,
  timeInForce: event.timeInForce,
  mode: event.mode,
  dryRun: event.dryRun,
  status: 'queued',
  rank: RANK.queued,
  createdAt: event.routedAt,
  opens: true,
});

/** The parent of a routed child is in the executors' hands. */
export const executing = (event: OrderRouted): OrderChange => ({
  ...UNFILLED,
  orderId: event.parentOrderId,
  parentOrderId: event.parentOrderId,
  signalId: event.signalId,
  userId: event.userId,
  pair: event.pair,
  side: event.side,
  signalType: event.signalType,
  mode: event.mode,
  dryRun: event.dryRun,
  status: 'executing',
  rank: RANK.executing,
  createdAt: event.routedAt,
});

export const placed = (event: OrderPlaced): OrderChange => ({
  ...UNFILLED,
  ...child(event),
  venueSymbol: event.venueSymbol,
  orderType: event.orderType,
  quantity: event.quantity,
  limitPrice: event.limitPrice,
  timeInForce: event.timeInForce,
  placedAt: event.placedAt,
  status: 'placed',
  rank: rankOf(event.orderVersion),
  createdAt: event.placedAt,
});

export const filled = (event: OrderFilled): OrderChange => ({
  ...child(event),
  status: event.orderStatus,
  rank: event.orderStatus === 'filled' ? RANK.filled : rankOf(event.orderVersion),
  filledQuantity: event.cumulativeQuantity,
  createdAt: event.filledAt,
  endedAt: event.orderStatus === 'filled' ? event.filledAt : undefined,
  opens: false,
});

/** At stage `routing` the order is the parent. */
export const failed = (event: OrderFailed): OrderChange => ({
  ...child(event),
  status: event.status,
  rank: rankOf(event.orderVersion),
  filledQuantity: event.cumulativeQuantity,
  code: event.code,
  message: event.message,
  createdAt: event.failedAt,
  endedAt: event.failedAt,
  opens: false,
});

export const cancelled = (event: OrderCancelled): OrderChange => ({
  ...child(event),
  status: 'cancelled',
  rank: RANK.cancelled,
  filledQuantity: event.cumulativeQuantity,
  message: event.reason,
  createdAt: event.cancelledAt,
  endedAt: event.cancelledAt,
  opens: false,
});

export const expired = (event: OrderExpired): OrderChange => ({
  ...child(event),
  status: 'expired',
  rank: RANK.expired,
  filledQuantity: event.cumulativeQuantity,
  message: event.reason,
  createdAt: event.expiredAt,
  endedAt: event.expiredAt,
  opens: false,
});

/** Somebody wants a parent or a child gone. It may come before anything else of the order. */
export const cancelRequested = (event: OrderCancelRequested): OrderChange => ({
  ...UNFILLED,
  orderId: event.orderId,
  parentOrderId: event.parentOrderId,
  signalId: event.signalId,
  userId: event.userId,
  status: 'routing',
  rank: RANK.asked,
  createdAt: event.requestedAt,
  cancelRequestedAt: event.requestedAt,
});

/** Routing's last word on the parent. */
export const completed = (event: OrderCompleted): OrderChange => ({
  orderId: event.parentOrderId,
  parentOrderId: event.parentOrderId,
  signalId: event.signalId,
  userId: event.userId,
  orderVersion: 0,
  status: event.status,
  rank: COMPLETED,
  filledQuantity: event.filledQuantity,
  averagePrice: event.averagePrice,
  createdAt: event.completedAt,
  endedAt: event.completedAt,
  opens: false,
});

const UNFILLED = { filledQuantity: '0', orderVersion: 0, opens: false } as const;

type ChildEvent = OrderPlaced | OrderFilled | OrderFailed | OrderCancelled | OrderExpired;
const child = (event: ChildEvent) => ({
  orderId: event.orderId,
  parentOrderId: event.parentOrderId,
  signalId: event.signalId,
  userId: event.userId,
  accountId: event.accountId,
  venue: event.venue,
  pair: event.pair,
  side: event.side,
  clientOrderId: event.clientOrderId,
  venueOrderId: event.venueOrderId,
  orderVersion: event.orderVersion,
  dryRun: event.dryRun,
});

/** Two changes of one order as one. */
export const mergeOrderChanges = (a: OrderChange, b: OrderChange): OrderChange => {
  const [further, other] = b.rank > a.rank ? [b, a] : [a, b];
  return {
    orderId: a.orderId,
    parentOrderId: a.parentOrderId,
    signalId: a.signalId,
    userId: a.userId,
    accountId: a.accountId ?? b.accountId,
    venue: a.venue ?? b.venue,
    pair: a.pair ?? b.pair,
    venueSymbol: a.venueSymbol ?? b.venueSymbol,
    side: a.side ?? b.side,
    signalType: a.signalType ?? b.signalType,
    orderType: a.orderType ?? b.orderType,
    quantity: a.quantity ?? b.quantity,
    limitPrice: a.limitPrice ?? b.limitPrice,
    timeInForce: a.timeInForce ?? b.timeInForce,
    clientOrderId: a.clientOrderId ?? b.clientOrderId,
    venueOrderId: a.venueOrderId ?? b.venueOrderId,
    orderVersion: Math.max(a.orderVersion, b.orderVersion),
    placedAt: a.placedAt ?? b.placedAt,
    mode: a.mode ?? b.mode,
    dryRun: a.dryRun ?? b.dryRun,
    referencePrice: a.referencePrice ?? b.referencePrice,
    status: further.status,
    rank: further.rank,
    filledQuantity: larger(a.filledQuantity, b.filledQuantity),
    averagePrice: further.averagePrice ?? other.averagePrice,
    // What routing said of a parent that failed outlives the bare completion.
    code: further.code ?? other.code,
    message: further.message ?? other.message,
    createdAt: a.createdAt < b.createdAt ? a.createdAt : b.createdAt,
    endedAt: further.endedAt,
    cancelRequestedAt: a.cancelRequestedAt ?? b.cancelRequestedAt,
    opens: a.opens || b.opens,
  };
};

const larger = (a: DecimalString, b: DecimalString): DecimalString =>
  b === '0' || a === b ? a : a === '0' || decimal(b).gt(decimal(a)) ? b : a;
