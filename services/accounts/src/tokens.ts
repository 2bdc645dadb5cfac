import { randomBytes } from 'node:crypto';
import { hashToken, isToken, newToken, type Principal, type Role } from '@switchyard/auth';
import { Problem, type Introspector } from '@switchyard/http';
import type { Queryable } from '@switchyard/persistence';
import type { Changed, UserChanges } from './policy/user-changes.js';
import { insertToken, principalOf, revokeToken, tokensOf } from './store/tokens.js';
import type { StoredToken } from './store/stored.js';

export interface IssueToken {
  readonly role: Role;
  readonly name: string;
  readonly expiresAt?: Date | undefined;
  /** Chosen by the operator; default a new random one. */
  readonly token?: string | undefined;
}

export interface IssuedToken extends Omit<StoredToken, 'createdAt'> {
  /** Shown once: what is stored is its hash. */
  readonly token: string;
}

/** Valid tokens of one user at most. */
const MOST_TOKENS = 100;

/** Bearer tokens: issued, listed, revoked, and asked whom they speak for. */
export class Tokens implements Introspector {
  readonly #db: Queryable;
  readonly #changes: UserChanges;

  constructor(db: Queryable, changes: UserChanges) {
    this.#db = db;
    this.#changes = changes;
  }

  introspect(token: string): Promise<Principal | undefined> {
    return isToken(token) ? principalOf(this.#db, hashToken(token)) : Promise.resolve(undefined);
  }

  list(userId: string): Promise<readonly StoredToken[]> {
    return tokensOf(this.#db, userId);
  }

  issue(
    userId: string,
    { role, name, expiresAt, token = newToken() }: IssueToken,
    by: string,
  ): Promise<Changed<IssuedToken>> {
    const tokenId = `tok-${randomBytes(8).toString('hex')}`;
    const author = { changedBy: by, reason: `token ${tokenId} issued for the role ${role}` };
    return this.#changes.change(userId, author, async (tx) => {
      if ((await tokensOf(tx, userId)).length >= MOST_TOKENS)
        throw new Problem('CONFLICT', 'The user has as many tokens as are allowed: revoke one.', {
          facts: { limit: MOST_TOKENS },
        });
      const stored = { tokenId, userId, role, name, createdBy: by, expiresAt };
      if (!(await insertToken(tx, { ...stored, hash: hashToken(token) })))
        throw new Problem('CONFLICT', 'This token was used before: choose another.');
      return { result: { ...stored, token } };
    });
  }

  revoke(userId: string, tokenId: string, by: string): Promise<Changed<undefined>> {
    return this.#changes.change(userId, { changedBy: by, reason: `token ${tokenId} revoked` }, async (tx) => {
      if (!(await revokeToken(tx, userId, tokenId)))
        throw new Problem('NOT_FOUND', 'The user has no such token.', { facts: { userId, tokenId } });
      return { result: undefined };
    });
  }
}
