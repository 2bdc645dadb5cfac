import type { AccountPolicyChanged } from '@switchyard/contracts';
import type { Mode } from '@switchyard/model';

/** An account that was taken to be asked for its balances. */
export interface DueAccount {
  readonly accountId: string;
  readonly userId: string;
  readonly mode: Mode;
  /** Until when nobody else takes it, as the store wrote it: also a name of this taking. */
  readonly lease: string;
}

/** An account whose balances are told. */
export interface ToldAccount {
  readonly accountId: string;
  readonly lease: string;
  /** By the clock of whoever asked. */
  readonly askedAt: Date;
}

export interface TellingPace {
  /** An account is asked about at most this often. */
  readonly intervalMs: number;
  /** An enabled account is asked about at least this often, more or less a fifth. */
  readonly refreshMs: number;
  /** As it was taken with. */
  readonly leaseMs: number;
  /** From funds that moved to the second ask. */
  readonly onceMoreMs: number;
}

/** Accounts, seen from outside a transaction. Those in mode simulated are never due here. */
export interface AccountRecords {
  /** Takes accounts whose balances are to be fetched, what others hold passed over; due again after `leaseMs`. */
  takeDueBalances(leaseMs: number, most: number): Promise<readonly DueAccount[]>;
  /** Until the next is due, milliseconds, negative where one is overdue; undefined where none will be. */
  nextBalancesInMs(): Promise<number | undefined>;
  /** Whether the account takes USDT for USD; false where it is not known. */
  takesUsdtAsUsd(accountId: string): Promise<boolean>;
}

/** Accounts within a transaction: the last rows that one locks. */
export interface AccountUnit {
  /** Stores what policies say of this venue's accounts. The newest version of a user stays; a repeat changes nothing. */
  storePolicies(policies: readonly AccountPolicyChanged[]): Promise<void>;
  /** Has balances fetched soon, yet not more often than the interval allows, and once more after that. */
  askForBalances(accountIds: readonly string[], intervalMs: number): Promise<void>;
  /** Notes that these were told, and when each is due next. What was asked for since they were taken stays due. */
  toldBalances(told: readonly ToldAccount[], pace: TellingPace): Promise<void>;
}
