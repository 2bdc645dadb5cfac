import { isDecimalString } from '@switchyard/money';
import { Nonsense } from '../ccxt/fields.js';
import type { BookLevel } from '../instruments.js';

/**
 * One side of a book, best price first, made of the venue's own texts. ccxt keeps floats here; this has the methods by which its classes
 * write.
 *
 * Prices are ordered by the floats next to them. That order is exact: two decimals of at most fifteen significant digits are never next to
 * the same float (IEEE 754, DBL_DIG); a price with more is refused.
 */
export class ExactSide {
  readonly #keys: number[] = [];
  readonly #prices: string[] = [];
  readonly #sizes: string[] = [];
  readonly #direction: 1 | -1;
  /** Beyond this key nothing is known: the snapshot did not reach further, or there was no room. */
  #horizon = Number.POSITIVE_INFINITY;

  /** @param mostLevels levels that are kept; worse ones are let go */
  constructor(
    side: 'bids' | 'asks',
    private readonly mostLevels: number,
  ) {
    this.#direction = side === 'asks' ? 1 : -1;
  }

  get length(): number {
    return this.#keys.length;
  }

  get best(): string | undefined {
    return this.#prices[0];
  }

  /** Whether so many of the best levels are known; or all there are. */
  reaches(depth: number): boolean {
    return this.#horizon === Number.POSITIVE_INFINITY || this.#keys.length >= depth;
  }

  levels(depth: number): readonly BookLevel[] {
    const levels: BookLevel[] = [];
    const count = Math.min(depth, this.#keys.length);
    for (let at = 0; at < count; at += 1) levels.push([this.#prices[at] ?? '', this.#sizes[at] ?? '']);
    return levels;
  }

  /** Puts a level in, gives it another quantity, or takes it out where that is zero. @throws Nonsense where a text is no such decimal */
  store(price: unknown, size: unknown): void {
    const amount = numberOf(price);
    const quantity = numberOf(size);
    if (typeof price !== 'string' || typeof size !== 'string') throw new Nonsense('a level is no pair of texts');
    if (!(amount > 0)) throw new Nonsense('a price is not above zero');
    if (price.length > 16 && significantDigits(price) > 15) throw new Nonsense('a price has more than fifteen digits');
    const key = this.#direction * amount;
    if (key > this.#horizon) return;
    const at = this.#placeOf(key);
    if (this.#keys[at] === key) {
      if (quantity === 0) this.#remove(at);
      else this.#sizes[at] = size;
    } else if (quantity !== 0) {
      this.#keys.splice(at, 0, key);
      this.#prices.splice(at, 0, price);
      this.#sizes.splice(at, 0, size);
      if (this.#keys.length > this.mostLevels) {
        this.truncate(this.mostLevels);
        this.#horizon = this.#keys.at(-1) ?? this.#horizon;
      }
    }
  }

  /** Drops what is worse than the best `depth` levels: the venue will tell of them again. */
  truncate(depth: number): void {
    if (this.#keys.length <= depth) return;
    for (const column of [this.#keys, this.#prices, this.#sizes]) column.length = depth;
  }

  /** @param complete whether there is nothing beyond these levels */
  reset(levels: readonly BookLevel[], complete: boolean): void {
    this.truncate(0);
    this.#horizon = Number.POSITIVE_INFINITY;
    for (const [price, size] of levels) this.store(price, size);
    if (!complete) this.#horizon = this.#keys.at(-1) ?? this.#horizon;
  }

  #remove(at: number): void {
    for (const column of [this.#keys, this.#prices, this.#sizes]) column.splice(at, 1);
  }

  /** The first place whose key is not below. */
  #placeOf(key: number): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#keys[middle] ?? 0) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** At most 18 places stand behind a point: nothing is so small that a float would not tell it from zero. */
const numberOf = (text: unknown): number => {
  if (typeof text !== 'string' || !isDecimalString(text) || text.startsWith('-'))
    throw new Nonsense('a price or quantity is not a plain decimal that is not negative');
  return Number(text);
};

const significantDigits = (text: string): number =>
  text
    .replace('.', '')
    .replace(/^0+/, '')
    .replace(text.includes('.') ? /0+$/ : /$/, '').length;
