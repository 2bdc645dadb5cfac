import type { KeyRing } from '@switchyard/auth';
import type { LimitsChange } from '@switchyard/contracts';
import type { Mode } from '@switchyard/model';
import type { Queryable } from '@switchyard/persistence';
import { Problem } from '@switchyard/http';
import { asked } from './keys-asked.js';
import { noSuchUser, type Changed, type UserChanges } from './policy/user-changes.js';
import { unknownAccounts } from './rest/limits.js';
import { accountsOf } from './store/exchange-accounts.js';
import type { StoredUser } from './store/stored.js';
import { findUser, listUsers } from './store/users.js';

export interface CreateUser {
  readonly userId: string;
  readonly enabled: boolean;
  readonly mode: Mode;
}

export interface ChangeUser {
  readonly enabled?: boolean | undefined;
  readonly mode?: Mode | undefined;
  /** Pairs the user may trade; null: every listed pair. */
  readonly pairs?: readonly string[] | null | undefined;
  readonly reason?: string | undefined;
}

/** Users and their limits. */
export class Users {
  readonly #db: Queryable;
  readonly #changes: UserChanges;
  readonly #keys: KeyRing;

  constructor(db: Queryable, changes: UserChanges, keys: KeyRing) {
    this.#db = db;
    this.#changes = changes;
    this.#keys = keys;
  }

  /** Throws `Problem` CONFLICT; KEYS_UNAVAILABLE. */
  async create(user: CreateUser, changedBy: string): Promise<Changed<undefined>> {
    const dataKey = await asked(() => this.#keys.newDataKey(user.userId));
    return this.#changes.create({ ...user, dataKey }, { changedBy, reason: 'user created' });
  }

  /** Throws `Problem` NOT_FOUND. */
  async find(userId: string): Promise<StoredUser> {
    const user = await findUser(this.#db, userId);
    if (user === undefined) throw noSuchUser(userId);
    return user;
  }

  list(after: string, limit: number): Promise<readonly StoredUser[]> {
    return listUsers(this.#db, after, limit);
  }

  change(userId: string, { enabled, mode, pairs, reason }: ChangeUser, changedBy: string): Promise<Changed<undefined>> {
    return this.#changes.change(userId, { changedBy, reason: reason ?? 'user changed' }, (_, user) => {
      const next = {
        enabled: enabled ?? user.enabled,
        mode: mode ?? user.mode,
        pairs: pairs === undefined ? user.pairs : (pairs ?? undefined),
      };
      const unchanged = JSON.stringify({ ...user, ...next }) === JSON.stringify(user);
      return Promise.resolve({ user: next, unchanged, result: undefined });
    });
  }

  /** All limits at once: what is absent goes back to its default. Throws `Problem` MALFORMED for limits of accounts that the user does not have. */
  replaceLimits(userId: string, limits: LimitsChange, changedBy: string): Promise<Changed<undefined>> {
    return this.#changes.change(userId, { changedBy, reason: 'limits replaced' }, async (tx, user) => {
      if (limits.accounts !== undefined) {
        const inUse = (await accountsOf(tx, userId)).filter(({ removedAt }) => removedAt === undefined);
        const errors = unknownAccounts(
          limits,
          inUse.map(({ accountId }) => accountId),
        );
        if (errors.length > 0)
          throw new Problem('MALFORMED', 'There are limits for accounts that the user does not have.', { errors });
      }
      return { user: { limits }, unchanged: canonical(limits) === canonical(user.limits), result: undefined };
    });
  }
}

/** The same text for the same limits, in whatever order they come: Postgres keeps an order of its own. */
const canonical = (limits: LimitsChange): string =>
  JSON.stringify(limits, (_, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
