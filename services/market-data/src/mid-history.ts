import { decimal, type Decimal } from '@switchyard/money';

export interface Touch {
  readonly bid: string;
  readonly ask: string;
}

interface Seen extends Touch {
  /** From when on it stood there, and when it was last seen to; milliseconds. */
  readonly fromMs: number;
  untilMs: number;
}

/** So many best prices are remembered. */
const MOST = 64;
/** After so long without a look nobody knows what the best prices were. */
const LONGEST_UNSEEN_MS = 5_000;

/** An instrument's best prices of the last while: what the mid was when something traded. */
export class MidHistory {
  /** Oldest first. */
  readonly #seen: Seen[] = [];

  /** These are the best prices now. */
  note(bid: string, ask: string, atMs: number): void {
    const last = this.#seen.at(-1);
    if (last !== undefined && atMs < last.untilMs) return;
    if (last?.bid === bid && last.ask === ask) {
      last.untilMs = atMs;
      return;
    }
    this.#seen.push({ bid, ask, fromMs: atMs, untilMs: atMs });
    if (this.#seen.length > MOST) this.#seen.shift();
  }

  /** The mid before a moment; `null` where nobody looked shortly before. */
  before(atMs: number): Decimal | null {
    const seen = this.#seen.findLast(({ fromMs }) => fromMs <= atMs);
    if (seen === undefined || atMs - seen.untilMs > LONGEST_UNSEEN_MS) return null;
    return decimal(seen.bid).plus(seen.ask).div('2');
  }
}
