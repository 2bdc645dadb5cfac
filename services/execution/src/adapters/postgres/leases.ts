import type { Queryable, Tx } from '@switchyard/persistence';
import type { Delay, Inherited, Lease } from '../../ports/task-queue.js';

export const inherit = async (db: Queryable): Promise<Inherited> => {
  const { rows } = await db.query<{ orders: number; requests: number }>(INHERIT);
  return rows[0] ?? { orders: 0, requests: 0 };
};

export const postpone = async (tx: Tx, delays: readonly Delay[]): Promise<void> => {
  if (delays.length > 0)
    await tx.query(POSTPONE, [delays.map(({ taskId }) => taskId), delays.map(({ forMs }) => forMs)]);
};

export const lease = async (
  tx: Tx,
  taskIds: readonly string[],
  { owner, leaseMs }: Lease,
): Promise<ReadonlyMap<string, string>> => {
  if (taskIds.length === 0) return new Map();
  const { rows } = await tx.query<{ task_id: string; lease_epoch: string }>(LEASE, [taskIds, owner, leaseMs]);
  return new Map(rows.map(({ task_id, lease_epoch }) => [task_id, lease_epoch]));
};

export const close = async (tx: Tx, taskIds: readonly string[]): Promise<void> => {
  if (taskIds.length > 0) await tx.query(CLOSE, [taskIds]);
};

export const finishRequest = async (tx: Tx, requestId: string, epoch: string): Promise<boolean> =>
  (await tx.query(FINISH, [requestId, epoch])).rowCount > 0;

const INHERIT = {
  name: 'execution-inherit',
  text: `
    with expired as (
      select task_id from execution_tasks where status = 'executing' and lease_until < now() order by task_id for update skip locked
    ), tasks as (
      update execution_tasks t
      set status = case when t.event_type = 'OrderRouted' then 'unknown' else 'queued' end,
          lease_owner = null, lease_until = null, lease_epoch = t.lease_epoch + 1, last_error = 'the lease of its worker ran out'
      from expired e where t.task_id = e.task_id
      returning t.task_id, t.event_type
    ), orders as (
      update orders o
      set status = 'unknown', lease_owner = null, lease_epoch = o.lease_epoch + 1, uncertain_since = now(), next_poll_at = now(),
          status_times = (o.status_times::jsonb || jsonb_build_object('unknown', now()))::json, updated_at = now()
      from tasks t where o.order_id = t.task_id and t.event_type = 'OrderRouted' and o.status = 'executing'
      returning o.order_id
    )
    select (select count(*) from orders)::integer as orders,
           (select count(*) from tasks where event_type <> 'OrderRouted')::integer as requests`,
};
const POSTPONE = {
  name: 'execution-postpone',
  text: `
    update execution_tasks t set not_before = now() + p.for_ms * interval '1 ms'
    from unnest($1::text[], $2::float8[]) as p (task_id, for_ms) where t.task_id = p.task_id`,
};
const LEASE = {
  name: 'execution-lease',
  text: `
    update execution_tasks
    set status = 'executing', attempts = attempts + 1, lease_owner = $2, lease_epoch = lease_epoch + 1,
        lease_until = now() + $3::float8 * interval '1 ms', started_at = coalesce(started_at, now())
    where task_id = any ($1::text[]) returning task_id, lease_epoch`,
};
const CLOSE = {
  name: 'execution-close',
  text: `update execution_tasks set status = 'done', lease_owner = null, lease_until = null, finished_at = now() where task_id = any ($1::text[])`,
};
const FINISH = {
  name: 'execution-finish-request',
  text: `
    update execution_tasks set status = 'done', lease_owner = null, lease_until = null, finished_at = now()
    where task_id = $1 and lease_epoch = $2 and status = 'executing'`,
};
