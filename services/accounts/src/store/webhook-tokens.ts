import type { WebhookGrant } from '@switchyard/auth';
import type { Queryable } from '@switchyard/persistence';

export interface StoredWebhookToken extends WebhookGrant {
  readonly name: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly expiresAt: Date | undefined;
}

interface Row {
  readonly token_id: string;
  readonly user_id: string;
  readonly strategy_id: string;
  readonly name: string;
  readonly addresses: readonly string[] | null;
  readonly created_at: Date;
  readonly created_by: string;
  readonly expires_at: Date | null;
}

const VALID = 'revoked_at is null and (expires_at is null or expires_at > now())';
const COLUMNS = 'token_id, user_id, strategy_id, name, addresses, created_at, created_by, expires_at';

const tokenOf = (row: Row): StoredWebhookToken => ({
  tokenId: row.token_id,
  userId: row.user_id,
  strategyId: row.strategy_id,
  name: row.name,
  addresses: row.addresses ?? undefined,
  createdAt: row.created_at,
  createdBy: row.created_by,
  expiresAt: row.expires_at ?? undefined,
});

/** What a webhook's token is good for; undefined where it is unknown, revoked or expired. */
export const grantOf = async (db: Queryable, hash: string): Promise<WebhookGrant | undefined> => {
  const { rows } = await db.query<Row>(
    { name: 'webhook-grant-of', text: `select ${COLUMNS} from webhook_tokens where hash = $1 and ${VALID}` },
    [hash],
  );
  const [row] = rows;
  if (row === undefined) return undefined;
  const { tokenId, userId, strategyId, addresses } = tokenOf(row);
  return { tokenId, userId, strategyId, addresses };
};

export const webhookTokensOf = async (db: Queryable, userId: string): Promise<readonly StoredWebhookToken[]> => {
  const { rows } = await db.query<Row>(
    `select ${COLUMNS} from webhook_tokens where user_id = $1 and ${VALID} order by created_at, token_id`,
    [userId],
  );
  return rows.map(tokenOf);
};

export type NewWebhookToken = Omit<StoredWebhookToken, 'createdAt'> & { readonly hash: string };

export const insertWebhookToken = async (db: Queryable, token: NewWebhookToken): Promise<void> => {
  await db.query(
    `insert into webhook_tokens (token_id, user_id, strategy_id, name, addresses, hash, created_by, expires_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      token.tokenId,
      token.userId,
      token.strategyId,
      token.name,
      token.addresses ?? null,
      token.hash,
      token.createdBy,
      token.expiresAt ?? null,
    ],
  );
};

/** @returns false where the user has no such valid token. */
export const revokeWebhookToken = async (db: Queryable, userId: string, tokenId: string): Promise<boolean> => {
  const { rowCount } = await db.query(
    `update webhook_tokens set revoked_at = now() where user_id = $1 and token_id = $2 and ${VALID}`,
    [userId, tokenId],
  );
  return rowCount === 1;
};
