import type { SavedLevel } from './market.js';
import type { Fill, Order, OrderRequest, RefusedOrder } from './order.js';

/**
 * What the journal holds. The venue's whole state is a fold of these (`VenueState.apply`); the events of one command are one record,
 * so that a crash keeps all of them or none.
 */
export type VenueEvent =
  | AccountOpened
  | OrderAccepted
  | OrderRefused
  | OrderFilled
  | OrderAmended
  | OrderClosed
  | BookSet
  | BookCleared
  | ClockSkewed;

export interface AccountOpened {
  readonly type: 'account_opened';
  readonly at: number;
  readonly accountKey: string;
  readonly secret: string;
  readonly passphrase: string;
  readonly balances: Readonly<Record<string, string>>;
}

export interface OrderAccepted {
  readonly type: 'order_accepted';
  readonly at: number;
  readonly orderId: number;
  readonly order: OrderRequest & Pick<Order, 'quantity' | 'fillsShownFrom' | 'feeHeld'>;
  readonly lockedAsset: string;
  readonly locked: string;
}

export interface OrderRefused {
  readonly type: 'order_refused';
  readonly order: Omit<RefusedOrder, 'receipt'>;
}

export interface OrderFilled {
  readonly type: 'order_filled';
  readonly orderId: number;
  readonly fill: Fill;
  /** The book that it took from, and what it took there (see `Market.generation`). */
  readonly generation: string;
  readonly taken: readonly SavedLevel[];
}

export interface OrderAmended {
  readonly type: 'order_amended';
  readonly at: number;
  readonly orderId: number;
  readonly quantity: string;
  readonly limitPrice: string;
  /** What it holds back from now on. */
  readonly locked: string;
}

export interface OrderClosed {
  readonly type: 'order_closed';
  readonly at: number;
  readonly orderId: number;
  readonly status: 'cancelled' | 'expired';
}

export interface BookSet {
  readonly type: 'book_set';
  readonly symbol: string;
  readonly bids: readonly SavedLevel[];
  readonly asks: readonly SavedLevel[];
}

export interface BookCleared {
  readonly type: 'book_cleared';
  readonly symbol: string;
}

export interface ClockSkewed {
  readonly type: 'clock_skewed';
  readonly skewMs: number;
}
