import type { Clock } from '../ports/clock.js';
import type { TaskUnit } from '../ports/task-queue.js';
import { sortOut, type QueueLimits, type SortedOut, type Waiting } from './intake.js';
import type { NewTask } from './task.js';

/** What was counted is believed for so long, with what was added since. */
const COUNT_EVERY_MS = 1_000;

/**
 * Knows how much waits, without asking each time: what was counted, and what this process added since, is never less than what waits of its
 * users. Only where that leaves no room is the queue counted again. Other replicas' orders of the last second are not in it.
 */
export class QueueRoom {
  readonly #limits: QueueLimits;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #known: { readonly waiting: Waiting; readonly countedAt: number } | undefined;

  constructor(limits: QueueLimits, clock: Pick<Clock, 'monotonic'>) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Sorts out who may wait. Tasks that wait already are taken again, which changes nothing. */
  async sortOut(unit: Pick<TaskUnit, 'countWaiting'>, tasks: readonly NewTask[]): Promise<SortedOut> {
    const now = this.#clock.monotonic();
    const known = this.#known;
    if (known !== undefined && now - known.countedAt < COUNT_EVERY_MS) {
      const sorted = sortOut(tasks, known.waiting, this.#limits);
      if (sorted.refused.length + sorted.leftOut.length === 0) {
        this.#known = { ...known, waiting: sorted.waiting };
        return sorted;
      }
    }
    const { waiting, stored } = await unit.countWaiting(tasks.map(({ taskId }) => taskId));
    const sorted = sortOut(
      tasks.filter(({ taskId }) => !stored.has(taskId)),
      waiting,
      this.#limits,
    );
    // What is left out comes again, and meanwhile places become free.
    this.#known = sorted.leftOut.length > 0 ? undefined : { waiting: sorted.waiting, countedAt: now };
    return sorted;
  }
}
