import type { DecimalString } from '@switchyard/money';
import type { Currency, Facts, Side } from '@switchyard/model';
import { CLOCK_SKEW_MS } from './account-books.js';

/** The venue's word on an account. A part that could not be asked is absent. */
export interface VenueState {
  readonly openOrders?: readonly VenueOpenOrder[] | undefined;
  readonly balances?: readonly { readonly currency: Currency; readonly total: DecimalString }[] | undefined;
  readonly fills?: readonly VenueFill[] | undefined;
  /** Nothing that happened before this is missing in the report; what happened later may be in it. */
  readonly requestedAt: string;
}

export interface VenueOpenOrder {
  readonly venueOrderId: string;
  readonly clientOrderId?: string | undefined;
  readonly venueSymbol: string;
  readonly side: Side;
  readonly quantity: DecimalString;
  readonly filledQuantity: DecimalString;
}

export interface VenueFill {
  readonly tradeId: string;
  readonly venueOrderId: string;
  readonly clientOrderId?: string | undefined;
  readonly venueSymbol: string;
  readonly pair?: string | undefined;
  readonly side: Side;
  readonly quantity: DecimalString;
  readonly price: DecimalString;
  readonly at: string;
}

export type DriftKind =
  'balance' | 'open_order_missing' | 'open_order_unexpected' | 'fill_missing' | 'fill_unexpected' | 'position';

/** A difference between our books and the venue. `signature` is the same for the same difference in every report. */
export interface Drift {
  readonly kind: DriftKind;
  readonly signature: string;
  readonly expected: string;
  readonly actual: string;
  readonly facts: Facts;
}

export interface CompareSettings {
  /** How long a difference must stand, from report to report, before it is a drift: events of ours may be under way. */
  readonly settleMs: number;
  /** How far a venue's clock may be from ours. */
  readonly clockSkewMs: number;
  /** How far back a report's fills reach. */
  readonly lookbackMs: number;
  /** Differences of a balance up to this are rounding. */
  readonly balanceTolerance: DecimalString;
}

export const DEFAULT_COMPARE_SETTINGS: CompareSettings = {
  settleMs: 5_000,
  clockSkewMs: CLOCK_SKEW_MS,
  lookbackMs: 900_000,
  balanceTolerance: '0.00000001',
};
