import type { Database } from '@switchyard/persistence';

/** How many leases ran out: orders that are now unknown, requests that are asked again. */
export interface Inherited {
  readonly orders: number;
  readonly requests: number;
}

/**
 * Takes over what a worker left behind. Whether its request left nobody knows: the order is unknown, and looked up; it is never sent
 * again. The new epoch makes whatever the old worker still stores void.
 */
export const inherit = async (db: Database): Promise<Inherited> => {
  const { rows } = await db.query<{ orders: number; requests: number }>(INHERIT);
  return rows[0] ?? { orders: 0, requests: 0 };
};

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
