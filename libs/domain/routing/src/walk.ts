import type { Side } from '@switchyard/model';
import type { Ladder } from './prepared-market.js';

export interface Walk {
  /** How much of the quantity the side holds at the limit or better. */
  readonly filled: bigint;
  /** What that much costs (or brings), price times quantity. */
  readonly value: bigint;
}

/** Takes `quantity` from a side of a book, best level first, at `limit` or better. Exact: no average, no float. */
export const walk = (side: Side, ladder: Ladder, quantity: bigint, limit?: bigint): Walk => {
  const { prices, quantities, values } = ladder;
  let before = 0n;
  let value = 0n;
  for (let level = 0; level < prices.length; level += 1) {
    const price = prices[level] ?? 0n;
    if (limit !== undefined && (side === 'buy' ? price > limit : price < limit)) break;
    const until = quantities[level] ?? before;
    if (until >= quantity) return { filled: quantity, value: value + (quantity - before) * price };
    before = until;
    value = values[level] ?? value;
  }
  return { filled: before, value };
};

/** All that a side displays. */
export const depthOf = ({ quantities }: Ladder): bigint => quantities.at(-1) ?? 0n;
