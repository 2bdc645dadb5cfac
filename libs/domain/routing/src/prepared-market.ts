import { DEFAULT_FEES, type Level, type MarketView } from '@switchyard/model';
import { isDecimalString } from '@switchyard/money';
import { gridOf, unitsDown, unitsUp, type Grid } from './grid.js';
import type { VenueRejectionCode } from './rejections.js';

/** One side of a book, best level first; the sums run from the best level to this one. */
export interface Ladder {
  readonly prices: readonly bigint[];
  readonly quantities: readonly bigint[];
  /** Price times quantity, in units of 10^-(tick places + lot places). */
  readonly values: readonly bigint[];
}

/** A fee as a fraction of the value traded: `units` of 10^-`places`. */
export interface FeeRate {
  readonly units: bigint;
  readonly places: number;
}

export type BookFlaw = Extract<
  VenueRejectionCode,
  'INSTRUMENT_UNUSABLE' | 'BOOK_EMPTY' | 'BOOK_ONE_SIDED' | 'BOOK_CROSSED' | 'BOOK_ABSURD'
>;

/**
 * A market in integers, made once per snapshot and used by every decision until the next one.
 *
 * 1. Prices are units of 10^-`tick.places`, quantities of 10^-`lot.places`.
 * 2. What a book says finer than that is rounded against whoever takes it: asks up, bids down, sizes down.
 * 3. Levels without size are left out: they are gone.
 * 4. `flaw` names what is wrong with the book by itself; its age is judged when it is used.
 */
export interface PreparedMarket {
  readonly view: MarketView;
  readonly receivedAtMs: number;
  readonly tick: Grid;
  readonly lot: Grid;
  readonly minQuantity: bigint;
  readonly minValue: bigint;
  readonly bids: Ladder;
  readonly asks: Ladder;
  readonly maker: FeeRate;
  readonly taker: FeeRate;
  readonly feesAssumed: boolean;
  readonly flaw: BookFlaw | undefined;
}

const UNIT: Grid = { places: 0, step: 1n };
const EMPTY: Ladder = { prices: [], quantities: [], values: [] };

/** Spreads beyond this share of the mid (a third) are nobody's market. */
const ABSURD_SPREAD = 3n;

export const prepareMarket = (view: MarketView): PreparedMarket => {
  const { instrument, fees = DEFAULT_FEES, book } = view;
  const market = {
    view,
    receivedAtMs: Date.parse(view.receivedAt),
    maker: rateOf(isDecimalString(fees.maker) ? fees.maker : DEFAULT_FEES.maker),
    taker: rateOf(isDecimalString(fees.taker) ? fees.taker : DEFAULT_FEES.taker),
    feesAssumed: view.fees === undefined || !isDecimalString(fees.maker) || !isDecimalString(fees.taker),
  };
  const grids = gridsOf(view);
  if (grids === undefined) {
    const none = { tick: UNIT, lot: UNIT, minQuantity: 0n, minValue: 0n, bids: EMPTY, asks: EMPTY };
    return { ...market, ...none, flaw: 'INSTRUMENT_UNUSABLE' };
  }
  const { tick, lot } = grids;
  const bids = ladderOf(book.bids, tick, lot, 'down');
  const asks = ladderOf(book.asks, tick, lot, 'up');
  return {
    ...market,
    ...grids,
    minQuantity: unitsUp(instrument.minQuantity, lot.places),
    minValue: unitsUp(instrument.minNotional, tick.places + lot.places),
    bids: bids ?? EMPTY,
    asks: asks ?? EMPTY,
    flaw: bids === undefined || asks === undefined ? 'BOOK_ABSURD' : flawOf(bids, asks),
  };
};

const rateOf = (text: string): FeeRate => {
  const places = text.includes('.') ? text.length - text.indexOf('.') - 1 : 0;
  return { units: unitsDown(text, places), places };
};

const gridsOf = ({ instrument }: MarketView): { readonly tick: Grid; readonly lot: Grid } | undefined => {
  const { tickSize, lotSize, minQuantity, minNotional } = instrument;
  if (![tickSize, lotSize, minQuantity, minNotional].every((text) => isDecimalString(text) && !text.startsWith('-')))
    return undefined;
  const tick = gridOf(tickSize);
  const lot = gridOf(lotSize);
  return tick.step > 0n && lot.step > 0n ? { tick, lot } : undefined;
};

/** Undefined where the side can't be true: unreadable, not positive, or not sorted best first. */
const ladderOf = (levels: readonly Level[], tick: Grid, lot: Grid, rounding: 'up' | 'down'): Ladder | undefined => {
  const prices: bigint[] = [];
  const quantities: bigint[] = [];
  const values: bigint[] = [];
  let quantity = 0n;
  let value = 0n;
  let last: bigint | undefined;
  for (const [priceText, quantityText] of levels) {
    if (!isDecimalString(priceText) || !isDecimalString(quantityText)) return undefined;
    const size = unitsDown(quantityText, lot.places);
    const price = rounding === 'up' ? unitsUp(priceText, tick.places) : unitsDown(priceText, tick.places);
    if (size < 0n || price <= 0n) return undefined;
    if (last !== undefined && (rounding === 'up' ? price < last : price > last)) return undefined;
    last = price;
    if (size === 0n) continue;
    quantity += size;
    value += size * price;
    prices.push(price);
    quantities.push(quantity);
    values.push(value);
  }
  return { prices, quantities, values };
};

const flawOf = (bids: Ladder, asks: Ladder): BookFlaw | undefined => {
  const bid = bids.prices[0];
  const ask = asks.prices[0];
  if (bid === undefined && ask === undefined) return 'BOOK_EMPTY';
  if (bid === undefined || ask === undefined) return 'BOOK_ONE_SIDED';
  if (bid >= ask) return 'BOOK_CROSSED';
  return (ask - bid) * 2n * ABSURD_SPREAD > ask + bid ? 'BOOK_ABSURD' : undefined;
};
