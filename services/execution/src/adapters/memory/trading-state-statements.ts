import type { TradingStateChanged } from '@switchyard/contracts';
import type { StateInForce } from '@switchyard/model';
import {
  MOST_NAMED,
  placeOf,
  userOfScope,
  whyLeft,
  type HeldState,
  type KnownStates,
  type LeftInScope,
  type ScopeLook,
} from '../../ports/trading-states.js';
import type { MemoryTransaction } from './memory-transaction.js';
import type { OrderRow, TradingStateRow } from './rows.js';

/** The same as `adapters/postgres/trading-states.ts`; rows are kept by their places. */
export const storeStates = async (
  tx: MemoryTransaction,
  venue: string,
  changes: readonly TradingStateChanged[],
): Promise<readonly TradingStateChanged[]> => {
  const news = new Map<string, TradingStateChanged>();
  for (const change of changes) {
    const { scope, state, version, reason, changedAt, cancelOpen } = change;
    const place = placeOf(scope, venue);
    if (place === undefined) continue;
    if (!(await tx.claimKey('states', place))) await tx.locked('states', place);
    if ((tx.get('states', place)?.version ?? 0) >= version) continue;
    tx.put('states', place, {
      ...{ scope, state, version, reason, changedAt, cancelOpen, storedAt: tx.nowMs },
      ...{ isKept: false, report: 0, said: undefined, isTold: false, lookedAt: 0 },
    });
    news.set(place, change);
  }
  return [...news.values()];
};

export const haltOf = (tx: MemoryTransaction, userId: string): StateInForce | undefined => {
  for (const place of ['global', `user:${userId}`, 'venue']) {
    const row = tx.get('states', place);
    const halt = row && inForce(row);
    if (halt !== undefined) return halt;
  }
  return undefined;
};

const inForce = ({ scope, state, version, reason, changedAt: since }: TradingStateRow): StateInForce | undefined =>
  state === 'active' ? undefined : { scope, state, version, reason, since };

export const knownStates = (tx: MemoryTransaction, most: number): KnownStates => {
  const rows = [...tx.all('states')].map(([, row]) => row);
  return {
    recent: rows.flatMap((row) => (row.storedAt > tx.nowMs - 60_000 ? (inForce(row) ?? []) : [])),
    hasGlobal: tx.get('states', 'global') !== undefined,
    toTell: rows
      .filter(({ isTold }) => !isTold)
      .sort((a, b) => a.lookedAt - b.lookedAt)
      .slice(0, most)
      .map(({ scope, version, state, cancelOpen, isKept }) => ({ scope, version, state, cancelOpen, isKept })),
  };
};

const find = (tx: MemoryTransaction, scope: string): readonly [string, TradingStateRow] | undefined =>
  [...tx.all('states')].find(([, row]) => row.scope === scope);

export const holdState = (tx: MemoryTransaction, scope: string, version: number): HeldState | undefined => {
  const [place, row] = find(tx, scope) ?? [];
  if (place === undefined || row?.version !== version || !tx.tryLock('states', place)) return undefined;
  return { report: row.report, said: row.said };
};

export const saveReport = (
  tx: MemoryTransaction,
  scope: string,
  saved: { readonly report: number; readonly said: string; readonly isTold: boolean },
): void => {
  const [place, row] = find(tx, scope) ?? [];
  if (place !== undefined && row !== undefined)
    tx.put('states', place, { ...row, ...saved, isKept: true, lookedAt: tx.nowMs });
};

const OPEN: ReadonlySet<OrderRow['status']> = new Set([
  ...(['placed', 'partially_filled', 'cancel_pending', 'unknown', 'executing'] as const),
]);

export const lookIntoScope = (tx: MemoryTransaction, look: ScopeLook): LeftInScope => {
  const userId = userOfScope(look.scope);
  const request = tx.get('cancels', look.cancelRequestId);
  const isMarking = look.cancelOpen && request !== undefined && request.markedAt === undefined;
  const named = new Map<string, LeftInScope['orders'][number]>();
  const name = (order: OrderRow): void => {
    const { orderId, accountId, pair, userId: owner } = order.routed;
    const { status } = order;
    const whole = { orderId, userId: owner, accountId, pair, status, why: whyLeft(status) };
    named.set(orderId, whole as LeftInScope['orders'][number]);
  };
  let [unresolved, open, cancelled] = [0, 0, 0];
  for (const [orderId, order] of tx.all('orders')) {
    if (userId !== undefined && order.routed.userId !== userId) continue;
    const cancelReason = tx.get('tasks', orderId)?.cancelReason;
    if (isUnresolved(order, look.expiredBeforeMs)) {
      unresolved += 1;
      name(order);
    }
    if (look.cancelOpen && OPEN.has(order.status) && (isMarking || cancelReason !== undefined)) {
      open += 1;
      name(order);
    }
    if (order.status === 'cancelled' && cancelReason === look.cancelReason) cancelled += 1;
  }
  const orders = [...named].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, order]) => order);
  return { unresolved, open, cancelled, isMarking, orders: orders.slice(0, MOST_NAMED) };
};

const isUnresolved = ({ status, routed, venueExpiry }: OrderRow, expiredBeforeMs: number | undefined): boolean => {
  if (routed.reduceOnly) return false;
  if (status === 'executing') return true;
  const cantArrive = expiredBeforeMs !== undefined && venueExpiry !== undefined && venueExpiry < expiredBeforeMs;
  return status === 'unknown' && !cantArrive;
};
