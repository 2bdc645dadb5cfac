import type { Refusal } from '@switchyard/model';
import type { Candidate, OrderGate } from '../guard/order-gate.js';
import type { Finding } from '../orders/recorder.js';
import type { TakenTask } from '../ports/task-queue.js';
import { admit, type Deployment } from './admit.js';
import type { ClaimRules } from './claim.js';
import { NoTaskAtFault } from './isolate.js';
import { orderOf, type RoutedOrder } from './task.js';

/** What becomes of a task that was taken. */
export type Plan =
  | {
      readonly kind: 'wait';
      readonly task: TakenTask;
      readonly forMs: number;
      /** By the gate, and not for its account. */
      readonly isHeld?: true;
    }
  | { readonly kind: 'request'; readonly task: TakenTask }
  | { readonly kind: 'refuse'; readonly routed: RoutedOrder; readonly finding: Omit<Finding, 'epoch'> }
  | {
      readonly kind: 'send';
      readonly task: TakenTask;
      readonly routed: RoutedOrder;
      readonly attempts: number;
      readonly claimedAt: number;
      readonly sendBy: number;
      readonly sendByMs: number;
    };

/** An order whose account is not known yet, or while the global state is not heard, is looked at again after this. */
const WAIT_MS = 250;

export const planOf = (
  task: TakenTask,
  deployment: Deployment,
  isUnheard: boolean,
  nowMs: number,
  monotonic: number,
  rules: ClaimRules,
): Plan => {
  if (task.eventType === 'VenueStateRequested') return { kind: 'request', task };
  const routed = orderOf(task);
  if (task.cancelReason !== undefined) return endUnsent(routed, task.cancelReason, nowMs);
  const { account, halt } = task;
  const admission = admit(routed, account, deployment, { halt, isUnheard }, nowMs);
  switch (admission.kind) {
    case 'wait':
      return { kind: 'wait', task, forMs: WAIT_MS };
    case 'send': {
      const withinMs = Math.min(rules.sendWithinMs, Date.parse(routed.sendBy) - nowMs);
      return {
        kind: 'send',
        task,
        routed,
        attempts: task.attempts + 1,
        claimedAt: monotonic,
        sendBy: monotonic + withinMs,
        sendByMs: nowMs + withinMs,
      };
    }
    case 'refuse':
      return refusalOf(routed, admission, nowMs);
  }
};

/** Somebody wants it gone, and nothing of it was sent. */
const endUnsent = (routed: RoutedOrder, reason: string, nowMs: number): Plan => ({
  kind: 'refuse',
  routed,
  finding: {
    orderId: routed.orderId,
    facts: [{ kind: 'cancelled', reason, at: new Date(nowMs).toISOString() }],
    looked: false,
    logs: [],
  },
});

const refusalOf = (
  routed: RoutedOrder,
  { refusal, retriable }: { readonly refusal: Refusal; readonly retriable: boolean },
  nowMs: number,
): Plan => {
  const at = new Date(nowMs).toISOString();
  const finding = {
    orderId: routed.orderId,
    facts: [{ kind: 'gaveUp', refusal, retriable, at }],
    looked: false,
    lastError: refusal.code,
    logs: [],
  } as const;
  return { kind: 'refuse', routed, finding };
};

/** The same plan, without what the venue may not be called for now: nothing of that was sent, and no attempt is counted. */
export const gated = async (plan: readonly Plan[], gate: OrderGate, nowMs: number): Promise<readonly Plan[]> => {
  const calling = plan.filter((step) => step.kind === 'send' || step.kind === 'request');
  const asked = calling.map((step): Candidate => ({
    kind: step.kind === 'send' ? 'order' : 'request',
    accountId: step.task.accountId,
    priority: step.task.priority,
    reduceOnly: step.kind === 'send' && step.routed.reduceOnly,
    hasAlternative: step.kind === 'send' && step.routed.hasAlternative,
    sendByMs: step.kind === 'send' ? Date.parse(step.routed.sendBy) : Number.POSITIVE_INFINITY,
  }));
  const decisions = await gate.decide(asked, nowMs).catch((error: unknown) => {
    throw new NoTaskAtFault('the guard of the venue', error);
  });
  return plan.map((step) => {
    const decision = decisions[calling.findIndex((other) => other === step)];
    if ((step.kind !== 'send' && step.kind !== 'request') || decision === undefined || decision.kind === 'send')
      return step;
    return decision.kind === 'wait' || step.kind === 'request'
      ? { kind: 'wait', task: step.task, forMs: decision.kind === 'wait' ? decision.forMs : WAIT_MS, isHeld: true }
      : refusalOf(step.routed, decision, nowMs);
  });
};
