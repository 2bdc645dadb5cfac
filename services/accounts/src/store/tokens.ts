import type { Principal } from '@switchyard/auth';
import type { Queryable } from '@switchyard/persistence';
import type { StoredToken } from './stored.js';

interface Row {
  readonly token_id: string;
  readonly user_id: string;
  readonly role: StoredToken['role'];
  readonly name: string;
  readonly publishes: string | null;
  readonly created_at: Date;
  readonly created_by: string;
  readonly expires_at: Date | null;
}

const tokenOf = (row: Row): StoredToken => ({
  tokenId: row.token_id,
  userId: row.user_id,
  role: row.role,
  name: row.name,
  publishes: row.publishes ?? undefined,
  createdAt: row.created_at,
  createdBy: row.created_by,
  expiresAt: row.expires_at ?? undefined,
});

const VALID = 'revoked_at is null and (expires_at is null or expires_at > now())';

/** Whom a token speaks for; undefined where it is unknown, revoked or expired. */
export const principalOf = async (db: Queryable, hash: string): Promise<Principal | undefined> => {
  const { rows } = await db.query<{
    token_id: string;
    user_id: string;
    role: Principal['role'];
    publishes: string | null;
  }>(
    {
      name: 'principal-of',
      text: `select token_id, user_id, role, publishes from tokens where hash = $1 and ${VALID}`,
    },
    [hash],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { user_id: userId, role, token_id: tokenId, publishes } = row;
  return { userId, role, tokenId, ...(publishes === null ? {} : { publishes }) };
};

export const tokensOf = async (db: Queryable, userId: string): Promise<readonly StoredToken[]> => {
  const { rows } = await db.query<Row>(
    `select token_id, user_id, role, name, publishes, created_at, created_by, expires_at from tokens
     where user_id = $1 and ${VALID} order by created_at, token_id`,
    [userId],
  );
  return rows.map(tokenOf);
};

export type NewToken = Omit<StoredToken, 'createdAt'> & { readonly hash: string };

/** @returns false where such a token exists: of anyone, valid or not. */
export const insertToken = async (db: Queryable, token: NewToken): Promise<boolean> => {
  const { rowCount } = await db.query(
    `insert into tokens (token_id, user_id, role, name, hash, created_by, expires_at, publishes) values ($1, $2, $3, $4, $5, $6, $7, $8)
     on conflict do nothing`,
    [
      token.tokenId,
      token.userId,
      token.role,
      token.name,
      token.hash,
      token.createdBy,
      token.expiresAt ?? null,
      token.publishes ?? null,
    ],
  );
  return rowCount === 1;
};

/** @returns false where the user has no such valid token. */
export const revokeToken = async (db: Queryable, userId: string, tokenId: string): Promise<boolean> => {
  const { rowCount } = await db.query(
    `update tokens set revoked_at = now() where user_id = $1 and token_id = $2 and ${VALID}`,
    [userId, tokenId],
  );
  return rowCount === 1;
};
