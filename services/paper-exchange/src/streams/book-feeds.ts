import type { Book } from '../core/book.js';
import type { Exchange } from '../core/exchange.js';
import type { TapeTrade } from '../core/tape.js';
import type { Instrument } from '../core/instrument.js';
import { changedLevels, type BookChange } from './book-change.js';
import { TradeFeed } from './trade-feed.js';

/** Who follows a book. */
export interface BookFollower {
  /** The book at the beginning: all that comes after it comes as changes. */
  begin(book: Book): void;
  change(change: BookChange): void;
}

/** Who follows the trades of a pair. */
export interface TradeFollower {
  /** The latest when he began, oldest first. */
  begin(trades: readonly TapeTrade[]): void;
  /** What traded since. */
  traded(trades: readonly TapeTrade[]): void;
}

export interface Following {
  readonly instrument: Instrument;
  /** Best levels of either side that are followed. */
  readonly depth: number;
  /** Changes are told at most so often, in ms; a multiple of `BEAT_MS`. */
  readonly everyMs: number;
}

/** How often books are looked at while somebody follows one, in ms. */
export const BEAT_MS = 100;

/** Something that is followed. */
export interface Feed {
  readonly followers: ReadonlyMap<unknown, unknown>;
  /** What is to be told now. */
  look(now: number): readonly (() => void)[];
}

/**
 * Books and trades as streams: the very books that requests are answered from, looked at at an interval, and told by what changed.
 *
 * 1. One feed for all who follow the same levels of the same book at the same pace.
 * 2. Changes of a feed have no gap between them, and numbers that compare with those that requests are told.
 * 3. What is told is on disk, as with requests.
 * 4. Nothing runs while nobody follows.
 */
export class BookFeeds {
  readonly #books = new Map<string, BookFeed>();
  readonly #trades = new Map<string, TradeFeed>();
  #timer: NodeJS.Timeout | undefined;
  #looking = false;

  constructor(
    private readonly exchange: Exchange,
    /** Told when the venue cannot remember any more what it would have to tell. */
    private readonly onBroken: () => void,
  ) {}

  /** @returns what ends it */
  follow(following: Following, follower: BookFollower): () => void {
    const { instrument, depth, everyMs } = following;
    const feed = feedIn(
      this.#books,
      `${instrument.symbol} ${depth} ${everyMs}`,
      () => new BookFeed(this.exchange, following),
    );
    feed.followers.set(follower, 'new');
    return this.#joined(this.#books, feed, follower);
  }

  /** @returns what ends it */
  followTrades(instrument: Instrument, follower: TradeFollower): () => void {
    const feed = feedIn(this.#trades, instrument.symbol, () => new TradeFeed(this.exchange, instrument));
    feed.followers.set(follower, 'new');
    return this.#joined(this.#trades, feed, follower);
  }

  /** How many books and tapes are followed. */
  get count(): number {
    return this.#books.size + this.#trades.size;
  }

  #joined<F extends BookFeed | TradeFeed>(feeds: Map<string, F>, feed: F, follower: object): () => void {
    this.#timer ??= setInterval(() => void this.#look(), BEAT_MS).unref();
    setImmediate(() => void this.#look());
    return () => {
      (feed.followers as Map<unknown, unknown>).delete(follower);
      if (feed.followers.size > 0) return;
      for (const [key, each] of feeds) if (each === feed) feeds.delete(key);
      if (this.count === 0) this.stop();
    };
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    if (this.#looking || this.#timer === undefined) return;
    this.#looking = true;
    try {
      const feeds: readonly Feed[] = [...this.#books.values(), ...this.#trades.values()];
      const told = feeds.flatMap((feed) => feed.look(performance.now()));
      if (told.length === 0) return;
      await this.exchange.durable();
      for (const tell of told) tell();
    } catch {
      // The venue's disk has failed; requests are answered 500 from now on, and streams end.
      this.stop();
      this.onBroken();
    } finally {
      this.#looking = false;
    }
  }
}

const feedIn = <F>(feeds: Map<string, F>, key: string, open: () => F): F => {
  let feed = feeds.get(key);
  if (feed === undefined) feeds.set(key, (feed = open()));
  return feed;
};

class BookFeed implements Feed {
  readonly followers = new Map<BookFollower, 'new' | 'following'>();
  #told: { readonly book: Book; readonly version: number } | undefined;
  /** The book as it was seen last: the same object while nothing happens to it. */
  #seen: Book | undefined;
  #lookedAt = -Infinity;

  constructor(
    private readonly exchange: Exchange,
    private readonly following: Following,
  ) {}

  /** What is to be told now. A follower who is new begins with the book that those before him are told of in the same step. */
  look(now: number): readonly (() => void)[] {
    const { instrument, everyMs } = this.following;
    const someoneNew = [...this.followers.values()].includes('new');
    // Timers are late by a little; a whole beat early would be too often.
    if (!someoneNew && now - this.#lookedAt < everyMs - BEAT_MS / 2) return [];
    this.#lookedAt = now;
    const version = this.exchange.bookVersion(instrument);
    const whole = this.exchange.book(instrument);
    const change = whole === this.#seen ? undefined : this.#changeTo(whole, version);
    this.#seen = whole;
    const { book } = this.#told ?? { book: whole };
    return [...this.followers].flatMap(([follower, state]) => {
      this.followers.set(follower, 'following');
      const tell = (): void => {
        // Whoever left while the disk was waited for is told nothing.
        if (!this.followers.has(follower)) return;
        if (state === 'new') follower.begin(book);
        else if (change !== undefined) follower.change(change);
      };
      return state === 'new' || change !== undefined ? [tell] : [];
    });
  }

  #changeTo(whole: Book, version: number): BookChange | undefined {
    const { depth } = this.following;
    const before = this.#told;
    const book = { bids: whole.bids.slice(0, depth), asks: whole.asks.slice(0, depth) };
    if (before === undefined) {
      this.#told = { book, version };
      return undefined;
    }
    const bids = changedLevels('bids', before.book.bids, book.bids, depth);
    const asks = changedLevels('asks', before.book.asks, book.asks, depth);
    if (bids.length + asks.length === 0) return undefined;
    this.#told = { book, version };
    return { after: before.version, version, bids, asks, book };
  }
}
