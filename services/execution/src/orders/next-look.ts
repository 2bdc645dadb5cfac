import { isTerminal, leavesOf, pollDelayMs, settleDelayMs, type ChildOrder } from '@switchyard/order-domain';
import { ZERO } from '@switchyard/money';

/**
 * How long until the venue is asked about an order again, in milliseconds; null: never by itself.
 * What was refused, or was never sent, has nothing to be asked about; what ended with a rest may still have fills that come late. A doubt that
 * can be ended soon is: others wait behind it.
 */
export const nextLookMs = (
  order: ChildOrder,
  around: {
    readonly ageMs: number;
    readonly settled: number;
    readonly mayHaveArrived: boolean;
    /**
     * Of an unknown order: a negative answer has just counted, or the venue could not be asked from here. Of one that is open: the venue
     * says that it cancelled it, or that it is not open any more.
     */
    readonly lookup?: 'negative' | 'unasked' | 'cancelled' | undefined;
  },
): number | null => {
  if (!isTerminal(order.status)) {
    const isOut = order.status !== 'pending' && order.status !== 'queued' && order.status !== 'executing';
    if (!isOut) return null;
    const delayMs = pollDelayMs(around.ageMs);
    const isUrgent = order.status === 'unknown' || around.lookup === 'cancelled';
    return isUrgent && around.lookup !== undefined ? Math.min(delayMs, SOON_MS[around.lookup]) : delayMs;
  }
  return leavesOf(order).gt(ZERO) && around.mayHaveArrived ? (settleDelayMs(around.settled) ?? null) : null;
};

/**
 * The rest of a proof follows at once; whether the circuit is closed again costs nobody anything to see; what became of a cancelled order a
 * venue shows nearly at once.
 */
const SOON_MS = { negative: 500, unasked: 2_000, cancelled: 50 } as const;
