/** How long an insert may take to become visible without being passed over until the next look at the whole queue. */
const SETTLED_MS = 10_000;
/** The whole queue is looked at this often. */
const WHOLE_EVERY_MS = 30_000;

/**
 * From which arrival number on the queue has to be read. What is finished leaves its entries in an index until vacuum may remove them,
 * and a snapshot that somebody keeps open (a backup, a long report) puts that off: without a floor each claim reads all of them, and ten
 * minutes of such a snapshot make a claim a hundred times as slow.
 *
 * 1. Numbers are given when a task is inserted, not when it is committed: a lower number may show up after a higher one. So a floor is
 *    what was the lowest in every look of the last ten seconds.
 * 2. Twice a minute the whole queue is read: what came later still, or was put back by hand, is found then.
 */
export class QueueFloor {
  #floor = 0;
  #next: { floor: number; readonly sinceMs: number } | undefined;
  #wholeAtMs = Number.NEGATIVE_INFINITY;

  /** The number to read from, at a time of the monotonic clock. */
  at(nowMs: number): number {
    if (nowMs - this.#wholeAtMs >= WHOLE_EVERY_MS) {
      this.#wholeAtMs = nowMs;
      return 0;
    }
    if (this.#next !== undefined && nowMs - this.#next.sinceMs >= SETTLED_MS) {
      this.#floor = this.#next.floor;
      this.#next = undefined;
    }
    return this.#floor;
  }

  /** The lowest number of a task that is not finished, as just read. */
  saw(lowest: number, nowMs: number): void {
    if (this.#next === undefined) this.#next = { floor: lowest, sinceMs: nowMs };
    else this.#next.floor = Math.min(this.#next.floor, lowest);
  }
}
