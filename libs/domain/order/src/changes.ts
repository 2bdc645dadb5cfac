import type { Refusal, VenueOrderId } from '@switchyard/model';
import type { Decimal } from '@switchyard/money';
import type { FillSeen } from './facts.js';

interface Versioned {
  /** The order's events so far, this one included. */
  readonly version: number;
  readonly at: string;
}

/** What the world is told of an order: each becomes one event (`OrderPlaced`, `OrderFilled`, ...). */
export type OrderChange =
  | (Versioned & { readonly kind: 'placed'; readonly venueOrderId: VenueOrderId })
  | (Versioned & {
      readonly kind: 'filled';
      readonly fill: FillSeen;
      readonly cumulativeQuantity: Decimal;
      readonly leavesQuantity: Decimal;
      readonly orderStatus: 'partially_filled' | 'filled';
    })
  | (Versioned & {
      readonly kind: 'failed';
      readonly status: 'failed' | 'rejected';
      readonly refusal: Refusal;
      /** Whether nothing of the order is, or will be, at the venue, so that another venue may take it. */
      readonly retriable: boolean;
      readonly cumulativeQuantity: Decimal;
    })
  | (Versioned & {
      readonly kind: 'cancelled' | 'expired';
      readonly reason: string;
      readonly cumulativeQuantity: Decimal;
    });

/**
 * What a venue said that can't be true of this order. No state changes; the statement is kept as evidence and a person is called.
 */
export const DOUBTS = {
  OVERFILL: 'The venue reports a trade that exceeds what was ordered.',
  FILL_CHANGED: 'The venue reports a trade again with another quantity or price.',
  FILL_MALFORMED: 'The venue reports a trade without a positive quantity and price.',
  OTHER_VENUE_ORDER: 'The venue names another order id than it did before.',
  ALIVE_AFTER_END: 'The venue has an order that was taken for finished before it arrived.',
  CONTRADICTED: 'The venue contradicts what it said before.',
} as const;
export type DoubtCode = keyof typeof DOUBTS;

export interface Doubt {
  readonly code: DoubtCode;
  readonly facts: Readonly<Record<string, string>>;
}
