import type { DecimalString } from '@switchyard/money';
import type { Side } from './orders.js';

/** How we and the venue name the same thing: the canonical pair an order speaks of, and the symbol that goes on the wire. */
export interface InstrumentKey {
  /** Canonical pair, `BTC-USD`. */
  readonly pair: string;
  /** The venue's own symbol, `BTCUSDT`. */
  readonly venueSymbol: string;
}

/** What can be traded and on which grid. All limits are the venue's own; `null` where it sets none. */
export interface Instrument extends InstrumentKey {
  readonly base: string;
  /** What is really paid: `USDT` on an instrument that stands in for `BTC-USD`. */
  readonly quote: string;
  /** Set where the pair's quote is another currency than the one paid: the account allowed that this venue's dollar is USDT. */
  readonly quoteAlias: { readonly asked: string; readonly paid: string } | null;
  /** Whether the venue accepts orders for it now. */
  readonly trading: boolean;
  /** Price step and quantity step. */
  readonly tick: DecimalString;
  readonly lot: DecimalString;
  readonly minQuantity: DecimalString;
  readonly maxQuantity: DecimalString | null;
  /** Smaller where the venue bounds market orders by themselves. */
  readonly maxMarketQuantity: DecimalString | null;
  readonly minPrice: DecimalString | null;
  readonly maxPrice: DecimalString | null;
  /** Price times quantity, in quote currency. */
  readonly minNotional: DecimalString | null;
  readonly maxNotional: DecimalString | null;
}

/** Price and quantity of one level of a book. */
export type BookLevel = readonly [price: DecimalString, quantity: DecimalString];

/** A book as the venue gave it: best first, structurally sound, not judged: it may be crossed, empty or one-sided. */
export interface OrderBook extends InstrumentKey {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
  /** The venue's own number of this state of the book, `null` where it has none. */
  readonly sequence: string | null;
  /** Our clock (milliseconds since the epoch) when the answer was complete. */
  readonly receivedAtMs: number;
}

export interface Ticker extends InstrumentKey {
  readonly bid: DecimalString | null;
  readonly ask: DecimalString | null;
  readonly last: DecimalString | null;
  /** Base currency traded in the last 24 hours; `null` where the venue does not tell it (`noDayVolume`). */
  readonly baseVolume: DecimalString | null;
  readonly receivedAtMs: number;
}

/** One trade as the venue tells everyone of it. */
export interface PublicTrade {
  /** The venue's name of it, one for each trade of an instrument. */
  readonly tradeId: string;
  readonly price: DecimalString;
  /** Base currency. */
  readonly quantity: DecimalString;
  /** The side of the order that took; `null` where the venue does not say so beyond doubt. */
  readonly takerSide: Side | null;
  /** The venue's clock, milliseconds since the epoch. */
  readonly tradedAtMs: number;
}

export interface Balance {
  readonly asset: string;
  readonly free: DecimalString;
  /** Held by open orders. */
  readonly locked: DecimalString;
  readonly total: DecimalString;
}

/** Fee rates as fractions of the traded value: 0.001 is 0.1 %. */
export interface FeeRates {
  readonly maker: DecimalString;
  readonly taker: DecimalString;
  /** Whether the rates are this pair's own, or the account's for every pair. */
  readonly scope: 'pair' | 'account';
}

/** The venue's clock against ours: `venue = ours + offsetMs`, right within `errorMs` (half the round trip). */
export interface ClockReading {
  readonly venueTimeMs: number;
  readonly offsetMs: number;
  readonly errorMs: number;
  readonly roundTripMs: number;
}
