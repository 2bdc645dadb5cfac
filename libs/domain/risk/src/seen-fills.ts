import { decimal, plain, ZERO, type Decimal } from '@switchyard/money';
import type { OrderFilled } from './commands.js';
import { entryOf, withEntry } from './record.js';
import type { SeenFills, Stretch } from './state.js';

/**
 * A fill fills the stretch of its order from `cumulativeQuantity - quantity` to `cumulativeQuantity`. A stretch that was seen is a repeat.
 * Stretches that touch become one, so an order costs one of them however many fills it had, in whatever order they came.
 */
export const wasSeen = (seen: SeenFills, fill: OrderFilled): boolean => {
  const [from, to] = stretchOf(fill);
  return (entryOf(seen, fill.orderId) ?? []).some(([start, end]) => decimal(start).lte(from) && decimal(end).gte(to));
};

export const withSeen = (seen: SeenFills, fill: OrderFilled): SeenFills => {
  let [from, to] = stretchOf(fill);
  const apart: Stretch[] = [];
  for (const stretch of entryOf(seen, fill.orderId) ?? []) {
    const start = decimal(stretch[0]);
    const end = decimal(stretch[1]);
    if (end.lt(from) || start.gt(to)) {
      apart.push(stretch);
    } else {
      if (start.lt(from)) from = start;
      if (end.gt(to)) to = end;
    }
  }
  return withEntry(seen, fill.orderId, [...apart, [plain(from), plain(to)]]);
};

const stretchOf = ({ cumulativeQuantity, quantity }: OrderFilled): [Decimal, Decimal] => {
  const to = decimal(cumulativeQuantity);
  const from = to.minus(decimal(quantity));
  return [from.gt(ZERO) ? from : ZERO, to];
};
