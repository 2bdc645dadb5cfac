import type { Tx } from '@switchyard/persistence';
import type { Clock } from '../ports/clock.js';
import { sortOut, type QueueLimits, type SortedOut, type Waiting } from './intake.js';
import { QueueFloor } from './queue-floor.js';
import type { NewTask } from './task.js';

/** What was counted is believed for so long, with what was added since. */
const COUNT_EVERY_MS = 1_000;

/**
 * Knows how much waits, without asking each time: what was counted, and what this process added since, is never less than what waits of its
 * users. Only where that leaves no room is the queue counted again. Other replicas' orders of the last second are not in it.
 */
export class QueueRoom {
  readonly #limits: QueueLimits;
  readonly #clock: Clock;
  readonly #floor = new QueueFloor();
  #known: { readonly waiting: Waiting; readonly countedAt: number } | undefined;

  constructor(limits: QueueLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Sorts out who may wait. Tasks that wait already are taken again, which changes nothing. */
  async sortOut(tx: Tx, tasks: readonly NewTask[]): Promise<SortedOut> {
    const now = this.#clock.monotonic();
    const known = this.#known;
    if (known !== undefined && now - known.countedAt < COUNT_EVERY_MS) {
      const sorted = sortOut(tasks, known.waiting, this.#limits);
      if (sorted.refused.length + sorted.leftOut.length === 0) {
        this.#known = { ...known, waiting: sorted.waiting };
        return sorted;
      }
    }
    const { waiting, stored } = await this.#count(tx, tasks, now);
    const sorted = sortOut(
      tasks.filter(({ taskId }) => !stored.has(taskId)),
      waiting,
      this.#limits,
    );
    // What is left out comes again, and meanwhile places become free.
    this.#known = sorted.leftOut.length > 0 ? undefined : { waiting: sorted.waiting, countedAt: now };
    return sorted;
  }

  async #count(tx: Tx, tasks: readonly NewTask[], nowMs: number) {
    const [users, simulated, stored] = await Promise.all([
      tx.query<{ user_id: string; orders: number; entries: number; lowest: string }>(COUNT_ORDERS, [
        this.#floor.at(nowMs),
      ]),
      tx.query<{ simulated: number }>(COUNT_SIMULATED),
      tx.query<{ task_id: string }>(STORED, [tasks.map(({ taskId }) => taskId)]),
    ]);
    if (users.rows.length > 0) this.#floor.saw(Math.min(...users.rows.map(({ lowest }) => Number(lowest))), nowMs);
    const waiting: Waiting = {
      orders: users.rows.reduce((sum, { orders }) => sum + orders, 0),
      entriesOf: new Map(users.rows.map(({ user_id, entries }) => [user_id, entries])),
      simulated: simulated.rows[0]?.simulated ?? 0,
    };
    return { waiting, stored: new Set(stored.rows.map(({ task_id }) => task_id)) };
  }
}

// Without names: they are rare, and a plan that was kept would have been made for a smaller table.
const COUNT_ORDERS = `
  select user_id, count(*)::integer as orders, (count(*) filter (where not reduces))::integer as entries, min(seq) as lowest
  from execution_tasks where executor = 'venue' and status = 'queued' and event_type = 'OrderRouted' and seq >= $1::bigint
  group by user_id`;
const COUNT_SIMULATED = `
  select count(*)::integer as simulated from execution_tasks where executor = 'simulator' and status = 'queued'`;
const STORED = 'select task_id from execution_tasks where task_id = any ($1::text[])';
