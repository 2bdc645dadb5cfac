import type { Child, Execution } from '@switchyard/routing-domain';
import type { OrderApproved } from '@switchyard/contracts';
import type { Code } from '@switchyard/model';
import type { WorkingParent } from './parent-document.js';

/**
 * What a child came to, once its end is known: whether the venue filled it, how long that took from the decision, and how much worse than
 * expected. Undefined for what says nothing of the venue: an order that rested until its time came, and one that failed for its user's
 * own reasons, such as funds or keys, because no user's failures may move another's orders.
 */
export const executionOf = (
  { approved, decisions }: Pick<WorkingParent, 'approved' | 'decisions'>,
  child: Child,
  index: number,
  atMs: number,
): Execution | undefined => {
  const { terminal, filled, value } = child;
  if (terminal === undefined) return undefined;
  const made = decisions.flatMap((decision) => decision.children.map((plan) => ({ plan, decision })))[index];
  if (made === undefined) return undefined;
  const { plan, decision } = made;
  const latencyMs = Math.max(0, atMs - Date.parse(decision.record.decidedAt));
  if (terminal.end === 'failed' || terminal.end === 'rejected')
    return VENUES_FAILURES.has(terminal.code ?? '') ? { atMs, succeeded: false, latencyMs } : undefined;
  if (plan.timeInForce !== 'ioc' && plan.timeInForce !== 'fok') return undefined;
  if (filled === '0') return { atMs, succeeded: false, latencyMs };
  const expected = decision.record.venues.find(({ accountId }) => accountId === child.accountId)?.expectedPrice;
  if (expected === undefined) return { atMs, succeeded: true, latencyMs };
  const slippage = slippageOf(approved, Number(value) / Number(filled), Number(expected));
  return { atMs, succeeded: true, latencyMs, slippage };
};

/** Failures that are the venue's own, whoever's order it is. */
const VENUES_FAILURES: ReadonlySet<string> = new Set<Code>([
  'VENUE_UNREACHABLE',
  'VENUE_UNHEALTHY',
  'VENUE_SLOW',
  'NEVER_ARRIVED',
  'NO_LIQUIDITY',
]);

const slippageOf = ({ side }: Pick<OrderApproved, 'side'>, price: number, expected: number): number =>
  ((side === 'buy' ? 1 : -1) * (price - expected)) / expected;
