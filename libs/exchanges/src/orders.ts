import type { DecimalString } from '@switchyard/money';
import type { InstrumentKey } from './instruments.js';

export type Side = 'buy' | 'sell';
export type OrderType = 'market' | 'limit' | 'stop' | 'stop_limit';
export type TimeInForce = 'gtc' | 'ioc' | 'fok' | 'day' | 'gtd';
export type Liquidity = 'maker' | 'taker';

/**
 * What the venue says of an order. `placed` rests with nothing filled, `cancel_pending` was asked to go and has not; the last four
 * are final. A venue that leaves a remainder unfilled on purpose (IOC, FOK, self-trade prevention) calls it `expired`.
 */
export type OrderState =
  'placed' | 'partially_filled' | 'cancel_pending' | 'filled' | 'cancelled' | 'rejected' | 'expired';

/** An order to place. Quantities are in base currency, prices in the instrument's quote currency; `null` where the type has none. */
export interface NewOrder extends InstrumentKey {
  /** Derived from the child order alone, the same at every attempt; 32 lower-case hex characters fit every venue. */
  readonly clientOrderId: string;
  readonly side: Side;
  readonly orderType: OrderType;
  /** Ignored for `market` unless `fok`, which no venue promises for a market order. */
  readonly timeInForce: TimeInForce;
  /** When a `gtd` order expires: milliseconds since the epoch, on the venue's clock. Others have none. */
  readonly expireAtMs?: number | null;
  readonly quantity: DecimalString;
  readonly limitPrice: DecimalString | null;
  readonly stopPrice: DecimalString | null;
  readonly postOnly: boolean;
  /** The part shown in the book (iceberg), or `null` to show all. */
  readonly displayQuantity: DecimalString | null;
}

/** What an amend makes of an open limit order; `null` leaves a thing as it is. */
export interface OrderChange {
  /** The order's whole new quantity, what is filled of it included. */
  readonly quantity: DecimalString | null;
  readonly limitPrice: DecimalString | null;
  /** Whether a new price must not trade at once. */
  readonly postOnly: boolean;
}

/** What finds an order again. `venueOrderId` is used where known; the client order id alone is enough. */
export interface OrderRef extends InstrumentKey {
  readonly clientOrderId: string;
  readonly venueOrderId: string | null;
  /**
   * A moment before which the order was certainly not sent, milliseconds since the epoch on our clock. A venue that finds nothing by our id
   * has its lists read back to there; absent: to their beginning.
   */
  readonly sentAfterMs?: number;
}

/** An order as the venue reports it. */
export interface VenueOrder extends InstrumentKey {
  readonly venueOrderId: string;
  /** `null` where the order came from elsewhere and carries none. */
  readonly clientOrderId: string | null;
  readonly side: Side;
  /** `null` where the venue names a type that this port has no word for (an order that is not ours). */
  readonly orderType: OrderType | null;
  readonly quantity: DecimalString;
  readonly limitPrice: DecimalString | null;
  readonly stopPrice: DecimalString | null;
  readonly state: OrderState;
  readonly filledQuantity: DecimalString;
  /** Quote currency paid or received so far, `null` where the venue does not say. */
  readonly filledQuote: DecimalString | null;
  /** Milliseconds since the epoch, on the venue's clock. */
  readonly placedAtMs: number;
  readonly updatedAtMs: number;
}

/** One trade of an order, keyed by (account, venue, venueSymbol, tradeId). */
export interface Fill extends InstrumentKey {
  readonly tradeId: string;
  readonly venueOrderId: string;
  readonly side: Side;
  readonly quantity: DecimalString;
  readonly price: DecimalString;
  /** Negative for a rebate. The currency may be base, quote, or a third one. */
  readonly fee: { readonly amount: DecimalString; readonly currency: string };
  readonly liquidity: Liquidity;
  /** Milliseconds since the epoch, on the venue's clock. */
  readonly filledAtMs: number;
}
