/** What the last calls say of the venue: latency of those that were answered, and how many were. */
export class VenueHealth {
  readonly #window = new Array<{ readonly ok: boolean; readonly tookMs: number }>();
  #total = 0;

  /** `ok`: the venue answered, whatever it said. */
  saw(ok: boolean, tookMs: number): void {
    this.#total += 1;
    this.#window.push({ ok, tookMs });
    if (this.#window.length > WINDOW) this.#window.shift();
  }

  get total(): number {
    return this.#total;
  }

  /** 1 while nothing is known. */
  get successRate(): number {
    return this.#window.length === 0 ? 1 : this.#window.filter(({ ok }) => ok).length / this.#window.length;
  }

  get averageLatencyMs(): number {
    const answered = this.#window.filter(({ ok }) => ok);
    return answered.length === 0
      ? 0
      : Math.round(answered.reduce((sum, { tookMs }) => sum + tookMs, 0) / answered.length);
  }

  /** Unhealthy once the last five calls in a row went unanswered. */
  get healthy(): boolean {
    const last = this.#window.slice(-FAILURES);
    return last.length < FAILURES || last.some(({ ok }) => ok);
  }
}

const WINDOW = 100;
const FAILURES = 5;
