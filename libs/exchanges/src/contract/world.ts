import type { Credentials, Venue } from '../port.js';
import type { OriginPermit } from '../origin.js';
import type { BookLevel } from '../instruments.js';
import type { OrderType } from '../orders.js';

/**
 * A venue to run the contract against, with the doors that a simulator has beside its dialect (book, clock, faults, accounts, ledger).
 * Whoever runs the suite adapts its simulator to this.
 */
export interface ContractWorld {
  readonly venue: Venue;
  readonly permit: OriginPermit;
  /** A canonical pair that the venue lists as it stands, whose price may be near 64,000 and quantities near 0.01. */
  readonly pair: string;
  /** A canonical pair that the venue has under an alias only (`BTC-USD` where it lists BTC-USDT); `null` where it has none. */
  readonly aliasPair: string | null;
  /** Makes an account that holds this much of base and quote, and nothing else. */
  account(holds: { readonly base: string; readonly quote: string }): Promise<Credentials>;
  /** Replaces the pair's book. */
  setBook(book: BookSides): Promise<void>;
  /** The next `count` requests of this kind fail so; `all`: whatever they ask. */
  fault(fault: Fault, target: FaultTarget | 'all', count: number): Promise<void>;
  clearFaults(): Promise<void>;
  /** The venue tells of this account's order no more; its trades it does. */
  forget(account: Credentials, clientOrderId: string): Promise<void>;
  /** Sets the venue's clock ahead of ours (negative: behind). */
  skewClock(milliseconds: number): Promise<void>;
  /** Every order that the venue accepted, oldest first. */
  ledger(): Promise<readonly LedgerOrder[]>;
  close(): Promise<void>;
}

/** Best first. */
export interface BookSides {
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

export interface LedgerOrder {
  readonly venueOrderId: string;
  readonly clientOrderId: string;
  readonly accountKey: string;
  readonly quantity: string;
}

/** `read` is every signed question: lookups, lists, balances. */
export type FaultTarget = 'place' | 'amend' | 'cancel' | 'read';

/** Named as the simulators' fault door names them; `_after` means that the venue acts first. The 200s act, too. */
export type Fault =
  | 'reset_before'
  | 'reset_after'
  | 'hang_after'
  | 'http_500'
  | 'http_429'
  | 'http_504_after'
  | 'empty_200'
  | 'html_200'
  | 'truncated_200'
  /** The connection closes in mid-body. */
  | 'cut_200'
  /** The body stops and the connection stays. */
  | 'stall_200'
  /** The venue refuses a new order in its own words. */
  | 'refuse'
  /** Answers name each fill twice. */
  | 'duplicate_fill'
  /** A new order fills at once, and is told of as open for a second. */
  | 'late_fill';

/** What a simulator may lack. */
export type Lack = Fault | OrderType | 'forget' | 'fees';
