import { isInfrastructureError } from '@switchyard/persistence';

/** What failed has nothing to do with the tasks: whichever they are, it would fail. */
export class NoTaskAtFault extends Error {
  constructor(what: string, cause: unknown) {
    super(`${what} failed`, { cause });
    this.name = 'NoTaskAtFault';
  }
}

export interface Isolation {
  /** The same work over some of the tasks, in a transaction of its own. */
  readonly work: (taskIds: readonly string[]) => Promise<unknown>;
  /** For a task that fails alone. Throws where not even that can be stored. */
  readonly condemn: (taskId: string, error: unknown) => Promise<unknown>;
}

/**
 * After a transaction over these tasks failed: repeats it over halves, down to the tasks that fail alone, and condemns those. A database that
 * is away condemns nobody, nor does what is no task's fault: the error is thrown, and what is not done yet stays in the queue.
 */
export const isolate = async (taskIds: readonly string[], error: unknown, isolation: Isolation): Promise<void> => {
  const [only] = taskIds;
  if (isInfrastructureError(error) || error instanceof NoTaskAtFault || only === undefined) throw error;
  if (taskIds.length === 1) {
    await isolation.condemn(only, error);
    return;
  }
  const middle = Math.ceil(taskIds.length / 2);
  for (const half of [taskIds.slice(0, middle), taskIds.slice(middle)]) {
    try {
      await isolation.work(half);
    } catch (again) {
      await isolate(half, again, isolation);
    }
  }
};
