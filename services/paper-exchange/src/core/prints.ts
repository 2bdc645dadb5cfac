import { touchOf } from './book.js';
import { readCsv } from './csv.js';
import { steps, type Instrument } from './instrument.js';
import type { Market } from './market.js';
import { tickAt, TICK_MS, TICKS_A_TURN } from './reference-path.js';
import { seededRandom } from './seeded-random.js';
import type { TapeTrade } from './tape.js';

/**
 * The trades of the replayed market. Recorded is what traded in each minute; a quarter of it trades in each tick. How that is parted is
 * derived: into at most six trades, as large beside each other and as often bought as consecutive trades of a recording of Binance, at the
 * best price of the tick's derived book on the side that was taken. A pure function of (seed, venue, pair, tick).
 */
export const printsIn = (market: Market, instrument: Instrument, tick: number): readonly Omit<TapeTrade, 'id'>[] => {
  const count = countIn(market, instrument, tick);
  if (count === 0) return [];
  const random = seededRandom(`${market.name}/${instrument.symbol}/${tick}/prints`);
  const recorded = recordedPrints();
  const from = Math.floor(random() * (recorded.length - MOST_PRINTS));
  const pattern = recorded.slice(from, from + count);
  const lots = parted(
    lotsAt(market, instrument, tick),
    pattern.map(({ size }) => size),
  );
  const { bid, ask } = touchOf(market.shapeAt(instrument, tick));
  return pattern.map(({ sellerTook }, n) => ({
    price: steps(sellerTook ? bid : ask, instrument.tick),
    quantity: steps(lots[n] ?? 1, instrument.lot),
    // One after the other, each somewhere in its share of the tick.
    at: tick * TICK_MS + Math.floor(((n + random()) * TICK_MS) / count),
    sellerTook,
  }));
};

/** When to look for the next print after a moment, ms: that of the next one, or the next tick. */
export const nextPrintAt = (market: Market, instrument: Instrument, afterMs: number): number => {
  const tick = tickAt(afterMs);
  return printsIn(market, instrument, tick).find(({ at }) => at > afterMs)?.at ?? (tick + 1) * TICK_MS;
};

/** Whole lots that trade in a tick. */
export const lotsAt = (market: Market, instrument: Instrument, tick: number): number =>
  Math.floor(market.path(instrument).volumeAt(tick) / lotOf(instrument));

/** How many trades a tick has: none where nothing traded, never more than there are lots. */
export const countIn = (market: Market, instrument: Instrument, tick: number): number =>
  Math.min(lotsAt(market, instrument, tick), 1 + ((Math.imul(placeOf(tick) + 1, 0x9e3779b1) >>> 16) % MOST_PRINTS));

/** How many trades there were in all ticks before this one: they are numbered one by one, the same after a restart. */
export const countBefore = (market: Market, instrument: Instrument, tick: number): number => {
  let sums = countsBefore.get(instrument);
  if (sums === undefined) {
    sums = new Int32Array(TICKS_A_TURN + 1);
    for (let at = 0; at < TICKS_A_TURN; at++) sums[at + 1] = (sums[at] ?? 0) + countIn(market, instrument, at);
    countsBefore.set(instrument, sums);
  }
  return Math.floor(tick / TICKS_A_TURN) * (sums[TICKS_A_TURN] ?? 0) + (sums[placeOf(tick)] ?? 0);
};

const MOST_PRINTS = 6;

/** Where in a turn of the recording a tick stands. */
const placeOf = (tick: number): number => ((tick % TICKS_A_TURN) + TICKS_A_TURN) % TICKS_A_TURN;

const countsBefore = new WeakMap<Instrument, Int32Array>();

/** The lot as a number; a day's candle asks thousands of times. */
const lotOf = (instrument: Instrument): number => {
  let lot = lotSizes.get(instrument);
  if (lot === undefined) lotSizes.set(instrument, (lot = Number(instrument.lot.toFixed())));
  return lot;
};
const lotSizes = new WeakMap<Instrument, number>();

interface RecordedPrint {
  readonly size: number;
  readonly sellerTook: boolean;
}

let recordings: readonly RecordedPrint[] | undefined;
const recordedPrints = (): readonly RecordedPrint[] =>
  (recordings ??= readCsv('binance-BTC-USDT-2021-01-08-trades.csv').map((row) => ({
    size: Number(row['quantity']),
    sellerTook: row['aggressor_side'] === 'sell',
  })));

/** Parts of `lots` in these proportions, each at least one; what rounding leaves goes to the largest. */
const parted = (lots: number, sizes: readonly number[]): readonly number[] => {
  const sum = sizes.reduce((total, size) => total + size, 0);
  const spare = lots - sizes.length;
  const parts = sizes.map((size) => 1 + Math.floor((spare * size) / sum));
  const largest = sizes.indexOf(Math.max(...sizes));
  const left = lots - parts.reduce((total, part) => total + part, 0);
  return parts.map((part, n) => (n === largest ? part + left : part));
};
