import type { InstrumentKey, OrderBook, PublicTrade, Ticker } from './instruments.js';

/**
 * A venue's books as it streams them: kept here from snapshot and changes, and looked at when somebody wants one.
 *
 *  S1  A book is there only while it is whole: after a snapshot, with every change since, by the venue's own numbers or checksums. What is not
 *      whole is fetched anew by itself, and there is none until then.
 *  S2  Prices and quantities are the venue's text, digit by digit (E8).
 *  S3  A book never goes back in time while its stream lasts.
 *  S4  Nothing is queued for a reader: he looks, and sees the newest. What is held is bounded by the levels of the books.
 *  S5  A stream that breaks is opened again by itself, at growing intervals. A stream that is open and silent cannot be told from a quiet
 *      market here: whoever uses it compares now and then.
 *  S6  Trades and tickers that come over the same connection are told as they come, and kept by whoever listens: a trade may come twice, and
 *      what was missed while the connection was away comes by request alone. One that cannot be read harms no book.
 *  S7  A stream talks to the origin that belongs to its venue's (`streamOriginFor`), and to no other.
 */
export interface BookStream {
  /** Watches these and no others from now on; connects when there is something to watch. The venue's listings must have been loaded. */
  watch(instruments: readonly InstrumentKey[]): void;
  /** The book as it stands, as deep as it was asked for when the stream was opened; `undefined` while there is none that is whole. */
  book(venueSymbol: string): OrderBook | undefined;
  /** The best price of either side of a book that is there, and when the venue last spoke of it (our clock, ms); cheaper than the book. */
  glance(venueSymbol: string): BookGlance | undefined;
  /** Throws a book away and fetches it anew: the caller knows better than the stream. */
  resync(venueSymbol: string, why: string): void;
  /** Whether the connection is open. */
  readonly open: boolean;
  close(): Promise<void>;
}

export interface BookGlance {
  readonly bid: string | undefined;
  readonly ask: string | undefined;
  readonly sequence: string | null;
  readonly spokenAtMs: number;
}

/** Told in the very step in which a message is read: what takes long belongs elsewhere. */
export interface BookStreamListener {
  /** A book changed, or is there again. */
  onUpdate(venueSymbol: string): void;
  /** There is no book of this any more, until the next update. `gap`: it was not whole; `down`: the connection broke. */
  onLost(venueSymbol: string, reason: LostReason, detail: string): void;
  onOpen(): void;
  onDown(detail: string): void;
  /** Trades of anybody, oldest first. */
  onTrades?(venueSymbol: string, trades: readonly PublicTrade[]): void;
  onTicker?(venueSymbol: string, ticker: StreamedTicker): void;
  /** Something was told of its trades that could not be read. */
  onTradesLost?(venueSymbol: string, detail: string): void;
}

export type StreamedTicker = Pick<Ticker, 'last' | 'baseVolume'>;

export type LostReason = 'gap' | 'nonsense' | 'shallow' | 'late' | 'asked' | 'down';

export interface BookStreamOptions {
  /** Best levels of either side that books are wanted with. */
  readonly depth: number;
  /** Whether trades and tickers are wanted, too. Default false. */
  readonly trades?: boolean;
  /** A book that is not there so long after it was asked for is asked for again; where none is, the connection is opened anew. Default 15 s. */
  readonly syncDeadlineMs?: number;
}
