import { refuse, type Refusal, type Side } from '@switchyard/model';
import { isMultipleOf, plain, ZERO, type Decimal } from '@switchyard/money';
import type { RoutedOrder } from '../tasks/task.js';
import type { DecimalLevel, LiveBook } from './board.js';

export interface Trade {
  readonly quantity: Decimal;
  readonly price: Decimal;
}

/** What becomes of an order in the book: what trades at once, and what is done with the rest. */
export type Match =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | {
      readonly kind: 'matched';
      readonly trades: readonly Trade[];
      readonly rest: 'none' | 'rests' | 'expires';
    };

export interface Terms {
  readonly side: Side;
  readonly quantity: Decimal;
  /** Undefined: at any price. */
  readonly limit: Decimal | undefined;
}

/**
 * Trades an order against a book as a venue would: from the best level on, never beyond its limit and never at a price the book does not
 * have. `taken` is what this account took from that side of this very book before; it can't be taken twice.
 */
export const match = (order: RoutedOrder, terms: Terms, book: LiveBook, taken: Decimal): Match => {
  const refusal = checkGrid(order, terms, book) ?? checkKind(order);
  if (refusal) return { kind: 'refused', refusal };
  const levels = terms.side === 'buy' ? book.asks : book.bids;
  const trades = walk(levels, terms, taken);
  const filled = trades.reduce((sum, { quantity }) => sum.plus(quantity), ZERO);
  const isFull = filled.eq(terms.quantity);
  if (order.postOnly && trades.length > 0) return no('VENUE_REFUSED', { reason: 'POST_ONLY_WOULD_TAKE' });
  if (isFull) return { kind: 'matched', trades, rest: 'none' };
  if (order.timeInForce === 'fok') return { kind: 'matched', trades: [], rest: 'expires' };
  if (order.orderType === 'market') {
    return trades.length === 0
      ? no('NO_LIQUIDITY', { pair: book.pair, bookHash: book.hash })
      : { kind: 'matched', trades, rest: 'expires' };
  }
  return { kind: 'matched', trades, rest: order.timeInForce === 'ioc' ? 'expires' : 'rests' };
};

/** The levels that an order trades with. */
export const walk = (
  levels: readonly DecimalLevel[],
  { side, quantity, limit }: Terms,
  taken: Decimal,
): readonly Trade[] => {
  const trades: Trade[] = [];
  let left = quantity;
  let skip = taken;
  for (const [price, offered] of levels) {
    if (left.lte(ZERO)) break;
    if (limit !== undefined && (side === 'buy' ? price.gt(limit) : price.lt(limit))) break;
    const free = offered.minus(skip);
    if (free.lte(ZERO)) {
      skip = skip.minus(offered);
      continue;
    }
    skip = ZERO;
    const traded = free.lt(left) ? free : left;
    trades.push({ quantity: traded, price });
    left = left.minus(traded);
  }
  return trades;
};

const checkGrid = (order: RoutedOrder, { quantity, limit }: Terms, book: LiveBook): Refusal | undefined => {
  const facts = { quantity: order.quantity, lotSize: plain(book.lot), minQuantity: plain(book.minQuantity) };
  if (quantity.lt(book.minQuantity)) return refuse('BELOW_MINIMUM', { reason: 'BELOW_MIN_QUANTITY', ...facts });
  if (!isMultipleOf(quantity, book.lot)) return refuse('VENUE_REFUSED', { reason: 'OFF_LOT', ...facts });
  if (limit !== undefined && !isMultipleOf(limit, book.tick)) {
    return refuse('VENUE_REFUSED', { reason: 'OFF_TICK', limitPrice: plain(limit), tickSize: plain(book.tick) });
  }
  const price = limit ?? (order.side === 'buy' ? book.asks : book.bids)[0]?.[0];
  if (price !== undefined && price.times(quantity).lt(book.minNotional)) {
    return refuse('BELOW_MINIMUM', {
      reason: 'BELOW_MIN_NOTIONAL',
      notional: plain(price.times(quantity)),
      minNotional: plain(book.minNotional),
    });
  }
  return undefined;
};

const checkKind = ({ orderType, limitPrice, postOnly }: RoutedOrder): Refusal | undefined => {
  if (orderType === 'stop' || orderType === 'stop_limit')
    return refuse('UNSUPPORTED', { orderType, mode: 'simulated', possible: 'market, limit' });
  if ((orderType === 'limit') !== (limitPrice !== undefined)) return refuse('PRICE_MISSING', { orderType });
  if (postOnly && orderType === 'market') return refuse('UNSUPPORTED', { orderType, postOnly });
  return undefined;
};

const no = (code: Parameters<typeof refuse>[0], facts: Refusal['facts']): Match => ({
  kind: 'refused',
  refusal: refuse(code, facts),
});
