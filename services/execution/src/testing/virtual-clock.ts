import type { Clock } from '../ports/clock.js';

/** Time that passes only when it is told to; what is due happens in its order. */
export class VirtualClock implements Clock {
  #ms: number;
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>();

  constructor(startMs: number) {
    this.#ms = startMs;
  }

  now = (): number => this.#ms;
  monotonic = (): number => this.#ms;
  random = (): number => 0.5;

  after = (ms: number, run: () => void): (() => void) => {
    const timer = { at: this.#ms + Math.max(0, ms), run };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  };

  /** Lets this much time pass, and everything happen that is due meanwhile. */
  async pass(ms: number): Promise<void> {
    const end = this.#ms + ms;
    for (;;) {
      await settled();
      const next = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#ms = Math.max(this.#ms, next.at);
      next.run();
    }
    this.#ms = end;
  }
}

/** Until nothing happens any more but by a timer: what is in memory alone needs turns of the event loop, and no time. */
const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};
