import { decimal, plain, ZERO } from '@switchyard/money';
import type { AccountBooks, Suspect } from './account-books.js';
import { balanceDifferences, isQuiet } from './balance-differences.js';
import { fillDifferences } from './fill-differences.js';
import { orderDifferences } from './order-differences.js';
import { withoutDoubts } from './orders-in-doubt.js';
import type { CompareSettings, Drift, VenueState } from './venue-state.js';

/** Differences remembered per account; beyond, the account needs a person, and has been told so this often. */
const SUSPECTS_KEPT = 100;

export interface Comparison {
  readonly books: AccountBooks;
  readonly drifts: readonly Drift[];
  /** Differences that stand but have not stood long enough: worth asking again soon. */
  readonly pending: number;
}

/**
 * Compares our books with what the venue says of an account.
 *
 * 1. Facts only: a drift states what was expected and what was found. Nothing is inferred, no trade is made up, no position changed.
 * 2. What the venue could not be asked is not judged.
 * 3. Every order that rests by our books rests at the venue, and the other way round. Of an order in doubt the venue's word is taken.
 * 4. Every fill of the window that both remember is known to both.
 * 5. Totals are what was last agreed and what fills did since. Judged only while nothing is in flight: every open order is at the venue
 *    and filled as far as we know, and no fill is as young as the report.
 * 6. No more of a currency is in positions than the venue holds.
 * 7. What events under way can explain is no drift: a difference counts when it stands in a second report, asked at least `settleMs`
 *    after the first.
 * 8. Each drift is told once while it stands. A second comparison with the same report, or an older one, tells nothing.
 * 9. The one amount taken over is the venue's balances, once agreed or once their difference was told.
 */
export const compareAccount = (before: AccountBooks, state: VenueState, settings: CompareSettings): Comparison => {
  const askedMs = Date.parse(state.requestedAt);
  if (askedMs <= (before.comparedMs ?? 0)) return { books: before, drifts: [], pending: unreported(before.suspects) };
  const books = withoutDoubts(before, state, askedMs - settings.clockSkewMs);
  const quiet = isQuiet(books, state, askedMs - settings.clockSkewMs);
  const differences = [
    ...(quiet ? balanceDifferences(books, state, settings) : []),
    ...orderDifferences(books, state, askedMs - settings.clockSkewMs),
    ...fillDifferences(books, state, askedMs, settings),
  ].slice(0, SUSPECTS_KEPT);

  const suspects: Record<string, Suspect> = {};
  const drifts: Drift[] = [];
  for (const difference of differences) {
    // A venue may name one thing twice.
    if (difference.signature in suspects) continue;
    const suspect = books.suspects[difference.signature] ?? { sinceMs: askedMs, reported: false };
    const due = !suspect.reported && askedMs - suspect.sinceMs >= settings.settleMs;
    if (due) drifts.push(difference);
    suspects[difference.signature] = due ? { ...suspect, reported: true } : suspect;
  }
  // A part that was not asked proves nothing: what was suspected or told there stands.
  for (const [signature, suspect] of Object.entries(books.suspects))
    if (!wasJudged(signature, state, quiet)) suspects[signature] ??= suspect;

  const compared: AccountBooks = { ...books, suspects, comparedMs: askedMs };
  const settled =
    quiet && !differences.some(({ kind, signature }) => kind === 'balance' && suspects[signature]?.reported !== true);
  return { books: settled ? withAgreed(compared, state, askedMs) : compared, drifts, pending: unreported(suspects) };
};

const unreported = (suspects: AccountBooks['suspects']): number =>
  Object.values(suspects).filter(({ reported }) => !reported).length;

const wasJudged = (signature: string, state: VenueState, quiet: boolean): boolean => {
  if (signature.startsWith('open_order')) return state.openOrders !== undefined;
  if (signature.startsWith('fill')) return state.fills !== undefined;
  return quiet;
};

const withAgreed = (books: AccountBooks, { balances = [] }: VenueState, atMs: number): AccountBooks => ({
  ...books,
  agreed: {
    atMs,
    totals: Object.fromEntries(
      balances.flatMap(({ currency, total }) => (decimal(total).eq(ZERO) ? [] : [[currency, plain(decimal(total))]])),
    ),
  },
  flows: {},
});
