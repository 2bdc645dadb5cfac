import { keyOfTrade, knowsTrade, timeOfTrade, tradeKey, type AccountBooks } from './account-books.js';
import type { CompareSettings, Drift, VenueState } from './venue-state.js';

/** Fills that one side knows and the other doesn't, within the window that both remember. */
export const fillDifferences = (
  books: AccountBooks,
  { fills }: VenueState,
  askedMs: number,
  { lookbackMs, clockSkewMs }: CompareSettings,
): readonly Drift[] => {
  if (fills === undefined) return [];
  // Both ends of the window lie inside what both sides surely know.
  const fromMs = Math.max(books.forgottenMs, askedMs - lookbackMs) + clockSkewMs;
  const untilMs = askedMs - clockSkewMs;
  const within = (atMs: number): boolean => atMs > fromMs && atMs < untilMs;
  const atVenue = new Set(fills.map((fill) => tradeKey(fill.venueSymbol, fill.tradeId, fill.side)));
  const unexpected = fills
    .filter(
      (fill) => within(Date.parse(fill.at)) && !knowsTrade(books, tradeKey(fill.venueSymbol, fill.tradeId, fill.side)),
    )
    .map((fill): Drift => ({
      kind: 'fill_unexpected',
      signature: `fill_unexpected|${tradeKey(fill.venueSymbol, fill.tradeId, fill.side)}`,
      expected: 'no such fill',
      actual: `${fill.side} ${fill.quantity} at ${fill.price}`,
      facts: { ...fill },
    }));
  const missing = books.trades
    .map((trade) => [keyOfTrade(trade), timeOfTrade(trade)] as const)
    .filter(([key, atMs]) => within(atMs) && !atVenue.has(key))
    .map(([key, atMs]): Drift => ({
      kind: 'fill_missing',
      signature: `fill_missing|${key}`,
      expected: key,
      actual: 'not at the venue',
      facts: { trade: key, at: new Date(atMs).toISOString() },
    }));
  return [...unexpected, ...missing];
};
