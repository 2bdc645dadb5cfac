import type { Credentials } from '@switchyard/exchanges';

export interface OpenedKeys {
  readonly version: number;
  readonly credentials: Credentials;
}

/** The keys of this venue's accounts. */
export interface AccountKeys {
  /** The version of an account's keys, undefined where it has none. Opens nothing. */
  versionOf(accountId: string): Promise<number | undefined>;
  /**
   * Opens an account's keys for the user who is to trade with them; undefined where this user has none for it. One user's keys never
   * sign another's order, whatever an event says.
   */
  open(userId: string, accountId: string): Promise<OpenedKeys | undefined>;
}
