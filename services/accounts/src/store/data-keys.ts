import type { Queryable } from '@switchyard/persistence';

export interface StoredDataKey {
  readonly userId: string;
  readonly sealed: Buffer;
}

/** Data keys that don't begin with a mark, in the order of users, from after one on: locked, so that nobody changes them meanwhile. */
export const lockDataKeysUnlike = async (
  db: Queryable,
  mark: Buffer,
  after: string,
  limit: number,
): Promise<readonly StoredDataKey[]> => {
  const { rows } = await db.query<{ user_id: string; data_key: Buffer }>(
    `select user_id, data_key from users where user_id > $1 and substring(data_key from 1 for $2) <> $3
     order by user_id limit $4 for update`,
    [after, mark.length, mark, limit],
  );
  return rows.map(({ user_id, data_key }) => ({ userId: user_id, sealed: data_key }));
};

/** The same data keys, sealed otherwise. */
export const storeResealed = async (db: Queryable, dataKeys: readonly StoredDataKey[]): Promise<void> => {
  await db.query(
    `update users u set data_key = n.data_key from unnest($1::text[], $2::bytea[]) n (user_id, data_key)
     where u.user_id = n.user_id`,
    [dataKeys.map(({ userId }) => userId), dataKeys.map(({ sealed }) => sealed)],
  );
};

export interface DataKeyFigures {
  readonly users: number;
  /** Sealed under another key-encryption key than the current one. */
  readonly unlike: number;
  readonly oldestMadeAt: Date | undefined;
}

export const dataKeyFigures = async (db: Queryable, mark: Buffer): Promise<DataKeyFigures> => {
  const { rows } = await db.query<{ users: string; unlike: string; oldest: Date | null }>(
    `select count(*) as users, count(*) filter (where substring(data_key from 1 for $1) <> $2) as unlike,
       min(data_key_made_at) as oldest from users`,
    [mark.length, mark],
  );
  const [row] = rows;
  return { users: Number(row?.users), unlike: Number(row?.unlike), oldestMadeAt: row?.oldest ?? undefined };
};

/** Users whose data key was made before an instant, the oldest first. */
export const usersWithDataKeysBefore = async (
  db: Queryable,
  before: Date,
  limit: number,
): Promise<readonly string[]> => {
  const { rows } = await db.query<{ user_id: string }>(
    'select user_id from users where data_key_made_at < $1 order by data_key_made_at, user_id limit $2',
    [before, limit],
  );
  return rows.map(({ user_id }) => user_id);
};

export const countDataKeysBefore = async (db: Queryable, before: Date): Promise<number> => {
  const { rows } = await db.query<{ count: string }>(
    'select count(*) as count from users where data_key_made_at < $1',
    [before],
  );
  return Number(rows[0]?.count);
};

/** A user's sealed API keys, those of removed accounts too as long as they are kept. */
export const sealedKeysOf = async (
  db: Queryable,
  userId: string,
): Promise<readonly { readonly accountId: string; readonly venue: string; readonly sealed: Buffer }[]> => {
  const { rows } = await db.query<{ account_id: string; venue: string; sealed: Buffer }>(
    'select account_id, venue, sealed from exchange_accounts where user_id = $1 and sealed is not null order by account_id',
    [userId],
  );
  return rows.map(({ account_id, venue, sealed }) => ({ accountId: account_id, venue, sealed }));
};

/** A new data key's time, and the API keys sealed under it; `key_version` stays: they are the same API keys. */
export const storeRotated = async (
  db: Queryable,
  userId: string,
  keys: readonly { readonly accountId: string; readonly sealed: Buffer }[],
): Promise<void> => {
  await db.query('update users set data_key_made_at = now() where user_id = $1', [userId]);
  await db.query(
    `update exchange_accounts a set sealed = n.sealed from unnest($1::text[], $2::bytea[]) n (account_id, sealed)
     where a.account_id = n.account_id`,
    [keys.map(({ accountId }) => accountId), keys.map(({ sealed }) => sealed)],
  );
};
