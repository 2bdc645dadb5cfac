import type { Role } from '@switchyard/auth';
import type { LimitsChange } from '@switchyard/contracts';
import type { Market, Mode } from '@switchyard/model';

/** A user as stored, without secrets but the sealed data key. */
export interface StoredUser {
  readonly userId: string;
  readonly version: number;
  readonly enabled: boolean;
  readonly mode: Mode;
  /** Only what differs from the defaults. */
  readonly limits: LimitsChange;
  /** Pairs the user may trade; undefined: every listed pair. */
  readonly pairs: readonly string[] | undefined;
  readonly dataKey: Buffer;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface StoredAccount {
  readonly accountId: string;
  readonly userId: string;
  readonly venue: string;
  readonly mode: Mode;
  readonly market: Market;
  readonly testnet: boolean | undefined;
  readonly usdtAsUsd: boolean;
  readonly timeZone: string;
  readonly startingBalances: Readonly<Record<string, string>> | undefined;
  /** How often its keys were given; 0: none. */
  readonly keyVersion: number;
  readonly createdAt: Date;
  readonly removedAt: Date | undefined;
  /** The approval that it waits for: till then no stage knows of it. */
  readonly pendingApproval: string | undefined;
}

export interface StoredToken {
  readonly tokenId: string;
  readonly userId: string;
  readonly role: Role;
  readonly name: string;
  /** The strategy whose own signals it is good for. */
  readonly publishes?: string | undefined;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date | undefined;
}
