import type { DocumentRef } from '@switchyard/log';
import type { Mode } from '@switchyard/model';
import { newBooks, type AccountBooks, type PositionChange } from '@switchyard/position-domain';

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

export const newAccount = (accountId: string, userId: string, venue: string, nowMs: number): AccountDocument => ({
  userId,
  venue,
  books: newBooks(accountId, nowMs),
  noted: { atMs: 0, pairs: [] },
});
