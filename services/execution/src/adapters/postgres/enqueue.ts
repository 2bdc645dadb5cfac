import type { Tx } from '@switchyard/persistence';
import type { NewTask } from '../../tasks/task.js';

export const enqueue = async (
  tx: Tx,
  tasks: readonly NewTask[],
  failedWith: string | undefined,
): Promise<ReadonlySet<string>> => {
  if (tasks.length === 0) return new Set();
  const { rows } = await tx.query<{ task_id: string }>(ENQUEUE, [
    tasks.map(({ taskId }) => taskId),
    tasks.map(({ eventType }) => eventType),
    tasks.map(({ executor }) => executor),
    tasks.map(({ userId }) => userId),
    tasks.map(({ accountId }) => accountId),
    tasks.map(({ lane }) => lane),
    tasks.map(({ tradeId }) => tradeId ?? null),
    tasks.map(({ parentOrderId }) => parentOrderId ?? null),
    tasks.map(({ signalId }) => signalId ?? null),
    tasks.map(({ priority }) => priority),
    tasks.map(({ payload }) => JSON.stringify(payload)),
    tasks.map(({ causeId }) => causeId),
    tasks.map(({ traceparent }) => traceparent ?? null),
    tasks.map(({ sendBy }) => sendBy ?? null),
    tasks.map(({ reduces }) => reduces),
    failedWith ?? null,
  ]);
  return new Set(rows.map(({ task_id }) => task_id));
};

// Ordered as given: `seq` is the queue's order. A cancel that came before its order is found here: both are of one user, so that their events
// lie in one partition, of which this transaction is the only writer.
const ENQUEUE = {
  name: 'execution-enqueue',
  text: `
    insert into execution_tasks
      (task_id, event_type, executor, user_id, account_id, lane, trade_id, parent_order_id, signal_id, priority, payload, cause_id, traceparent,
       send_by, reduces, status, last_error, finished_at, cancel_reason)
    select task_id, event_type, executor, user_id, account_id, lane, trade_id, parent_order_id, signal_id, priority, payload, cause_id, traceparent,
           send_by, reduces, case when $16::text is null then 'queued' else 'failed' end, $16, case when $16::text is not null then now() end,
           (select c.reason from cancel_requests c
            where c.order_id in (n.task_id, n.parent_order_id) and c.user_id = n.user_id order by c.requested_at, c.request_id limit 1)
    from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
                $10::smallint[], $11::json[], $12::text[], $13::text[], $14::timestamptz[], $15::boolean[])
      with ordinality as n (task_id, event_type, executor, user_id, account_id, lane, trade_id, parent_order_id, signal_id,
                            priority, payload, cause_id, traceparent, send_by, reduces, place)
    order by place
    on conflict (task_id) do nothing returning task_id`,
};
