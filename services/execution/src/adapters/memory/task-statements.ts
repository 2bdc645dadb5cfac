import type { Waiting } from '../../tasks/intake.js';
import type { NewTask } from '../../tasks/task.js';
import type { CondemnedTask, Delay, Inherited, Lease, TakenTask } from '../../ports/task-queue.js';
import { earlierCancelOf } from './cancel-statements.js';
import type { MemoryTransaction } from './memory-transaction.js';
import type { TaskRow } from './rows.js';
import { haltOf } from './trading-state-statements.js';

const iso = (ms: number): string => new Date(ms).toISOString();

export const enqueue = async (
  tx: MemoryTransaction,
  tasks: readonly NewTask[],
  failedWith: string | undefined,
  nextNumber: () => number,
): Promise<ReadonlySet<string>> => {
  const inserted = new Set<string>();
  for (const task of tasks) {
    const seq = nextNumber();
    if (!(await tx.claimKey('tasks', task.taskId))) continue;
    inserted.add(task.taskId);
    tx.put('tasks', task.taskId, {
      ...task,
      seq,
      status: failedWith === undefined ? 'queued' : 'failed',
      attempts: 0,
      lastError: failedWith,
      leaseOwner: undefined,
      leaseEpoch: 0,
      leaseUntil: undefined,
      notBefore: tx.nowMs,
      cancelReason: earlierCancelOf(tx, task),
    });
  }
  return inserted;
};

export const countWaiting = (
  tx: MemoryTransaction,
  taskIds: readonly string[],
): { readonly waiting: Waiting; readonly stored: ReadonlySet<string> } => {
  const entriesOf = new Map<string, number>();
  let orders = 0;
  let simulated = 0;
  for (const [, task] of tx.all('tasks')) {
    if (task.status !== 'queued') continue;
    if (task.executor === 'simulator') simulated += 1;
    else if (task.eventType === 'OrderRouted') {
      orders += 1;
      entriesOf.set(task.userId, (entriesOf.get(task.userId) ?? 0) + (task.reduces ? 0 : 1));
    }
  }
  const stored = new Set(taskIds.filter((taskId) => tx.get('tasks', taskId) !== undefined));
  return { waiting: { orders, entriesOf, simulated }, stored };
};

export const takeThese = (tx: MemoryTransaction, taskIds: readonly string[]): readonly TakenTask[] => {
  const waiting = [...new Set(taskIds)].flatMap((taskId) => {
    const task = tx.get('tasks', taskId);
    return task?.status === 'queued' && task.notBefore <= tx.nowMs ? [task] : [];
  });
  waiting.sort((a, b) => a.priority - b.priority || a.seq - b.seq);
  return waiting.filter(({ taskId }) => tx.tryLock('tasks', taskId)).map((task) => takenTask(tx, task));
};

export const takenTask = (tx: MemoryTransaction, task: TaskRow): TakenTask => {
  const account = tx.get('accounts', task.accountId);
  return {
    taskId: task.taskId,
    eventType: task.eventType,
    priority: task.priority,
    accountId: task.accountId,
    attempts: task.attempts,
    payload: task.payload,
    causeId: task.causeId,
    traceparent: task.traceparent,
    account: account && { userId: account.userId, mode: account.mode, enabled: account.enabled },
    cancelReason: task.cancelReason,
    halt: haltOf(tx, task.userId),
  };
};

/** Changes rows of which each is locked first, and read as it is then. */
const update = async (
  tx: MemoryTransaction,
  taskIds: readonly string[],
  changed: (task: TaskRow) => TaskRow | undefined,
): Promise<readonly TaskRow[]> => {
  const rows: TaskRow[] = [];
  for (const taskId of taskIds) {
    const task = await tx.locked('tasks', taskId);
    const row = task && changed(task);
    if (row === undefined) continue;
    tx.put('tasks', taskId, row);
    rows.push(row);
  }
  return rows;
};

export const postpone = async (tx: MemoryTransaction, delays: readonly Delay[]): Promise<void> => {
  for (const { taskId, forMs } of delays)
    await update(tx, [taskId], (task) => ({ ...task, notBefore: tx.nowMs + forMs }));
};

export const lease = async (
  tx: MemoryTransaction,
  taskIds: readonly string[],
  { owner, leaseMs }: Lease,
): Promise<ReadonlyMap<string, string>> => {
  const rows = await update(tx, taskIds, (task) => ({
    ...task,
    status: 'executing',
    attempts: task.attempts + 1,
    leaseOwner: owner,
    leaseEpoch: task.leaseEpoch + 1,
    leaseUntil: tx.nowMs + leaseMs,
  }));
  return new Map(rows.map(({ taskId, leaseEpoch }) => [taskId, String(leaseEpoch)]));
};

const closed = (task: TaskRow): TaskRow => ({ ...task, status: 'done', leaseOwner: undefined, leaseUntil: undefined });

export const close = async (tx: MemoryTransaction, taskIds: readonly string[]): Promise<void> => {
  await update(tx, taskIds, closed);
};

export const finishRequest = async (tx: MemoryTransaction, requestId: string, epoch: string): Promise<boolean> => {
  const isHeld = ({ leaseEpoch, status }: TaskRow): boolean => String(leaseEpoch) === epoch && status === 'executing';
  // What does not fit is not even waited for.
  const seen = tx.get('tasks', requestId);
  if (seen === undefined || !isHeld(seen)) return false;
  return (await update(tx, [requestId], (task) => (isHeld(task) ? closed(task) : undefined))).length > 0;
};

export const condemn = async (tx: MemoryTransaction, taskId: string): Promise<CondemnedTask | undefined> => {
  if (tx.get('tasks', taskId)?.status !== 'queued') return undefined;
  const [task] = await update(tx, [taskId], (row) =>
    row.status === 'queued' ? { ...row, status: 'failed', lastError: 'INTERNAL' } : undefined,
  );
  if (task === undefined) return undefined;
  const order = await tx.locked('orders', taskId);
  const isWaiting = order?.status === 'pending' || order?.status === 'queued';
  const orderVersion = isWaiting ? order.version + 1 : 1;
  if (isWaiting) {
    const statusTimes = { ...order.statusTimes, failed: iso(tx.nowMs) };
    tx.put('orders', taskId, {
      ...{ ...order, status: 'failed', version: orderVersion, lastError: 'INTERNAL' },
      ...{ nextPollAt: undefined, statusTimes },
    });
  }
  const { eventType, userId, accountId, lane, parentOrderId, signalId, payload, causeId, traceparent } = task;
  return {
    ...{ taskId, eventType, userId, accountId, lane, parentOrderId, signalId, payload, causeId, traceparent },
    orderVersion,
  };
};

export const inherit = async (tx: MemoryTransaction): Promise<Inherited> => {
  const expired = [...tx.all('tasks')]
    .filter(([, task]) => task.status === 'executing' && (task.leaseUntil ?? Infinity) < tx.nowMs)
    .map(([taskId]) => taskId)
    .sort()
    .filter((taskId) => tx.tryLock('tasks', taskId));
  let orders = 0;
  let requests = 0;
  for (const taskId of expired) {
    const [task] = await update(tx, [taskId], (row) => ({
      ...row,
      status: row.eventType === 'OrderRouted' ? 'unknown' : 'queued',
      leaseOwner: undefined,
      leaseUntil: undefined,
      leaseEpoch: row.leaseEpoch + 1,
      lastError: 'the lease of its worker ran out',
    }));
    if (task?.eventType !== 'OrderRouted') requests += 1;
    else if (await becomesUnknown(tx, taskId)) orders += 1;
  }
  return { orders, requests };
};

const becomesUnknown = async (tx: MemoryTransaction, orderId: string): Promise<boolean> => {
  if (tx.get('orders', orderId)?.status !== 'executing') return false;
  const order = await tx.locked('orders', orderId);
  if (order?.status !== 'executing') return false;
  tx.put('orders', orderId, {
    ...order,
    status: 'unknown',
    leaseOwner: undefined,
    leaseEpoch: order.leaseEpoch + 1,
    uncertainSince: tx.nowMs,
    nextPollAt: tx.nowMs,
    statusTimes: { ...order.statusTimes, unknown: iso(tx.nowMs) },
  });
  return true;
};

export const depths = (tx: MemoryTransaction): { readonly queued: number; readonly unknown: number } => ({
  queued: [...tx.all('tasks')].filter(([, { status }]) => status === 'queued').length,
  unknown: [...tx.all('orders')].filter(([, { status }]) => status === 'unknown').length,
});
