import { decimal, ZERO, type Decimal } from '@switchyard/money';
import type { Fill, VenueOrder } from '../orders.js';
import { Nonsense } from './fields.js';

/**
 * An order's fills, each trade once: venues repeat trades. Fills of another order or side, one trade id with two contents, or more filled
 * than was ordered are nonsense.
 */
export const fillsOf = (
  order: VenueOrder,
  raw: readonly Fill[],
): { readonly fills: readonly Fill[]; readonly sum: Decimal } => {
  const byTrade = new Map<string, Fill>();
  let sum = ZERO;
  for (const fill of raw) {
    if (fill.venueOrderId !== order.venueOrderId) throw new Nonsense('a fill belongs to another order');
    if (fill.side !== order.side) throw new Nonsense('a fill is on the other side');
    const known = byTrade.get(fill.tradeId);
    if (known === undefined) {
      byTrade.set(fill.tradeId, fill);
      sum = sum.plus(decimal(fill.quantity));
    } else if (known.quantity !== fill.quantity || known.price !== fill.price) {
      throw new Nonsense('one trade id has two contents');
    }
  }
  if (sum.gt(decimal(order.quantity))) throw new Nonsense('the fills are more than was ordered');
  return { fills: [...byTrade.values()], sum };
};
