import type { Tx } from '@switchyard/persistence';
import type { PositionChange } from '../read-models/changes.js';
import { bareArray, textArray } from './array-literal.js';

const PUT = {
  name: 'journal:positions',
  text: `insert into positions as p (position_id, user_id, account_id, venue, mode, pair, side, status, quantity,
                                     average_entry_price, fees, opened_at, dry_run, signal_id, parent_order_id, average_exit_price,
                                     realized_pnl, dust, closed_at, opening_order_id, opening_trade_id, bought, bought_value)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                              $9::numeric[], $10::numeric[], $11::jsonb[], $12::timestamptz[], $13::boolean[], $14::text[],
                              $15::text[], $16::numeric[], $17::numeric[], $18::numeric[], $19::timestamptz[],
                              $20::text[], $21::text[], $22::numeric[], $23::numeric[])
         on conflict (position_id) do update set
           status = excluded.status, quantity = excluded.quantity, average_entry_price = excluded.average_entry_price,
           fees = excluded.fees, signal_id = excluded.signal_id, parent_order_id = excluded.parent_order_id,
           average_exit_price = excluded.average_exit_price, realized_pnl = excluded.realized_pnl, dust = excluded.dust,
           closed_at = excluded.closed_at
         where p.status = 'open' and excluded.status = 'closed'`,
};

/** Closed is final, and has the closing's own figures: an opening that is told late, or again, changes nothing. */
export const applyPositions = (tx: Tx, changes: ReadonlyMap<string, PositionChange>): void => {
  if (changes.size === 0) return;
  const sorted = [...changes.values()].sort((a, b) => (a.event.positionId < b.event.positionId ? -1 : 1));
  const events = sorted.map(({ event }) => event);
  const openings = sorted.map((change) => (change.status === 'open' ? change.event : undefined));
  const closings = sorted.map((change) => (change.status === 'closed' ? change.event : undefined));
  void tx.query(PUT, [
    textArray(events.map(({ positionId }) => positionId)),
    textArray(events.map(({ userId }) => userId)),
    textArray(events.map(({ accountId }) => accountId)),
    textArray(events.map(({ venue }) => venue)),
    textArray(events.map(({ mode }) => mode)),
    textArray(events.map(({ pair }) => pair)),
    textArray(events.map(({ side }) => side)),
    textArray(sorted.map(({ status }) => status)),
    bareArray(events.map(({ quantity }) => quantity)),
    bareArray(events.map(({ averageEntryPrice }) => averageEntryPrice)),
    textArray(events.map(({ fees }) => JSON.stringify(fees))),
    bareArray(events.map(({ openedAt }) => openedAt)),
    bareArray(events.map(({ dryRun }) => dryRun)),
    textArray(events.map(({ signalId }) => signalId)),
    textArray(events.map(({ parentOrderId }) => parentOrderId)),
    bareArray(closings.map((closing) => closing?.averageExitPrice)),
    bareArray(closings.map((closing) => closing?.realizedPnl)),
    bareArray(closings.map((closing) => closing?.dust)),
    bareArray(closings.map((closing) => closing?.closedAt)),
    textArray(openings.map((opening) => opening?.orderId)),
    textArray(openings.map((opening) => opening?.tradeId)),
    bareArray(openings.map((opening) => opening?.boughtQuantity)),
    bareArray(openings.map((opening) => opening?.boughtValue)),
  ]);
};

const FOLD = { name: 'journal:fold-positions', text: 'select fold_positions($1::text[])' };

/**
 * Folds what was filled into the open positions of these accounts, after fills and openings of the transaction were written. An opening
 * that doesn't name its fill (told by an earlier version) shows its own figures until it closes.
 */
export const foldPositions = (tx: Tx, accounts: readonly string[]): void => {
  if (accounts.length > 0) void tx.query(FOLD, [textArray(accounts)]);
};
