import { type Decimal, ZERO, decimal, plain, type DecimalString } from '@switchyard/money';
import type { Book, Level } from './market.js';
import type { Side } from './vocabulary.js';

/** What an order of this size would meet, taken from the book at once. */
export interface Impact {
  /** Quote currency. */
  readonly size: DecimalString;
  readonly side: Side;
  /** Null: the book does not show that much. */
  readonly averagePrice: DecimalString | null;
  /** Distance of the average price from the mid, in the direction that costs, half the spread included; basis points. */
  readonly impactBps: number | null;
}

/** How a book stands. Money in the quote currency; basis points are hundredths of a percent of the mid. */
export interface Microstructure {
  readonly mid: DecimalString;
  readonly spread: DecimalString;
  readonly spreadBps: number;
  /** The mid, weighted with the sizes at the other side's touch: where the next trade is likelier to pull it. */
  readonly microprice: DecimalString;
  /** Value of all levels within `DEPTH_BPS` of the mid. */
  readonly depth: { readonly bids: DecimalString; readonly asks: DecimalString; readonly withinBps: number };
  /** -1 (only asks) to 1 (only bids), of the sizes of the best `IMBALANCE_LEVELS` levels. */
  readonly imbalance: number;
  /** 0..1. */
  readonly liquidityScore: number;
  readonly impact: readonly Impact[];
}

export const DEPTH_BPS = 50;
export const IMBALANCE_LEVELS = 10;
/** Quote currency: a side that holds so much within `DEPTH_BPS` scores one half. */
const REFERENCE_DEPTH = decimal('100000');
const IMPACT_SIZES: readonly DecimalString[] = ['100', '1000', '10000', '100000'];
const TEN_THOUSAND = decimal('10000');
const TWO = decimal('2');
const PRICE_PLACES = 12;

/**
 * Figures of one book. Undefined for a book that has none: empty, one-sided, crossed.
 *
 * - imbalance: (bids - asks) / (bids + asks) (Cartea, Jaimungal, Penalva: Algorithmic and High-Frequency Trading, 2015, section 12.1)
 * - microprice: (bid size * ask + ask size * bid) / (bid size + ask size) of the best levels (Gatheral, Oomen: Zero-intelligence realized
 *   variance estimation, 2010)
 * - liquidity score: d / (d + 100,000), where d is the thinner side's depth: ours, so that venues and pairs compare on one scale
 */
export const microstructureOf = (
  book: Book,
  sizes: readonly DecimalString[] = IMPACT_SIZES,
): Microstructure | undefined => {
  const bids = priced(book.bids);
  const asks = priced(book.asks);
  const [bid, ask] = [bids[0], asks[0]];
  if (bid === undefined || ask === undefined || !bid.price.lt(ask.price)) return undefined;
  const mid = bid.price.plus(ask.price).div(TWO);
  const spread = ask.price.minus(bid.price);
  const reach = mid.times(decimal(String(DEPTH_BPS))).div(TEN_THOUSAND);
  const depthOf = (side: readonly PricedLevel[]): Decimal =>
    sum(side.filter(({ price }) => !price.minus(mid).abs().gt(reach)).map(valueOf));
  const [bidDepth, askDepth] = [depthOf(bids), depthOf(asks)];
  const thinner = bidDepth.lt(askDepth) ? bidDepth : askDepth;
  const sizeOf = (side: readonly PricedLevel[]): Decimal =>
    sum(side.slice(0, IMBALANCE_LEVELS).map(({ quantity }) => quantity));
  const [bidSize, askSize] = [sizeOf(bids), sizeOf(asks)];
  return {
    mid: plain(mid),
    spread: plain(spread),
    spreadBps: bps(spread, mid),
    microprice: price(
      bid.quantity.times(ask.price).plus(ask.quantity.times(bid.price)).div(bid.quantity.plus(ask.quantity)),
    ),
    depth: { bids: plain(bidDepth), asks: plain(askDepth), withinBps: DEPTH_BPS },
    imbalance: ratio(bidSize.minus(askSize).div(bidSize.plus(askSize))),
    liquidityScore: ratio(thinner.div(thinner.plus(REFERENCE_DEPTH))),
    impact: sizes.flatMap((size) => [impactOf('buy', asks, size, mid), impactOf('sell', bids, size, mid)]),
  };
};

interface PricedLevel {
  readonly price: Decimal;
  readonly quantity: Decimal;
}

/** Levels without size are gone. */
const priced = (levels: readonly Level[]): readonly PricedLevel[] =>
  levels
    .map(([price, quantity]) => ({ price: decimal(price), quantity: decimal(quantity) }))
    .filter(({ quantity }) => quantity.gt(ZERO));

const impactOf = (side: Side, levels: readonly PricedLevel[], size: DecimalString, mid: Decimal): Impact => {
  let open = decimal(size);
  let quantity = ZERO;
  for (const level of levels) {
    const value = valueOf(level);
    const taken = value.lt(open) ? value : open;
    quantity = quantity.plus(taken.div(level.price));
    open = open.minus(taken);
    if (open.eq(ZERO)) break;
  }
  if (open.gt(ZERO) || quantity.eq(ZERO)) return { size, side, averagePrice: null, impactBps: null };
  const average = decimal(size).div(quantity);
  const cost = side === 'buy' ? average.minus(mid) : mid.minus(average);
  return { size, side, averagePrice: price(average), impactBps: bps(cost, mid) };
};

const valueOf = ({ price, quantity }: PricedLevel): Decimal => price.times(quantity);
const sum = (values: readonly Decimal[]): Decimal => values.reduce((total, value) => total.plus(value), ZERO);
const price = (value: Decimal): DecimalString => plain(value.round(PRICE_PLACES));
const ratio = (value: Decimal): number => Number(value.round(6).toFixed());
const bps = (part: Decimal, whole: Decimal): number => ratio(part.times(TEN_THOUSAND).div(whole));
