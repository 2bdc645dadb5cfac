import type { Refusal } from '@switchyard/model';
import type { OrderGate } from '../guard/order-gate.js';
import type { Finding } from '../orders/recorder.js';
import { admit, type Deployment, type KnownAccount } from './admit.js';
import type { ClaimRules } from './claim.js';
import type { TaskRow } from './take.js';
import { orderOf, type RoutedOrder } from './task.js';

/** What becomes of a task that was taken. */
export type Plan =
  | {
      readonly kind: 'wait';
      readonly row: TaskRow;
      readonly forMs: number;
      /** By the gate, and not for its account. */
      readonly isHeld?: true;
    }
  | { readonly kind: 'request'; readonly row: TaskRow }
  | { readonly kind: 'refuse'; readonly routed: RoutedOrder; readonly finding: Omit<Finding, 'epoch'> }
  | {
      readonly kind: 'send';
      readonly row: TaskRow;
      readonly routed: RoutedOrder;
      readonly attempts: number;
      readonly sendBy: number;
      readonly sendByMs: number;
    };

/** An order whose account is not known yet is looked at again after this. */
const WAIT_MS = 250;

export const planOf = (
  row: TaskRow,
  deployment: Deployment,
  nowMs: number,
  monotonic: number,
  rules: ClaimRules,
): Plan => {
  if (row.event_type === 'VenueStateRequested') return { kind: 'request', row };
  const routed = orderOf(row);
  const admission = admit(routed, accountOf(row), deployment, nowMs);
  switch (admission.kind) {
    case 'wait':
      return { kind: 'wait', row, forMs: WAIT_MS };
    case 'send': {
      const withinMs = Math.min(rules.sendWithinMs, Date.parse(routed.sendBy) - nowMs);
      return {
        kind: 'send',
        row,
        routed,
        attempts: row.attempts + 1,
        sendBy: monotonic + withinMs,
        sendByMs: nowMs + withinMs,
      };
    }
    case 'refuse':
      return refusalOf(routed, admission, nowMs);
  }
};

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
  const decisions = await gate.decide(
    calling.map((step) => ({
      kind: step.kind === 'send' ? 'order' : 'request',
      accountId: step.row.account_id,
      priority: step.row.priority,
      reduceOnly: step.kind === 'send' && step.routed.reduceOnly,
      hasAlternative: step.kind === 'send' && step.routed.hasAlternative,
      sendByMs: step.kind === 'send' ? Date.parse(step.routed.sendBy) : Number.POSITIVE_INFINITY,
    })),
    nowMs,
  );
  return plan.map((step) => {
    const decision = decisions[calling.findIndex((other) => other === step)];
    if ((step.kind !== 'send' && step.kind !== 'request') || decision === undefined || decision.kind === 'send')
      return step;
    return decision.kind === 'wait' || step.kind === 'request'
      ? { kind: 'wait', row: step.row, forMs: decision.kind === 'wait' ? decision.forMs : WAIT_MS, isHeld: true }
      : refusalOf(step.routed, decision, nowMs);
  });
};

const accountOf = ({ account_user, account_mode, account_enabled }: TaskRow): KnownAccount | undefined =>
  account_user === null || account_mode === null
    ? undefined
    : { userId: account_user, mode: account_mode, enabled: account_enabled === true };
