import type { BookStream, BookStreamListener, BookStreamOptions } from './book-stream.js';
import type {
  Balance,
  ClockReading,
  FeeRates,
  Instrument,
  InstrumentKey,
  OrderBook,
  PublicTrade,
  Ticker,
} from './instruments.js';
import type { Fill, NewOrder, OrderChange, OrderRef, VenueOrder } from './orders.js';
import type { AmendOutcome, Answer, CancelOutcome, LookupOutcome, PlaceOutcome, Refused } from './outcomes.js';
import type { OriginPermit } from './origin.js';
import type { VenueCapabilities } from './capabilities.js';
import type { OnUsage } from './rates.js';

/**
 * The exchange port: everything Switchyard asks of a venue, in one vocabulary for all of them.
 *
 *  E1  `place` writes at most one request, once. Nothing below it retries, follows a redirect, or sends again on a new connection.
 *  E2  `notSent` is proven: the write is one synchronous step that was not reached. In doubt, the outcome is unknown.
 *  E3  `sendBy` is compared with the monotonic clock in the last statement before the write, after signing and after waiting for a socket.
 *  E4  `accepted` needs a non-empty venue order id in an answer that fits the request.
 *  E5  `refused` is said only for our own checks and for the venue's codes on an explicit list; every other answer is unknown.
 *  E6  `notFound` means that every place was asked and answered; a question that failed is `couldNotAsk`.
 *  E7  An answer that contradicts itself or the request (another symbol, negative quantity, fills beyond the order, a time of 1970) is
 *      `nonsense`: unknown, with the evidence, and no part of it is used.
 *  E8  Prices, quantities and fees are decimal strings, byte for byte from the venue's text; no binary float lies between.
 *  E9  No secret is in any outcome, error or inspection of a client; evidence is blotted.
 *  E10 A client talks to its venue's origin alone, and exists only under a permit that names that origin and the account's mode.
 *  E11 Expected failures are values. What throws is a bug.
 */
export interface Venue {
  readonly name: string;
  readonly origin: string;
  readonly capabilities: VenueCapabilities;
  readonly marketData: VenueMarketData;
  /**
   * A client for one account: cheap (about 2 ms, 0.15 MB), sharing instruments, clock and connections with its venue. `onUsage` is told
   * what its answers say of the venue's limits, in the step in which they are read.
   */
  client(credentials: Credentials, permit: OriginPermit, onUsage?: OnUsage): VenueClient;
  /** The venue's books as it streams them; there where a stream of the venue's has been tried. Whoever opens it closes it. */
  bookStream?(listener: BookStreamListener, options: BookStreamOptions): Promise<BookStream>;
  /** Closes the connections once what is under way has ended. */
  close(): Promise<void>;
}

/** One account's API key. `passphrase` where the venue has one. Held in memory only; never printed. */
export interface Credentials {
  readonly apiKey: string;
  readonly secret: string;
  readonly passphrase?: string;
}

/** What may hold a write back. */
export interface WriteLimits {
  /** Moment after which nothing may be written, milliseconds of this process's `performance.now()`. */
  readonly sendBy: number;
  /** Called once, synchronously, when the socket is ready; `false` withholds the request. */
  readonly beforeWrite?: () => boolean;
}

export interface PlaceLimits extends WriteLimits {
  /** How long after signing the venue may still accept the request, milliseconds; ignored where the venue enforces no expiry. */
  readonly recvWindowMs: number;
}

/** Where the next page of trades begins. */
export type TradeCursor = { readonly sinceMs: number } | { readonly afterTradeId: string };

/** Trades in ascending order; `next` continues, `null` when there were no more. */
export interface TradePage {
  readonly fills: readonly Fill[];
  readonly next: TradeCursor | null;
}

/** One account at one venue. Safe for concurrent calls. */
export interface VenueClient {
  readonly venue: string;
  place(order: NewOrder, limits: PlaceLimits): Promise<PlaceOutcome>;
  cancel(order: OrderRef, limits: PlaceLimits): Promise<CancelOutcome>;
  /** Changes an open limit order where it rests; written once, as `place`. There exactly where `capabilities.amend` says so. */
  amend?(order: OrderRef, change: OrderChange, limits: PlaceLimits): Promise<AmendOutcome>;
  /** Finds an order by our id (or the venue's) over open orders, closed orders and trades, with its fills. */
  lookup(order: OrderRef): Promise<LookupOutcome>;
  /** All open orders of one instrument, or of the account. Without `of`, `pair` is the venue's own pair, no alias. */
  openOrders(of?: InstrumentKey): Promise<Answer<readonly VenueOrder[]>>;
  /** All fills of an order. */
  orderFills(order: InstrumentKey & { readonly venueOrderId: string }): Promise<Answer<readonly Fill[]>>;
  tradesSince(of: InstrumentKey, from: TradeCursor): Promise<Answer<TradePage>>;
  /** Balances that are not zero. */
  balances(): Promise<Answer<readonly Balance[]>>;
  fees(of: InstrumentKey): Promise<Answer<FeeRates>>;
}

/** What a venue says to anyone. Shared by all accounts. */
export interface VenueMarketData {
  /** Everything listed, by the venue's own pairs; cached, loaded again when older than the venue's `instrumentsMaxAgeMs` or on `reload`. */
  instruments(options?: { readonly reload?: boolean }): Promise<Answer<readonly Instrument[]>>;
  /**
   * The instrument that a canonical pair means here. `BTC-USD` is the venue's BTC-USD where it lists one; else, with `usdtAsUsd`, the
   * pair its capability table aliases; else a refusal PAIR_NOT_LISTED or USDT_NOT_TAKEN_AS_USD.
   */
  instrument(pair: string, options: { readonly usdtAsUsd: boolean }): Promise<Answer<Instrument> | Refused>;
  book(of: InstrumentKey, depth: number): Promise<Answer<OrderBook>>;
  ticker(of: InstrumentKey): Promise<Answer<Ticker>>;
  /** The latest trades of anybody, oldest first: `most` of them, or as many as the venue tells at once (`publicTrades.most`). */
  trades(of: InstrumentKey, most: number): Promise<Answer<readonly PublicTrade[]>>;
  /** Measures the venue's clock by the midpoint of a round trip; later requests are signed with the corrected time. */
  serverTime(): Promise<Answer<ClockReading>>;
}
