import type { Random } from './random.js';
import type { Scheduled, Scheduler } from './scheduler.js';

/** When every simulation begins. */
export const EPOCH_MS = Date.UTC(2026, 0, 5, 9, 0, 0);

/**
 * Puts simulated clocks, timers and chance in the place of the process's own, so that the services' code runs as it is. What it takes from
 * elsewhere (a socket, a file, another thread) would not be simulated: nothing in a simulation does.
 *
 * @returns what puts the process's own back
 */
export const simulatedGlobals = (scheduler: Scheduler, random: Random): (() => void) => {
  const real = {
    Date: globalThis.Date,
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    setInterval: globalThis.setInterval,
    clearInterval: globalThis.clearInterval,
    setImmediate: globalThis.setImmediate,
    clearImmediate: globalThis.clearImmediate,
  };
  const realRandom = Math.random;
  const now = (): number => EPOCH_MS + Math.floor(scheduler.now);

  class SimulatedDate extends real.Date {
    constructor(...given: readonly unknown[]) {
      super(...((given.length === 0 ? [now()] : given) as [number]));
    }
    static override now(): number {
      return now();
    }
  }

  const clear = (timer: unknown): void => {
    if (timer instanceof Timer) timer.clear();
  };
  Object.assign(globalThis, {
    Date: SimulatedDate,
    setTimeout: (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      new Timer(
        scheduler,
        () => {
          run(...args);
        },
        ms,
        false,
      ),
    clearTimeout: clear,
    setInterval: (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
      new Timer(
        scheduler,
        () => {
          run(...args);
        },
        ms,
        true,
      ),
    clearInterval: clear,
    setImmediate: (run: (...args: unknown[]) => void, ...args: unknown[]) =>
      new Timer(
        scheduler,
        () => {
          run(...args);
        },
        0,
        false,
      ),
    clearImmediate: clear,
  });
  Object.defineProperty(performance, 'now', { value: () => scheduler.now, configurable: true });
  Math.random = () => random.next();
  return () => {
    Object.assign(globalThis, real);
    delete (performance as { now?: unknown }).now;
    Math.random = realRandom;
  };
};

/** What `setTimeout` returns, as far as the services use it. */
class Timer {
  #scheduled: Scheduled;

  constructor(scheduler: Scheduler, run: () => void, ms: number, repeats: boolean) {
    // As Node does: at least a millisecond, but for what is to run at once.
    const wait = repeats ? Math.max(1, ms) : Math.max(0, ms);
    const ring = (): void => {
      if (repeats) this.#scheduled = scheduler.after(wait, ring);
      run();
    };
    this.#scheduled = scheduler.after(wait, ring);
  }

  clear(): void {
    this.#scheduled.cancelled = true;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return true;
  }
}
