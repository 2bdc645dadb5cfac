import { decimal, plain } from '@switchyard/money';
import { isExit, refuse, type Signal } from '@switchyard/model';
import type { Check } from './subject.js';

/** Some venue lists the pair. */
export const knownPair: Check = ({ signal, market }) =>
  market.quotes(signal.pair).length > 0 ? undefined : refuse('UNKNOWN_PAIR', { pair: signal.pair });

/** Every venue that the signal prefers, demands or excludes exists here. */
export const knownVenues: Check = ({ signal, market, venues }) => {
  if (signal.venues === undefined) return undefined;
  const { prefer = [], only = [], exclude = [] } = signal.venues;
  const unknown = [...prefer, ...only, ...exclude].filter((venue) => !venues.includes(venue) && !market.lists(venue));
  return unknown.length === 0 ? undefined : refuse('UNKNOWN_VENUE', { unknown: [...new Set(unknown)], known: venues });
};

const HUNDRED = decimal('100');

/**
 * Prices at which something would trade now lie near the market, where a fresh mid is known. Stop-loss and take-profit are wishes for
 * later and have rules of their own; the entry price of an exit is history.
 */
export const sanePrices: Check = ({ signal, limits, mid }) => {
  if (mid === undefined) return undefined;
  const furthest = mid.times(decimal(String(limits.maxPriceDeviationPercent)));
  const insane = pricesToTradeAt(signal).filter((field) => {
    const price = signal[field];
    return price !== undefined && decimal(price).minus(mid).abs().times(HUNDRED).gt(furthest);
  });
  if (insane.length === 0) return undefined;
  return refuse('PRICE_NOT_SANE', {
    prices: Object.fromEntries(insane.map((field) => [field, signal[field]])),
    mid: plain(mid),
    maxPriceDeviationPercent: limits.maxPriceDeviationPercent,
  });
};

const pricesToTradeAt = (signal: Signal): readonly ('entryPrice' | 'limitPrice' | 'stopPrice')[] =>
  isExit(signal.signalType) ? ['limitPrice', 'stopPrice'] : ['entryPrice', 'limitPrice', 'stopPrice'];
