import type { StateInForce } from '@switchyard/model';
import type { Tx } from '@switchyard/persistence';
import { HALT } from '../adapters/postgres/trading-states.js';

export interface SimulatedTask {
  readonly task_id: string;
  readonly user_id: string;
  readonly account_id: string;
  readonly priority: number;
  readonly seq: string;
  readonly payload: unknown;
  readonly cause_id: string;
  readonly traceparent: string | null;
  readonly halt: StateInForce | null;
  /** Why somebody wants it gone. */
  readonly cancel_reason: string | null;
}

/** Takes so many tasks as done, in their order. `lowest`: the first task that waited; undefined where more waited than were looked at. */
export const takeSimulated = async (
  tx: Tx,
  most: number,
  floor: number,
): Promise<{ readonly tasks: readonly SimulatedTask[]; readonly lowest: number | undefined }> => {
  const { rows } = await tx.query<SimulatedTask & { readonly lowest: string | null }>(TAKE, [most, floor]);
  const lowest = rows[0]?.lowest ?? undefined;
  return { tasks: inTurns(rows), lowest: lowest === undefined ? undefined : Number(lowest) };
};

/** Takes these tasks, where they still wait. */
export const takeTheseSimulated = async (tx: Tx, taskIds: readonly string[]): Promise<readonly SimulatedTask[]> =>
  inTurns((await tx.query<SimulatedTask>(TAKE_THESE, [taskIds])).rows);

/** By priority, users in turn, each user's in the order of their arrival. */
export const inTurns = <Task extends Pick<SimulatedTask, 'user_id' | 'priority' | 'seq'>>(
  tasks: readonly Task[],
): readonly Task[] => {
  const turns = new Map<string, number>();
  const placed = tasks
    .map((task) => ({ task, seq: Number(task.seq) }))
    .sort((a, b) => a.task.priority - b.task.priority || a.seq - b.seq)
    .map((entry) => {
      const turn = (turns.get(entry.task.user_id) ?? 0) + 1;
      turns.set(entry.task.user_id, turn);
      return { ...entry, turn };
    });
  return placed
    .sort((a, b) => a.task.priority - b.task.priority || a.turn - b.turn || a.seq - b.seq)
    .map(({ task }) => task);
};

/** An order whose account is not known yet is looked at again after this. */
const WAIT_MS = 250;

/** All were taken as done; those that wait, or failed, are put right. */
export const correct = async (
  tx: Tx,
  waiting: readonly string[],
  failed: readonly { readonly taskId: string; readonly code: string | null }[],
): Promise<void> => {
  if (waiting.length + failed.length === 0) return;
  await tx.query(CORRECT, [
    [...waiting, ...failed.map(({ taskId }) => taskId)],
    [...waiting.map(() => 'queued'), ...failed.map(() => 'failed')],
    [...waiting.map(() => null), ...failed.map(({ code }) => code)],
    WAIT_MS,
  ]);
};

const UPDATE = `
  update execution_tasks t
  set status = 'done', attempts = t.attempts + 1, started_at = now(), finished_at = now()`;
const COLUMNS = `t.task_id, t.user_id, t.account_id, t.priority, t.seq, t.payload, t.cause_id, t.traceparent, t.cancel_reason, ${HALT}`;
// The tasks are named by a list, so that whatever the plan was made for, they are found by their keys.
export const TAKE = {
  name: 'execution-simulator-take',
  text: `
    with first as (
      select task_id, user_id, priority, seq from execution_tasks
      where status = 'queued' and executor = 'simulator' and not_before <= now() and seq >= $2::bigint order by priority, seq limit 4 * $1
    ), turns as (
      select task_id, priority, seq, row_number() over (partition by user_id order by priority, seq) as turn from first
    ), chosen as (
      select task_id from turns order by priority, turn, seq limit $1
    )
    ${UPDATE} where t.task_id = any (array(select task_id from chosen)) and t.status = 'queued'
    returning ${COLUMNS}, (select case when count(*) < 4 * $1 then min(seq) end from first) as lowest`,
};
const TAKE_THESE = {
  name: 'execution-simulator-take-these',
  text: `${UPDATE} where t.task_id = any ($1::text[]) and t.status = 'queued' and t.not_before <= now() returning ${COLUMNS}`,
};
const CORRECT = {
  name: 'execution-simulator-correct',
  text: `
    update execution_tasks t
    set status = c.status, last_error = c.last_error, not_before = now() + $4::float8 * interval '1 ms',
        finished_at = case when c.status = 'failed' then t.finished_at end
    from unnest($1::text[], $2::text[], $3::text[]) as c (task_id, status, last_error) where t.task_id = c.task_id`,
};
