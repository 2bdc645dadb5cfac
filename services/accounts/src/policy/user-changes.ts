import { Problem } from '@switchyard/http';
import type { EventLog } from '@switchyard/log';
import type { Database, Tx } from '@switchyard/persistence';
import { accountsOf } from '../store/exchange-accounts.js';
import { subscriptionsOf } from '../subscriptions/stored-subscription.js';
import type { StoredUser } from '../store/stored.js';
import { insertUser, lockUser, updateUser, type NewUser, type UserChange } from '../store/users.js';
import type { PolicyAcknowledgement } from './policy-acknowledgement.js';
import { policyEvent, policyOf, type Author } from './policy-event.js';

/** What a change did: to the user itself, and what it answers. `unchanged`: nothing at all, so no new version. */
export interface Change<Result> {
  readonly user?: UserChange;
  readonly unchanged?: boolean;
  readonly result: Result;
}

export interface Changed<Result> {
  readonly user: StoredUser;
  readonly result: Result;
  /** Stages that have not stored this version within the time; empty: all have. */
  readonly missing: readonly string[];
}

export interface UserChangesOptions {
  readonly db: Database;
  readonly log: EventLog<Tx>;
  readonly acknowledgement: PolicyAcknowledgement;
  readonly acknowledgeTimeoutMs: number;
  readonly onChange?: () => void;
}

/**
 * Every change of a user, their limits, tokens, accounts or subscriptions.
 *
 * 1. One at a time per user, under the lock of the user's row.
 * 2. What is stored, the raised version and `AccountPolicyChanged` are one commit: the log knows every version, each once.
 * 3. It resolves when every stage has stored the version, or says which have not.
 */
export class UserChanges {
  readonly #options: UserChangesOptions;

  constructor(options: UserChangesOptions) {
    this.#options = options;
  }

  /** Throws `Problem` CONFLICT where the user exists. */
  create(user: NewUser, author: Author): Promise<Changed<undefined>> {
    const { userId } = user;
    return this.change(
      userId,
      author,
      () => Promise.resolve({ result: undefined }),
      async (tx) => {
        if (!(await insertUser(tx, user)))
          throw new Problem('CONFLICT', 'This user exists already.', { facts: { userId } });
      },
    );
  }

  /** Throws `Problem` NOT_FOUND where there is no such user. `prepare` runs first, in the same transaction. */
  async change<Result>(
    userId: string,
    author: Author,
    work: (tx: Tx, user: StoredUser) => Promise<Change<Result>>,
    prepare: (tx: Tx) => Promise<void> = () => Promise.resolve(),
  ): Promise<Changed<Result>> {
    const { db, log, acknowledgement, acknowledgeTimeoutMs, onChange } = this.#options;
    const { user, result, unchanged } = await db.transaction(async (tx) => {
      await prepare(tx);
      const before = await lockUser(tx, userId);
      if (before === undefined) throw noSuchUser(userId);
      const change = await work(tx, before);
      if (change.unchanged === true) return { user: before, result: change.result, unchanged: true };
      const after = await updateUser(tx, before, change.user ?? {});
      const [accounts, subscriptions] = await Promise.all([accountsOf(tx, userId), subscriptionsOf(tx, userId)]);
      await log.append(tx, [policyEvent(policyOf(after, accounts, subscriptions, author))]);
      return { user: after, result: change.result, unchanged: false };
    });
    if (!unchanged) onChange?.();
    return { user, result, missing: await acknowledgement.wait(userId, user.version, acknowledgeTimeoutMs) };
  }
}

export const noSuchUser = (userId: string): Problem =>
  new Problem('NOT_FOUND', 'There is no such user.', { facts: { userId } });
