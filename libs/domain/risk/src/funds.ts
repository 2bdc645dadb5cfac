import { decimal, ZERO, type Decimal } from '@switchyard/money';
import type { AccountId, Currency } from '@switchyard/model';
import type { BalanceUpdated } from './commands.js';
import { entryOf, withEntry } from './record.js';
import { hasOpenParent, reservedOf } from './reservations.js';
import { UNKNOWN_ACCOUNT, type AccountBook, type Amounts, type RiskState } from './state.js';

/**
 * What an account holds, from two witnesses that are each late in their own way.
 *
 * 1. The snapshot is the venue's word, but old: fills since are not in it. The book is a snapshot folded by our fills, but blind to what
 *    happens beside us (deposits, withdrawals, trades by hand).
 * 2. What may be spent is the lower of both, less what is reserved: neither lateness can spend the same money twice.
 * 3. The book starts anew from a snapshot only when nothing of ours was open from before it was asked, so that no fill is in it unseen.
 * 4. What may be sold is bounded by the book: what was just bought is not in an old snapshot, and must be closable at once.
 */
export const accountOf = (state: RiskState, accountId: AccountId): AccountBook =>
  entryOf(state.accounts, accountId) ?? UNKNOWN_ACCOUNT;

export const withAccount = (state: RiskState, accountId: AccountId, account: AccountBook): RiskState => ({
  ...state,
  accounts: withEntry(state.accounts, accountId, account),
});

export const amountOf = (amounts: Amounts, currency: Currency): Decimal => {
  const amount = entryOf(amounts, currency);
  return amount === undefined ? ZERO : decimal(amount);
};

/** The total of a currency by the more careful witness; undefined while no balance is known. */
export const carefulTotal = ({ snapshot, book }: AccountBook, currency: Currency): Decimal | undefined => {
  if (snapshot === undefined || book === undefined) return undefined;
  const told = amountOf(snapshot.totals, currency);
  const folded = amountOf(book, currency);
  return told.lt(folded) ? told : folded;
};

/** What may be reserved for a buy; undefined while no balance is known. */
export const spendable = (state: RiskState, accountId: AccountId, currency: Currency): Decimal | undefined =>
  carefulTotal(accountOf(state, accountId), currency)?.minus(reservedOf(state, accountId, currency));

/** What may be sold of a currency; undefined while no balance is known. */
export const sellable = (state: RiskState, accountId: AccountId, currency: Currency): Decimal | undefined => {
  const { book } = accountOf(state, accountId);
  return book === undefined ? undefined : amountOf(book, currency).minus(reservedOf(state, accountId, currency));
};

export const balanceUpdated = (state: RiskState, { accountId, totals, askedAt }: BalanceUpdated): RiskState => {
  const account = accountOf(state, accountId);
  if (account.snapshot !== undefined && account.snapshot.askedAt >= askedAt) return state;
  const held = Object.fromEntries(Object.entries(totals).filter(([, amount]) => !decimal(amount).eq(ZERO)));
  const quiet =
    !hasOpenParent(state, accountId) && (account.lastChangeAt === undefined || askedAt > account.lastChangeAt);
  const book = account.book === undefined || quiet ? held : account.book;
  return withAccount(state, accountId, { ...account, snapshot: { askedAt, totals: held }, book });
};
