import { refuse } from '@switchyard/model';
import { evolveAll, newOrder } from '@switchyard/order-domain';
import { eventOf } from '../orders/events.js';
import type { ExecutionUnit } from '../ports/execution-store.js';
import { clientOrderIdOf, type NewTask, type RoutedOrder } from './task.js';

export interface RefusingParts {
  readonly venue: string;
  readonly entriesPerUser: number;
  readonly nowMs: number;
}

/**
 * Ends orders that may not wait: task, order and event, in the transaction that took them from the log. Nothing of them was sent, so routing
 * may try another venue. What is stored already, in whatever state, is left as it is.
 */
export const refuseTasks = async (
  unit: ExecutionUnit,
  parts: RefusingParts,
  tasks: readonly NewTask[],
): Promise<void> => {
  if (tasks.length === 0) return;
  const { venue, entriesPerUser, nowMs } = parts;
  const at = new Date(nowMs).toISOString();
  const inserted = await unit.enqueue(tasks, 'QUEUE_FULL');
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
    unit.storeRefused(
      ended.map(({ routed, order, clientOrderId }) => ({
        routed,
        order,
        clientOrderId,
        lastError: 'QUEUE_FULL',
        statusTimes: { queued: at, [order.status]: at },
      })),
    ),
    unit.append(
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
