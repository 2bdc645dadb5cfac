import type { DocumentRef, Unit } from '@switchyard/log';
import type { Mode } from '@switchyard/model';
import {
  newBooks,
  rememberedTrade,
  type AccountBooks,
  type PositionChange,
  type RememberedTrade,
} from '@switchyard/position-domain';

/** All that reconciliation holds of one account. */
export interface AccountDocument {
  readonly userId: string;
  readonly venue: string;
  /** Absent until the user's policy is heard of. */
  readonly mode?: Mode;
  readonly books: AccountBooks;
  /** Changes of positions that can't be told yet, because the account's mode is not known. */
  readonly untold?: readonly ToldChange[];
  /** When the table of accounts was last told of activity, and in which pairs since. */
  readonly noted: { readonly atMs: number; readonly pairs: readonly string[] };
}

/** A change of a position, with the order that caused it. */
export interface ToldChange {
  readonly pair: string;
  readonly signalId: string;
  readonly parentOrderId: string;
  readonly change: PositionChange;
}

export const ACCOUNT = 'account';
export const accountRef = (accountId: string): DocumentRef => ({ kind: ACCOUNT, key: accountId });

/** The version of a user's policy that was taken in last; lower ones are old news. */
export interface UserDocument {
  readonly version: number;
}

export const USER = 'user';
export const userRef = (userId: string): DocumentRef => ({ kind: USER, key: userId });

/** The account's document; undefined while there is none. */
export const accountIn = (unit: Unit, accountId: string): AccountDocument | undefined => {
  const account = unit.get<AccountDocument>(ACCOUNT, accountId);
  return account && { ...account, books: withTextTrades(account.books) };
};

/** Documents of before 2026-11-21 hold each trade as a pair of key and time. */
const withTextTrades = (books: AccountBooks): AccountBooks => {
  const trades: readonly (RememberedTrade | readonly [key: string, atMs: number])[] = books.trades;
  return typeof trades[0] !== 'object'
    ? books
    : { ...books, trades: trades.map((trade) => (typeof trade === 'string' ? trade : rememberedTrade(...trade))) };
};

export const newAccount = (accountId: string, userId: string, venue: string, nowMs: number): AccountDocument => ({
  userId,
  venue,
  books: newBooks(accountId, nowMs),
  noted: { atMs: 0, pairs: [] },
});
