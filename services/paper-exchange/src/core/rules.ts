import type { Decimal } from '@switchyard/money';

/** As fractions: 0.001 is 0.1 %. */
export interface Fees {
  readonly maker: Decimal;
  readonly taker: Decimal;
}

/** What differs from venue to venue beside the language. */
export interface VenueRules {
  readonly fees: Fees;
  /** What fees are charged in, unless an order asks otherwise: the asset that is received, or the quote currency. */
  readonly feeIn: 'received' | 'quote';
  /** The grid on which fees are booked, and whether they are rounded up to it; eight places, cut, where nothing is said. */
  readonly feeGrid?: { readonly step: Decimal; readonly up: boolean };
  /** Among which orders of an account a client order id must be unique. */
  readonly clientIds: 'openOnly' | 'forever';
  /** Open orders of one account and pair. */
  readonly maxOpenOrders: number;
  /** What becomes of a new post-only order that would take: refused (default), or accepted, and over at once with nothing filled. */
  readonly takingPostOnly?: 'refused' | 'expires';
}
