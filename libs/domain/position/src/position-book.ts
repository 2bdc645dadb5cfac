import type { DecimalString } from '@switchyard/money';
import type { Currency, OrderId, ParentOrderId, Side, SignalId, VenueTradeId } from '@switchyard/model';

/**
 * The books of one account in one pair: what is held, what it cost, what was earned. Average cost.
 *
 * 1. `quantity` is the sum of what was bought, less what was sold, less fees charged in the base currency: always, in any order of arrival.
 * 2. `realized - cost` is the cash that flowed, fees charged in the quote currency included. So realised plus unrealised result equals
 *    cash plus what is held at market: nothing is earned or lost by the way of counting.
 * 3. Fees in a third currency are kept by currency and are not part of the result: no rate is invented for them.
 * 4. A sell whose buy has not arrived yet takes the books below zero and is covered when it arrives. What is still below zero after the
 *    grace period sold something held before us: it moves to `outside`, which invariants 1 and 2 then count.
 * 5. A position opens when what is held reaches the venue's smallest order, and closes when less than that is left and no order goes on
 *    selling it. What is left is dust: it stays in the books, and in the next position.
 *
 * Decimals are strings: books are stored as JSON at every fill.
 */
export interface PositionBook {
  /** Base currency; below zero only while a sell waits for its buy. */
  readonly quantity: DecimalString;
  /** What the quantity cost, in the quote currency, with its sign. */
  readonly cost: DecimalString;
  /** Since the books began. */
  readonly realized: DecimalString;
  readonly negativeSince?: string;
  readonly outside?: { readonly quantity: DecimalString; readonly proceeds: DecimalString };
  /** Fills since the account was last flat in this pair. */
  readonly turn?: Turn;
}

export interface Turn {
  readonly bought: DecimalString;
  readonly boughtValue: DecimalString;
  readonly sold: DecimalString;
  readonly soldValue: DecimalString;
  /** Paid so far, by currency. */
  readonly fees: Readonly<Record<Currency, DecimalString>>;
  /** `realized` before the first of these fills. */
  readonly realizedBefore: DecimalString;
  /** Set once the position is open, by the fill that opened it. */
  readonly opened?: Opening;
}

export interface Opening {
  readonly orderId: OrderId;
  readonly tradeId: VenueTradeId;
  readonly parentOrderId: ParentOrderId;
  readonly signalId: SignalId;
  readonly at: string;
}

export const EMPTY_BOOK: PositionBook = { quantity: '0', cost: '0', realized: '0' };

/** A fill as the books take it. */
export interface Fill {
  readonly orderId: OrderId;
  readonly parentOrderId: ParentOrderId;
  readonly signalId: SignalId;
  readonly tradeId: VenueTradeId;
  readonly side: Side;
  readonly quantity: DecimalString;
  readonly price: DecimalString;
  readonly fee: { readonly amount: DecimalString; readonly currency: Currency };
  readonly at: string;
  /** Whether more fills of the same order may come. */
  readonly working: boolean;
}

/** What the books must know of the pair at the venue. */
export interface PairTerms {
  /** The venue's own name of the pair: trade ids are unique within it. */
  readonly venueSymbol: string;
  readonly base: Currency;
  /** What counts as the quote currency: what is really paid at the venue. */
  readonly quote: Currency;
  /** The smallest order in base currency: lot, least quantity and least value taken together; 0 where not known. */
  readonly smallest: DecimalString;
}

/** What became of a position by one fill, or by the end of an order. */
export type PositionChange = PositionOpening | PositionClosing;

export interface PositionOpening {
  readonly kind: 'opened';
  readonly opening: Opening;
  readonly quantity: DecimalString;
  readonly averageEntryPrice: DecimalString;
  /** Since the account was last flat, fees not taken off: what comes after the opening adds to these. */
  readonly bought: DecimalString;
  readonly boughtValue: DecimalString;
  readonly fees: Readonly<Record<Currency, DecimalString>>;
}

export interface PositionClosing {
  readonly kind: 'closed';
  readonly opening: Opening;
  /** All that was bought. */
  readonly quantity: DecimalString;
  readonly averageEntryPrice: DecimalString;
  readonly averageExitPrice: DecimalString;
  /** Quote currency; fees charged in base or quote are in it. */
  readonly realizedPnl: DecimalString;
  readonly fees: Readonly<Record<Currency, DecimalString>>;
  readonly dust: DecimalString;
  readonly closedAt: string;
}

export interface Folded {
  readonly book: PositionBook;
  readonly change?: PositionChange;
}
