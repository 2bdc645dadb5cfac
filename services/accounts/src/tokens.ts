import { randomBytes } from 'node:crypto';
import {
  hashToken,
  hashWebhookToken,
  isToken,
  isWebhookToken,
  newToken,
  newWebhookToken,
  type Principal,
  type Role,
  type WebhookGrant,
} from '@switchyard/auth';
import { Problem, type Introspector, type WebhookIntrospector } from '@switchyard/http';
import type { Queryable } from '@switchyard/persistence';
import type { Changed, UserChanges } from './policy/user-changes.js';
import { insertToken, principalOf, revokeToken, tokensOf } from './store/tokens.js';
import type { StoredToken } from './store/stored.js';
import {
  grantOf,
  insertWebhookToken,
  revokeWebhookToken,
  webhookTokensOf,
  type StoredWebhookToken,
} from './store/webhook-tokens.js';

export interface IssueToken {
  readonly role: Role;
  readonly name: string;
  readonly expiresAt?: Date | undefined;
  /** The strategy whose own signals it is good for. */
  readonly publishes?: string | undefined;
  /** Chosen by the operator; default a new random one. */
  readonly token?: string | undefined;
}

export interface IssuedToken extends Omit<StoredToken, 'createdAt'> {
  /** Shown once: what is stored is its hash. */
  readonly token: string;
}

export interface IssueWebhookToken {
  readonly strategyId: string;
  readonly name: string;
  /** Where requests may come from; undefined: from anywhere. */
  readonly addresses?: readonly string[] | undefined;
  readonly expiresAt?: Date | undefined;
}

export interface IssuedWebhookToken extends Omit<StoredWebhookToken, 'createdAt'> {
  /** Shown once: what is stored is its hash. */
  readonly token: string;
}

/** Valid tokens of one user at most: of each kind. */
const MOST_TOKENS = 100;

/** Tokens, of people and programs and of webhooks: issued, listed, revoked, and asked what they are good for. */
export class Tokens implements Introspector, WebhookIntrospector {
  readonly #db: Queryable;
  readonly #changes: UserChanges;

  constructor(db: Queryable, changes: UserChanges) {
    this.#db = db;
    this.#changes = changes;
  }

  introspect(token: string): Promise<Principal | undefined> {
    return isToken(token) ? principalOf(this.#db, hashToken(token)) : Promise.resolve(undefined);
  }

  grantOf(token: string): Promise<WebhookGrant | undefined> {
    return isWebhookToken(token) ? grantOf(this.#db, hashWebhookToken(token)) : Promise.resolve(undefined);
  }

  list(userId: string): Promise<readonly StoredToken[]> {
    return tokensOf(this.#db, userId);
  }

  listWebhooks(userId: string): Promise<readonly StoredWebhookToken[]> {
    return webhookTokensOf(this.#db, userId);
  }

  issue(
    userId: string,
    { role, name, expiresAt, publishes, token = newToken() }: IssueToken,
    by: string,
  ): Promise<Changed<IssuedToken>> {
    const tokenId = `tok-${randomBytes(8).toString('hex')}`;
    const author = {
      changedBy: by,
      reason: `token ${tokenId} issued for the role ${role}${publishes === undefined ? '' : `, to publish ${publishes}`}`,
    };
    return this.#changes.change(userId, author, async (tx) => {
      refuseMore(await tokensOf(tx, userId));
      const stored = { tokenId, userId, role, name, publishes, createdBy: by, expiresAt };
      if (!(await insertToken(tx, { ...stored, hash: hashToken(token) })))
        throw new Problem('CONFLICT', 'This token was used before: choose another.');
      return { result: { ...stored, token } };
    });
  }

  /** The token of a webhook: good for signals of this strategy of this user, and for nothing else. */
  issueWebhook(
    userId: string,
    { strategyId, name, addresses, expiresAt }: IssueWebhookToken,
    by: string,
  ): Promise<Changed<IssuedWebhookToken>> {
    const tokenId = `tok-${randomBytes(8).toString('hex')}`;
    const author = { changedBy: by, reason: `token ${tokenId} issued for webhooks of the strategy ${strategyId}` };
    return this.#changes.change(userId, author, async (tx) => {
      refuseMore(await webhookTokensOf(tx, userId));
      const token = newWebhookToken();
      const stored = { tokenId, userId, strategyId, name, addresses, createdBy: by, expiresAt };
      await insertWebhookToken(tx, { ...stored, hash: hashWebhookToken(token) });
      return { result: { ...stored, token } };
    });
  }

  revoke(userId: string, tokenId: string, by: string): Promise<Changed<undefined>> {
    return this.#changes.change(userId, { changedBy: by, reason: `token ${tokenId} revoked` }, async (tx) => {
      if (!(await revokeToken(tx, userId, tokenId)) && !(await revokeWebhookToken(tx, userId, tokenId)))
        throw new Problem('NOT_FOUND', 'The user has no such token.', { facts: { userId, tokenId } });
      return { result: undefined };
    });
  }
}

const refuseMore = (tokens: readonly unknown[]): void => {
  if (tokens.length < MOST_TOKENS) return;
  throw new Problem('CONFLICT', 'The user has as many tokens as are allowed: revoke one.', {
    facts: { limit: MOST_TOKENS },
  });
};
