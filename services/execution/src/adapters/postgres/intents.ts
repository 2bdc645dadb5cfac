import { plain } from '@switchyard/money';
import type { Tx } from '@switchyard/persistence';
import type { Intent, RefusedOrder } from '../../ports/order-records.js';
import { feesText } from './save.js';

export const intend = async (
  tx: Tx,
  intents: readonly Intent[],
  owner: string,
): Promise<ReadonlyMap<string, string>> => {
  if (intents.length === 0) return new Map();
  const { rows } = await tx.query<{ order_id: string; lease_epoch: string }>(INTEND, [
    intents.map(({ routed }) => routed.orderId),
    intents.map(({ routed }) => routed.userId),
    intents.map(({ routed }) => routed.accountId),
    intents.map(({ routed }) => routed.pair),
    intents.map(({ routed }) => routed.venueSymbol),
    intents.map(({ routed }) => routed.side),
    intents.map(({ routed }) => routed.mode),
    intents.map(({ routed }) => routed.quantity),
    intents.map(({ routed }) => routed.limitPrice ?? null),
    intents.map(({ routed }) => routed.expireAt ?? null),
    intents.map(({ status }) => status),
    intents.map(({ clientOrderId }) => clientOrderId),
    intents.map(({ attempt }) => attempt),
    intents.map(({ sendBy }) => sendBy),
    intents.map(({ venueExpiry }) => venueExpiry),
    intents.map(({ statusTimes }) => JSON.stringify(statusTimes)),
    owner,
  ]);
  return new Map(rows.map(({ order_id, lease_epoch }) => [order_id, lease_epoch]));
};

export const storeRefused = async (tx: Tx, refused: readonly RefusedOrder[]): Promise<void> => {
  if (refused.length === 0) return;
  await tx.query(INSERT_REFUSED, [
    refused.map(({ routed }) => routed.orderId),
    refused.map(({ routed }) => routed.userId),
    refused.map(({ routed }) => routed.accountId),
    refused.map(({ routed }) => routed.pair),
    refused.map(({ routed }) => routed.venueSymbol),
    refused.map(({ routed }) => routed.side),
    refused.map(({ routed }) => routed.mode),
    refused.map(({ routed }) => routed.quantity),
    refused.map(({ routed }) => routed.limitPrice ?? null),
    refused.map(({ order }) => order.status),
    refused.map(({ clientOrderId }) => clientOrderId),
    refused.map(({ routed }) => routed.sendBy),
    refused.map(({ order }) => order.version),
    refused.map(({ order }) => plain(order.cumulativeQuantity)),
    refused.map(({ order }) => feesText(order)),
    refused.map(({ statusTimes }) => JSON.stringify(statusTimes)),
    refused.map(({ lastError }) => lastError),
  ]);
};

const INTEND = {
  name: 'execution-intend',
  text: `
    insert into orders as o
      (order_id, user_id, account_id, pair, venue_symbol, side, mode, quantity, limit_price, expire_at, status, client_order_id, attempt,
       send_by, venue_expiry, status_times, lease_owner)
    select i.*, $17 from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::numeric[],
      $9::numeric[], $10::timestamptz[], $11::text[], $12::text[], $13::integer[], $14::timestamptz[], $15::timestamptz[], $16::json[]) as i
    order by 1
    on conflict (order_id) do update
      set status = excluded.status, attempt = excluded.attempt, send_by = excluded.send_by, venue_expiry = excluded.venue_expiry,
          negatives = 0, lease_epoch = o.lease_epoch + 1, lease_owner = excluded.lease_owner, updated_at = now()
      where o.status in ('pending', 'queued')
    returning order_id, lease_epoch`,
};
const INSERT_REFUSED = {
  name: 'execution-insert-refused',
  text: `
    insert into orders
      (order_id, user_id, account_id, pair, venue_symbol, side, mode, quantity, limit_price, status, client_order_id, send_by, version,
       cumulative_quantity, fees, status_times, last_error, attempt)
    select n.*, 0 from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
      $8::numeric[], $9::numeric[], $10::text[], $11::text[], $12::timestamptz[], $13::integer[], $14::numeric[], $15::json[],
      $16::json[], $17::text[]) as n`,
};
