import type { Exchange } from '../core/exchange.js';
import type { Instrument } from '../core/instrument.js';
import { candleAt, type Candle, type TapeTrade } from '../core/tape.js';

export const MINUTE_MS = 60_000;
export const DAY_MS = 1_440 * MINUTE_MS;

/** What happened in the last `intervalMs`, in whole minutes, as one candle. */
export const lastCandle = (exchange: Exchange, instrument: Instrument, intervalMs: number): Candle => {
  const nowMs = exchange.marketTime();
  const openTime = Math.floor((nowMs - intervalMs) / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  return candleAt(exchange.market, instrument, { openTime, intervalMs, nowMs });
};

/** The last 24 hours as a ticker tells them: the recording's, brought up to the last trade, whoever made it. */
export const lastDay = (
  exchange: Exchange,
  instrument: Instrument,
): Candle & { readonly last: TapeTrade | undefined } => {
  const day = lastCandle(exchange, instrument, DAY_MS);
  const [last] = exchange.trades(instrument, { limit: 1 });
  if (last === undefined) return { ...day, last };
  const { price } = last;
  return {
    ...day,
    close: price,
    high: price.gt(day.high) ? price : day.high,
    low: price.lt(day.low) ? price : day.low,
    last,
  };
};

/** Candles from the one that opens at or after `sinceMs` (without it, from so far back that the newest is the last) up to the present one. */
export const candlesOf = (
  exchange: Exchange,
  instrument: Instrument,
  {
    intervalMs,
    limit,
    sinceMs,
    untilMs = exchange.marketTime(),
  }: {
    readonly intervalMs: number;
    readonly limit: number;
    readonly sinceMs?: number | undefined;
    readonly untilMs?: number | undefined;
  },
): readonly Candle[] => {
  const nowMs = exchange.marketTime();
  const newest = Math.floor(Math.min(nowMs, untilMs) / intervalMs) * intervalMs;
  const oldest =
    sinceMs === undefined ? newest - (limit - 1) * intervalMs : Math.ceil(sinceMs / intervalMs) * intervalMs;
  const candles: Candle[] = [];
  for (let openTime = oldest; openTime <= newest && candles.length < limit; openTime += intervalMs) {
    candles.push(candleAt(exchange.market, instrument, { openTime, intervalMs, nowMs }));
  }
  return candles;
};
