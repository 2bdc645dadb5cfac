import { venueExpiryMs } from '@switchyard/order-domain';
import { recordFindings, type Finding } from '../orders/recorder.js';
import type { ExecutionUnit } from '../ports/execution-store.js';
import type { Intent } from '../ports/order-records.js';
import type { Plan } from './claim-plan.js';
import type { ClaimedOrder, ClaimedRequest, ClaimParts, ClaimRules } from './claim.js';
import { clientOrderIdOf, type StateRequest } from './task.js';

/** Back to its place in the queue: nothing is stored of it, and no attempt counted. */
export const postpone = async (unit: ExecutionUnit, plan: readonly Plan[]): Promise<void> => {
  const waiting = plan.filter((step) => step.kind === 'wait');
  await unit.postpone(waiting.map(({ task, forMs }) => ({ taskId: task.taskId, forMs })));
};

export const leaseRequests = async (
  unit: ExecutionUnit,
  plan: readonly Plan[],
  rules: ClaimRules,
): Promise<readonly ClaimedRequest[]> => {
  const requests = plan.flatMap((step) => (step.kind === 'request' ? [step.task] : []));
  const epochs = await unit.lease(
    requests.map(({ taskId }) => taskId),
    rules,
  );
  return requests.map(({ taskId, payload, causeId, traceparent, account }) => ({
    kind: 'state',
    request: payload as StateRequest,
    causeId,
    traceparent,
    epoch: epochs.get(taskId) ?? '0',
    mode: account?.mode,
  }));
};

/** Stores the intents, and the refusals with their events. An order that is beyond the queue already gets neither. */
export const storeIntents = async (
  unit: ExecutionUnit,
  plan: readonly Plan[],
  parts: ClaimParts,
  nowMs: number,
): Promise<readonly ClaimedOrder[]> => {
  const steps = plan.filter((step) => step.kind === 'send' || step.kind === 'refuse');
  if (steps.length === 0) return [];
  const { rules, access } = parts;
  const sends = steps.filter((step) => step.kind === 'send');
  const expiryOf = (sendByMs: number): string => {
    const { offsetMs, errorMs } = access.clock();
    return new Date(
      venueExpiryMs({ sendByMs, clockOffsetMs: offsetMs, clockErrorMs: errorMs, windowMs: rules.venueWindowMs }),
    ).toISOString();
  };
  const at = new Date(nowMs).toISOString();
  const intents = steps.map((step): Intent => ({
    routed: step.routed,
    clientOrderId: clientOrderIdOf(step.routed.orderId),
    status: step.kind === 'send' ? 'executing' : 'queued',
    attempt: step.kind === 'send' ? step.attempts : 0,
    sendBy: step.kind === 'send' ? new Date(step.sendByMs).toISOString() : step.routed.sendBy,
    venueExpiry: step.kind === 'send' ? expiryOf(step.sendByMs) : null,
    statusTimes: step.kind === 'send' ? { queued: at, executing: at } : { queued: at },
  }));
  const [, epochs] = await Promise.all([
    unit.lease(
      sends.map(({ routed }) => routed.orderId),
      rules,
    ),
    unit.intend(intents, rules.owner),
  ]);
  const refusals = steps.flatMap((step): readonly Finding[] => {
    const epoch = epochs.get(step.routed.orderId);
    return step.kind === 'refuse' && epoch !== undefined ? [{ ...step.finding, epoch }] : [];
  });
  if (refusals.length > 0) await recordFindings(unit, parts, refusals);
  const beyond = steps.filter(({ routed }) => !epochs.has(routed.orderId)).map(({ routed }) => routed.orderId);
  await unit.close(beyond);
  return sends.flatMap(({ task: { priority }, routed, attempts, claimedAt, sendBy }): readonly ClaimedOrder[] => {
    const epoch = epochs.get(routed.orderId);
    const clientOrderId = clientOrderIdOf(routed.orderId);
    return epoch === undefined
      ? []
      : [{ kind: 'order', routed, priority, clientOrderId, epoch, attempts, claimedAt, sendBy }];
  });
};
