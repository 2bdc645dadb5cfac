import { Problem } from '@switchyard/http';
import type { Queryable, Tx } from '@switchyard/persistence';
import { MAX_FOLLOWING_ACCOUNT_ID } from '@switchyard/signal';
import type { Changed, UserChanges } from '../policy/user-changes.js';
import { accountsOf } from '../store/exchange-accounts.js';
import {
  deleteSubscription,
  insertSubscription,
  subscriptionsOf,
  updateSubscription,
  type StoredSubscription,
  type SubscriptionKey,
  type Terms,
} from './stored-subscription.js';

/** Subscriptions of one user at most: a user's policy stays small. */
const MOST_SUBSCRIPTIONS = 200;

/** Terms to change: null takes one away, what is absent stays. */
export type TermsChange = { readonly [Term in keyof Terms]?: Terms[Term] | null | undefined };

/**
 * The strategies that a user's accounts follow: one subscription a strategy and account. Each change is a version of the user like any
 * other, and answered when every stage has it.
 */
export class Subscriptions {
  readonly #db: Queryable;
  readonly #changes: UserChanges;

  constructor(db: Queryable, changes: UserChanges) {
    this.#db = db;
    this.#changes = changes;
  }

  list(userId: string): Promise<readonly StoredSubscription[]> {
    return subscriptionsOf(this.#db, userId);
  }

  /** The same again changes nothing. Throws `Problem` NOT_FOUND (no such account), CONFLICT (it follows on other terms), MALFORMED. */
  add(userId: string, key: SubscriptionKey, terms: Terms, changedBy: string): Promise<Changed<StoredSubscription>> {
    const author = { changedBy, reason: `account ${key.accountId} follows ${key.strategyId}` };
    return this.#changes.change(userId, author, async (tx) => {
      const known = await subscriptionsOf(tx, userId);
      const same = known.find(is(key));
      if (same !== undefined) {
        if (await updateSubscription(tx, userId, key, terms))
          throw new Problem('CONFLICT', 'The account follows this strategy already, on other terms: change those.', {
            facts: { ...key },
          });
        return { result: same, unchanged: true };
      }
      if (known.length >= MOST_SUBSCRIPTIONS)
        throw new Problem('CONFLICT', 'The user has as many subscriptions as are allowed.', {
          facts: { limit: MOST_SUBSCRIPTIONS },
        });
      await requireAccount(tx, userId, key.accountId);
      await insertSubscription(tx, userId, key, terms);
      return { result: await one(tx, userId, key) };
    });
  }

  /** Throws `Problem` NOT_FOUND. */
  change(
    userId: string,
    key: SubscriptionKey,
    change: TermsChange,
    changedBy: string,
  ): Promise<Changed<StoredSubscription>> {
    const author = { changedBy, reason: `how account ${key.accountId} follows ${key.strategyId} changed` };
    return this.#changes.change(userId, author, async (tx) => {
      const { terms } = await one(tx, userId, key);
      const changed = await updateSubscription(tx, userId, key, changedTerms(terms, change));
      return { result: await one(tx, userId, key), unchanged: !changed };
    });
  }

  /** From here on nothing is copied, exits neither: what is open stays the user's. Throws `Problem` NOT_FOUND. */
  remove(userId: string, key: SubscriptionKey, changedBy: string): Promise<Changed<StoredSubscription>> {
    const author = { changedBy, reason: `account ${key.accountId} follows ${key.strategyId} no more` };
    return this.#changes.change(userId, author, async (tx) => {
      const removed = await one(tx, userId, key);
      await deleteSubscription(tx, userId, key);
      return { result: removed };
    });
  }
}

const is =
  ({ strategyId, accountId }: SubscriptionKey) =>
  (one: SubscriptionKey): boolean =>
    one.strategyId === strategyId && one.accountId === accountId;

const one = async (tx: Tx, userId: string, key: SubscriptionKey): Promise<StoredSubscription> => {
  const found = (await subscriptionsOf(tx, userId)).find(is(key));
  if (found === undefined)
    throw new Problem('NOT_FOUND', 'The account does not follow this strategy.', { facts: { ...key } });
  return found;
};

const requireAccount = async (tx: Tx, userId: string, accountId: string): Promise<void> => {
  const account = (await accountsOf(tx, userId)).find((other) => other.accountId === accountId);
  if (account === undefined || account.removedAt !== undefined)
    throw new Problem('NOT_FOUND', 'The user has no such account in use.', { facts: { userId, accountId } });
  if (accountId.length > MAX_FOLLOWING_ACCOUNT_ID)
    throw new Problem('MALFORMED', 'The id of the account is too long for the ids of copies, which end in it.', {
      errors: [{ path: 'accountId', problem: `must have ${MAX_FOLLOWING_ACCOUNT_ID} characters at most to follow` }],
    });
};

/** Terms after a change, without those that were taken away. */
const changedTerms = (terms: Terms, change: TermsChange): Terms => {
  const next: Record<string, unknown> = { ...terms };
  for (const [term, value] of Object.entries(change)) {
    if (value === null) Reflect.deleteProperty(next, term);
    else if (value !== undefined) next[term] = value;
  }
  return next as unknown as Terms;
};
