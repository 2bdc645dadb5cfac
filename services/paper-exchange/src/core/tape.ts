import type { Decimal } from '@switchyard/money';
import { steps, type Instrument } from './instrument.js';
import type { Market } from './market.js';
import { countBefore, countIn, lotsAt, printsIn } from './prints.js';
import type { PublicMatches } from './public-matches.js';
import { tickAt } from './reference-path.js';

/**
 * What traded at the venue, as everybody is told: the trades of the replayed market (prints.ts), and among them the fills of our own
 * customers. Numbered one by one in the order in which they happened, the same after a restart.
 */
export interface TapeTrade {
  readonly id: number;
  readonly price: Decimal;
  readonly quantity: Decimal;
  /** The replayed market's time, ms. */
  readonly at: number;
  readonly sellerTook: boolean;
}

/** Of the replayed market alone: candles and the figures of a day know nothing of our own customers' fills. */
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

/** Every tick of the recording lies within it, wherever one stands: further back stands nothing that was not seen already. */
const WHOLE_RECORDING_MS = 2 * 24 * 60 * 60_000;

export interface TapeRange {
  readonly sinceMs?: number | undefined;
  readonly untilMs: number;
  readonly limit: number;
}

/**
 * The latest `limit` trades up to `untilMs`, none before `sinceMs`, oldest first. A silent market shows its last ones, however old. Of
 * customers' fills only the latest are known, and nothing is told of what was before the oldest of them.
 */
export const tradesOf = (
  market: Market,
  matches: PublicMatches,
  instrument: Instrument,
  { sinceMs = 0, untilMs, limit }: TapeRange,
): readonly TapeTrade[] => {
  const { latest, forgotten } = matches.of(instrument.symbol);
  const since = Math.max(sinceMs, forgotten === 0 ? 0 : (latest[0]?.at ?? 0) + 1);
  let left = latest.length;
  const trades: TapeTrade[] = [];
  /** Newest first: matches that came at or after a moment, and before those that were told already. */
  const matchesFrom = (at: number, numberedBefore: number): void => {
    for (; left > 0 && trades.length < limit; left -= 1) {
      const match = latest[left - 1];
      if (match === undefined || match.at < at) return;
      if (match.at <= untilMs && match.at >= since) trades.push({ id: numberedBefore + forgotten + left, ...match });
    }
  };
  const first = Math.max(tickAt(since), tickAt(untilMs - WHOLE_RECORDING_MS));
  for (let tick = tickAt(untilMs); tick >= first && trades.length < limit; tick--) {
    const prints = printsIn(market, instrument, tick);
    const before = prints.length === 0 ? 0 : countBefore(market, instrument, tick);
    for (let n = prints.length - 1; n >= 0 && trades.length < limit; n--) {
      const print = prints[n];
      if (print === undefined || print.at > untilMs) continue;
      const number = before + n + 1;
      matchesFrom(Math.max(print.at, since), number);
      if (print.at < since) return trades.reverse();
      if (trades.length < limit) trades.push({ id: number + forgotten + left, ...print });
    }
  }
  matchesFrom(since, countBefore(market, instrument, first));
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
    trades += countIn(market, instrument, tick);
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
