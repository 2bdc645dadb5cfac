import type { Queryable } from '@switchyard/persistence';
import type { StoredAccount } from './stored.js';

interface Row {
  readonly account_id: string;
  readonly user_id: string;
  readonly venue: string;
  readonly mode: StoredAccount['mode'];
  readonly market: StoredAccount['market'];
  readonly testnet: boolean | null;
  readonly usdt_as_usd: boolean;
  readonly time_zone: string;
  readonly starting_balances: Readonly<Record<string, string>> | null;
  readonly key_version: number;
  readonly created_at: Date;
  readonly removed_at: Date | null;
  readonly pending_approval: string | null;
}

const COLUMNS = `account_id, user_id, venue, mode, market, testnet, usdt_as_usd, time_zone, starting_balances, key_version,
  created_at, removed_at, pending_approval`;

const accountOf = (row: Row): StoredAccount => ({
  accountId: row.account_id,
  userId: row.user_id,
  venue: row.venue,
  mode: row.mode,
  market: row.market,
  testnet: row.testnet ?? undefined,
  usdtAsUsd: row.usdt_as_usd,
  timeZone: row.time_zone,
  startingBalances: row.starting_balances ?? undefined,
  keyVersion: row.key_version,
  createdAt: row.created_at,
  removedAt: row.removed_at ?? undefined,
  pendingApproval: row.pending_approval ?? undefined,
});

/** All of a user's accounts that the stages should know of: those in use, and removed ones that are not erased yet. */
export const accountsOf = (db: Queryable, userId: string): Promise<readonly StoredAccount[]> =>
  accountsOfAll(db, [userId]);

/** The same of several users; each one's are in the order in which they were connected. */
export const accountsOfAll = async (db: Queryable, userIds: readonly string[]): Promise<readonly StoredAccount[]> => {
  const { rows } = await db.query<Row>(
    {
      name: 'accounts-of',
      text: `select ${COLUMNS} from exchange_accounts
             where user_id = any ($1::text[]) and erased_at is null order by created_at, account_id`,
    },
    [userIds],
  );
  return rows.map(accountOf);
};

/** An account's API key, sealed, and what tells it from others without telling it. */
export interface SealedKey {
  readonly sealed: Buffer;
  readonly fingerprint: string;
}

export type NewAccount = Omit<StoredAccount, 'keyVersion' | 'createdAt' | 'removedAt' | 'pendingApproval'>;

/** @returns false where an account with this id, or one in use with this API key, exists. */
export const insertAccount = async (
  db: Queryable,
  account: NewAccount,
  key: SealedKey | undefined,
  pendingApproval?: string,
): Promise<boolean> => {
  const { rowCount } = await db.query(
    `insert into exchange_accounts (account_id, user_id, venue, mode, market, testnet, usdt_as_usd, time_zone, starting_balances,
       sealed, key_version, key_fingerprint, pending_approval)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict do nothing`,
    [
      account.accountId,
      account.userId,
      account.venue,
      account.mode,
      account.market,
      account.testnet ?? null,
      account.usdtAsUsd,
      account.timeZone,
      account.startingBalances === undefined ? null : JSON.stringify(account.startingBalances),
      key?.sealed ?? null,
      key === undefined ? 0 : 1,
      key?.fingerprint ?? null,
      pendingApproval ?? null,
    ],
  );
  return rowCount === 1;
};

/** Whether an account in use has this API key already. */
export const keyInUse = async (db: Queryable, fingerprint: string, exceptAccountId = ''): Promise<boolean> => {
  const { rowCount } = await db.query(
    'select from exchange_accounts where key_fingerprint = $1 and removed_at is null and account_id <> $2',
    [fingerprint, exceptAccountId],
  );
  return rowCount > 0;
};

export const rotateKey = async (
  db: Queryable,
  accountId: string,
  { sealed, fingerprint }: SealedKey,
): Promise<void> => {
  await db.query(
    `update exchange_accounts set sealed = $2, key_fingerprint = $3, key_version = key_version + 1
     where account_id = $1`,
    [accountId, sealed, fingerprint],
  );
};

export const removeAccount = async (db: Queryable, accountId: string): Promise<void> => {
  await db.query('update exchange_accounts set removed_at = now() where account_id = $1 and removed_at is null', [
    accountId,
  ]);
};

/** Users with accounts that were removed longer ago than this and are not erased yet. */
export const usersToErase = async (db: Queryable, retentionS: number, limit: number): Promise<readonly string[]> => {
  const { rows } = await db.query<{ user_id: string }>(
    `select distinct user_id from exchange_accounts
     where erased_at is null and removed_at < now() - make_interval(secs => $1) limit $2`,
    [retentionS, limit],
  );
  return rows.map(({ user_id }) => user_id);
};

/** @returns the accounts that are gone now, with their keys. */
export const eraseRemoved = async (db: Queryable, userId: string, retentionS: number): Promise<readonly string[]> => {
  const { rows } = await db.query<{ account_id: string }>(
    `update exchange_accounts set erased_at = now(), sealed = null, key_fingerprint = null
     where user_id = $1 and erased_at is null and removed_at < now() - make_interval(secs => $2) returning account_id`,
    [userId, retentionS],
  );
  return rows.map(({ account_id }) => account_id);
};
