import { newOrder, tradeText, type ChildStatus } from '@switchyard/order-domain';
import { decimal, type Decimal } from '@switchyard/money';
import type { Tx } from '@switchyard/persistence';
import type { HeldOrder, StoredOrder } from '../../ports/order-records.js';
import type { RoutedOrder } from '../../tasks/task.js';

export interface OrderRow {
  readonly order_id: string;
  readonly lease_epoch: string;
  readonly status: ChildStatus;
  readonly client_order_id: string;
  readonly venue_order_id: string | null;
  readonly cumulative_quantity: string;
  readonly cumulative_quote: string;
  readonly fees: Readonly<Record<string, string>>;
  readonly version: number;
  readonly venue_expiry_ms: number | null;
  readonly negatives: number;
  readonly settled: number;
  readonly age_ms: number | null;
  readonly alarms: readonly string[];
  readonly status_times: Readonly<Record<string, string>>;
  readonly is_cancel_due: boolean;
}

export const ORDER_COLUMNS = `
  o.order_id, o.lease_epoch, o.status, o.client_order_id, o.venue_order_id, o.cumulative_quantity, o.cumulative_quote, o.fees, o.version, o.negatives,
  o.settled, o.alarms, o.status_times, o.cancel_due_at is not null as is_cancel_due, (extract(epoch from o.venue_expiry) * 1000)::float8 as venue_expiry_ms,
  (extract(epoch from now() - o.uncertain_since) * 1000)::float8 as age_ms`;

export interface TaskRow {
  readonly task_id: string;
  readonly status: string;
  readonly attempts: number;
  readonly payload: RoutedOrder;
  readonly cause_id: string;
  readonly traceparent: string | null;
  readonly cancel_reason: string | null;
}

interface TradeRow {
  readonly order_id: string;
  readonly trade_id: string;
  readonly quantity: string;
  readonly price: string;
}

// Tasks first, then orders: the order in which everybody locks.
const LOCK_TASKS = {
  name: 'execution-lock-tasks',
  text: `select task_id, status, attempts, payload, cause_id, traceparent, cancel_reason from execution_tasks
         where task_id = any ($1::text[]) order by task_id for update`,
};
const LOCK_ORDERS = {
  name: 'execution-lock-orders',
  text: `select ${ORDER_COLUMNS} from orders o join unnest($1::text[], $2::bigint[]) as held (order_id, epoch) using (order_id)
         where o.lease_epoch = held.epoch order by o.order_id for update of o`,
};
const LOAD_TRADES = {
  name: 'execution-load-trades',
  text: 'select order_id, trade_id, quantity, price from fills where order_id = any ($1::text[])',
};

export const lockHeld = async (
  tx: Tx,
  venue: string,
  held: readonly HeldOrder[],
): Promise<ReadonlyMap<string, StoredOrder>> => {
  const ids = held.map(({ orderId }) => orderId);
  const [tasks, orders, trades] = await Promise.all([
    tx.query<TaskRow>(LOCK_TASKS, [ids]),
    tx.query<OrderRow>(LOCK_ORDERS, [ids, held.map(({ epoch }) => epoch)]),
    loadTrades(tx, ids),
  ]);
  const byId = new Map(tasks.rows.map((task) => [task.task_id, task]));
  return new Map(
    orders.rows.flatMap((row) => {
      const task = byId.get(row.order_id);
      return task ? [[row.order_id, storedOrder(venue, row, task, trades.get(row.order_id))]] : [];
    }),
  );
};

export const loadTrades = async (
  tx: Tx,
  orderIds: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> => {
  const byOrder = new Map<string, Map<string, string>>();
  if (orderIds.length === 0) return byOrder;
  const { rows } = await tx.query<TradeRow>(LOAD_TRADES, [orderIds]);
  for (const { order_id, trade_id, quantity, price } of rows) {
    const trades = byOrder.get(order_id) ?? new Map<string, string>();
    byOrder.set(order_id, trades.set(trade_id, tradeText(quantity, price)));
  }
  return byOrder;
};

export const storedOrder = (
  venue: string,
  row: OrderRow,
  task: TaskRow,
  trades: ReadonlyMap<string, string> = new Map(),
): StoredOrder => ({
  venue,
  routed: task.payload,
  causeId: task.cause_id,
  traceparent: task.traceparent ?? undefined,
  clientOrderId: row.client_order_id,
  venueOrderId: row.venue_order_id ?? undefined,
  order: {
    ...newOrder(task.payload.quantity),
    status: row.status,
    venueOrderId: row.venue_order_id ?? undefined,
    version: row.version,
    cumulativeQuantity: decimal(row.cumulative_quantity),
    cumulativeQuote: decimal(row.cumulative_quote),
    fees: feesOf(row.fees),
    trades,
  },
  epoch: row.lease_epoch,
  taskStatus: task.status,
  attempts: task.attempts,
  venueExpiryMs: row.venue_expiry_ms ?? undefined,
  negatives: row.negatives,
  settled: row.settled,
  ageMs: row.age_ms ?? 0,
  alarms: row.alarms,
  statusTimes: row.status_times,
  cancelReason: task.cancel_reason ?? undefined,
  isCancelDue: row.is_cancel_due,
});

const feesOf = (fees: Readonly<Record<string, string>>): Readonly<Record<string, Decimal>> =>
  Object.fromEntries(Object.entries(fees).map(([currency, amount]) => [currency, decimal(amount)]));
