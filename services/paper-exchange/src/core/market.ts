import { decimal, type Decimal } from '@switchyard/money';
import { deriveBook, tickUnits, type Book, type Level, type Shape, type Side } from './book.js';
import type { Instrument } from './instrument.js';
import type { MarketShape } from './market-shape.js';
import { TICK_MS, type ReferencePath } from './reference-path.js';
import { seededRandom } from './seeded-random.js';
import type { ReferenceAsset, VenueName } from './venue.js';

/**
 * One venue's books. A book is a pure function of (seed, venue, pair, tick), less what fills took from it during that tick; computed
 * when somebody looks, so that an idle market costs nothing. A book set by hand stands, less its fills, until it is cleared.
 */
export interface MarketOptions {
  readonly venue: VenueName;
  readonly seed: string;
  readonly shape: MarketShape;
  readonly paths: Readonly<Record<ReferenceAsset, ReferencePath>>;
}

/** What fills took from one generation of a book: by side and price. */
interface Consumed {
  /** `tick:123` or `hand:4`: what was taken from another generation does not count. */
  readonly generation: string;
  readonly buy: Map<string, Decimal>;
  readonly sell: Map<string, Decimal>;
}

interface HandBook {
  readonly book: Book;
  readonly number: number;
}

const TICKS_PER_MINUTE = 60_000 / TICK_MS;
const ZERO = decimal('0');

const less = (levels: readonly Level[], taken: ReadonlyMap<string, Decimal>): readonly Level[] =>
  taken.size === 0
    ? levels
    : levels.flatMap((level) => {
        const quantity = level.quantity.minus(taken.get(level.price.toFixed()) ?? ZERO);
        return quantity.gt(ZERO) ? [{ price: level.price, quantity }] : [];
      });

/** The levels after these were taken; takes come off the front, so that a deep book is not walked for each fill. */
const without = (levels: readonly Level[], takes: readonly Level[]): readonly Level[] => {
  const front = levels.slice(0, takes.length).flatMap((level, i) => {
    const take = takes[i];
    if (take === undefined || !take.price.eq(level.price)) return [level];
    const quantity = level.quantity.minus(take.quantity);
    return quantity.gt(ZERO) ? [{ price: level.price, quantity }] : [];
  });
  return [...front, ...levels.slice(takes.length)];
};

export class Market {
  readonly #derived = new Map<string, { readonly tick: number; readonly book: Book }>();
  readonly #visible = new Map<string, { readonly generation: string; readonly book: Book }>();
  readonly #consumed = new Map<string, Consumed>();
  readonly #byHand = new Map<string, HandBook>();
  #handBooks = 0;
  #setsAndClears = 0;

  constructor(private readonly options: MarketOptions) {}

  /** The book at a tick as it stands now: the hand-set one, or the derived one, less what was taken from it. */
  book(instrument: Instrument, tick: number): Book {
    const { symbol } = instrument;
    const generation = this.generation(symbol, tick);
    const known = this.#visible.get(symbol);
    if (known?.generation === generation) return known.book;
    const whole = this.#byHand.get(symbol)?.book ?? this.derived(instrument, tick);
    const consumed = this.#consumed.get(symbol);
    const book =
      consumed?.generation === generation
        ? { bids: less(whole.bids, consumed.sell), asks: less(whole.asks, consumed.buy) }
        : whole;
    this.#visible.set(symbol, { generation, book });
    return book;
  }

  /** The book of a tick before anybody took from it, whatever was set by hand. */
  derived(instrument: Instrument, tick: number): Book {
    const known = this.#derived.get(instrument.symbol);
    if (known?.tick === tick) return known.book;
    const book = deriveBook(this.shapeAt(instrument, tick));
    this.#derived.set(instrument.symbol, { tick, book });
    return book;
  }

  /** Everything that the derived book of a tick is a function of; its draws begin anew. */
  shapeAt(instrument: Instrument, tick: number): Shape {
    return {
      instrument,
      market: this.options.shape,
      reference: this.path(instrument).priceAt(tick),
      minute: Math.floor(tick / TICKS_PER_MINUTE),
      random: seededRandom(`${this.name}/${instrument.symbol}/${tick}`),
    };
  }

  /** Whose market it is: what is random in it is keyed by this. */
  get name(): string {
    const { seed, venue } = this.options;
    return `${seed}/${venue}`;
  }

  path(instrument: Instrument): ReferencePath {
    return this.options.paths[instrument.base];
  }

  /** Where the pair traded at a tick, in whole ticks of its price grid: the reference price, as far off as this venue stands. */
  lastPrice(instrument: Instrument, tick: number): number {
    const off = this.options.shape.offsetBps(Math.floor(tick / TICKS_PER_MINUTE)) / 10_000;
    return Math.max(1, Math.round((this.path(instrument).priceAt(tick) * (1 + off)) / tickUnits(instrument)));
  }

  /** Names the book that a fill at this tick takes from: `tick:N`, or `hand:N`. */
  generation(symbol: string, tick: number): string {
    const byHand = this.#byHand.get(symbol);
    return byHand === undefined ? `tick:${tick}` : `hand:${byHand.number}`;
  }

  /** An order of `side` took these from the opposite side of the book named `generation`. */
  take(symbol: string, generation: string, side: Side, takes: readonly Level[]): void {
    let consumed = this.#consumed.get(symbol);
    if (consumed?.generation !== generation) {
      consumed = { generation, buy: new Map(), sell: new Map() };
      this.#consumed.set(symbol, consumed);
    }
    const taken = consumed[side];
    for (const { price, quantity } of takes) {
      const key = price.toFixed();
      taken.set(key, (taken.get(key) ?? ZERO).plus(quantity));
    }
    const visible = this.#visible.get(symbol);
    if (visible?.generation !== generation) return;
    const { bids, asks } = visible.book;
    const book = side === 'buy' ? { bids, asks: without(asks, takes) } : { bids: without(bids, takes), asks };
    this.#visible.set(symbol, { generation, book });
  }

  /** Freezes the pair at this book. */
  setByHand(symbol: string, book: Book): void {
    this.#byHand.set(symbol, { book, number: ++this.#handBooks });
    this.#setsAndClears += 1;
    this.#visible.delete(symbol);
  }

  /** Lets the recorded market run on. False where nothing was set. */
  clearByHand(symbol: string): boolean {
    this.#visible.delete(symbol);
    this.#setsAndClears += 1;
    return this.#byHand.delete(symbol);
  }

  /** How often a book was set by hand or let go: rises with each. */
  get setsAndClears(): number {
    return this.#setsAndClears;
  }

  frozen(symbol: string): boolean {
    return this.#byHand.has(symbol);
  }

  /** What a snapshot keeps. */
  save(): SavedMarket {
    const taken = (map: ReadonlyMap<string, Decimal>): readonly SavedLevel[] =>
      [...map].map(([price, quantity]) => [price, quantity.toFixed()]);
    return {
      handBooks: this.#handBooks,
      setsAndClears: this.#setsAndClears,
      byHand: [...this.#byHand].map(([symbol, { book, number }]) => ({
        symbol,
        number,
        bids: savedLevels(book.bids),
        asks: savedLevels(book.asks),
      })),
      consumed: [...this.#consumed].map(([symbol, { generation, buy, sell }]) => ({
        symbol,
        generation,
        buy: taken(buy),
        sell: taken(sell),
      })),
    };
  }

  restore(saved: SavedMarket): void {
    this.#handBooks = saved.handBooks;
    this.#setsAndClears = saved.setsAndClears ?? saved.handBooks;
    for (const { symbol, number, bids, asks } of saved.byHand) {
      this.#byHand.set(symbol, { number, book: { bids: levelsOf(bids), asks: levelsOf(asks) } });
    }
    for (const { symbol, generation, buy, sell } of saved.consumed) {
      this.take(symbol, generation, 'buy', levelsOf(buy));
      this.take(symbol, generation, 'sell', levelsOf(sell));
    }
  }
}

export type SavedLevel = readonly [price: string, quantity: string];

export interface SavedMarket {
  readonly handBooks: number;
  /** Absent in snapshots of before there were streams. */
  readonly setsAndClears?: number;
  readonly byHand: readonly {
    readonly symbol: string;
    readonly number: number;
    readonly bids: readonly SavedLevel[];
    readonly asks: readonly SavedLevel[];
  }[];
  readonly consumed: readonly {
    readonly symbol: string;
    readonly generation: string;
    readonly buy: readonly SavedLevel[];
    readonly sell: readonly SavedLevel[];
  }[];
}

export const savedLevels = (levels: readonly Level[]): readonly SavedLevel[] =>
  levels.map(({ price, quantity }) => [price.toFixed(), quantity.toFixed()]);

export const levelsOf = (saved: readonly SavedLevel[]): readonly Level[] =>
  saved.map(([price, quantity]) => ({ price: decimal(price), quantity: decimal(quantity) }));
