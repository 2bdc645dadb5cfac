import type { Queryable, Tx } from '@switchyard/persistence';
import type { CancelRequest, CancelWork, DueCancel } from '../../ports/cancel-records.js';
import type { Lease, TakenTask } from '../../ports/task-queue.js';
import { DUE_COLUMNS, dueLookup, type DueRow } from './lookups.js';
import { TASK_COLUMNS, takenTask, type TaskRow } from './take.js';

export const requestCancels = async (tx: Tx, venue: string, all: readonly CancelRequest[]): Promise<void> => {
  const requests = all.filter(({ target }) => target.kind === 'order' || isHere(target.scope, venue));
  if (requests.length === 0) return;
  await tx.query(REQUEST, [
    requests.map(({ requestId }) => requestId),
    requests.map(({ target }) => (target.kind === 'order' ? target.orderId : null)),
    requests.map(({ target }) => (target.kind === 'order' ? target.userId : null)),
    requests.map(({ target }) => (target.kind === 'scope' ? target.scope : null)),
    requests.map(({ reason }) => reason),
  ]);
};

const isHere = (scope: string, venue: string): boolean => !scope.startsWith('venue:') || scope === `venue:${venue}`;

interface RequestRow {
  readonly request_id: string;
  readonly order_id: string | null;
  readonly user_id: string | null;
  readonly scope: string | null;
  readonly reason: string;
}

/** Requests of one round. Those for single orders are few orders each. */
const REQUESTS_AT_A_TIME = 50;

export const markCancels = async (
  tx: Tx,
  most: number,
): Promise<{ readonly marked: number; readonly more: boolean }> => {
  const { rows } = await tx.query<RequestRow>(TAKE_REQUESTS, [REQUESTS_AT_A_TIME]);
  const ofOrders = rows.filter(({ order_id }) => order_id !== null);
  const done = ofOrders.map(({ request_id }) => request_id);
  const marked: string[] = [];
  if (ofOrders.length > 0) {
    const found = await tx.query<{ task_id: string }>(MARK_ORDERS, [
      ofOrders.map(({ order_id }) => order_id),
      ofOrders.map(({ user_id }) => user_id),
      ofOrders.map(({ reason }) => reason),
    ]);
    marked.push(...found.rows.map(({ task_id }) => task_id));
  }
  for (const { request_id, scope, reason } of rows) {
    if (scope === null) continue;
    const room = most - marked.length;
    if (room <= 0) break;
    const userId = scope.startsWith('user:') ? scope.slice('user:'.length) : null;
    const found = await tx.query<{ seen: number; marked: readonly string[] }>(MARK_SCOPE, [userId, reason, room]);
    const { seen = 0, marked: some = [] } = found.rows[0] ?? {};
    marked.push(...some);
    // By what was seen, not by what was marked: of a full page some may have been marked by somebody else meanwhile, with more behind it.
    if (seen < room) done.push(request_id);
  }
  // A statement of its own: it sees what became of the orders while their tasks were waited for.
  if (marked.length > 0) await tx.query(MAKE_DUE, [marked]);
  if (done.length > 0) await tx.query(NOTE_MARKED, [done]);
  return { marked: marked.length, more: rows.length >= REQUESTS_AT_A_TIME || done.length < rows.length };
};

export const takeCancelled = async (tx: Tx, most: number): Promise<readonly TakenTask[]> =>
  (await tx.query<TaskRow>(TAKE_CANCELLED, [most])).rows.map(takenTask);

export const cancelWork = async (db: Queryable): Promise<CancelWork> => {
  const { rows } = await db.query<{ to_mark: boolean; to_end: boolean; due_in_ms: number | null }>(WORK);
  return {
    toMark: rows[0]?.to_mark === true,
    toEnd: rows[0]?.to_end === true,
    dueInMs: rows[0]?.due_in_ms ?? undefined,
  };
};

export const takeDueCancels = async (
  db: Queryable,
  { owner, leaseMs }: Lease,
  most: number,
): Promise<readonly DueCancel[]> => {
  const { rows } = await db.query<DueRow & { readonly cancel_attempts: number }>(TAKE_DUE, [owner, leaseMs, most]);
  return rows.map((row) => ({ ...dueLookup(row), attempts: row.cancel_attempts }));
};

export const forgetCancels = async (db: Queryable, markedBeforeMs: number): Promise<void> => {
  await db.query(FORGET, [markedBeforeMs]);
};

const REQUEST = {
  name: 'execution-request-cancels',
  text: `
    insert into cancel_requests (request_id, order_id, user_id, scope, reason)
    select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
    on conflict (request_id) do nothing`,
};
const TAKE_REQUESTS = {
  name: 'execution-take-cancel-requests',
  text: `
    select request_id, order_id, user_id, scope, reason from cancel_requests
    where marked_at is null order by requested_at, request_id limit $1 for update skip locked`,
};
// Whoever wants a task's row waits, tasks first, in the order of their ids: as everybody who locks them.
const MARK_ORDERS = {
  name: 'execution-mark-orders',
  text: `
    with wanted as (
      select distinct on (order_id, user_id) * from unnest($1::text[], $2::text[], $3::text[]) as w (order_id, user_id, reason)
    ), found as (
      select t.task_id, w.reason from wanted w join execution_tasks t on t.task_id = w.order_id and t.user_id = w.user_id
      union all
      select t.task_id, w.reason from wanted w join execution_tasks t on t.parent_order_id = w.order_id and t.user_id = w.user_id
    ), once as (
      select distinct on (task_id) task_id, reason from found order by task_id
    ), locked as (
      select t.task_id from execution_tasks t
      where t.task_id in (select task_id from once) and t.event_type = 'OrderRouted' and t.cancel_reason is null
      order by t.task_id for update
    )
    update execution_tasks t set cancel_reason = once.reason
    from locked join once using (task_id) where t.task_id = locked.task_id
    returning t.task_id`,
};
const OPEN = "('placed', 'partially_filled', 'cancel_pending')";
const MARK_SCOPE = {
  name: 'execution-mark-scope',
  text: `
    with live as (
      select task_id, user_id from execution_tasks
      where executor = 'venue' and status in ('queued', 'executing') and event_type = 'OrderRouted' and cancel_reason is null
      union all
      select task_id, user_id from execution_tasks
      where executor = 'venue' and status = 'unknown' and event_type = 'OrderRouted' and cancel_reason is null
      union all
      select task_id, user_id from execution_tasks
      where executor = 'simulator' and status = 'queued' and cancel_reason is null
      union all
      select t.task_id, t.user_id from orders o join execution_tasks t on t.task_id = o.order_id
      where o.status in ${OPEN} and t.cancel_reason is null
    ), page as (
      select distinct task_id from live where $1::text is null or user_id = $1 order by task_id limit $3
    ), locked as (
      select t.task_id from execution_tasks t
      where t.task_id in (select task_id from page) and t.cancel_reason is null order by t.task_id for update
    ), marked as (
      update execution_tasks t set cancel_reason = $2 from locked where t.task_id = locked.task_id returning t.task_id
    )
    select (select count(*)::int from page) as seen, array(select task_id from marked) as marked`,
};
const MAKE_DUE = {
  name: 'execution-make-cancels-due',
  text: `
    update orders o set cancel_due_at = now()
    where o.order_id = any ($1::text[]) and o.status in ${OPEN} and o.cancel_due_at is null`,
};
const NOTE_MARKED = {
  name: 'execution-note-marked',
  text: 'update cancel_requests set marked_at = now() where request_id = any ($1::text[])',
};
const TAKE_CANCELLED = {
  name: 'execution-take-cancelled',
  text: `
    select ${TASK_COLUMNS}
    from execution_tasks t left join accounts a on a.account_id = t.account_id
    where t.cancel_reason is not null and t.status = 'queued' and t.executor = 'venue'
    order by t.seq limit $1 for update of t skip locked`,
};
const WORK = {
  name: 'execution-cancel-work',
  text: `
    select exists (select from cancel_requests where marked_at is null) as to_mark,
           exists (select from execution_tasks where cancel_reason is not null and status = 'queued' and executor = 'venue') as to_end,
           (select (extract(epoch from min(cancel_due_at) - now()) * 1000)::float8 from orders
            where cancel_due_at is not null and mode <> 'simulated') as due_in_ms`,
};
// Nobody looks the order up meanwhile: what comes of the cancel is looked up afterwards.
const TAKE_DUE = {
  text: `
    update orders o
    set lease_epoch = o.lease_epoch + 1, lease_owner = $1, cancel_attempts = o.cancel_attempts + 1,
        cancel_due_at = now() + $2::float8 * interval '1 ms', next_poll_at = now() + $2::float8 * interval '1 ms'
    from (
      select order_id from orders
      where cancel_due_at <= now() and mode <> 'simulated' and status in ${OPEN}
      order by cancel_due_at limit $3 for update skip locked
    ) due
    where o.order_id = due.order_id
    returning ${DUE_COLUMNS}, o.cancel_attempts`,
};
const FORGET = {
  name: 'execution-forget-cancels',
  text: `delete from cancel_requests where marked_at < now() - $1::float8 * interval '1 ms'`,
};
