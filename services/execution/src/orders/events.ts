import type { OutgoingEvent } from '@switchyard/log';
import { plain } from '@switchyard/money';
import { DOUBTS, type Doubt, type OrderChange } from '@switchyard/order-domain';
import type { RoutedOrder } from '../tasks/task.js';

/** An order and what its events are derived from. */
export interface EventSubject {
  readonly venue: string;
  readonly routed: RoutedOrder;
  readonly clientOrderId: string;
  readonly venueOrderId: string | undefined;
  /** Id of the `OrderRouted` that caused all of it. */
  readonly causeId: string;
  readonly traceparent: string | undefined;
}

/** One event per change. Its id is derived from the order's cause and version, so that a repeat makes the same one. */
export const eventOf = (subject: EventSubject, change: OrderChange): OutgoingEvent => {
  const { type, payload } = contentOf(subject, change);
  const { routed } = subject;
  return {
    topic: type,
    type,
    key: routed.userId,
    payload: { ...identityOf(subject), orderVersion: change.version, dryRun: routed.mode !== 'live', ...payload },
    role: `v${change.version}`,
    cause: { id: subject.causeId, correlationId: routed.signalId, traceparent: subject.traceparent },
  };
};

const identityOf = ({ venue, routed, clientOrderId, venueOrderId }: EventSubject) => ({
  orderId: routed.orderId,
  parentOrderId: routed.parentOrderId,
  signalId: routed.signalId,
  userId: routed.userId,
  accountId: routed.accountId,
  venue,
  pair: routed.pair,
  side: routed.side,
  clientOrderId,
  venueOrderId,
});

const contentOf = (
  { routed }: EventSubject,
  change: OrderChange,
): { readonly type: string; readonly payload: object } => {
  switch (change.kind) {
    case 'placed':
      return {
        type: 'OrderPlaced',
        payload: {
          venueOrderId: change.venueOrderId,
          venueSymbol: routed.venueSymbol,
          orderType: routed.orderType,
          quantity: routed.quantity,
          limitPrice: routed.limitPrice,
          timeInForce: routed.timeInForce,
          placedAt: change.at,
        },
      };
    case 'filled':
      return {
        type: 'OrderFilled',
        payload: {
          venueOrderId: change.fill.venueOrderId,
          tradeId: change.fill.tradeId,
          quantity: change.fill.quantity,
          price: change.fill.price,
          fee: change.fill.fee,
          liquidity: change.fill.liquidity,
          cumulativeQuantity: plain(change.cumulativeQuantity),
          leavesQuantity: plain(change.leavesQuantity),
          orderStatus: change.orderStatus,
          filledAt: change.at,
        },
      };
    case 'failed':
      return {
        type: 'OrderFailed',
        payload: {
          stage: 'execution',
          ...change.refusal,
          retriable: change.retriable,
          status: change.status,
          cumulativeQuantity: plain(change.cumulativeQuantity),
          failedAt: change.at,
        },
      };
    case 'cancelled':
      return {
        type: 'OrderCancelled',
        payload: {
          cumulativeQuantity: plain(change.cumulativeQuantity),
          reason: change.reason,
          cancelledAt: change.at,
        },
      };
    case 'expired':
      return {
        type: 'OrderExpired',
        payload: { cumulativeQuantity: plain(change.cumulativeQuantity), reason: change.reason, expiredAt: change.at },
      };
  }
};

/** Calls a person: the venue said what can't be true, or says nothing. */
export interface Alarm {
  readonly code: string;
  readonly message: string;
  readonly severity: 'warning' | 'high' | 'critical';
  readonly facts: Readonly<Record<string, string>>;
  /** What makes this alarm another one than the next of its kind. */
  readonly role: string;
}

export const alarmOfDoubt = ({ code, facts }: Doubt): Alarm => ({
  code,
  message: DOUBTS[code],
  severity: 'critical',
  facts,
  role: `doubt/${code}/${Object.values(facts).join('/')}`,
});

export const alarmEvent = (subject: EventSubject, alarm: Alarm, at: string): OutgoingEvent => {
  const service = `execution-${subject.venue}`;
  const { orderId, userId, accountId, signalId } = subject.routed;
  return {
    topic: 'SystemError',
    type: 'SystemError',
    key: service,
    payload: {
      service,
      code: alarm.code,
      message: alarm.message,
      severity: alarm.severity,
      facts: { orderId, userId, accountId, clientOrderId: subject.clientOrderId, ...alarm.facts },
      at,
    },
    role: alarm.role,
    cause: { id: subject.causeId, correlationId: signalId, traceparent: subject.traceparent },
  };
};
