import { decimal, plain, ZERO, type Decimal } from '@switchyard/money';
import { baseOf, type Currency, type Pair } from '@switchyard/model';
import { timeOfTrade, type AccountBooks } from './account-books.js';
import { isSame } from './order-differences.js';
import type { CompareSettings, Drift, VenueState } from './venue-state.js';

/** Whether nothing is in flight: every open order is at the venue and filled as far as we know, and no fill is as young as the report. */
export const isQuiet = (books: AccountBooks, { balances, openOrders }: VenueState, beforeMs: number): boolean => {
  if (balances === undefined) return false;
  if (books.trades.some((trade) => timeOfTrade(trade) >= beforeMs)) return false;
  return Object.values(books.orders).every(
    (order) =>
      order.endedAt === undefined &&
      openOrders?.some((venue) => isSame(order, venue) && decimal(venue.filledQuantity).eq(decimal(order.filled))) ===
        true,
  );
};

/** Totals against what was agreed and what flowed since, and positions against totals. Only for a quiet account. */
export const balanceDifferences = (
  books: AccountBooks,
  { balances = [] }: VenueState,
  settings: CompareSettings,
): readonly Drift[] => {
  const tolerance = decimal(settings.balanceTolerance);
  const actual = new Map(balances.map(({ currency, total }) => [currency, decimal(total)]));
  const { agreed, flows } = books;
  const currencies =
    agreed === undefined ? [] : [...new Set([...Object.keys(agreed.totals), ...Object.keys(flows), ...actual.keys()])];
  const totals = currencies.sort().flatMap((currency): Drift[] => {
    const expected = decimal(agreed?.totals[currency] ?? '0').plus(decimal(flows[currency] ?? '0'));
    const found = actual.get(currency) ?? ZERO;
    const difference = found.minus(expected);
    if (difference.abs().lte(tolerance)) return [];
    return [
      {
        kind: 'balance',
        signature: `balance|${currency}|${plain(difference)}`,
        expected: plain(expected),
        actual: plain(found),
        facts: { currency, difference: plain(difference), agreedAt: new Date(agreed?.atMs ?? 0).toISOString() },
      },
    ];
  });
  return [...totals, ...positionDifferences(books, actual, tolerance)];
};

const positionDifferences = (
  books: AccountBooks,
  actual: ReadonlyMap<Currency, Decimal>,
  tolerance: Decimal,
): readonly Drift[] => {
  const held = new Map<Currency, Decimal>();
  for (const [pair, { quantity }] of Object.entries(books.positions)) {
    const base = baseOf(pair as Pair);
    held.set(base, (held.get(base) ?? ZERO).plus(decimal(quantity)));
  }
  return [...held].flatMap(([currency, quantity]): Drift[] => {
    const found = actual.get(currency) ?? ZERO;
    if (quantity.minus(found).lte(tolerance)) return [];
    return [
      {
        kind: 'position',
        signature: `position|${currency}|${plain(quantity.minus(found))}`,
        expected: `at least ${plain(quantity)}`,
        actual: plain(found),
        facts: { currency, inPositions: plain(quantity) },
      },
    ];
  });
};
