import { refuse } from '@switchyard/model';
import { plain } from '@switchyard/money';
import { evolveAll, newOrder } from '@switchyard/order-domain';
import type { Tx } from '@switchyard/persistence';
import { eventOf } from '../orders/events.js';
import { feesText, type EventAppender } from '../orders/save.js';
import { enqueue } from './enqueue.js';
import { clientOrderIdOf, type NewTask, type RoutedOrder } from './task.js';

export interface RefusingParts {
  readonly venue: string;
  readonly log: EventAppender;
  readonly entriesPerUser: number;
  readonly nowMs: number;
}

/**
 * Ends orders that may not wait: task, order and event, in the transaction that took them from the log. Nothing of them was sent, so routing
 * may try another venue. What is stored already, in whatever state, is left as it is.
 */
export const refuseTasks = async (tx: Tx, parts: RefusingParts, tasks: readonly NewTask[]): Promise<void> => {
  if (tasks.length === 0) return;
  const { venue, log, entriesPerUser, nowMs } = parts;
  const at = new Date(nowMs).toISOString();
  const inserted = await enqueue(tx, tasks, 'QUEUE_FULL');
  const ended = tasks
    .filter(({ taskId }) => inserted.has(taskId))
    .map((task) => {
      const routed = task.payload as RoutedOrder;
      const refusal = refuse('QUEUE_FULL', { venue, entriesPerUser }, SENTENCE);
      const { order, changes } = evolveAll(newOrder(routed.quantity, 'queued'), [
        { kind: 'gaveUp', refusal, retriable: true, at },
      ]);
      return { task, routed, order, changes, clientOrderId: clientOrderIdOf(routed.orderId) };
    });
  if (ended.length === 0) return;
  await Promise.all([
    tx.query(INSERT_REFUSED, [
      ended.map(({ routed }) => routed.orderId),
      ended.map(({ routed }) => routed.userId),
      ended.map(({ routed }) => routed.accountId),
      ended.map(({ routed }) => routed.pair),
      ended.map(({ routed }) => routed.venueSymbol),
      ended.map(({ routed }) => routed.side),
      ended.map(({ routed }) => routed.mode),
      ended.map(({ routed }) => routed.quantity),
      ended.map(({ routed }) => routed.limitPrice ?? null),
      ended.map(({ order }) => order.status),
      ended.map(({ clientOrderId }) => clientOrderId),
      ended.map(({ routed }) => routed.sendBy),
      ended.map(({ order }) => order.version),
      ended.map(({ order }) => plain(order.cumulativeQuantity)),
      ended.map(({ order }) => feesText(order)),
      ended.map(({ order }) => JSON.stringify({ queued: at, [order.status]: at })),
    ]),
    log.append(
      tx,
      ended.flatMap(({ task, routed, changes, clientOrderId }) => {
        const { causeId, traceparent } = task;
        const subject = { venue, routed, clientOrderId, causeId, traceparent, venueOrderId: undefined };
        return changes.map((change) => eventOf(subject, change));
      }),
    ),
  ]);
};

const SENTENCE =
  'As many entries of this user wait for the venue as may. Nothing was sent. Slow down, or allow other venues; exits and stop-losses are not refused.';

const INSERT_REFUSED = {
  name: 'execution-insert-refused',
  text: `
    insert into orders
      (order_id, user_id, account_id, pair, venue_symbol, side, mode, quantity, limit_price, status, client_order_id, send_by, version,
       cumulative_quantity, fees, status_times, attempt, last_error)
    select n.*, 0, 'QUEUE_FULL' from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
      $8::numeric[], $9::numeric[], $10::text[], $11::text[], $12::timestamptz[], $13::integer[], $14::numeric[], $15::json[],
      $16::json[]) as n`,
};
