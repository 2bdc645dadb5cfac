import { AsyncLocalStorage } from 'node:async_hooks';

/** Whose code a step runs. Nothing of one that is dead runs again; one that is stopped runs what was due when it goes on. */
export interface Owner {
  readonly name: string;
  readonly alive: boolean;
  /** Simulated time until which nothing of it runs; 0 where it runs. */
  readonly stoppedUntil: number;
}

export interface Scheduled {
  cancelled: boolean;
}

interface Item extends Scheduled {
  at: number;
  readonly order: number;
  readonly owner: Owner | undefined;
  readonly run: () => void;
}

type Context = <T>(run: () => T) => T;

/**
 * Simulated time: a queue of steps, of which the earliest runs next, one at a time, each to its end with every promise that follows from it.
 * There is no other source of progress. Between two steps nothing is under way but what waits for a later step.
 */
export class Scheduler {
  /** Milliseconds since the simulation began. */
  now = 0;
  steps = 0;
  readonly #heap: Item[] = [];
  readonly #owners = new AsyncLocalStorage<Owner | undefined>();
  /** Made once each: to enter an owner's context is then a matter of nanoseconds. */
  readonly #contexts = new Map<Owner | undefined, Context>();
  #order = 0;
  #failure: unknown;

  /** Whose code runs now; undefined for the world's own. */
  get owner(): Owner | undefined {
    return this.#owners.getStore();
  }

  as<T>(owner: Owner | undefined, run: () => T): T {
    let enter = this.#contexts.get(owner);
    if (enter === undefined) {
      enter = this.#owners.run(owner, () => AsyncLocalStorage.snapshot() as Context);
      this.#contexts.set(owner, enter);
    }
    return enter(run);
  }

  /** Runs after so many milliseconds, as the code of `owner`. */
  after(ms: number, run: () => void, owner = this.owner): Scheduled {
    const item: Item = { at: this.now + Math.max(0, ms), order: (this.#order += 1), owner, run, cancelled: false };
    push(this.#heap, item);
    return item;
  }

  /** The same as nobody's code: what happens between processes, or at the venue. */
  inWorld(ms: number, run: () => void): Scheduled {
    return this.as(undefined, () => this.after(ms, run));
  }

  /** Resolves after so many milliseconds; never, where its owner dies before. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.after(ms, resolve);
    });
  }

  /** Steps until `until` says so, or time is up, or nothing is left. @returns false where time was up */
  async run(until: () => boolean, deadline: number): Promise<boolean> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure as Error;
      if (until()) return true;
      const next = this.#heap[0];
      if (next === undefined || next.at > deadline) {
        this.now = Math.max(this.now, deadline);
        return false;
      }
      pop(this.#heap);
      if (this.#step(next)) await everythingFollowed();
    }
  }

  /** Ends the run with this, at the end of the present step. */
  fail(error: unknown): void {
    this.#failure ??= error;
  }

  #step(item: Item): boolean {
    const { owner, at, run } = item;
    if (item.cancelled || owner?.alive === false) return false;
    this.now = at;
    if (owner !== undefined && owner.stoppedUntil > at) {
      // The same item later: whoever called it off has called this one off.
      item.at = owner.stoppedUntil;
      push(this.#heap, item);
      return false;
    }
    this.steps += 1;
    try {
      this.as(owner, run);
    } catch (error) {
      this.fail(error);
    }
    return true;
  }
}

/**
 * When every promise that could settle has, and all that followed from it: a tick that is asked for by a microtask runs when no microtask
 * is left.
 */
const everythingFollowed = (): Promise<void> =>
  new Promise((resolve) => {
    queueMicrotask(() => {
      process.nextTick(resolve);
    });
  });

const before = (a: Item, b: Item): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

const push = (heap: Item[], item: Item): void => {
  let at = heap.length;
  heap.push(item);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !before(item, above)) break;
    heap[at] = above;
    at = parent;
  }
  heap[at] = item;
};

const pop = (heap: Item[]): void => {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    let least = heap[child];
    if (least === undefined) break;
    const other = heap[child + 1];
    if (other !== undefined && before(other, least)) {
      least = other;
      child += 1;
    }
    if (!before(least, last)) break;
    heap[at] = least;
    at = child;
  }
  heap[at] = last;
};
