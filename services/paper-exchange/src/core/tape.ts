import type { Decimal } from '@switchyard/money';
import { steps, type Instrument } from './instrument.js';
import type { Market } from './market.js';
import { TICK_MS, tickAt } from './reference-path.js';

/**
 * What traded at the venue, as the replayed recording has it: one trade a tick, at the tick's price, of a quarter of the minute's
 * recorded volume. Our own customers' fills are not on it: they are guests of a market that has already happened.
 */
export interface TapeTrade {
  /** The tick's number: rises with time, the same after a restart. */
  readonly id: number;
  readonly price: Decimal;
  readonly quantity: Decimal;
  readonly at: number;
  /** The seller took, by the tick rule: the price is below the one before. */
  readonly sellerTook: boolean;
}

export interface Candle {
  readonly openTime: number;
  readonly closeTime: number;
  readonly open: Decimal;
  readonly high: Decimal;
  readonly low: Decimal;
  readonly close: Decimal;
  readonly volume: Decimal;
  readonly quoteVolume: Decimal;
  readonly trades: number;
}

const lotsAt = (market: Market, instrument: Instrument, tick: number): number =>
  Math.floor(market.path(instrument).volumeAt(tick) / lotOf(instrument));

/** The lot as a number; a day's candle asks thousands of times. */
const lotOf = (instrument: Instrument): number => {
  let lot = lots.get(instrument);
  if (lot === undefined) lots.set(instrument, (lot = Number(instrument.lot.toFixed())));
  return lot;
};
const lots = new WeakMap<Instrument, number>();

/** Every tick of the recording lies within it, wherever one stands: further back stands nothing that was not seen already. */
const WHOLE_RECORDING_MS = 2 * 24 * 60 * 60_000;

/** The latest `limit` trades up to `untilMs`, none before `sinceMs`, oldest first. A silent market shows its last ones, however old. */
export const tradesOf = (
  market: Market,
  instrument: Instrument,
  {
    sinceMs = 0,
    untilMs,
    limit,
  }: { readonly sinceMs?: number | undefined; readonly untilMs: number; readonly limit: number },
): readonly TapeTrade[] => {
  const trades: TapeTrade[] = [];
  const first = Math.max(Math.ceil(sinceMs / TICK_MS), tickAt(untilMs - WHOLE_RECORDING_MS));
  for (let tick = tickAt(untilMs); tick >= first && trades.length < limit; tick--) {
    const lots = lotsAt(market, instrument, tick);
    if (lots === 0) continue;
    const price = market.lastPrice(instrument, tick);
    trades.push({
      id: tick,
      price: steps(price, instrument.tick),
      quantity: steps(lots, instrument.lot),
      at: tick * TICK_MS,
      sellerTook: price < market.lastPrice(instrument, tick - 1),
    });
  }
  return trades.reverse();
};

/** The candle that opens at `openTime` (a whole minute), as far as it has come by `nowMs`. */
export const candleAt = (
  market: Market,
  instrument: Instrument,
  { openTime, intervalMs, nowMs }: { readonly openTime: number; readonly intervalMs: number; readonly nowMs: number },
): Candle => {
  const first = tickAt(openTime);
  const last = Math.max(first, Math.min(tickAt(openTime + intervalMs - 1), tickAt(nowMs)));
  const open = market.lastPrice(instrument, first);
  let [high, low, close, lots, value, trades] = [open, open, open, 0, 0, 0];
  for (let tick = first; tick <= last; tick++) {
    close = market.lastPrice(instrument, tick);
    high = Math.max(high, close);
    low = Math.min(low, close);
    const size = lotsAt(market, instrument, tick);
    lots += size;
    value += size * close;
    if (size > 0) trades += 1;
  }
  return {
    openTime,
    closeTime: openTime + intervalMs - 1,
    open: steps(open, instrument.tick),
    high: steps(high, instrument.tick),
    low: steps(low, instrument.tick),
    close: steps(close, instrument.tick),
    volume: steps(lots, instrument.lot),
    quoteVolume: steps(value, instrument.lot.times(instrument.tick)),
    trades,
  };
};
