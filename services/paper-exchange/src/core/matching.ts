import { decimal, floorTo, type Decimal } from '@switchyard/money';
import type { Level, Side } from './book.js';

/**
 * Which levels an order takes, and how much of each. Pure.
 *
 * 1. A take never has a price that the book did not have, nor more than the level showed.
 * 2. Takes go from the best level outwards and stop at the limit price.
 * 3. Their quantities add up to at most `quantity`, their cost to at most `quoteBudget`.
 */
export interface TakePlan {
  readonly takes: readonly Level[];
  readonly quantity: Decimal;
  /** What it costs (buy) or brings (sell) in quote, before fees. */
  readonly cost: Decimal;
}

export interface TakeOrder {
  readonly side: Side;
  /** At most so much base; absent where the order is sized in quote alone. */
  readonly quantity?: Decimal;
  /** At most so much quote. */
  readonly quoteBudget?: Decimal;
  /** Worst price allowed; absent for a market order. */
  readonly limit?: Decimal;
  readonly lot: Decimal;
}

const ZERO = decimal('0');

const smaller = (a: Decimal, b: Decimal): Decimal => (a.lte(b) ? a : b);

/** Whether a resting or incoming order with this limit would trade at `price`. */
export const crosses = (side: Side, limit: Decimal, price: Decimal): boolean =>
  side === 'buy' ? price.lte(limit) : price.gte(limit);

/** `levels` is the opposite side of the book, best first. */
export const planTakes = (levels: readonly Level[], order: TakeOrder): TakePlan => {
  const takes: Level[] = [];
  let quantity = ZERO;
  let cost = ZERO;
  for (const level of levels) {
    if (order.limit !== undefined && !crosses(order.side, order.limit, level.price)) break;
    let take = level.quantity;
    if (order.quantity !== undefined) take = smaller(take, order.quantity.minus(quantity));
    if (order.quoteBudget !== undefined) {
      take = smaller(take, floorTo(order.quoteBudget.minus(cost).div(level.price), order.lot));
    }
    if (take.lte(ZERO)) break;
    takes.push({ price: level.price, quantity: take });
    quantity = quantity.plus(take);
    cost = cost.plus(take.times(level.price));
    if (take.lt(level.quantity)) break;
  }
  return { takes, quantity, cost };
};
