import type { Pair } from '@switchyard/model';

/** How much pairs move, and move together. A figure to size by, not money: binary floats. */
export interface Volatility {
  /** Covariance of two pairs' returns, of a year; variance for twice the same. Undefined while too little was seen of them together. */
  covariance(one: Pair, other: Pair): number | undefined;
}

const MINUTE_MS = 60_000;
const MINUTES_A_YEAR = 525_600;

interface Sample {
  readonly minute: number;
  readonly price: number;
}

interface Moment {
  readonly value: number;
  readonly weight: number;
  readonly samples: number;
}

export interface VolatilityOptions {
  /** After so many minutes a return counts half. Default one day. */
  readonly halfLifeMinutes?: number;
  /** Returns that must have been seen. Default 30. */
  readonly minSamples?: number;
  /** Pairs followed; further ones have no volatility. Default 64. */
  readonly maxPairs?: number;
}

/**
 * Exponentially weighted covariances of one-minute log returns with zero mean (J.P. Morgan/Reuters, RiskMetrics Technical Document, 4th
 * ed. 1996, chapter 5), scaled to a year by the square root of time. It knows what it has seen since its process began: until then pairs
 * have no volatility, and orders are sized without. Bounded: a number for each two of `maxPairs` pairs.
 */
export class VolatilityBoard implements Volatility {
  readonly #decay: number;
  readonly #minSamples: number;
  readonly #maxPairs: number;
  readonly #last = new Map<Pair, Sample>();
  /** The prices of the minute that is not over. */
  readonly #current = new Map<Pair, number>();
  readonly #moments = new Map<string, Moment>();
  #minute = Number.NEGATIVE_INFINITY;

  constructor({ halfLifeMinutes = 1_440, minSamples = 30, maxPairs = 64 }: VolatilityOptions = {}) {
    this.#decay = 0.5 ** (1 / halfLifeMinutes);
    this.#minSamples = minSamples;
    this.#maxPairs = maxPairs;
  }

  /** Whether a price of this moment would be taken: the first of its minute is. */
  wants(pair: Pair, atMs: number): boolean {
    const minute = Math.floor(atMs / MINUTE_MS);
    if (minute < this.#minute || (minute === this.#minute && this.#current.has(pair))) return false;
    return this.#last.has(pair) || this.#current.has(pair) || this.#last.size + this.#current.size < this.#maxPairs;
  }

  put(pair: Pair, price: number, atMs: number): void {
    if (!(price > 0) || !this.wants(pair, atMs)) return;
    const minute = Math.floor(atMs / MINUTE_MS);
    if (minute > this.#minute) this.turn(minute);
    this.#current.set(pair, price);
  }

  covariance(one: Pair, other: Pair): number | undefined {
    const moment = this.#moments.get(keyOf(one, other));
    if (moment === undefined || moment.samples < this.#minSamples) return undefined;
    return (moment.value / moment.weight) * MINUTES_A_YEAR;
  }

  /** The minute is over: each pair that was priced in it has a return since its last price; pairs of the same stretch move together. */
  private turn(minute: number): void {
    const returns: { readonly pair: Pair; readonly since: number; readonly value: number }[] = [];
    for (const [pair, price] of this.#current) {
      const last = this.#last.get(pair);
      if (last !== undefined) returns.push({ pair, since: last.minute, value: Math.log(price / last.price) });
      this.#last.set(pair, { minute: this.#minute, price });
    }
    for (const [index, one] of returns.entries()) {
      for (const other of returns.slice(index)) {
        if (one.since !== other.since) continue;
        const key = keyOf(one.pair, other.pair);
        const { value, weight, samples } = this.#moments.get(key) ?? { value: 0, weight: 0, samples: 0 };
        const seen = (one.value * other.value) / (this.#minute - one.since);
        this.#moments.set(key, {
          value: this.#decay * value + (1 - this.#decay) * seen,
          weight: this.#decay * weight + (1 - this.#decay),
          samples: samples + 1,
        });
      }
    }
    this.#current.clear();
    this.#minute = minute;
  }
}

const keyOf = (one: Pair, other: Pair): string => (one < other ? `${one}|${other}` : `${other}|${one}`);
