import { evolveAll, type ChildOrder, type OrderFact } from '@switchyard/order-domain';
import type { StoredOrder } from '../ports/order-records.js';

type Wanted = Pick<StoredOrder, 'cancelReason' | 'isCancelDue'>;

/**
 * Folds facts into an order that somebody may want gone: what comes back to the queue ends there, for nothing of it was sent, and an end at
 * the venue says why it was asked for.
 */
export const evolveWanted = (
  order: ChildOrder,
  facts: readonly OrderFact[],
  { cancelReason: reason }: Pick<Wanted, 'cancelReason'>,
  at: string,
): ReturnType<typeof evolveAll> => {
  if (reason === undefined) return evolveAll(order, facts);
  const first = evolveAll(
    order,
    facts.map((fact) => (fact.kind === 'cancelled' ? { ...fact, reason } : fact)),
  );
  if (first.order.status !== 'queued') return first;
  const last = evolveAll(first.order, [{ kind: 'cancelled', reason, at }]);
  return {
    order: last.order,
    changes: [...first.changes, ...last.changes],
    doubts: [...first.doubts, ...last.doubts],
  };
};

export const isOpenAtVenue = ({ status }: Pick<ChildOrder, 'status'>): boolean =>
  status === 'placed' || status === 'partially_filled' || status === 'cancel_pending';

/** Until the venue is to be asked to cancel the order, milliseconds: at once where it turns out to be there, not at all once it has ended. */
export const cancelInMs = (
  order: ChildOrder,
  { cancelReason, isCancelDue }: Wanted,
  askedAgainInMs: number | undefined,
): number | null | 'asItWas' => {
  if (cancelReason === undefined || !isOpenAtVenue(order)) return null;
  return askedAgainInMs ?? (isCancelDue ? 'asItWas' : 0);
};
