import type { Queryable, Tx } from '@switchyard/persistence';
import type { Waiting } from '../../tasks/intake.js';

/** How much waits, and which of these tasks are stored. `lowest`: the first order that waits for the venue; undefined where none does. */
export const countWaiting = async (tx: Tx, taskIds: readonly string[], floor: number) => {
  const [users, simulated, stored] = await Promise.all([
    tx.query<{ user_id: string; orders: number; entries: number; lowest: string }>(COUNT_ORDERS, [floor]),
    tx.query<{ simulated: number }>(COUNT_SIMULATED),
    tx.query<{ task_id: string }>(STORED, [taskIds]),
  ]);
  const waiting: Waiting = {
    orders: users.rows.reduce((sum, { orders }) => sum + orders, 0),
    entriesOf: new Map(users.rows.map(({ user_id, entries }) => [user_id, entries])),
    simulated: simulated.rows[0]?.simulated ?? 0,
  };
  const lowest = users.rows.length > 0 ? Math.min(...users.rows.map((row) => Number(row.lowest))) : undefined;
  return { waiting, stored: new Set(stored.rows.map(({ task_id }) => task_id)), lowest };
};

/** As the server itself says so, the connection is known to be sound. */
export const outOfRoom = async (tx: Tx, message: string): Promise<never> => {
  await tx.query(
    `do $$ begin raise exception using errcode = '53400', message = '${message.replaceAll("'", "''")}'; end $$`,
  );
  throw new Error(message);
};

export const depths = async (db: Queryable): Promise<{ readonly queued: number; readonly unknown: number }> =>
  (await db.query<{ queued: number; unknown: number }>(DEPTHS)).rows[0] ?? { queued: 0, unknown: 0 };

// Without names: they are rare, and a plan that was kept would have been made for a smaller table.
const COUNT_ORDERS = `
  select user_id, count(*)::integer as orders, (count(*) filter (where not reduces))::integer as entries, min(seq) as lowest
  from execution_tasks where executor = 'venue' and status = 'queued' and event_type = 'OrderRouted' and seq >= $1::bigint
  group by user_id`;
const COUNT_SIMULATED = `
  select count(*)::integer as simulated from execution_tasks where executor = 'simulator' and status = 'queued'`;
const STORED = 'select task_id from execution_tasks where task_id = any ($1::text[])';
const DEPTHS = {
  name: 'execution-depths',
  // Each of the two has an index of its own; together they would be a walk through all tasks ever.
  text: `select ((select count(*) from execution_tasks where status = 'queued' and executor = 'venue')
                 + (select count(*) from execution_tasks where status = 'queued' and executor = 'simulator'))::integer as queued,
                (select count(*) from orders where status = 'unknown')::integer as unknown`,
};
