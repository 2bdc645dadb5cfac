import type { Database } from '@switchyard/persistence';
import { plain, decimal } from '@switchyard/money';
import type { StateRequest } from '../tasks/task.js';
import type { AccountState } from '../venue/state-reporter.js';

/** The state of a simulated account: here the executor's own tables are the venue. */
export const readSimulatedState = async (db: Database, venue: string, request: StateRequest): Promise<AccountState> => {
  const { accountId, since } = request;
  const balances = await db.query<{ currency: string; total: string; locked: string }>(BALANCES, [accountId]);
  const open = await db.query<OpenRow>(OPEN, [accountId]);
  const fills = await db.query<FillRow>(FILLS, [accountId, venue, since ?? '-infinity', MAX_FILLS + 1]);
  return {
    balances: balances.rows.map(({ currency, total, locked }) => ({
      currency,
      total: plain(decimal(total)),
      free: plain(decimal(total).minus(decimal(locked))),
      locked: plain(decimal(locked)),
    })),
    openOrders: open.rows.map((row) => ({
      venueOrderId: row.venue_order_id,
      clientOrderId: row.client_order_id,
      venueSymbol: row.venue_symbol,
      pair: row.pair,
      side: row.side,
      quantity: plain(decimal(row.quantity)),
      filledQuantity: plain(decimal(row.cumulative_quantity)),
      ...(row.limit_price === null ? {} : { limitPrice: plain(decimal(row.limit_price)) }),
    })),
    fills: fills.rows.slice(0, MAX_FILLS).map((row) => ({
      tradeId: row.trade_id,
      venueOrderId: row.venue_order_id,
      clientOrderId: row.client_order_id,
      venueSymbol: row.venue_symbol,
      pair: row.pair,
      side: row.side,
      quantity: plain(decimal(row.quantity)),
      price: plain(decimal(row.price)),
      fee: { amount: plain(decimal(row.fee_amount)), currency: row.fee_currency },
      liquidity: row.liquidity,
      at: row.filled_at.toISOString(),
    })),
    missing:
      fills.rows.length > MAX_FILLS
        ? [{ what: 'fills', reason: `more than ${MAX_FILLS} since then; the first are given` }]
        : [],
  };
};

const MAX_FILLS = 5_000;

interface OpenRow {
  readonly venue_order_id: string;
  readonly client_order_id: string;
  readonly venue_symbol: string;
  readonly pair: `${string}-${string}`;
  readonly side: 'buy' | 'sell';
  readonly quantity: string;
  readonly cumulative_quantity: string;
  readonly limit_price: string | null;
}

interface FillRow extends OpenRow {
  readonly trade_id: string;
  readonly price: string;
  readonly fee_amount: string;
  readonly fee_currency: string;
  readonly liquidity: 'maker' | 'taker';
  readonly filled_at: Date;
}

const BALANCES = {
  name: 'execution-simulated-state-balances',
  text: 'select currency, total, locked from simulated_balances where account_id = $1 order by currency',
};
const OPEN = {
  name: 'execution-simulated-state-open',
  text: `
    select venue_order_id, client_order_id, venue_symbol, pair, side, quantity, cumulative_quantity, limit_price from orders
    where account_id = $1 and status in ('placed', 'partially_filled') order by created_at, order_id`,
};
const FILLS = {
  name: 'execution-simulated-state-fills',
  text: `
    select f.trade_id, f.quantity, f.price, f.fee_amount, f.fee_currency, f.liquidity, f.filled_at, f.venue_symbol,
           o.venue_order_id, o.client_order_id, o.pair, o.side
    from fills f join orders o using (order_id)
    where f.account_id = $1 and f.venue = $2 and f.filled_at >= $3::timestamptz order by f.filled_at, f.trade_id limit $4`,
};
