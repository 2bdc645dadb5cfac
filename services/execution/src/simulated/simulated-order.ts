import type { OutgoingEvent } from '@switchyard/log';
import { plain } from '@switchyard/money';
import type { ChildOrder, OrderChange } from '@switchyard/order-domain';
import type { Tx } from '@switchyard/persistence';
import { feesText } from '../adapters/postgres/save.js';
import { eventOf } from '../orders/events.js';
import { fillOf } from '../orders/fill-save.js';
import type { FillSave } from '../ports/order-records.js';
import type { RoutedOrder } from '../tasks/task.js';

/** An order on its way through one transaction. */
export interface Simulated {
  readonly routed: RoutedOrder;
  readonly clientOrderId: string;
  readonly causeId: string;
  readonly traceparent: string | undefined;
  readonly order: ChildOrder;
  readonly changes: readonly OrderChange[];
}

export const errorOf = ({ changes }: Simulated): string | null => {
  const last = changes.at(-1);
  return last?.kind === 'failed' ? last.refusal.code : null;
};

export const fillsOf = ({ routed, changes }: Simulated): readonly FillSave[] =>
  changes.flatMap((change) => (change.kind === 'filled' ? [fillOf(routed, change.fill)] : []));

export const eventsOf = (venue: string, simulated: Simulated): readonly OutgoingEvent[] => {
  const { routed, clientOrderId, causeId, traceparent, order, changes } = simulated;
  const subject = { venue, routed, clientOrderId, causeId, traceparent, venueOrderId: order.venueOrderId };
  return changes.map((change) => eventOf(subject, change));
};

export const insertOrders = async (tx: Tx, orders: readonly Simulated[], at: string): Promise<void> => {
  if (orders.length === 0) return;
  await tx.query(INSERT_ORDERS, [
    orders.map(({ routed }) => routed.orderId),
    orders.map(({ routed }) => routed.userId),
    orders.map(({ routed }) => routed.accountId),
    orders.map(({ routed }) => routed.pair),
    orders.map(({ routed }) => routed.venueSymbol),
    orders.map(({ routed }) => routed.side),
    orders.map(({ routed }) => routed.quantity),
    orders.map(({ routed }) => routed.limitPrice ?? null),
    orders.map(({ routed }) => expiryOf(routed, at)),
    orders.map(({ order }) => order.status),
    orders.map(({ clientOrderId }) => clientOrderId),
    orders.map(({ routed }) => routed.sendBy),
    orders.map(({ order }) => order.venueOrderId ?? null),
    orders.map(({ order }) => plain(order.cumulativeQuantity)),
    orders.map(({ order }) => plain(order.cumulativeQuote)),
    orders.map(({ order }) => feesText(order)),
    orders.map(({ order }) => order.version),
    orders.map(errorOf),
    orders.map(({ order }) => `{"${order.status}":"${at}"}`),
  ]);
};

/** When a resting order ends by itself: its date, or the end of the UTC day. */
const expiryOf = ({ timeInForce, expireAt }: RoutedOrder, at: string): string | null => {
  if (timeInForce === 'gtd') return expireAt ?? null;
  if (timeInForce !== 'day') return null;
  return new Date(Date.parse(`${at.slice(0, 10)}T00:00:00.000Z`) + 86_400_000).toISOString();
};

const INSERT_ORDERS = {
  name: 'execution-simulator-insert-orders',
  text: `
    insert into orders
      (order_id, user_id, account_id, pair, venue_symbol, side, quantity, limit_price, expire_at, status, client_order_id, send_by,
       venue_order_id, cumulative_quantity, cumulative_quote, fees, version, last_error, status_times, mode, attempt)
    select n.*, 'simulated', 1 from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::numeric[],
      $8::numeric[], $9::timestamptz[], $10::text[], $11::text[], $12::timestamptz[], $13::text[], $14::numeric[], $15::numeric[],
      $16::json[], $17::integer[], $18::text[], $19::json[]) as n`,
};
