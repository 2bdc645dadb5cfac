import type { Mode, Side } from '@switchyard/model';
import type { ChildStatus } from '@switchyard/order-domain';
import type { Queryable, Tx } from '@switchyard/persistence';
import type { DueLookup, NamedTrade } from '../../ports/order-records.js';
import type { Lease } from '../../ports/task-queue.js';

export interface DueRow {
  readonly order_id: string;
  readonly lease_epoch: string;
  readonly user_id: string;
  readonly account_id: string;
  readonly mode: Mode;
  readonly pair: string;
  readonly venue_symbol: string;
  readonly client_order_id: string;
  readonly venue_order_id: string | null;
  readonly side: Side;
  readonly quantity: string;
  readonly status: ChildStatus;
  readonly stored_at_ms: number;
}

export const takeDueLookups = async (
  db: Queryable,
  { owner, leaseMs }: Lease,
  most: number,
): Promise<readonly DueLookup[]> => {
  const { rows } = await db.query<DueRow>(TAKE_DUE, [owner, leaseMs, most]);
  return rows.map(dueLookup);
};

export const dueLookup = (row: DueRow): DueLookup => ({
  orderId: row.order_id,
  epoch: row.lease_epoch,
  userId: row.user_id,
  accountId: row.account_id,
  mode: row.mode,
  pair: row.pair,
  venueSymbol: row.venue_symbol,
  clientOrderId: row.client_order_id,
  venueOrderId: row.venue_order_id,
  side: row.side,
  quantity: row.quantity,
  status: row.status,
  storedAtMs: row.stored_at_ms,
});

export const nextLookupInMs = async (db: Queryable): Promise<number | undefined> =>
  (await db.query<{ in_ms: number | null }>(NEXT_DUE)).rows[0]?.in_ms ?? undefined;

export const clientOrderIds = async (
  db: Queryable,
  accountId: string,
  venueOrderIds: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const { rows } = await db.query<{ venue_order_id: string; client_order_id: string }>(CLIENT_IDS, [
    accountId,
    [...new Set(venueOrderIds)],
  ]);
  return new Map(rows.map(({ venue_order_id, client_order_id }) => [venue_order_id, client_order_id]));
};

export const lookAgain = async (tx: Tx, accountId: string, trades: readonly NamedTrade[]): Promise<void> => {
  await tx.query(LOOK_AGAIN, [
    accountId,
    trades.map(({ venueOrderId }) => venueOrderId),
    trades.map(({ venueSymbol }) => venueSymbol),
    trades.map(({ tradeId }) => tradeId),
  ]);
};

export const DUE_COLUMNS = `
  o.order_id, o.lease_epoch, o.user_id, o.account_id, o.mode, o.pair, o.venue_symbol, o.client_order_id, o.venue_order_id, o.side,
  o.quantity::text, o.status, floor(extract(epoch from o.created_at) * 1000)::float8 as stored_at_ms`;
// Without a name: a plan that was kept from when there were few orders reads all of them.
const TAKE_DUE = {
  text: `
    update orders o
    set lease_epoch = o.lease_epoch + 1, lease_owner = $1, next_poll_at = now() + $2::float8 * interval '1 ms'
    from (
      select order_id from orders where next_poll_at <= now() and mode <> 'simulated'
      order by (status = 'unknown') desc, next_poll_at limit $3 for update skip locked
    ) due
    where o.order_id = due.order_id
    returning ${DUE_COLUMNS}`,
};
const NEXT_DUE = {
  name: 'execution-next-due',
  text: `select (extract(epoch from min(next_poll_at) - now()) * 1000)::float8 as in_ms from orders where next_poll_at is not null`,
};
const CLIENT_IDS = {
  name: 'execution-client-ids',
  text: `select venue_order_id, client_order_id from orders where account_id = $1 and venue_order_id = any ($2::text[]) and mode <> 'simulated'`,
};
// A fill of one of our orders that we have not seen: the order is looked up, and the fill folded under its own lease.
const LOOK_AGAIN = {
  name: 'execution-look-again',
  text: `
    update orders o set next_poll_at = now()
    from (
      select distinct o.order_id
      from unnest($2::text[], $3::text[], $4::text[]) as seen (venue_order_id, venue_symbol, trade_id)
      join orders o on o.account_id = $1 and o.venue_order_id = seen.venue_order_id and o.mode <> 'simulated'
      where not exists (
        select from fills f where f.account_id = $1 and f.venue_symbol = seen.venue_symbol and f.trade_id = seen.trade_id and f.order_id = o.order_id)
    ) news
    where o.order_id = news.order_id`,
};
