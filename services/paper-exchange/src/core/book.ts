import type { Decimal } from '@switchyard/money';
import { steps, type Instrument } from './instrument.js';
import type { MarketShape, ShapeSide } from './market-shape.js';
import { UNITS_PER_QUOTE } from './reference-path.js';
import { pick, type SeededRandom } from './seeded-random.js';

/** Price in quote, quantity in base; both positive, on the instrument's grid. */
export interface Level {
  readonly price: Decimal;
  readonly quantity: Decimal;
}

/** Best level first on either side; the best bid is below the best ask. */
export interface Book {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

export type Side = 'buy' | 'sell';

/** The side of the book that an order of this side trades with. */
export const oppositeOf = (book: Book, side: Side): readonly Level[] => (side === 'buy' ? book.asks : book.bids);

const MAX_LEVELS = 200;
const BASIS = 10_000;

/** An instrument's price step, in units of 1e-8 quote. */
export const tickUnits = (instrument: Instrument): number => {
  // A day's candle asks thousands of times.
  let units = known.get(instrument);
  if (units === undefined)
    known.set(instrument, (units = Math.round(Number(instrument.tick.toFixed()) * UNITS_PER_QUOTE)));
  return units;
};
const known = new WeakMap<Instrument, number>();

export interface Shape {
  readonly instrument: Instrument;
  readonly market: MarketShape;
  /** The reference price at this tick, in units of 1e-8 quote. */
  readonly reference: number;
  readonly minute: number;
  readonly random: SeededRandom;
}

/** Near levels from one recorded book, continued beyond its last by another's. */
const splice = (near: ShapeSide, far: ShapeSide): ShapeSide => {
  const reach = near.at(-1)?.distanceBps ?? 0;
  return [...near, ...far.filter((level) => level.distanceBps > reach)];
};

/**
 * A book around the reference price, put together from recorded pieces (see market-shape.ts): a pure function of its arguments, and
 * `random` is keyed by seed, venue, pair and tick. Works in whole ticks and lots; the sizes are market data and not yet anybody's
 * money, so plain numbers may shape them, and they leave as exact decimals on the grid.
 */
export const deriveBook = (shape: Shape): Book => {
  const { instrument, market, random } = shape;
  const units = tickUnits(instrument);
  const lotSize = Number(instrument.lot.toFixed());
  const touch = touchOf(shape);
  const liquidity = market.liquidity(instrument.base);

  const side = (name: 'bid' | 'ask'): readonly Level[] => {
    const best = touch[name];
    const outward = name === 'bid' ? -1 : 1;
    const { near, far } = market.sides[name];
    const lots = new Map<number, number>();
    for (const { distanceBps, notional } of splice(pick(random, near) ?? [], pick(random, far) ?? [])) {
      const ticks = best + outward * Math.round((best * distanceBps) / BASIS);
      if (ticks < 1 || (lots.size >= MAX_LEVELS && !lots.has(ticks))) break;
      const price = (ticks * units) / UNITS_PER_QUOTE;
      const size = (notional * liquidity * (0.5 + random())) / (price * lotSize);
      lots.set(ticks, (lots.get(ticks) ?? 0) + Math.max(1, Math.round(size)));
    }
    return [...lots].map(([ticks, count]) => ({
      price: steps(ticks, instrument.tick),
      quantity: steps(count, instrument.lot),
    }));
  };

  return { bids: side('bid'), asks: side('ask') };
};

/** The best prices of the book that `deriveBook` makes of the same, in whole ticks of the price grid; draws what it draws first. */
export const touchOf = ({
  instrument,
  market,
  reference,
  minute,
  random,
}: Shape): { readonly bid: number; readonly ask: number } => {
  const units = tickUnits(instrument);
  const middle = reference * (1 + market.offsetBps(minute) / BASIS);
  const spreadBps = pick(random, market.spreadsBps) ?? 1;
  const spreadTicks = Math.max(1, Math.round((middle * spreadBps) / BASIS / units));
  const bid = Math.max(1, Math.floor(middle / units - (spreadTicks - 1) / 2));
  return { bid, ask: bid + spreadTicks };
};
