import type { CancelRequest, CancelWork, DueCancel } from '../../ports/cancel-records.js';
import type { Lease, TakenTask } from '../../ports/task-queue.js';
import type { MemoryTransaction } from './memory-transaction.js';
import { dueLookup } from './order-statements.js';
import type { CancelRow, OrderRow, TaskRow } from './rows.js';
import { takenTask } from './task-statements.js';

export const requestCancels = async (
  tx: MemoryTransaction,
  requests: readonly CancelRequest[],
  venue: string,
  nextNumber: () => number,
): Promise<void> => {
  for (const { requestId, target, reason } of requests) {
    if (target.kind === 'scope' && target.scope.startsWith('venue:') && target.scope !== `venue:${venue}`) continue;
    const seq = nextNumber();
    if (!(await tx.claimKey('cancels', requestId))) continue;
    tx.put('cancels', requestId, { requestId, target, reason, seq, markedAt: undefined });
  }
};

/** Why an order that is being stored was wanted gone before it came. */
export const earlierCancelOf = (
  tx: MemoryTransaction,
  { taskId, parentOrderId, userId }: Pick<TaskRow, 'taskId' | 'parentOrderId' | 'userId'>,
): string | undefined => {
  const isMeant = ({ target }: CancelRow): boolean =>
    target.kind === 'order' &&
    target.userId === userId &&
    (target.orderId === taskId || target.orderId === parentOrderId);
  return [...tx.all('cancels')]
    .map(([, request]) => request)
    .filter(isMeant)
    .sort(bySeq)[0]?.reason;
};

const REQUESTS_AT_A_TIME = 50;
const bySeq = (a: CancelRow, b: CancelRow): number => a.seq - b.seq;
const isOpen = ({ status }: OrderRow): boolean =>
  status === 'placed' || status === 'partially_filled' || status === 'cancel_pending';
const isLive = ({ status }: TaskRow): boolean => status === 'queued' || status === 'executing' || status === 'unknown';

export const markCancels = async (
  tx: MemoryTransaction,
  most: number,
): Promise<{ readonly marked: number; readonly more: boolean }> => {
  const waiting = [...tx.all('cancels')].map(([, request]) => request).filter(({ markedAt }) => markedAt === undefined);
  const requests = waiting
    .sort(bySeq)
    .slice(0, REQUESTS_AT_A_TIME)
    .filter(({ requestId }) => tx.tryLock('cancels', requestId));
  const ofOrdersFirst = requests.toSorted((a, b) => rankOf(a) - rankOf(b) || bySeq(a, b));
  let marked = 0;
  let done = 0;
  for (const request of ofOrdersFirst) {
    const room = request.target.kind === 'order' ? Number.POSITIVE_INFINITY : most - marked;
    if (room <= 0) break;
    const found = tasksOf(tx, request).slice(0, room);
    for (const taskId of found) if (await mark(tx, taskId, request.reason)) marked += 1;
    if (found.length === room) continue;
    tx.put('cancels', request.requestId, { ...request, markedAt: tx.nowMs });
    done += 1;
  }
  return { marked, more: requests.length >= REQUESTS_AT_A_TIME || done < requests.length };
};

const rankOf = ({ target }: CancelRow): number => (target.kind === 'order' ? 0 : 1);

/** Of those not marked yet, by their ids. */
const tasksOf = (tx: MemoryTransaction, { target }: CancelRow): readonly string[] => {
  const isMeant = (task: TaskRow): boolean => {
    if (target.kind === 'order')
      return task.userId === target.userId && (task.taskId === target.orderId || task.parentOrderId === target.orderId);
    if (target.scope.startsWith('user:') && target.scope !== `user:${task.userId}`) return false;
    const order = tx.get('orders', task.taskId);
    return isLive(task) || (order !== undefined && isOpen(order));
  };
  return [...tx.all('tasks')]
    .map(([, task]) => task)
    .filter((task) => task.eventType === 'OrderRouted' && task.cancelReason === undefined && isMeant(task))
    .map(({ taskId }) => taskId)
    .sort();
};

const mark = async (tx: MemoryTransaction, taskId: string, cancelReason: string): Promise<boolean> => {
  const task = await tx.locked('tasks', taskId);
  if (task === undefined || task.cancelReason !== undefined) return false;
  tx.put('tasks', taskId, { ...task, cancelReason });
  if (tx.get('orders', taskId) === undefined) return true;
  const order = await tx.locked('orders', taskId);
  if (order !== undefined && isOpen(order) && order.cancelDueAt === undefined)
    tx.put('orders', taskId, { ...order, cancelDueAt: tx.nowMs });
  return true;
};

const isToEnd = (task: TaskRow): boolean =>
  task.cancelReason !== undefined && task.status === 'queued' && task.executor === 'venue';

export const takeCancelled = (tx: MemoryTransaction, most: number): readonly TakenTask[] =>
  [...tx.all('tasks')]
    .map(([, task]) => task)
    .filter(isToEnd)
    .sort((a, b) => a.seq - b.seq)
    .slice(0, most)
    .filter(({ taskId }) => tx.tryLock('tasks', taskId))
    .map((task) => takenTask(tx, task));

const ofVenue = (tx: MemoryTransaction): readonly OrderRow[] =>
  [...tx.all('orders')].map(([, order]) => order).filter(({ routed }) => routed.mode !== 'simulated');

export const cancelWork = (tx: MemoryTransaction): CancelWork => {
  const due = ofVenue(tx).flatMap(({ cancelDueAt }) => cancelDueAt ?? []);
  return {
    toMark: [...tx.all('cancels')].some(([, { markedAt }]) => markedAt === undefined),
    toEnd: [...tx.all('tasks')].some(([, task]) => isToEnd(task)),
    dueInMs: due.length === 0 ? undefined : Math.min(...due) - tx.nowMs,
  };
};

export const takeDueCancels = (
  tx: MemoryTransaction,
  { owner, leaseMs }: Lease,
  most: number,
): readonly DueCancel[] => {
  const due = ofVenue(tx)
    .filter((order) => isOpen(order) && (order.cancelDueAt ?? Infinity) <= tx.nowMs)
    .sort((a, b) => (a.cancelDueAt ?? 0) - (b.cancelDueAt ?? 0));
  const taken: DueCancel[] = [];
  for (const order of due) {
    if (taken.length >= most) break;
    const { orderId } = order.routed;
    if (!tx.tryLock('orders', orderId)) continue;
    const again = tx.nowMs + leaseMs;
    const leaseEpoch = order.leaseEpoch + 1;
    const cancelAttempts = order.cancelAttempts + 1;
    const held = { leaseEpoch, leaseOwner: owner, cancelAttempts, cancelDueAt: again, nextPollAt: again };
    tx.put('orders', orderId, { ...order, ...held });
    taken.push({ ...dueLookup(order, leaseEpoch), attempts: cancelAttempts });
  }
  return taken;
};

export const forgetCancels = (tx: MemoryTransaction, markedBeforeMs: number): void => {
  for (const [requestId, { markedAt }] of [...tx.all('cancels')])
    if (markedAt !== undefined && markedAt < tx.nowMs - markedBeforeMs && tx.tryLock('cancels', requestId))
      tx.remove('cancels', requestId);
};
