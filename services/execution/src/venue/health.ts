import type { Standing } from '@switchyard/exchanges';
import { FAILURE_HALF_LIFE_MS, type ReplicaCalls } from './venue-figures.js';

/** A call that is over. */
export interface Seen {
  readonly standing: Standing;
  /** Whether a request left, so that the time is the venue's. */
  readonly sent: boolean;
  readonly tookMs: number;
  /** When it ended, milliseconds of any clock that only goes forward. */
  readonly atMs: number;
}

/** What this process's last calls say of the venue: whether it answers, and how fast. */
export class VenueHealth {
  readonly #window = new Array<Seen>();
  readonly #tookMs = new Array<number>();
  readonly #slowMs: number;
  #placed = 0;
  #version = 0;

  /** `slowMs`: a p95 above this is slow. */
  constructor(slowMs: number) {
    this.#slowMs = slowMs;
  }

  saw(seen: Seen): void {
    if (!seen.sent && seen.standing === 'nothing') return;
    this.#version += 1;
    this.#window.push(seen);
    if (this.#window.length > WINDOW) this.#window.shift();
    if (!seen.sent) return;
    this.#tookMs.push(seen.tookMs);
    if (this.#tookMs.length > LATENCIES) this.#tookMs.shift();
  }

  placed(): void {
    this.#placed += 1;
    this.#version += 1;
  }

  /** Rises with everything that `calls` tells of. */
  get version(): number {
    return this.#version;
  }

  /** What is told to the other replicas. `nowMs` is of the calls' clock. */
  calls(nowMs: number): ReplicaCalls {
    const failures = this.#window
      .filter((seen) => !isAnswered(seen))
      .reduce((sum, { atMs }) => sum + 0.5 ** (Math.max(0, nowMs - atMs) / FAILURE_HALF_LIFE_MS), 0);
    return {
      placed: this.#placed,
      calls: this.#window.length,
      failures: Number(failures.toFixed(3)),
      tookMs: this.#window.filter(isAnswered).map(({ tookMs }) => Math.round(tookMs)),
    };
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
