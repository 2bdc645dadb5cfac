import { isTerminal, leavesOf, pollDelayMs, settleDelayMs, type ChildOrder } from '@switchyard/order-domain';
import { ZERO } from '@switchyard/money';

/**
 * How long until the venue is asked about an order again, in milliseconds; null: never by itself.
 * What was refused, or was never sent, has nothing to be asked about; what ended with a rest may still have fills that come late.
 */
export const nextLookMs = (
  order: ChildOrder,
  around: { readonly ageMs: number; readonly settled: number; readonly mayHaveArrived: boolean },
): number | null => {
  if (!isTerminal(order.status)) {
    const isOut = order.status !== 'pending' && order.status !== 'queued' && order.status !== 'executing';
    return isOut ? pollDelayMs(around.ageMs) : null;
  }
  return leavesOf(order).gt(ZERO) && around.mayHaveArrived ? (settleDelayMs(around.settled) ?? null) : null;
};
