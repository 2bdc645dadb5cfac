import type { Mode, StateInForce } from '@switchyard/model';
import type { Tx } from '@switchyard/persistence';
import type { TakenTask, TakeRules } from '../../ports/task-queue.js';
import { AS_CLAIM, HALT } from './trading-states.js';

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
  readonly cancel_reason: string | null;
  readonly halt: StateInForce | null;
}

/** Orders past their `sendBy` that one claim refuses, beside those it takes. */
const EXPIRED_AT_A_TIME = 50;

/**
 * Locks the tasks that come next; those below the floor are finished. `lowest`: the first task that is not; undefined where nothing was
 * taken.
 */
export const take = async (
  tx: Tx,
  { most, perUser, nowMs, floor }: TakeRules & { readonly floor: number },
): Promise<{ readonly tasks: readonly TakenTask[]; readonly lowest: number | undefined }> => {
  // All three leave together.
  const [, { rows }] = await Promise.all([
    tx.query(BEGIN_CLAIM),
    tx.query<TaskRow & { readonly lowest: string }>(TAKE, [
      perUser,
      most,
      new Date(nowMs).toISOString(),
      EXPIRED_AT_A_TIME,
      floor,
    ]),
    tx.query(PLAN_AS_USUAL),
  ]);
  return { tasks: rows.map(takenTask), lowest: rows[0] === undefined ? undefined : Number(rows[0].lowest) };
};

export const takeThese = async (tx: Tx, taskIds: readonly string[]): Promise<readonly TakenTask[]> => {
  const [, { rows }] = await Promise.all([tx.query(AS_A_CLAIM), tx.query<TaskRow>(TAKE_THESE, [taskIds])]);
  return rows.map(takenTask);
};

export const takenTask = (row: TaskRow): TakenTask => ({
  taskId: row.task_id,
  eventType: row.event_type,
  priority: row.priority,
  accountId: row.account_id,
  attempts: row.attempts,
  payload: row.payload,
  causeId: row.cause_id,
  traceparent: row.traceparent ?? undefined,
  account:
    row.account_user === null || row.account_mode === null
      ? undefined
      : { userId: row.account_user, mode: row.account_mode, enabled: row.account_enabled === true },
  cancelReason: row.cancel_reason ?? undefined,
  halt: haltOf(row),
});

export const haltOf = ({ halt }: { readonly halt: StateInForce | null }): StateInForce | undefined =>
  halt === null ? undefined : { ...halt, since: new Date(halt.since).toISOString() };

const AS_A_CLAIM = { name: 'execution-as-claim', text: `select ${AS_CLAIM}` };
// A plan that is kept was made for the table as it once was: made for a few rows, it reads the whole table when there are many.
const BEGIN_CLAIM = {
  name: 'execution-begin-claim',
  text: `select set_config('plan_cache_mode', 'force_custom_plan', true), ${AS_CLAIM}`,
};
const PLAN_AS_USUAL = { name: 'execution-plan-as-usual', text: 'set local plan_cache_mode = auto' };

export const TASK_COLUMNS = `
  t.task_id, t.event_type, t.priority, t.account_id, t.attempts, t.payload, t.cause_id, t.traceparent, t.cancel_reason,
  a.user_id as account_user, a.mode as account_mode, a.enabled as account_enabled, ${HALT}`;
// A lane is an account and pair. What is live is read once, in the order of arrival, and everything else is decided from that. Of each lane
// the head alone may go: if no task of the lane is out or not known (a stop-loss waits for other stop-losses only), and none that stands
// before it is put off. Users take turns within a priority, at most so many tasks each per claim. Beside them come orders past their
// `sendBy`, whatever holds their lane: they are refused, so that no lane holds reservations without end. "Past" is by the clock that refuses.
export const TAKE = {
  name: 'execution-take',
  text: `
    with live as materialized (
      select task_id, user_id, lane, priority, seq, send_by, status = 'executing' as is_out, not_before > now() as is_put_off, seq as lowest
      from execution_tasks where executor = 'venue' and status in ('queued', 'executing') and seq >= $5::bigint
      union all
      select task_id, user_id, lane, priority, seq, null, true, false, null
      from execution_tasks where executor = 'venue' and status = 'unknown'
    ), ranked as (
      select task_id, user_id, priority, seq, is_out or is_put_off as is_held,
             row_number() over (partition by lane order by is_out or is_put_off, priority, seq) as place,
             bool_or(is_out) over a_lane as is_lane_out, bool_or(is_out and priority = 1) over a_lane as is_stop_out,
             min(array[priority, seq]) filter (where is_put_off and not is_out) over a_lane as put_off
      from live window a_lane as (partition by lane)
    ), next as (
      select task_id, priority, seq, row_number() over (partition by user_id order by priority, seq) as turn
      from ranked
      where place = 1 and not is_held and not (case when priority = 1 then is_stop_out else is_lane_out end)
        and (put_off is null or put_off > array[priority, seq])
    ), chosen as (
      (select task_id, priority, turn, seq from next where turn <= $1 order by priority, turn, seq limit $2)
      union all
      (select task_id, 6, 0, seq from live where not is_out and send_by <= $3::timestamptz order by send_by limit $4)
    ), once as (
      select distinct on (task_id) * from chosen order by task_id, priority
    )
    select ${TASK_COLUMNS}, (select min(lowest) from live) as lowest
    from once c join execution_tasks t using (task_id) left join accounts a on a.account_id = t.account_id
    where t.status = 'queued'
    order by c.priority, c.turn, c.seq
    for update of t skip locked`,
};
const TAKE_THESE = {
  name: 'execution-take-these',
  text: `
    select ${TASK_COLUMNS}
    from execution_tasks t left join accounts a on a.account_id = t.account_id
    where t.task_id = any ($1::text[]) and t.status = 'queued' and t.not_before <= now()
    order by t.priority, t.seq for update of t skip locked`,
};
