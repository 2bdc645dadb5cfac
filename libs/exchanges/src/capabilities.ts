import type { VenueRates } from './rates.js';
import type { OrderState, OrderType, TimeInForce } from './orders.js';

/** What a venue can do, as data: pre-send checks, the executor's quiet-period rules and the docs are all made from it. */
export interface VenueCapabilities {
  readonly venue: string;
  /** Times in force by order type. A type that is absent is refused with UNSUPPORTED_ORDER_TYPE. */
  readonly orderTypes: Readonly<Partial<Record<OrderType, readonly TimeInForce[]>>>;
  /** Order types that can be post-only. */
  readonly postOnly: readonly OrderType[];
  /** Whether part of a limit order can be hidden. */
  readonly displayQuantity: boolean;
  /** Whether an open limit order can be given another price or quantity where it rests. */
  readonly amend: boolean;
  /** Set where a change cannot be asked not to trade at once: one that asks for it is refused unsent. */
  readonly amendPostOnly?: false;
  /**
   * Whether the venue itself refuses a request that arrives after its window. Without it, a request that is out may land at any time,
   * and an order whose outcome is unknown is never sent again by itself.
   */
  readonly enforcesExpiry: boolean;
  /** Longest window the venue accepts, milliseconds; `null` where it has none. */
  readonly maxRecvWindowMs: number | null;
  /** Shortest window that an order may be given, milliseconds; 0 where the venue asks for none. Shorter ones are refused unsent. */
  readonly minRecvWindowMs: number;
  /**
   * For how long after a request's expiry the venue may still take it, milliseconds, by all that its documents promise; absent: not at all.
   * Nobody may conclude before then that a request never arrived.
   */
  readonly expiryLeewayMs?: number;
  /** Among which orders the venue wants client order ids unique: `forever` alone makes resending under the same id safe. */
  readonly clientIdReuse: 'openOnly' | 'forever' | 'unproven';
  readonly clientOrderIdPattern: RegExp;
  /** Whether the answer to `place` holds the order's state and fills. */
  readonly placeReports: 'orderAndFills' | 'order' | 'idOnly';
  /** Which quote a canonical quote stands for where the venue has no such market, for accounts that allow it. */
  readonly quoteAliases: Readonly<Record<string, string>>;
  /** Currencies a fee may come in; a third is a coin of the venue's own, where an account chose to pay in it. */
  readonly feeCurrency: 'received' | 'quote' | 'receivedOrThird' | 'quoteOrThird';
  /** Deepest book one request can fetch. */
  readonly maxBookDepth: number;
  /** What anybody is told of the trades of others. */
  readonly publicTrades: PublicTradesTold;
  /** Set where the ticker does not tell what was traded in the last 24 hours. */
  readonly noDayVolume?: true;
  /** Whether calls of one key must go one by one, with rising nonces. */
  readonly serialNonce: boolean;
  /** Set where the venue tells its listings and its clock to customers only: market data then needs a key of the deployment's own. */
  readonly listingsNeedKey?: true;
  /** Set where the venue asks for a least quantity of an order alone, and for no least worth. */
  readonly leastQuantityOnly?: true;
  readonly rates: VenueRates;
  readonly origins: VenueOrigins;
}

export interface PublicTradesTold {
  /** Most that one request tells. */
  readonly most: number;
  /** Whether an instrument's trades are numbered one by one, so that a missing one shows. */
  readonly numbered: boolean;
  /** Whether it is told who took. */
  readonly takerSide: boolean;
}

export interface VenueOrigins {
  /** Where real orders go. */
  readonly live: string;
  /** The venue's own test net, `null` where it has none. */
  readonly testnet: string | null;
  /** Where the venue tells books and prices to anyone, where that is not where orders go. Only questions without a key go there. */
  readonly marketData?: string;
}

export const FINAL_STATES: readonly OrderState[] = ['filled', 'cancelled', 'rejected', 'expired'];

/** Whether an order in this state can still change, apart from fills the venue tells late. */
export const isFinal = (state: OrderState): boolean => FINAL_STATES.includes(state);
