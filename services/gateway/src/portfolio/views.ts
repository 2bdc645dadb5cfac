import { present } from '../orders/order-view.js';

export interface ExecutionColumns {
  readonly order_id: string;
  readonly trade_id: string;
  readonly parent_order_id: string;
  readonly signal_id: string;
  readonly user_id: string;
  readonly account_id: string;
  readonly venue: string;
  readonly pair: string;
  readonly side: string;
  readonly quantity: string;
  readonly price: string;
  readonly fee_amount: string;
  readonly fee_currency: string;
  readonly liquidity: string;
  readonly venue_order_id: string;
  readonly client_order_id: string;
  readonly filled_at: Date;
  readonly dry_run: boolean;
}

export interface PositionColumns {
  readonly position_id: string;
  readonly user_id: string;
  readonly account_id: string;
  readonly venue: string;
  readonly mode: string;
  readonly pair: string;
  readonly side: string;
  readonly status: string;
  readonly quantity: string;
  readonly average_entry_price: string;
  readonly fees: Readonly<Record<string, string>>;
  readonly opened_at: Date;
  readonly dry_run: boolean;
  readonly signal_id: string;
  readonly parent_order_id: string;
  readonly average_exit_price: string | null;
  readonly realized_pnl: string | null;
  readonly dust: string | null;
  readonly closed_at: Date | null;
}

export interface BalanceColumns {
  readonly account_id: string;
  readonly user_id: string;
  readonly venue: string;
  readonly mode: string;
  readonly balances: readonly Balance[];
  readonly asked_at: Date;
  readonly updated_at: Date;
}

export interface Balance {
  readonly currency: string;
  readonly total: string;
  readonly free: string;
  readonly locked: string;
}

/** One fill. Decimals are strings. */
export const executionView = (row: ExecutionColumns) => ({
  orderId: row.order_id,
  tradeId: row.trade_id,
  parentOrderId: row.parent_order_id,
  signalId: row.signal_id,
  userId: row.user_id,
  accountId: row.account_id,
  venue: row.venue,
  pair: row.pair,
  side: row.side,
  quantity: row.quantity,
  price: row.price,
  fee: { amount: row.fee_amount, currency: row.fee_currency },
  liquidity: row.liquidity,
  venueOrderId: row.venue_order_id,
  clientOrderId: row.client_order_id,
  filledAt: row.filled_at.toISOString(),
  dryRun: row.dry_run,
});
export type ExecutionView = Readonly<ReturnType<typeof executionView>>;

/** An open position's figures are those of its fills so far: base fees are off the quantity; the average is over all that was bought. */
export const positionView = (row: PositionColumns) => ({
  positionId: row.position_id,
  userId: row.user_id,
  accountId: row.account_id,
  venue: row.venue,
  mode: row.mode,
  pair: row.pair,
  side: row.side,
  status: row.status,
  quantity: row.quantity,
  averageEntryPrice: row.average_entry_price,
  fees: row.fees,
  signalId: row.signal_id,
  parentOrderId: row.parent_order_id,
  openedAt: row.opened_at.toISOString(),
  dryRun: row.dry_run,
  ...present({
    averageExitPrice: row.average_exit_price,
    realizedPnl: row.realized_pnl,
    dust: row.dust,
    closedAt: row.closed_at?.toISOString(),
  }),
});
export type PositionView = Readonly<ReturnType<typeof positionView>>;

/** What the venue last said of an account. */
export const balanceView = (row: BalanceColumns) => ({
  accountId: row.account_id,
  userId: row.user_id,
  venue: row.venue,
  mode: row.mode,
  balances: row.balances,
  askedAt: row.asked_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});
export type BalanceView = Readonly<ReturnType<typeof balanceView>>;
