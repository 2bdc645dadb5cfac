import { isToken, type Role } from '@switchyard/auth';
import type { LimitsChange } from '@switchyard/contracts';
import { Problem } from '@switchyard/http';
import type { ConnectAccount, ExchangeAccounts } from './exchange-accounts.js';
import type { SubscriptionKey, Terms } from './subscriptions/stored-subscription.js';
import type { Subscriptions } from './subscriptions/subscriptions.js';
import type { CreateUser, Users } from './users.js';
import type { Tokens } from './tokens.js';

const SETUP = 'setup';

/**
 * What a deployment needs before its first request: the administrator, and the users of a demonstration. Every call makes what is missing
 * and leaves the rest alone, so that it can be repeated at each start. `app.get(AccountsSetup)` of a running accounts service.
 */
export class AccountsSetup {
  readonly #users: Users;
  readonly #tokens: Tokens;
  readonly #accounts: ExchangeAccounts;

  readonly #subscriptions: Subscriptions;

  constructor(users: Users, tokens: Tokens, accounts: ExchangeAccounts, subscriptions: Subscriptions) {
    this.#users = users;
    this.#tokens = tokens;
    this.#accounts = accounts;
    this.#subscriptions = subscriptions;
  }

  /** @returns whether the user was made now. Limits are set at that moment only. */
  async ensureUser({ limits, ...user }: CreateUser & { readonly limits?: LimitsChange }): Promise<boolean> {
    const created = await made(() => this.#users.create(user, SETUP));
    if (created && limits !== undefined) await this.#users.replaceLimits(user.userId, limits, SETUP);
    return created;
  }

  /**
   * Makes sure that a user has a token under a name: the given one, else a new one. Another token that had the name is revoked.
   *
   * @returns the token. Keep it: what is stored is its hash.
   */
  async ensureToken(wanted: {
    readonly userId: string;
    readonly role: Role;
    readonly name: string;
    readonly token?: string | undefined;
    /** The strategy whose own signals it is good for. */
    readonly publishes?: string | undefined;
  }): Promise<string> {
    const { userId, role, name, publishes } = wanted;
    let { token } = wanted;
    if (token !== undefined) {
      if (!isToken(token))
        throw new Problem('MALFORMED', `The token ${name} must have 24 to 256 letters, digits or any of . _ ~ + / = -`);
      const known = await this.#tokens.introspect(token);
      if (known?.userId === userId && known.role === role) {
        if (known.publishes === publishes) return token;
        // What a token is good for never changes: it is another token.
        token = undefined;
      }
    }
    for (const old of await this.#tokens.list(userId))
      if (old.name === name) await this.#tokens.revoke(userId, old.tokenId, SETUP);
    const { result } = await this.#tokens.issue(userId, { role, name, token, publishes }, SETUP);
    return result.token;
  }

  /** @returns whether the account was connected now. It is known by its id. */
  async ensureAccount(userId: string, account: ConnectAccount & { readonly accountId: string }): Promise<boolean> {
    if ((await this.#accounts.list(userId)).some(({ accountId }) => accountId === account.accountId)) return false;
    await this.#accounts.connect(userId, account, SETUP);
    return true;
  }

  /** @returns whether the account follows the strategy from now on. On whatever terms it follows already, they stay. */
  async ensureSubscription(userId: string, key: SubscriptionKey, terms: Terms): Promise<boolean> {
    const known = await this.#subscriptions.list(userId);
    if (known.some(({ strategyId, accountId }) => strategyId === key.strategyId && accountId === key.accountId))
      return false;
    await this.#subscriptions.add(userId, key, terms, SETUP);
    return true;
  }
}

const made = async (make: () => Promise<unknown>): Promise<boolean> => {
  try {
    await make();
    return true;
  } catch (error) {
    if (error instanceof Problem && error.code === 'CONFLICT') return false;
    throw error;
  }
};
