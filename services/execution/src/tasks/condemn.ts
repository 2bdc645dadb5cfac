import { EVENTS, type OrderFailed } from '@switchyard/contracts';
import type { OutgoingEvent } from '@switchyard/log';
import { refuse } from '@switchyard/model';
import type { Database } from '@switchyard/persistence';
import type { EventAppender } from '../orders/save.js';
import type { Clock } from '../ports/clock.js';
import { clientOrderIdOf } from './task.js';

export interface CondemnParts {
  readonly db: Database;
  readonly venue: string;
  readonly clock: Clock;
  readonly log: EventAppender;
  /** Tells of it in this process. */
  readonly onCondemned: (taskId: string, error: unknown) => void;
}

/**
 * Fails a task that breaks whoever works on it, so that the rest goes on: the task and its order as `INTERNAL`, a person called, and the
 * order's end told as far as its payload can be read. It waited in the queue, so nothing of it was sent.
 */
export const condemn = async (parts: CondemnParts, taskId: string, error: unknown): Promise<void> => {
  const { db, venue, clock, log } = parts;
  const condemned = await db.transaction(async (tx) => {
    const { rows } = await tx.query<CondemnedRow>(CONDEMN, [taskId]);
    const [task] = rows;
    if (task === undefined) return false;
    const at = new Date(clock.now()).toISOString();
    await log.append(tx, [...orderFailed(venue, task, at), taskFailed(venue, task, at)]);
    return true;
  });
  if (condemned) parts.onCondemned(taskId, error);
};

interface CondemnedRow {
  readonly task_id: string;
  readonly event_type: string;
  readonly user_id: string;
  readonly account_id: string;
  readonly lane: string;
  readonly parent_order_id: string | null;
  readonly signal_id: string | null;
  readonly payload: unknown;
  readonly cause_id: string;
  readonly traceparent: string | null;
  readonly order_version: number;
}

/** Of what the payload can't say, the task's own columns can, but for the side and the mode. */
const orderFailed = (venue: string, task: CondemnedRow, at: string): readonly OutgoingEvent[] => {
  if (task.event_type !== 'OrderRouted' || typeof task.payload !== 'object' || task.payload === null) return [];
  const { side, mode } = task.payload as Readonly<Record<string, unknown>>;
  const refusal = refuse('INTERNAL', {}, 'This order could not be worked on, by an error of ours. Nothing was sent.');
  const payload = {
    orderId: task.task_id,
    parentOrderId: task.parent_order_id,
    signalId: task.signal_id,
    userId: task.user_id,
    accountId: task.account_id,
    venue,
    pair: task.lane.slice(task.account_id.length + 1),
    side,
    clientOrderId: clientOrderIdOf(task.task_id),
    orderVersion: task.order_version,
    dryRun: mode !== 'live',
    stage: 'execution',
    ...refusal,
    retriable: true,
    status: 'failed',
    cumulativeQuantity: '0',
    failedAt: at,
  };
  const checked = EVENTS.OrderFailed.schema.safeParse(payload);
  return checked.success
    ? [{ ...eventOf(task, 'OrderFailed', checked.data satisfies OrderFailed), key: task.user_id }]
    : [];
};

const TASK_FAILED = {
  code: 'TASK_FAILED',
  message: 'A task broke whoever worked on it. It was failed, so that the others go on; nothing of it was sent.',
  severity: 'high',
} as const;

const taskFailed = (venue: string, task: CondemnedRow, at: string): OutgoingEvent => {
  const service = `execution-${venue}`;
  const facts = {
    taskId: task.task_id,
    eventType: task.event_type,
    userId: task.user_id,
    accountId: task.account_id,
  };
  return { ...eventOf(task, 'SystemError', { service, ...TASK_FAILED, facts, at }), key: service };
};

const eventOf = (task: CondemnedRow, type: string, payload: object): Omit<OutgoingEvent, 'key'> => ({
  topic: type,
  type,
  payload,
  role: 'condemned',
  cause: {
    id: task.cause_id,
    traceparent: task.traceparent ?? undefined,
    ...(task.signal_id === null ? {} : { correlationId: task.signal_id }),
  },
});

// The order's row is there when an earlier attempt was not sent.
const CONDEMN = {
  name: 'execution-condemn',
  text: `
    with task as (
      update execution_tasks set status = 'failed', last_error = 'INTERNAL', finished_at = now()
      where task_id = $1 and status = 'queued'
      returning task_id, event_type, user_id, account_id, lane, parent_order_id, signal_id, payload, cause_id, traceparent
    ), failed as (
      update orders o
      set status = 'failed', version = o.version + 1, last_error = 'INTERNAL', next_poll_at = null, updated_at = now(),
          status_times = (o.status_times::jsonb || jsonb_build_object('failed', now()))::json
      from task where o.order_id = task.task_id and o.status in ('pending', 'queued')
      returning o.order_id, o.version
    )
    select task.*, coalesce(failed.version, 1) as order_version from task left join failed on failed.order_id = task.task_id`,
};
