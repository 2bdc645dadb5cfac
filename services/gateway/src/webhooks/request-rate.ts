export interface Rate {
  readonly perSecond: number;
  /** At once, after a pause. */
  readonly burst: number;
}

/**
 * How often each key may come: a leaky bucket a key, of which only the time is kept at which it will have run empty (GCRA, ITU-T I.371). A
 * key that has rested is forgotten; of those that have not, so many are kept, and beyond it the oldest goes.
 */
export class RequestRate {
  /** When the bucket of a key will be empty, milliseconds; in the order of last use. */
  private readonly emptyAt = new Map<string, number>();
  private readonly stepMs: number;

  constructor(
    private readonly rate: Rate,
    private readonly maxKeys = 10_000,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.stepMs = 1_000 / rate.perSecond;
  }

  /** @returns 0: it may; else the seconds after which it may again. */
  take(key: string): number {
    const now = this.now();
    const empty = Math.max(this.emptyAt.get(key) ?? now, now);
    const waitMs = empty + this.stepMs - now - this.rate.burst * this.stepMs;
    // Half a microsecond of slack: sums of fractions.
    if (waitMs > 0.0005) return Math.ceil(waitMs / 1_000);
    this.emptyAt.delete(key);
    this.emptyAt.set(key, empty + this.stepMs);
    this.forget(now);
    return 0;
  }

  get size(): number {
    return this.emptyAt.size;
  }

  private forget(now: number): void {
    for (const [key, emptyAt] of this.emptyAt) {
      if (emptyAt > now && this.emptyAt.size <= this.maxKeys) return;
      this.emptyAt.delete(key);
    }
  }
}
