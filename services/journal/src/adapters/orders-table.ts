import type { Tx } from '@switchyard/persistence';
import type { OrderChange } from '../read-models/order-change.js';
import { bareArray, textArray } from './array-literal.js';

/**
 * Applies changes of orders, at most one per order. Most changes move an order that is there: those go through a narrow update that
 * leaves indexes alone. What opens an order, and what came before its opening, is put whole and merged.
 */
export const applyOrders = async (tx: Tx, changes: ReadonlyMap<string, OrderChange>): Promise<void> => {
  if (changes.size === 0) return;
  // In the order of ids, so that two writers can't wait for each other.
  const sorted = [...changes.values()].sort((a, b) => (a.orderId < b.orderId ? -1 : 1));
  const moves = sorted.filter(({ opens }) => !opens);
  const moved = moves.length === 0 ? undefined : await move(tx, moves);
  const puts = moved === undefined ? sorted : sorted.filter(({ orderId, opens }) => opens || !moved.has(orderId));
  if (puts.length > 0) put(tx, puts);
};

const MOVE = {
  name: 'journal:orders-move',
  text: `update orders o set
           client_order_id = coalesce(o.client_order_id, n.client_order_id),
           venue_order_id = coalesce(o.venue_order_id, n.venue_order_id),
           order_version = greatest(o.order_version, n.order_version),
           placed_at = coalesce(o.placed_at, n.placed_at),
           status = case when n.rank > o.rank then n.status else o.status end,
           ended_at = case when n.rank > o.rank then n.ended_at else o.ended_at end,
           code = case when n.rank > o.rank then coalesce(n.code, o.code) else coalesce(o.code, n.code) end,
           message = case when n.rank > o.rank then coalesce(n.message, o.message) else coalesce(o.message, n.message) end,
           average_price = coalesce(n.average_price, o.average_price),
           filled_quantity = greatest(o.filled_quantity, n.filled_quantity),
           rank = greatest(o.rank, n.rank),
           cancel_requested_at = coalesce(o.cancel_requested_at, n.cancel_requested_at)
         from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::timestamptz[], $6::text[], $7::smallint[], $8::numeric[],
                     $9::numeric[], $10::text[], $11::text[], $12::timestamptz[], $13::timestamptz[])
              as n (order_id, client_order_id, venue_order_id, order_version, placed_at, status, rank, filled_quantity,
                    average_price, code, message, ended_at, cancel_requested_at)
         where o.order_id = n.order_id returning o.order_id`,
};

/** @returns the ids of the orders that were there */
const move = async (tx: Tx, changes: readonly OrderChange[]): Promise<ReadonlySet<string>> => {
  const { rows } = await tx.query<{ order_id: string }>(MOVE, [
    textArray(changes.map(({ orderId }) => orderId)),
    textArray(changes.map(({ clientOrderId }) => clientOrderId)),
    textArray(changes.map(({ venueOrderId }) => venueOrderId)),
    bareArray(changes.map(({ orderVersion }) => orderVersion)),
    bareArray(changes.map(({ placedAt }) => placedAt)),
    bareArray(changes.map(({ status }) => status)),
    bareArray(changes.map(({ rank }) => rank)),
    bareArray(changes.map(({ filledQuantity }) => filledQuantity)),
    bareArray(changes.map(({ averagePrice }) => averagePrice)),
    textArray(changes.map(({ code }) => code)),
    textArray(changes.map(({ message }) => message)),
    bareArray(changes.map(({ endedAt }) => endedAt)),
    bareArray(changes.map(({ cancelRequestedAt }) => cancelRequestedAt)),
  ]);
  return new Set(rows.map(({ order_id }) => order_id));
};

type Kind = 'text' | 'bare';
type Column = readonly [
  name: string,
  type: string,
  kind: Kind,
  pick: (change: OrderChange) => string | number | boolean | undefined,
  merge: 'first' | 'furthest' | 'furthest_known' | 'known' | 'greatest' | 'least' | 'fixed',
];

const COLUMNS: readonly Column[] = [
  ['order_id', 'text', 'text', (c) => c.orderId, 'fixed'],
  ['parent_order_id', 'text', 'text', (c) => c.parentOrderId, 'fixed'],
  ['signal_id', 'text', 'text', (c) => c.signalId, 'fixed'],
  ['user_id', 'text', 'text', (c) => c.userId, 'fixed'],
  ['account_id', 'text', 'text', (c) => c.accountId, 'first'],
  ['venue', 'text', 'text', (c) => c.venue, 'first'],
  ['pair', 'text', 'text', (c) => c.pair, 'first'],
  ['venue_symbol', 'text', 'text', (c) => c.venueSymbol, 'first'],
  ['side', 'text', 'text', (c) => c.side, 'first'],
  ['signal_type', 'text', 'text', (c) => c.signalType, 'first'],
  ['order_type', 'text', 'text', (c) => c.orderType, 'first'],
  ['quantity', 'numeric', 'bare', (c) => c.quantity, 'first'],
  ['limit_price', 'numeric', 'bare', (c) => c.limitPrice, 'first'],
  ['time_in_force', 'text', 'text', (c) => c.timeInForce, 'first'],
  ['client_order_id', 'text', 'text', (c) => c.clientOrderId, 'first'],
  ['venue_order_id', 'text', 'text', (c) => c.venueOrderId, 'first'],
  ['order_version', 'int', 'bare', (c) => c.orderVersion, 'greatest'],
  ['placed_at', 'timestamptz', 'bare', (c) => c.placedAt, 'first'],
  ['mode', 'text', 'text', (c) => c.mode, 'first'],
  ['dry_run', 'boolean', 'bare', (c) => c.dryRun, 'first'],
  ['reference_price', 'numeric', 'bare', (c) => c.referencePrice, 'first'],
  ['status', 'text', 'bare', (c) => c.status, 'furthest'],
  ['rank', 'smallint', 'bare', (c) => c.rank, 'greatest'],
  ['filled_quantity', 'numeric', 'bare', (c) => c.filledQuantity, 'greatest'],
  ['average_price', 'numeric', 'bare', (c) => c.averagePrice, 'known'],
  ['code', 'text', 'text', (c) => c.code, 'furthest_known'],
  ['message', 'text', 'text', (c) => c.message, 'furthest_known'],
  ['created_at', 'timestamptz', 'bare', (c) => c.createdAt, 'least'],
  ['ended_at', 'timestamptz', 'bare', (c) => c.endedAt, 'furthest'],
  ['cancel_requested_at', 'timestamptz', 'bare', (c) => c.cancelRequestedAt, 'first'],
];

const merged = ([name, , , , merge]: Column): readonly string[] => {
  switch (merge) {
    case 'fixed':
      return [];
    case 'first':
      return [`${name} = coalesce(o.${name}, excluded.${name})`];
    case 'known':
      return [`${name} = coalesce(excluded.${name}, o.${name})`];
    case 'greatest':
    case 'least':
      return [`${name} = ${merge}(o.${name}, excluded.${name})`];
    case 'furthest':
      return [`${name} = case when excluded.rank > o.rank then excluded.${name} else o.${name} end`];
    case 'furthest_known':
      return [
        `${name} = case when excluded.rank > o.rank then coalesce(excluded.${name}, o.${name}) else coalesce(o.${name}, excluded.${name}) end`,
      ];
  }
};

const PUT = {
  name: 'journal:orders-put',
  text: `insert into orders as o (${COLUMNS.map(([name]) => name).join(', ')})
         select * from unnest(${COLUMNS.map(([, type], i) => `$${i + 1}::${type}[]`).join(', ')})
         on conflict (order_id) do update set ${COLUMNS.flatMap(merged).join(', ')}`,
};

const put = (tx: Tx, changes: readonly OrderChange[]): void => {
  void tx.query(
    PUT,
    COLUMNS.map(([, , kind, pick]) =>
      kind === 'bare'
        ? bareArray(changes.map(pick))
        : textArray(changes.map(pick as (change: OrderChange) => string | undefined)),
    ),
  );
};
