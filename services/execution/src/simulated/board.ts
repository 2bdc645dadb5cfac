import type { MarketSnapshot } from '@switchyard/contracts';
import { decimal, type Decimal } from '@switchyard/money';
import { DEFAULT_FEES, type Instrument } from '@switchyard/model';

/** Price and quantity, best first. */
export type DecimalLevel = readonly [price: Decimal, quantity: Decimal];

/** A book as the simulator trades on it. */
export interface LiveBook {
  readonly pair: string;
  readonly hash: string;
  readonly instrument: Instrument;
  readonly tick: Decimal;
  readonly lot: Decimal;
  readonly minQuantity: Decimal;
  readonly minNotional: Decimal;
  readonly maker: Decimal;
  readonly taker: Decimal;
  readonly bids: readonly DecimalLevel[];
  readonly asks: readonly DecimalLevel[];
  readonly receivedAtMs: number;
}

/** The newest book of each of the venue's pairs, from the log's tail; decimals are made when a book is first traded on. */
export class Board {
  readonly #venue: string;
  readonly #freshMs: number;
  readonly #snapshots = new Map<string, MarketSnapshot>();
  readonly #books = new Map<string, LiveBook>();
  readonly #changed = new Set<string>();

  constructor(venue: string, freshMs: number) {
    this.#venue = venue;
    this.#freshMs = freshMs;
  }

  put(snapshot: MarketSnapshot): void {
    if (snapshot.venue !== this.#venue || snapshot.version <= (this.#snapshots.get(snapshot.pair)?.version ?? -1))
      return;
    this.#snapshots.set(snapshot.pair, snapshot);
    this.#books.delete(snapshot.pair);
    this.#changed.add(snapshot.pair);
  }

  /** The pair's book, undefined where there is none, or none that is fresh. */
  bookOf(pair: string, nowMs: number): LiveBook | undefined {
    const book = this.lastBookOf(pair);
    return book && nowMs - book.receivedAtMs <= this.#freshMs ? book : undefined;
  }

  /** The pair's newest book, however old. */
  lastBookOf(pair: string): LiveBook | undefined {
    return this.#books.get(pair) ?? this.#parse(pair);
  }

  /** Pairs whose book changed since the last call. */
  takeChanged(): readonly string[] {
    const pairs = [...this.#changed];
    this.#changed.clear();
    return pairs;
  }

  #parse(pair: string): LiveBook | undefined {
    const snapshot = this.#snapshots.get(pair);
    if (!snapshot) return undefined;
    const { instrument, fees = DEFAULT_FEES } = snapshot;
    const book: LiveBook = {
      pair,
      hash: snapshot.bookHash,
      instrument,
      tick: decimal(instrument.tickSize),
      lot: decimal(instrument.lotSize),
      minQuantity: decimal(instrument.minQuantity),
      minNotional: decimal(instrument.minNotional),
      maker: decimal(fees.maker),
      taker: decimal(fees.taker),
      bids: snapshot.bids.map(toLevel),
      asks: snapshot.asks.map(toLevel),
      receivedAtMs: Date.parse(snapshot.receivedAt),
    };
    this.#books.set(pair, book);
    return book;
  }
}

const toLevel = ([price, quantity]: readonly [string, string]): DecimalLevel => [decimal(price), decimal(quantity)];
