import type { Mode } from '@switchyard/model';
import type { Tx } from '@switchyard/persistence';

/** A task with its row's lock held, and what is known of its account. */
export interface TaskRow {
  readonly task_id: string;
  readonly event_type: 'OrderRouted' | 'VenueStateRequested';
  readonly priority: number;
  readonly account_id: string;
  readonly attempts: number;
  readonly payload: unknown;
  readonly cause_id: string;
  readonly traceparent: string | null;
  readonly account_user: string | null;
  readonly account_mode: Mode | null;
  readonly account_enabled: boolean | null;
}

/** Orders past their `sendBy` that one claim refuses, beside those it takes. */
const EXPIRED_AT_A_TIME = 50;

/** Locks the tasks that come next. */
export const take = async (
  tx: Tx,
  { most, perUser, nowMs }: { readonly most: number; readonly perUser: number; readonly nowMs: number },
): Promise<readonly TaskRow[]> => {
  const { rows } = await tx.query<TaskRow>(TAKE, [perUser, most, new Date(nowMs).toISOString(), EXPIRED_AT_A_TIME]);
  return rows;
};

// A lane is an account and pair. One is *held* while a task of it is out, not known, or put off. Of the lanes that are free the thousand
// tasks that come first are looked at, however many wait behind held ones; of each held lane the head alone: it may stand before what was
// put off, and a stop-loss waits for other stop-losses only. Users take turns within a priority, at most so many tasks each per claim.
// Beside them come orders past their `sendBy`, whatever holds their lane: they are refused, so that no lane holds reservations without end.
// `not in` is answered from a hash, so the queue is read in its order and no further than needed. "Past" is by the clock that refuses.
const TAKE = {
  name: 'execution-take',
  text: `
    with held as materialized (
      select lane, bool_or(is_out) as is_out, bool_or(is_out and priority = 1) as stop_is_out, min(put_off) as put_off
      from (
        select lane, priority, true as is_out, null::bigint[] as put_off from execution_tasks
        where status in ('executing', 'unknown') and executor = 'venue'
        union all
        select lane, priority, false, array[priority, seq] from execution_tasks
        where status = 'queued' and executor = 'venue' and not_before > now()
      ) t
      group by lane
    ), first as (
      select task_id, user_id, lane, priority, seq from execution_tasks
      where status = 'queued' and executor = 'venue' and not_before <= now() and lane not in (select lane from held)
      order by priority, seq limit 1000
    ), heads as (
      (select distinct on (lane) task_id, user_id, priority, seq from first order by lane, priority, seq)
      union all
      select h.task_id, h.user_id, h.priority, h.seq
      from held, lateral (
        select task_id, user_id, priority, seq from execution_tasks
        where lane = held.lane and status = 'queued' and executor = 'venue' and not_before <= now()
        order by priority, seq limit 1
      ) h
      where not (case when h.priority = 1 then stop_is_out else is_out end)
        and (put_off is null or put_off > array[h.priority, h.seq])
    ), next as (
      select task_id, priority, seq, row_number() over (partition by user_id order by priority, seq) as turn from heads
    ), chosen as (
      (select task_id, priority, turn, seq from next where turn <= $1 order by priority, turn, seq limit $2)
      union all
      (select task_id, 6 as priority, 0 as turn, seq from execution_tasks
       where status = 'queued' and executor = 'venue' and send_by <= $3::timestamptz order by send_by limit $4)
    ), once as (
      select distinct on (task_id) * from chosen order by task_id, priority
    )
    select t.task_id, t.event_type, t.priority, t.account_id, t.attempts, t.payload, t.cause_id, t.traceparent,
           a.user_id as account_user, a.mode as account_mode, a.enabled as account_enabled
    from once c join execution_tasks t using (task_id) left join accounts a on a.account_id = t.account_id
    where t.status = 'queued'
    order by c.priority, c.turn, c.seq
    for update of t skip locked`,
};
