import type { Queryable } from '@switchyard/persistence';
import type { StoredUser } from './stored.js';

interface Row {
  readonly user_id: string;
  readonly version: string;
  readonly enabled: boolean;
  readonly mode: StoredUser['mode'];
  readonly limits: StoredUser['limits'];
  readonly pairs: readonly string[] | null;
  readonly data_key: Buffer;
  readonly created_at: Date;
  readonly updated_at: Date;
}

const COLUMNS = 'user_id, version, enabled, mode, limits, pairs, data_key, created_at, updated_at';

const userOf = (row: Row): StoredUser => ({
  userId: row.user_id,
  version: Number(row.version),
  enabled: row.enabled,
  mode: row.mode,
  limits: row.limits,
  pairs: row.pairs ?? undefined,
  dataKey: row.data_key,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

export const findUser = async (db: Queryable, userId: string): Promise<StoredUser | undefined> => {
  const { rows } = await db.query<Row>({ name: 'find-user', text: `select ${COLUMNS} from users where user_id = $1` }, [
    userId,
  ]);
  return rows[0] && userOf(rows[0]);
};

/** Locks the user until the transaction ends: changes of one user happen one after the other. */
export const lockUser = async (db: Queryable, userId: string): Promise<StoredUser | undefined> => {
  const { rows } = await db.query<Row>(
    { name: 'lock-user', text: `select ${COLUMNS} from users where user_id = $1 for update` },
    [userId],
  );
  return rows[0] && userOf(rows[0]);
};

export interface NewUser {
  readonly userId: string;
  readonly enabled: boolean;
  readonly mode: StoredUser['mode'];
  readonly dataKey: Buffer;
}

/** @returns false where the user exists already. */
export const insertUser = async (db: Queryable, { userId, enabled, mode, dataKey }: NewUser): Promise<boolean> => {
  const { rowCount } = await db.query(
    'insert into users (user_id, enabled, mode, data_key) values ($1, $2, $3, $4) on conflict do nothing',
    [userId, enabled, mode, dataKey],
  );
  return rowCount === 1;
};

export type UserChange = Partial<Pick<StoredUser, 'enabled' | 'mode' | 'limits' | 'pairs' | 'dataKey'>>;

/** Stores what changed and the next version. */
export const updateUser = async (db: Queryable, user: StoredUser, change: UserChange): Promise<StoredUser> => {
  const next = { ...user, ...change };
  const { rows } = await db.query<Row>(
    {
      name: 'update-user',
      text: `update users set version = version + 1, enabled = $2, mode = $3, limits = $4, pairs = $5, data_key = $6, updated_at = now()
             where user_id = $1 returning ${COLUMNS}`,
    },
    [user.userId, next.enabled, next.mode, JSON.stringify(next.limits), next.pairs ?? null, next.dataKey],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`the user ${user.userId} vanished while it was locked`);
  return userOf(row);
};

/** In the order of their ids, beginning after one. */
export const listUsers = async (db: Queryable, after: string, limit: number): Promise<readonly StoredUser[]> => {
  const { rows } = await db.query<Row>(
    { name: 'list-users', text: `select ${COLUMNS} from users where user_id > $1 order by user_id limit $2` },
    [after, limit],
  );
  return rows.map(userOf);
};
