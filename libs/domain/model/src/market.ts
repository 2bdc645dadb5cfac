import { decimal, type Decimal, type DecimalString } from '@switchyard/money';
import type { Currency, Pair } from './pair.js';

/** Price and quantity. */
export type Level = readonly [price: DecimalString, quantity: DecimalString];

/** An order book, best level first on both sides. */
export interface Book {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

/** What a venue demands of an order in a pair. */
export interface Instrument {
  readonly venueSymbol: string;
  readonly base: Currency;
  /** The currency really paid at the venue: `USDT` where the canonical pair says USD and the account allows it. */
  readonly quote: Currency;
  readonly tickSize: DecimalString;
  readonly lotSize: DecimalString;
  readonly minQuantity: DecimalString;
  readonly minNotional: DecimalString;
}

/** Fractions of the notional: `0.001` is 0.1 %. */
export interface VenueFees {
  readonly maker: DecimalString;
  readonly taker: DecimalString;
}

/** Taken where a venue's fees are unknown; a decision that used them says so. */
export const DEFAULT_FEES: VenueFees = { maker: '0.004', taker: '0.006' };

/** What was known of a pair at a venue at a moment. */
export interface MarketView {
  readonly venue: string;
  readonly pair: Pair;
  readonly instrument: Instrument;
  readonly book: Book;
  readonly fees?: VenueFees | undefined;
  /** When we received it, RFC 3339. */
  readonly receivedAt: string;
  /** Hash of the book's content; decisions hold it. */
  readonly bookHash: string;
}

export const bestBid = (book: Book): Decimal | undefined => (book.bids[0] ? decimal(book.bids[0][0]) : undefined);
export const bestAsk = (book: Book): Decimal | undefined => (book.asks[0] ? decimal(book.asks[0][0]) : undefined);

/** Half way between the best bid and the best ask; undefined for a one-sided or empty book. */
export const midOf = (book: Book): Decimal | undefined => {
  const bid = bestBid(book);
  const ask = bestAsk(book);
  return bid && ask ? bid.plus(ask).div(decimal('2')) : undefined;
};
