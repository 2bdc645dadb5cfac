import type { Level, MarketView } from '@switchyard/model';
import { isDecimalString, type DecimalString } from '@switchyard/money';
import { scheduleOf, type FeeSchedule } from './fees.js';
import { coarser, gridOf, LARGEST, placesOf, snapDown, snapUp, tenTo, unitsDown, unitsUp, type Grid } from './grid.js';
import { instantMs } from './instant.js';
import type { VenueRejectionCode } from './rejections.js';
import { LastMarks } from './score.js';
import { DEFAULT_PRIORITY, type VenueKind, type VenueTerms } from './terms.js';

/** One side of a book, best level first; quantities are sums from the best level to this one. */
export interface Ladder {
  readonly prices: Float64Array;
  readonly quantities: Float64Array;
  /** The best price; 0 where the side is empty. */
  readonly touch: number;
  /** The last of the sums: all that the side displays. */
  readonly depth: number;
}

export type BookFlaw = Extract<
  VenueRejectionCode,
  'INSTRUMENT_UNUSABLE' | 'BOOK_EMPTY' | 'BOOK_ONE_SIDED' | 'BOOK_CROSSED' | 'BOOK_ABSURD'
>;

/**
 * A market in whole numbers, made once per snapshot and used by every decision until the next one.
 *
 * 1. Prices are units of 10^-`tick.places`, quantities of 10^-`lot.places`, all of them below 2^53. Where the venue's own grid is too fine for
 *    that, a coarser one within it is taken, down to a part in 2^50 of the book: nobody's order is decided by that.
 * 2. What a book says finer than that is rounded against whoever takes it: asks up, bids down, sizes down.
 * 3. Levels without size are left out: they are gone.
 * 4. `flaw` names what is wrong with the book by itself; its age is judged when it is used. A dark venue shows no book: that is no flaw.
 */
export interface PreparedMarket {
  readonly view: MarketView;
  readonly terms: VenueTerms;
  readonly kind: VenueKind;
  readonly priority: number;
  /** Whether it pays in the currency that its pair names. */
  readonly ownQuote: boolean;
  /** Whether the value limit of the method rule counts what it pays in as dollars. */
  readonly inDollars: boolean;
  readonly receivedAtMs: number;
  readonly tick: Grid;
  readonly lot: Grid;
  /** On the lot, and one lot at least. */
  readonly minQuantity: number;
  /** On the lot; `Infinity` where the venue sets none. */
  readonly maxQuantity: number;
  /** Least price times quantity, in units of 10^-(tick places + lot places). */
  readonly minValue: number;
  readonly bids: Ladder;
  readonly asks: Ladder;
  readonly fees: FeeSchedule;
  /** Quote currency per unit of base, in units of 10^-`costPlaces`. */
  readonly costPerUnit: number;
  readonly costPlaces: number;
  readonly flaw: BookFlaw | undefined;
  /** Memory alone: whoever asks again is not made to wait for the same answer. */
  readonly marks: LastMarks;
}

const UNIT: Grid = { places: 0, step: 1 };
const EMPTY: Ladder = { prices: new Float64Array(), quantities: new Float64Array(), touch: 0, depth: 0 };
const NO_TERMS: VenueTerms = {};
const UNUSABLE = { tick: UNIT, lot: UNIT, sides: undefined };

/** Stablecoins that count as dollars. It compares sizes; it changes nobody's money. */
const DOLLARS: ReadonlySet<string> = new Set(['USD', 'USDT', 'USDC']);

/** Spreads beyond this share of the mid (a third) are nobody's market. */
const ABSURD_SPREAD = 3;

/** One literal of all fields in one order: what reads markets meets one shape of object. */
export const prepareMarket = (view: MarketView, terms: VenueTerms = NO_TERMS): PreparedMarket => {
  const { instrument, book } = view;
  const kind = terms.kind ?? 'lit';
  const grids = gridsOf(view, terms);
  const { sides, tick, lot } = grids === undefined ? UNUSABLE : fitted(book, grids);
  const { minSize = '0', maxOrderSize, costPerUnit = '0' } = terms;
  const least =
    grids === undefined
      ? 0
      : Math.max(unitsUp(instrument.minQuantity, lot.places), unitsUp(minSize, lot.places), lot.step);
  const costPlaces = grids === undefined ? 0 : placesOf(costPerUnit);
  const flaw =
    grids === undefined
      ? 'INSTRUMENT_UNUSABLE'
      : kind === 'dark'
        ? undefined
        : sides === undefined
          ? 'BOOK_ABSURD'
          : flawOf(sides);
  return {
    view,
    terms,
    kind,
    priority: terms.priority ?? DEFAULT_PRIORITY,
    ownQuote: view.pair.endsWith(`-${instrument.quote}`),
    inDollars: DOLLARS.has(instrument.quote),
    receivedAtMs: instantMs(view.receivedAt),
    tick,
    lot,
    minQuantity: least === Infinity ? Infinity : snapUp(least, lot),
    maxQuantity: grids === undefined ? 0 : maxOrderSize === undefined ? Infinity : mostOf(maxOrderSize, lot),
    minValue: grids === undefined ? 0 : valueOf(instrument.minNotional, tick.places + lot.places),
    bids: sides?.bids ?? EMPTY,
    asks: sides?.asks ?? EMPTY,
    fees: scheduleOf(view.fees, terms.tiers),
    costPerUnit: grids === undefined ? 0 : unitsUp(costPerUnit, costPlaces),
    costPlaces,
    flaw,
    marks: new LastMarks(),
  };
};

const mostOf = (text: DecimalString, lot: Grid): number => {
  const units = unitsDown(text, lot.places);
  return units === Infinity ? units : snapDown(units, lot);
};

/** An amount that only bounds: beyond 2^53 it is as good as a float can tell. */
const valueOf = (text: DecimalString, places: number): number => {
  const units = unitsUp(text, places);
  return units === Infinity ? Number(text) * tenTo(places) : units;
};

interface Grids {
  readonly tick: Grid;
  readonly lot: Grid;
}

const gridsOf = ({ instrument }: MarketView, terms: VenueTerms): Grids | undefined => {
  const { tickSize, lotSize, minQuantity, minNotional } = instrument;
  const { minSize = '0', maxOrderSize = '0', costPerUnit = '0' } = terms;
  const texts = [tickSize, lotSize, minQuantity, minNotional, minSize, maxOrderSize, costPerUnit];
  if (!texts.every((text) => isDecimalString(text) && !text.startsWith('-'))) return undefined;
  const tick = gridOf(tickSize);
  const lot = gridOf(lotSize);
  const usable = ({ step }: Grid): boolean => step > 0 && step <= LARGEST;
  return usable(tick) && usable(lot) ? { tick, lot } : undefined;
};

interface Sides {
  readonly bids: Ladder;
  readonly asks: Ladder;
}

/** Both sides on grids that hold them; no sides where one can't be true. */
const fitted = (book: MarketView['book'], { tick, lot }: Grids): Grids & { readonly sides: Sides | undefined } => {
  const bids = ladderOf(book.bids, tick, lot, 'down');
  const asks = ladderOf(book.asks, tick, lot, 'up');
  const refit = [bids, asks].find((side) => side === 'price' || side === 'quantity');
  if (refit === 'price' && tick.places > 0) return fitted(book, { tick: coarser(tick, tick.places - 1), lot });
  if (refit === 'quantity' && lot.places > 0) return fitted(book, { tick, lot: coarser(lot, lot.places - 1) });
  return { tick, lot, sides: typeof bids === 'object' && typeof asks === 'object' ? { bids, asks } : undefined };
};

/** A price or a sum of quantities that is too large to be counted exactly; `absurd` where the side can't be true. */
type Misfit = 'price' | 'quantity' | 'absurd';

/** The largest price in units: room for fees, other venues' finer ticks and sums. */
const LARGEST_PRICE = 2 ** 46;

const ladderOf = (levels: readonly Level[], tick: Grid, lot: Grid, rounding: 'up' | 'down'): Ladder | Misfit => {
  const prices: number[] = [];
  const quantities: number[] = [];
  let depth = 0;
  let last: number | undefined;
  for (const [priceText, quantityText] of levels) {
    if (!isDecimalString(priceText) || !isDecimalString(quantityText)) return 'absurd';
    if (priceText.startsWith('-') || quantityText.startsWith('-')) return 'absurd';
    const size = unitsDown(quantityText, lot.places);
    const price = rounding === 'up' ? unitsUp(priceText, tick.places) : unitsDown(priceText, tick.places);
    if (price === 0) return 'absurd';
    if (price > LARGEST_PRICE) return 'price';
    if (last !== undefined && (rounding === 'up' ? price < last : price > last)) return 'absurd';
    last = price;
    if (size === 0) continue;
    depth += size;
    if (depth > LARGEST) return 'quantity';
    prices.push(price);
    quantities.push(depth);
  }
  return { prices: Float64Array.from(prices), quantities: Float64Array.from(quantities), touch: prices[0] ?? 0, depth };
};

const flawOf = ({ bids, asks }: Sides): BookFlaw | undefined => {
  const bid = bids.prices[0];
  const ask = asks.prices[0];
  if (bid === undefined && ask === undefined) return 'BOOK_EMPTY';
  if (bid === undefined || ask === undefined) return 'BOOK_ONE_SIDED';
  if (bid >= ask) return 'BOOK_CROSSED';
  return (ask - bid) * 2 * ABSURD_SPREAD > ask + bid ? 'BOOK_ABSURD' : undefined;
};
