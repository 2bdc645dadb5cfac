import type { VenueOrderId, VenueTradeId } from '@switchyard/model';
import { decimal, ZERO, type Decimal, type DecimalString } from '@switchyard/money';
import type { ChildStatus } from './status.js';

/**
 * What is known of a child order.
 *
 *  O1  `cumulativeQuantity` is the sum of the trades in `trades`, each counted once, and never more than `quantity`.
 *  O2  `version` counts the order's events so far; the next one carries `version + 1`.
 *  O3  `venueOrderId` is set exactly when the order was announced as placed, and never changes.
 */
export interface ChildOrder {
  readonly status: ChildStatus;
  readonly quantity: Decimal;
  readonly venueOrderId: VenueOrderId | undefined;
  readonly version: number;
  readonly cumulativeQuantity: Decimal;
  /** Sum of price times quantity over all trades, quote currency. */
  readonly cumulativeQuote: Decimal;
  readonly fees: Readonly<Record<string, Decimal>>;
  /** What each trade said, by the venue's trade id: `quantity@price`, in plain decimals. */
  readonly trades: ReadonlyMap<VenueTradeId, string>;
}

const NO_TRADES: ReadonlyMap<VenueTradeId, string> = new Map();

export const newOrder = (quantity: DecimalString, status: 'pending' | 'queued' = 'pending'): ChildOrder => ({
  status,
  quantity: decimal(quantity),
  venueOrderId: undefined,
  version: 0,
  cumulativeQuantity: ZERO,
  cumulativeQuote: ZERO,
  fees: {},
  trades: NO_TRADES,
});

/** What is not filled yet, base currency. */
export const leavesOf = (order: ChildOrder): Decimal => order.quantity.minus(order.cumulativeQuantity);

/** Average price of what is filled; undefined while nothing is. */
export const averagePriceOf = (order: ChildOrder): Decimal | undefined =>
  order.cumulativeQuantity.gt(ZERO) ? order.cumulativeQuote.div(order.cumulativeQuantity) : undefined;
