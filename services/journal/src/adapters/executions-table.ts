import { parseSource } from '@switchyard/log';
import type { Tx } from '@switchyard/persistence';
import type { RecordedFill } from '../read-models/changes.js';
import { bareArray, textArray } from './array-literal.js';

const PUT = {
  name: 'journal:executions',
  text: `insert into executions (order_id, trade_id, parent_order_id, signal_id, user_id, account_id, venue, pair, side, quantity,
                                 price, fee_amount, fee_currency, liquidity, venue_order_id, client_order_id, filled_at, dry_run,
                                 generation, sequence)
         select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                              $9::text[], $10::numeric[], $11::numeric[], $12::numeric[], $13::text[], $14::text[], $15::text[],
                              $16::text[], $17::timestamptz[], $18::boolean[], $19::int[], $20::bigint[])
         on conflict (order_id, trade_id) do nothing`,
};

/**
 * A fill is written once, by order and the venue's trade id, however often it is told; with its place, the number that its account's
 * executor gave it.
 */
export const applyExecutions = (tx: Tx, recorded: readonly RecordedFill[]): void => {
  if (recorded.length === 0) return;
  const fills = recorded.map(({ fill }) => fill);
  void tx.query(PUT, [
    textArray(fills.map(({ orderId }) => orderId)),
    textArray(fills.map(({ tradeId }) => tradeId)),
    textArray(fills.map(({ parentOrderId }) => parentOrderId)),
    textArray(fills.map(({ signalId }) => signalId)),
    textArray(fills.map(({ userId }) => userId)),
    textArray(fills.map(({ accountId }) => accountId)),
    textArray(fills.map(({ venue }) => venue)),
    textArray(fills.map(({ pair }) => pair)),
    textArray(fills.map(({ side }) => side)),
    bareArray(fills.map(({ quantity }) => quantity)),
    bareArray(fills.map(({ price }) => price)),
    bareArray(fills.map(({ fee }) => fee.amount)),
    textArray(fills.map(({ fee }) => fee.currency)),
    textArray(fills.map(({ liquidity }) => liquidity)),
    textArray(fills.map(({ venueOrderId }) => venueOrderId)),
    textArray(fills.map(({ clientOrderId }) => clientOrderId)),
    bareArray(fills.map(({ filledAt }) => filledAt)),
    bareArray(fills.map(({ dryRun }) => dryRun)),
    bareArray(recorded.map(({ source }) => (source === undefined ? undefined : parseSource(source)?.generation))),
    bareArray(recorded.map(({ sequence }) => sequence)),
  ]);
};
