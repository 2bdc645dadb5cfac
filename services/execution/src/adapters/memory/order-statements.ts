import { decimal, plain } from '@switchyard/money';
import { newOrder, tradeText, type ChildOrder } from '@switchyard/order-domain';
import type {
  DueLookup,
  FillSave,
  HeldOrder,
  Intent,
  LogLine,
  NamedTrade,
  OrderSave,
  RefusedOrder,
  StoredOrder,
  TaskSave,
} from '../../ports/order-records.js';
import type { Lease } from '../../ports/task-queue.js';
import type { MemoryTransaction } from './memory-transaction.js';
import { fillKey, type OrderRow, type TaskRow } from './rows.js';
import { duplicate } from './store-error.js';

const NEW: Omit<OrderRow, 'createdAt' | 'routed' | 'status' | 'clientOrderId' | 'attempt' | 'sendBy' | 'statusTimes'> =
  {
    ...{ venueExpiry: undefined, leaseOwner: undefined, leaseEpoch: 1, venueOrderId: undefined },
    ...{ cumulativeQuantity: '0', cumulativeQuote: '0', fees: {}, version: 0, negatives: 0, settled: 0 },
    ...{ uncertainSince: undefined, alarms: [], nextPollAt: undefined, lastError: undefined },
    ...{ cancelDueAt: undefined, cancelAttempts: 0 },
  };

export const intend = async (
  tx: MemoryTransaction,
  intents: readonly Intent[],
  leaseOwner: string,
): Promise<ReadonlyMap<string, string>> => {
  const epochs = new Map<string, string>();
  for (const intent of intents.toSorted((a, b) => (a.routed.orderId < b.routed.orderId ? -1 : 1))) {
    const { routed, clientOrderId, status, attempt, sendBy, statusTimes } = intent;
    const { orderId } = routed;
    const venueExpiry = intent.venueExpiry === null ? undefined : Date.parse(intent.venueExpiry);
    const fresh = { status, attempt, sendBy, venueExpiry, leaseOwner };
    if (await tx.claimKey('orders', orderId)) {
      insert(tx, { ...NEW, routed, clientOrderId, statusTimes, ...fresh });
      epochs.set(orderId, String(NEW.leaseEpoch));
      continue;
    }
    const known = await tx.locked('orders', orderId);
    if (known?.status !== 'pending' && known?.status !== 'queued') continue;
    tx.put('orders', orderId, { ...known, ...fresh, negatives: 0, leaseEpoch: known.leaseEpoch + 1 });
    epochs.set(orderId, String(known.leaseEpoch + 1));
  }
  return epochs;
};

/** A client order id stands for one order. */
const insert = (tx: MemoryTransaction, order: Omit<OrderRow, 'createdAt'>): void => {
  for (const [, { clientOrderId }] of tx.all('orders'))
    if (clientOrderId === order.clientOrderId) throw duplicate(clientOrderId);
  tx.put('orders', order.routed.orderId, { ...order, createdAt: tx.nowMs });
};

export const storeRefused = async (tx: MemoryTransaction, refused: readonly RefusedOrder[]): Promise<void> => {
  for (const { routed, clientOrderId, order, lastError, statusTimes } of refused) {
    if (!(await tx.claimKey('orders', routed.orderId))) throw duplicate(routed.orderId);
    const { status, version } = order;
    const end = { status, version, lastError, statusTimes, attempt: 0, sendBy: routed.sendBy };
    insert(tx, { ...NEW, routed, clientOrderId, ...end, ...amountsOf(order) });
  }
};

const amountsOf = (order: ChildOrder): Pick<OrderRow, 'cumulativeQuantity' | 'cumulativeQuote' | 'fees'> => ({
  cumulativeQuantity: plain(order.cumulativeQuantity),
  cumulativeQuote: plain(order.cumulativeQuote),
  fees: Object.fromEntries(Object.entries(order.fees).map(([currency, amount]) => [currency, plain(amount)])),
});

export const lockHeld = async (
  tx: MemoryTransaction,
  held: readonly HeldOrder[],
  venue: string,
): Promise<ReadonlyMap<string, StoredOrder>> => {
  const ids = [...new Set(held.map(({ orderId }) => orderId))].sort();
  const tasks = new Map<string, TaskRow>();
  for (const orderId of ids) {
    const task = await tx.locked('tasks', orderId);
    if (task) tasks.set(orderId, task);
  }
  const stored = new Map<string, StoredOrder>();
  for (const orderId of ids) {
    const isHeld = ({ leaseEpoch }: OrderRow): boolean =>
      held.some((one) => one.orderId === orderId && one.epoch === String(leaseEpoch));
    const seen = tx.get('orders', orderId);
    if (seen === undefined || !isHeld(seen)) continue;
    const order = await tx.locked('orders', orderId);
    const task = tasks.get(orderId);
    if (order && task && isHeld(order)) stored.set(orderId, storedOrder(tx, order, task, venue));
  }
  return stored;
};

const storedOrder = (tx: MemoryTransaction, row: OrderRow, task: TaskRow, venue: string): StoredOrder => {
  const { routed } = row;
  const { clientOrderId, venueOrderId, negatives, settled, alarms, statusTimes } = row;
  const fees = Object.fromEntries(Object.entries(row.fees).map(([currency, amount]) => [currency, decimal(amount)]));
  const fills = [...tx.all('fills')].map(([, fill]) => fill).filter(({ orderId }) => orderId === routed.orderId);
  return {
    ...{ venue, routed, clientOrderId, venueOrderId, negatives, settled, alarms, statusTimes },
    causeId: task.causeId,
    traceparent: task.traceparent,
    order: {
      ...newOrder(routed.quantity),
      status: row.status,
      venueOrderId: row.venueOrderId,
      version: row.version,
      cumulativeQuantity: decimal(row.cumulativeQuantity),
      cumulativeQuote: decimal(row.cumulativeQuote),
      fees,
      trades: new Map(fills.map(({ fill }) => [fill.tradeId, tradeText(fill.quantity, fill.price)])),
    },
    epoch: String(row.leaseEpoch),
    taskStatus: task.status,
    attempts: task.attempts,
    venueExpiryMs: row.venueExpiry,
    ageMs: row.uncertainSince === undefined ? 0 : tx.nowMs - row.uncertainSince,
    cancelReason: task.cancelReason,
    isCancelDue: row.cancelDueAt !== undefined,
  };
};

export const saveTasks = async (tx: MemoryTransaction, saves: readonly TaskSave[]): Promise<void> => {
  for (const { taskId, status, lastError, waitMs } of saves) {
    const task = await tx.locked('tasks', taskId);
    if (task === undefined) continue;
    const free = { leaseOwner: undefined, leaseUntil: undefined, notBefore: tx.nowMs + waitMs };
    tx.put('tasks', taskId, { ...task, status, lastError: lastError ?? task.lastError, ...free });
  }
};

export const saveOrders = async (tx: MemoryTransaction, saves: readonly OrderSave[]): Promise<void> => {
  for (const { orderId, order, nextLookMs, restartsAge, cancelInMs, ...save } of saves) {
    const row = await tx.locked('orders', orderId);
    if (row === undefined) continue;
    const { negatives, settled, alarms, statusTimes, lastError } = save;
    const { status, version, venueOrderId } = order;
    tx.put('orders', orderId, {
      ...{ ...row, status, version, venueOrderId, negatives, settled, alarms, statusTimes },
      ...amountsOf(order),
      uncertainSince: restartsAge ? tx.nowMs : row.uncertainSince,
      nextPollAt: nextLookMs === null ? undefined : tx.nowMs + nextLookMs,
      lastError: lastError ?? row.lastError,
      cancelDueAt: cancelInMs === 'asItWas' ? row.cancelDueAt : cancelInMs === null ? undefined : tx.nowMs + cancelInMs,
    });
  }
};

/** How many are new. */
export const saveFills = async (tx: MemoryTransaction, saves: readonly FillSave[]): Promise<number> => {
  let stored = 0;
  for (const save of saves) {
    if (!(await tx.claimKey('fills', fillKey(save)))) continue;
    tx.put('fills', fillKey(save), save);
    stored += 1;
  }
  return stored;
};

const MAX_BODY = 1_024;

export const saveLogs = async (
  tx: MemoryTransaction,
  lines: readonly LogLine[],
  nextNumber: () => number,
): Promise<void> => {
  for (const line of lines) {
    const key = String(nextNumber());
    await tx.claimKey('logs', key);
    tx.put('logs', key, { ...line, responseBody: line.responseBody?.slice(0, MAX_BODY) });
  }
};

export const lookAgain = async (
  tx: MemoryTransaction,
  accountId: string,
  trades: readonly NamedTrade[],
): Promise<void> => {
  const known = new Set(
    [...tx.all('fills')].map(
      ([, { fill, orderId, ...of }]) => `${of.accountId}|${of.venueSymbol}|${fill.tradeId}|${orderId}`,
    ),
  );
  const isNews = ({ routed, venueOrderId }: OrderRow): boolean =>
    routed.accountId === accountId &&
    trades.some(
      (trade) =>
        trade.venueOrderId === venueOrderId &&
        !known.has(`${accountId}|${trade.venueSymbol}|${trade.tradeId}|${routed.orderId}`),
    );
  const news = [...tx.all('orders')].filter(([, order]) => isNews(order)).map(([orderId]) => orderId);
  for (const orderId of news) {
    const order = await tx.locked('orders', orderId);
    if (order) tx.put('orders', orderId, { ...order, nextPollAt: tx.nowMs });
  }
};

export const takeDueLookups = (
  tx: MemoryTransaction,
  { owner, leaseMs }: Lease,
  most: number,
): readonly DueLookup[] => {
  const due = [...tx.all('orders')]
    .map(([, order]) => order)
    .filter(({ nextPollAt, routed }) => (nextPollAt ?? Infinity) <= tx.nowMs && routed.mode !== 'simulated')
    .sort((a, b) => unknownFirst(a) - unknownFirst(b) || (a.nextPollAt ?? 0) - (b.nextPollAt ?? 0));
  const taken: DueLookup[] = [];
  for (const order of due) {
    if (taken.length >= most) break;
    const { orderId } = order.routed;
    if (!tx.tryLock('orders', orderId)) continue;
    const leaseEpoch = order.leaseEpoch + 1;
    tx.put('orders', orderId, { ...order, leaseEpoch, leaseOwner: owner, nextPollAt: tx.nowMs + leaseMs });
    taken.push(dueLookup(order, leaseEpoch));
  }
  return taken;
};

export const dueLookup = (order: OrderRow, leaseEpoch: number): DueLookup => {
  const { routed, clientOrderId, venueOrderId, status, createdAt: storedAtMs } = order;
  const { orderId, userId, accountId, mode, pair, venueSymbol, side, quantity } = routed;
  const ids = { orderId, userId, accountId, mode, pair, venueSymbol, clientOrderId, status, storedAtMs };
  return { ...ids, side, quantity, venueOrderId: venueOrderId ?? null, epoch: String(leaseEpoch) };
};

const unknownFirst = ({ status }: OrderRow): number => (status === 'unknown' ? 0 : 1);

export const nextLookupInMs = (tx: MemoryTransaction): number | undefined => {
  const due = [...tx.all('orders')].flatMap(([, { nextPollAt }]) => nextPollAt ?? []);
  return due.length === 0 ? undefined : Math.min(...due) - tx.nowMs;
};

export const clientOrderIds = (
  tx: MemoryTransaction,
  accountId: string,
  venueOrderIds: readonly string[],
): ReadonlyMap<string, string> =>
  new Map(
    [...tx.all('orders')].flatMap(([, { routed, venueOrderId, clientOrderId }]) =>
      routed.accountId === accountId && venueOrderId !== undefined && venueOrderIds.includes(venueOrderId)
        ? [[venueOrderId, clientOrderId] as const]
        : [],
    ),
  );
