import type { Decimal } from '@switchyard/money';
import type { Side } from './vocabulary.js';

/** One trade of anybody's. */
export interface MarketTrade {
  readonly price: Decimal;
  /** Base currency. */
  readonly quantity: Decimal;
  readonly atMs: number;
  /** As the venue says it; `null` where it does not. */
  readonly takerSide: Side | null;
  /** The mid of the book right before; `null` where it is not known. */
  readonly mid: Decimal | null;
}

/** What the tick rule remembers: the last price, and which way it last moved. */
export interface LastMove {
  readonly price: Decimal;
  readonly side: Side | null;
}

export const moveAfter = ({ price }: Pick<MarketTrade, 'price'>, before: LastMove | undefined): LastMove => {
  if (before === undefined) return { price, side: null };
  if (price.eq(before.price)) return before;
  return { price, side: price.gt(before.price) ? 'buy' : 'sell' };
};

/**
 * Who took: what the venue says; else the quote rule, above the mid a buyer and below it a seller; else, at the mid or without one, the
 * tick rule: which way the price last moved (Lee, Ready: Inferring trade direction from intraday data, Journal of Finance 46, 1991).
 * `null` where none of them tells.
 */
export const takerOf = ({ takerSide, mid, price }: MarketTrade, moved: LastMove): Side | null => {
  if (takerSide !== null) return takerSide;
  if (mid !== null && !price.eq(mid)) return price.gt(mid) ? 'buy' : 'sell';
  return moved.side;
};
