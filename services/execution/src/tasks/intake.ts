import type { NewTask } from './task.js';

/** How much may wait. Orders for the venue are bounded and shared between users; the simulator works off thousands a second. */
export interface QueueLimits {
  /** Orders that wait for the venue. */
  readonly orders: number;
  /** Entries of one user among them. */
  readonly entriesPerUser: number;
  /** Simulated orders. */
  readonly simulated: number;
}

/** What waits. */
export interface Waiting {
  readonly orders: number;
  readonly entriesOf: ReadonlyMap<string, number>;
  readonly simulated: number;
}

export interface SortedOut {
  readonly taken: readonly NewTask[];
  /** Beyond their user's share. */
  readonly refused: readonly NewTask[];
  /** For which there is no room: they stay in the log, and come again. */
  readonly leftOut: readonly NewTask[];
  /** What waits with those taken. */
  readonly waiting: Waiting;
}

/** Of the places for orders, those that entries may not have. */
export const keptPlaces = ({ orders }: QueueLimits): number => Math.ceil(orders / 10);

/**
 * Who of those that come may wait for the venue.
 *
 * 1. A user beyond his share of entries is refused, and nobody else: he can't fill the queue.
 * 2. When the queue itself is full, what comes stays in the log. A tenth of its places is kept for orders that reduce a position, which
 *    are never refused here.
 * 3. An account's orders of a pair keep their order: behind one that is left out all are, but for stop-losses.
 * 4. Reports of an account's state, asked for by ourselves, always may.
 */
export const sortOut = (tasks: readonly NewTask[], before: Waiting, limits: QueueLimits): SortedOut => {
  const taken: NewTask[] = [];
  const refused: NewTask[] = [];
  const leftOut: NewTask[] = [];
  const lanes = new Set<string>();
  const entriesOf = new Map(before.entriesOf);
  let { orders, simulated } = before;
  const leave = (task: NewTask): void => {
    lanes.add(task.lane);
    leftOut.push(task);
  };
  for (const task of tasks) {
    const entries = entriesOf.get(task.userId) ?? 0;
    if (task.eventType !== 'OrderRouted') taken.push(task);
    else if (lanes.has(task.lane) && task.priority > 1) leave(task);
    else if (task.executor === 'simulator') {
      if (simulated >= limits.simulated) leave(task);
      else {
        simulated += 1;
        taken.push(task);
      }
    } else if (!task.reduces && entries >= limits.entriesPerUser) refused.push(task);
    else if (orders >= limits.orders - (task.reduces ? 0 : keptPlaces(limits))) leave(task);
    else {
      orders += 1;
      if (!task.reduces) entriesOf.set(task.userId, entries + 1);
      taken.push(task);
    }
  }
  return { taken, refused, leftOut, waiting: { orders, entriesOf, simulated } };
};
