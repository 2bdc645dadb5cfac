import {
  topicOf,
  type OrderApproved,
  type OrderCompleted,
  type OrderFailed,
  type OrderRouted,
} from '@switchyard/contracts';
import type { OutgoingEvent } from '@switchyard/log';
import type { Refusal } from '@switchyard/model';
import type { ChildPlan, Completion, DecisionRecord, RecordedInputs } from '@switchyard/routing-domain';

export interface RoutedChild {
  readonly orderId: string;
  readonly index: number;
  readonly plan: ChildPlan;
  readonly record: DecisionRecord;
  readonly inputs: RecordedInputs;
  readonly now: Date;
  readonly sendWithinMs: number;
}

export const orderRouted = (approved: OrderApproved, child: RoutedChild): OutgoingEvent => {
  const { plan, record, now } = child;
  const payload: OrderRouted = {
    orderId: child.orderId,
    parentOrderId: approved.parentOrderId,
    signalId: approved.signalId,
    userId: approved.userId,
    pair: approved.pair,
    side: approved.side,
    signalType: approved.signalType,
    ...plan,
    child: child.index,
    sendBy: new Date(now.getTime() + child.sendWithinMs).toISOString(),
    // The inputs go along, so that the decision can be made again from the audit trail.
    decision: { ...record, venues: [...record.venues], inputs: { ...child.inputs } },
    routedAt: now.toISOString(),
    dryRun: approved.dryRun,
  };
  const topic = topicOf('OrderRouted', plan.venue);
  return { topic, type: 'OrderRouted', key: approved.userId, payload, role: `child/${child.index}` };
};

/** The parent's own failure: its orderId is the parent's, and it has this one version. */
export const parentFailed = (approved: OrderApproved, refusal: Refusal, at: string): OutgoingEvent => {
  const payload: OrderFailed = {
    orderId: approved.parentOrderId,
    parentOrderId: approved.parentOrderId,
    signalId: approved.signalId,
    userId: approved.userId,
    pair: approved.pair,
    side: approved.side,
    orderVersion: 1,
    dryRun: approved.dryRun,
    stage: 'routing',
    code: refusal.code,
    message: refusal.message,
    facts: refusal.facts,
    retriable: false,
    status: 'failed',
    cumulativeQuantity: '0',
    failedAt: at,
  };
  return { topic: 'OrderFailed', type: 'OrderFailed', key: approved.userId, payload };
};

export const orderCompleted = (
  approved: OrderApproved,
  { status, filledQuantity, averagePrice }: Omit<Completion, 'overfilled'>,
  completedAt: string,
): OutgoingEvent => {
  const payload: OrderCompleted = {
    parentOrderId: approved.parentOrderId,
    signalId: approved.signalId,
    userId: approved.userId,
    status,
    filledQuantity,
    ...(averagePrice === undefined ? {} : { averagePrice }),
    completedAt,
  };
  return { topic: 'OrderCompleted', type: 'OrderCompleted', key: approved.userId, payload };
};
