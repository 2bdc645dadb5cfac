/** What a venue allows, as it documents it: `limit` in each window of `windowMs`, windows being aligned to the venue's clock. */
export interface RateLimit {
  readonly limit: number;
  readonly windowMs: number;
}

/** The calls of a client, and the venue's clock. */
export type CallName =
  'place' | 'cancel' | 'lookup' | 'openOrders' | 'orderFills' | 'tradesSince' | 'balances' | 'fees' | 'serverTime';

export interface VenueRates {
  /** Counts the requests of an address, each by its weight; `null` where the venue has no such limit. */
  readonly weight: RateLimit | null;
  /** Counts the requests of one account (or key), each by its weight; absent where the venue has no such limit. */
  readonly account?: RateLimit;
  /** Counts an account's new orders; `null` where the venue has no such limit. */
  readonly orders: RateLimit | null;
  /** What each call weighs as a rule, all its requests together; what it comes to beyond that, the venue's own count corrects. */
  readonly costs: Readonly<Record<CallName, number>>;
}

/** How much of a limit is used, by the venue's own count in the present window. */
export interface LimitUsed {
  readonly counts: 'weight' | 'orders';
  readonly used: number;
  readonly windowMs: number;
}

/** What an answer says of the venue's limits. */
export interface Usage {
  /** With how long the window still lasts, milliseconds. */
  readonly limits: readonly (LimitUsed & { readonly endsInMs: number })[];
  /** The venue told us to stay away (429, 418): all of this address, or this account's orders alone. */
  readonly shut: { readonly whom: 'address' | 'account'; readonly forMs: number } | null;
}

export type OnUsage = (usage: Usage) => void;
