import type { Order, RefusedOrder } from './order.js';
import { isRefused } from './saved-order.js';
import type { LedgerEntry } from './venue-state.js';

/** A row of `GET /_ledger`: one order the venue received, refused ones too. Decimals are strings, times RFC 3339 on the venue's clock. */
export interface LedgerRow {
  readonly venueOrderId: string | null;
  readonly clientOrderId: string;
  readonly accountKey: string;
  readonly venueSymbol: string;
  readonly side: 'buy' | 'sell';
  readonly orderType: 'market' | 'limit';
  readonly timeInForce: 'gtc' | 'gtd' | 'ioc' | 'fok';
  readonly postOnly: boolean;
  readonly quantity: string | null;
  readonly quoteQuantity: string | null;
  readonly limitPrice: string | null;
  readonly status: Order['status'] | 'rejected';
  readonly receivedAt: string;
  readonly refusedWith: string | null;
  readonly fills: readonly LedgerFill[];
}

export interface LedgerFill {
  readonly tradeId: string;
  readonly quantity: string;
  readonly price: string;
  readonly fee: string;
  readonly feeCurrency: string;
  readonly liquidity: 'maker' | 'taker';
  readonly at: string;
}

export interface LedgerQuery {
  /** Rows received at or after this time, in ms. */
  readonly since?: number | undefined;
  readonly accountKey?: string | undefined;
}

const time = (ms: number): string => new Date(ms).toISOString();

const common = (entry: Order | RefusedOrder) => ({
  clientOrderId: entry.clientOrderId,
  accountKey: entry.accountKey,
  venueSymbol: entry.symbol,
  side: entry.side,
  orderType: entry.type,
  timeInForce: entry.timeInForce,
  postOnly: entry.postOnly,
  quantity: entry.quantity ?? null,
  quoteQuantity: entry.quoteQuantity ?? null,
  limitPrice: entry.limitPrice ?? null,
  receivedAt: time(entry.receivedAt),
});

/** The venue's own names for its orders and trades. */
export interface VenueIds {
  readonly order: (number: number) => string;
  readonly trade: (number: number) => string;
}

export const ledgerRow = (entry: LedgerEntry, ids: VenueIds): LedgerRow =>
  isRefused(entry)
    ? { ...common(entry), venueOrderId: null, status: 'rejected', refusedWith: entry.refusedWith, fills: [] }
    : {
        ...common(entry),
        venueOrderId: ids.order(entry.orderId),
        status: entry.status,
        refusedWith: null,
        fills: entry.fills.map(({ tradeId, quantity, price, fee, feeCurrency, liquidity, at }) => ({
          tradeId: ids.trade(tradeId),
          quantity,
          price,
          fee,
          feeCurrency,
          liquidity,
          at: time(at),
        })),
      };

export const inLedger =
  ({ since, accountKey }: LedgerQuery) =>
  (entry: LedgerEntry): boolean =>
    (since === undefined || entry.receivedAt >= since) && (accountKey === undefined || entry.accountKey === accountKey);
