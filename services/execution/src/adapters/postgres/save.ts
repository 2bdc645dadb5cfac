import { plain } from '@switchyard/money';
import type { ChildOrder } from '@switchyard/order-domain';
import type { Tx } from '@switchyard/persistence';
import {
  TradeOfAnotherOrder,
  type FillSave,
  type LogLine,
  type OrderSave,
  type TaskSave,
} from '../../ports/order-records.js';

export const feesText = (order: ChildOrder): string =>
  JSON.stringify(Object.fromEntries(Object.entries(order.fees).map(([currency, amount]) => [currency, plain(amount)])));

export const saveOrders = async (tx: Tx, saves: readonly OrderSave[]): Promise<void> => {
  if (saves.length === 0) return;
  await tx.query(SAVE_ORDERS, [
    saves.map(({ orderId }) => orderId),
    saves.map(({ order }) => order.status),
    saves.map(({ order }) => order.venueOrderId ?? null),
    saves.map(({ order }) => plain(order.cumulativeQuantity)),
    saves.map(({ order }) => plain(order.cumulativeQuote)),
    saves.map(({ order }) => feesText(order)),
    saves.map(({ order }) => order.version),
    saves.map(({ negatives }) => negatives),
    saves.map(({ settled }) => settled),
    saves.map(({ restartsAge }) => restartsAge),
    saves.map(({ nextLookMs }) => nextLookMs),
    saves.map(({ alarms }) => JSON.stringify(alarms)),
    saves.map(({ lastError }) => lastError ?? null),
    saves.map(({ statusTimes }) => JSON.stringify(statusTimes)),
    saves.map(({ cancelInMs }) => cancelInMs === 'asItWas'),
    saves.map(({ cancelInMs }) => (cancelInMs === 'asItWas' ? null : cancelInMs)),
  ]);
};

export const saveFills = async (tx: Tx, venue: string, saves: readonly FillSave[]): Promise<void> => {
  if (saves.length === 0) return;
  const { rowCount } = await tx.query(SAVE_FILLS, [
    venue,
    saves.map(({ accountId }) => accountId),
    saves.map(({ venueSymbol }) => venueSymbol),
    saves.map(({ fill }) => fill.tradeId),
    saves.map(({ orderId }) => orderId),
    saves.map(({ fill }) => fill.quantity),
    saves.map(({ fill }) => fill.price),
    saves.map(({ fill }) => fill.fee.amount),
    saves.map(({ fill }) => fill.fee.currency),
    saves.map(({ fill }) => fill.liquidity),
    saves.map(({ fill }) => fill.at),
    saves.map(({ side }) => side),
  ]);
  if (rowCount !== saves.length) throw new TradeOfAnotherOrder(saves.map(({ orderId }) => orderId));
};

export const saveTasks = async (tx: Tx, saves: readonly TaskSave[]): Promise<void> => {
  if (saves.length === 0) return;
  await tx.query(SAVE_TASKS, [
    saves.map(({ taskId }) => taskId),
    saves.map(({ status }) => status),
    saves.map(({ lastError }) => lastError ?? null),
    saves.map(({ waitMs }) => waitMs),
  ]);
};

export const saveLogs = async (tx: Tx, lines: readonly LogLine[]): Promise<void> => {
  if (lines.length === 0) return;
  await tx.query(SAVE_LOGS, [
    lines.map(({ taskId }) => taskId),
    lines.map(({ attempt }) => attempt),
    lines.map(({ action }) => action),
    lines.map(({ status }) => status),
    lines.map(({ reason }) => reason ?? null),
    lines.map(({ responseCode }) => responseCode ?? null),
    lines.map(({ responseBody }) => responseBody?.slice(0, MAX_BODY).replaceAll('\0', '') ?? null),
    lines.map(({ tookMs }) => (tookMs === undefined ? null : Math.round(tookMs))),
  ]);
};

const MAX_BODY = 1_024;

const SAVE_ORDERS = {
  name: 'execution-save-orders',
  text: `
    update orders o
    set status = s.status, venue_order_id = s.venue_order_id, cumulative_quantity = s.cumulative_quantity,
        cumulative_quote = s.cumulative_quote, fees = s.fees, version = s.version, negatives = s.negatives, settled = s.settled,
        uncertain_since = case when s.restarts_age then now() else o.uncertain_since end,
        next_poll_at = now() + s.next_look_ms * interval '1 ms', alarms = array(select json_array_elements_text(s.alarms)),
        last_error = coalesce(s.last_error, o.last_error), status_times = s.status_times, updated_at = now(),
        cancel_due_at = case when s.keeps_cancel then o.cancel_due_at else now() + s.cancel_in_ms * interval '1 ms' end
    from unnest($1::text[], $2::text[], $3::text[], $4::numeric[], $5::numeric[], $6::json[], $7::integer[], $8::smallint[],
                $9::smallint[], $10::boolean[], $11::float8[], $12::json[], $13::text[], $14::json[], $15::boolean[], $16::float8[])
      as s (order_id, status, venue_order_id, cumulative_quantity, cumulative_quote, fees, version, negatives, settled, restarts_age,
            next_look_ms, alarms, last_error, status_times, keeps_cancel, cancel_in_ms)
    where o.order_id = s.order_id`,
};
const SAVE_FILLS = {
  name: 'execution-save-fills',
  text: `
    insert into fills
      (venue, account_id, venue_symbol, trade_id, order_id, quantity, price, fee_amount, fee_currency, liquidity, filled_at, side)
    select $1, f.* from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::numeric[], $7::numeric[], $8::numeric[], $9::text[],
                               $10::text[], $11::timestamptz[], $12::text[]) as f
    on conflict do nothing`,
};
const SAVE_TASKS = {
  name: 'execution-save-tasks',
  text: `
    update execution_tasks t
    set status = s.status, last_error = coalesce(s.last_error, t.last_error), not_before = now() + s.wait_ms * interval '1 ms',
        lease_owner = null, lease_until = null, finished_at = case when s.status in ('done', 'failed') then now() end
    from unnest($1::text[], $2::text[], $3::text[], $4::float8[]) as s (task_id, status, last_error, wait_ms)
    where t.task_id = s.task_id`,
};
const SAVE_LOGS = {
  name: 'execution-save-logs',
  text: `
    insert into execution_logs (task_id, attempt, action, status, reason, response_code, response_body, took_ms)
    select * from unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::text[], $6::integer[], $7::text[], $8::integer[])`,
};
