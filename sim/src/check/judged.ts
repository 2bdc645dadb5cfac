import type { Decimal } from '@switchyard/money';

/** What is told though nothing happens. */
export const QUIET_TYPES = new Set([
  'VenueStateRequested',
  'VenueStateReported',
  'BalanceUpdated',
  'VenueStatus',
  'SystemError',
  // A trade that the venue told late is a difference until it is booked, and once more when it is: what counts is that none stands.
  'ReconciliationDrift',
]);

/** A guarantee that did not hold, at the step in which it did not. */
export interface Violation {
  readonly guarantee: 'G1' | 'G2' | 'G3' | 'G4' | 'G5' | 'G6' | 'G8';
  readonly what: string;
}

/** How a signal ended. */
export type SignalEnd = 'refused' | 'completed';

export interface JudgedOrder {
  readonly orderId: string;
  readonly parentOrderId: string;
  readonly accountId: string;
  readonly pair: string;
  readonly signalType: string;
  /** Place in the order in which orders were routed. */
  readonly place: number;
  version: number;
  ended: boolean;
  booked: Decimal;
  readonly trades: Set<string>;
}

export interface JudgedParent {
  readonly parentOrderId: string;
  readonly signal: string;
  readonly quantity: Decimal;
  filled: Decimal;
  completed: boolean;
}
