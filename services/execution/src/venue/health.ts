import type { Standing } from '@switchyard/exchanges';

/** A call that is over. */
export interface Seen {
  readonly standing: Standing;
  /** Whether a request left, so that the time is the venue's. */
  readonly sent: boolean;
  readonly tookMs: number;
}

/** What this process's last calls say of the venue: how many were answered, and how fast. */
export class VenueHealth {
  readonly #window = new Array<Seen>();
  readonly #tookMs = new Array<number>();
  readonly #slowMs: number;
  #placed = 0;

  /** `slowMs`: a p95 above this is slow. */
  constructor(slowMs: number) {
    this.#slowMs = slowMs;
  }

  saw(seen: Seen): void {
    if (!seen.sent && seen.standing === 'nothing') return;
    this.#window.push(seen);
    if (this.#window.length > WINDOW) this.#window.shift();
    if (!seen.sent) return;
    this.#tookMs.push(seen.tookMs);
    if (this.#tookMs.length > LATENCIES) this.#tookMs.shift();
  }

  placed(): void {
    this.#placed += 1;
  }

  /** Orders that were to be placed. */
  get total(): number {
    return this.#placed;
  }

  /** 1 while nothing is known. */
  get successRate(): number {
    return this.#window.length === 0 ? 1 : this.#window.filter(isAnswered).length / this.#window.length;
  }

  get averageLatencyMs(): number {
    const answered = this.#window.filter(isAnswered);
    return answered.length === 0
      ? 0
      : Math.round(answered.reduce((sum, { tookMs }) => sum + tookMs, 0) / answered.length);
  }

  /** Unhealthy once the last five calls in a row got no answer that says that the venue works. */
  get healthy(): boolean {
    const last = this.#window.slice(-FAILURES);
    return last.length < FAILURES || last.some(isAnswered);
  }

  /** The p95 of the last 20 calls where it is over the limit. One slow call among a few says nothing yet. */
  get slow(): { readonly p95Ms: number; readonly limitMs: number } | undefined {
    if (this.#tookMs.length < FEW) return undefined;
    const p95Ms = this.#tookMs.toSorted((a, b) => a - b)[Math.ceil(0.95 * this.#tookMs.length) - 1] ?? 0;
    return p95Ms > this.#slowMs ? { p95Ms, limitMs: this.#slowMs } : undefined;
  }
}

const isAnswered = ({ standing }: Seen): boolean => standing === 'answered';

const WINDOW = 100;
const LATENCIES = 20;
const FAILURES = 5;
const FEW = 5;
