import type { Queryable } from '@switchyard/persistence';
import { z } from 'zod';
import { Conditions } from '../journal/conditions.js';
import { decodeCursor, pageOf, type Page } from '../journal/cursor.js';
import type { BalancesQuery, ExecutionsQuery, PositionsQuery } from '../openapi/requests.js';
import {
  balanceView,
  executionView,
  positionView,
  type BalanceColumns,
  type BalanceView,
  type ExecutionColumns,
  type ExecutionView,
  type PositionColumns,
  type PositionView,
} from './views.js';

/** What a user holds and what was traded, from the journal's lists. `userId` undefined: everybody's. */
export class Portfolio {
  constructor(private readonly db: Queryable) {}

  /** Newest first. */
  async executions(userId: string | undefined, query: ExecutionsQuery): Promise<Page<ExecutionView>> {
    const after = decodeCursor(AFTER_FILL, query.cursor);
    const conditions = new Conditions()
      .add('user_id = ?', userId)
      .add('venue = ?', query.venue)
      .add('pair = ?', query.pair)
      .add('? in (order_id, parent_order_id)', query.orderId)
      .add('filled_at >= ?', query.from)
      .add('filled_at < ?', query.to)
      .add('(filled_at, order_id, trade_id) < (?, ?, ?)', after?.at, after?.orderId, after?.tradeId);
    const { rows } = await this.db.query<ExecutionColumns>(
      `select * from journal.api_executions ${conditions.where}
       order by filled_at desc, order_id desc, trade_id desc limit ${conditions.parameter(query.limit + 1)}`,
      conditions.parameters,
    );
    return pageOf(rows, query.limit, executionView, ({ filled_at, order_id, trade_id }) => ({
      at: filled_at.toISOString(),
      orderId: order_id,
      tradeId: trade_id,
    }));
  }

  /** Last opened first. */
  async positions(userId: string | undefined, query: PositionsQuery): Promise<Page<PositionView>> {
    const after = decodeCursor(AFTER_POSITION, query.cursor);
    const conditions = new Conditions()
      .add('user_id = ?', userId)
      .add('status = ?', query.status)
      .add('pair = ?', query.pair)
      .add('(opened_at, position_id) < (?, ?)', after?.at, after?.id);
    const { rows } = await this.db.query<PositionColumns>(
      `select position_id, user_id, account_id, venue, mode, pair, side, status, opened_at, dry_run, signal_id, parent_order_id,
              average_exit_price, realized_pnl, dust, closed_at, trim_scale(quantity) as quantity,
              trim_scale(round(average_entry_price, 12)) as average_entry_price, fees
       from journal.api_positions ${conditions.where}
       order by opened_at desc, position_id desc limit ${conditions.parameter(query.limit + 1)}`,
      conditions.parameters,
    );
    return pageOf(rows, query.limit, positionView, ({ opened_at, position_id }) => ({
      at: opened_at.toISOString(),
      id: position_id,
    }));
  }

  /** One item an account, by account. */
  async balances(userId: string | undefined, query: BalancesQuery): Promise<Page<BalanceView>> {
    const after = decodeCursor(AFTER_ACCOUNT, query.cursor);
    const conditions = new Conditions()
      .add('user_id = ?', userId)
      .add('venue = ?', query.venue)
      .add('(user_id, account_id) > (?, ?)', after?.userId, after?.accountId);
    const { rows } = await this.db.query<BalanceColumns>(
      `select * from journal.api_balances ${conditions.where}
       order by user_id, account_id limit ${conditions.parameter(query.limit + 1)}`,
      conditions.parameters,
    );
    return pageOf(rows, query.limit, balanceView, ({ user_id, account_id }) => ({
      userId: user_id,
      accountId: account_id,
    }));
  }
}

const AFTER_FILL = z.object({ at: z.iso.datetime(), orderId: z.string(), tradeId: z.string() });
const AFTER_POSITION = z.object({ at: z.iso.datetime(), id: z.string() });
const AFTER_ACCOUNT = z.object({ userId: z.string(), accountId: z.string() });
