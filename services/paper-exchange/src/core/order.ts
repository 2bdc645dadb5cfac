import { decimal, type Decimal } from '@switchyard/money';
import type { Side } from './book.js';

export type OrderType = 'market' | 'limit';

/** `gtc` rests, `gtd` until its time; `ioc` takes what is there and expires the rest; `fok` takes all of it at once or nothing. */
export type TimeInForce = 'gtc' | 'gtd' | 'ioc' | 'fok';

export type OpenStatus = 'open' | 'partially_filled';
export type OrderStatus = OpenStatus | 'filled' | 'cancelled' | 'expired';

/** One trade of an order with the venue's book. Decimals as strings, `at` in ms of the venue's clock. */
export interface Fill {
  readonly tradeId: number;
  readonly price: string;
  readonly quantity: string;
  /** Charged in `feeCurrency`: the asset that was received, or paid. */
  readonly fee: string;
  readonly feeCurrency: string;
  readonly liquidity: 'maker' | 'taker';
  readonly at: number;
}

/** What was asked for: the same for orders that were accepted and for those that were refused. */
export interface OrderRequest {
  readonly accountKey: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly type: OrderType;
  readonly timeInForce: TimeInForce;
  /** Rests or is refused; never takes. */
  readonly postOnly: boolean;
  /** In base. Absent where a market order is sized in quote. */
  readonly quantity?: string | undefined;
  /** A market order's size in quote. */
  readonly quoteQuantity?: string | undefined;
  readonly limitPrice?: string | undefined;
  /** When it expires (`gtd`), in ms of the venue's clock. */
  readonly expiresAt?: number | undefined;
  /** What its fees are charged in, where that is not as the venue's rules say. */
  readonly feeIn?: 'base' | 'quote' | undefined;
}

/** An order that the venue took. `locked` is what it still holds back of `lockedAsset`. */
export interface Order extends OrderRequest {
  /** The how-manieth order this venue received, refused ones counted. */
  readonly receipt: number;
  readonly orderId: number;
  readonly quantity: string;
  readonly status: OrderStatus;
  readonly executed: Decimal;
  readonly quoteExecuted: Decimal;
  readonly lockedAsset: string;
  readonly locked: Decimal;
  /** For its fee it holds back this fraction of what it may pay, where the fee comes out of the same asset. */
  readonly feeHeld?: string | undefined;
  readonly fills: readonly Fill[];
  readonly receivedAt: number;
  readonly updatedAt: number;
  /** Until this time of the venue's clock the dialect reports none of its fills (fault `late_fill`). */
  readonly fillsShownFrom?: number | undefined;
}

/** An order that the venue did not take, kept for the ledger only. */
export interface RefusedOrder extends OrderRequest {
  readonly receipt: number;
  readonly receivedAt: number;
  /** The venue's code and sentence. */
  readonly refusedWith: string;
}

export const isOpen = (order: { readonly status: OrderStatus }): boolean =>
  order.status === 'open' || order.status === 'partially_filled';

const ZERO = decimal('0');

/** The order as the venue tells of it at a time of its clock: under `late_fill`, open and without its fills for a while. */
export const asToldAt = (order: Order, now: number): Order =>
  order.fillsShownFrom === undefined || now >= order.fillsShownFrom
    ? order
    : { ...order, status: 'open', executed: ZERO, quoteExecuted: ZERO, fills: [], updatedAt: order.receivedAt };
