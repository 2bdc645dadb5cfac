import type { Tx } from '@switchyard/persistence';
import type { CondemnedTask } from '../../ports/task-queue.js';

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

export const condemn = async (tx: Tx, taskId: string): Promise<CondemnedTask | undefined> => {
  const { rows } = await tx.query<CondemnedRow>(CONDEMN, [taskId]);
  const [row] = rows;
  return (
    row && {
      taskId: row.task_id,
      eventType: row.event_type,
      userId: row.user_id,
      accountId: row.account_id,
      lane: row.lane,
      parentOrderId: row.parent_order_id ?? undefined,
      signalId: row.signal_id ?? undefined,
      payload: row.payload,
      causeId: row.cause_id,
      traceparent: row.traceparent ?? undefined,
      orderVersion: row.order_version,
    }
  );
};

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
