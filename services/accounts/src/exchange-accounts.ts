import { createHash, randomBytes } from 'node:crypto';
import type { KeyRing, Principal, SealedFor, VenueCredentials } from '@switchyard/auth';
import { Problem } from '@switchyard/http';
import { refuse } from '@switchyard/model';
import type { Queryable, Tx } from '@switchyard/persistence';
import type { Approvals } from './approvals/approvals.js';
import { asked } from './keys-asked.js';
import type { Changed, UserChanges } from './policy/user-changes.js';
import {
  accountsOf,
  accountsOfAll,
  insertAccount,
  keyInUse,
  removeAccount,
  rotateKey,
  type NewAccount,
  type SealedKey,
} from './store/exchange-accounts.js';
import { decideApproval, dropPending, type StoredApproval } from './store/approvals.js';
import type { StoredAccount, StoredUser } from './store/stored.js';
import { deleteSubscriptionsOfAccount } from './subscriptions/stored-subscription.js';

export type ConnectAccount = Omit<NewAccount, 'accountId' | 'userId'> & {
  readonly accountId?: string | undefined;
  /** Absent for a simulated account alone. */
  readonly credentials?: VenueCredentials | undefined;
};

/** An account, and the approval it waits for. */
export interface Connected {
  readonly account: StoredAccount;
  readonly approval: StoredApproval | undefined;
}

/** Accounts of one user at most: a user's policy stays small. */
const MOST_ACCOUNTS = 200;

/**
 * The exchange accounts of users.
 *
 * 1. An API key is sealed before it is stored, and never read again here: the venue's executor alone opens it. (A new data key moves it
 *    from one seal under another, `DataKeys`; nobody sees it.)
 * 2. One API key belongs to one account in use: two would count, and reserve, the same funds twice.
 * 3. Mode is part of an account's identity: another mode is another account.
 * 4. A removed account takes no new orders; it is erased later, so that what is open at the venue can still be found and cancelled.
 * 5. Where live accounts need a second person, one is stored whole and told to no stage before it was approved; till then its keys can't be
 *    changed, and one that is not approved is erased at once.
 */
export class ExchangeAccounts {
  readonly #db: Queryable;
  readonly #changes: UserChanges;
  readonly #keys: KeyRing;

  constructor(db: Queryable, changes: UserChanges, keys: KeyRing) {
    this.#db = db;
    this.#changes = changes;
    this.#keys = keys;
  }

  async list(userId: string): Promise<readonly StoredAccount[]> {
    return (await accountsOf(this.#db, userId)).filter(({ removedAt }) => removedAt === undefined);
  }

  /** The accounts in use of several users at once, by user. */
  async listOf(userIds: readonly string[]): Promise<ReadonlyMap<string, readonly StoredAccount[]>> {
    const accounts = (await accountsOfAll(this.#db, userIds)).filter(({ removedAt }) => removedAt === undefined);
    return Map.groupBy(accounts, ({ userId }) => userId);
  }

  /** What needs a second person in this deployment waits for one. */
  connectFor(userId: string, input: ConnectAccount, by: Principal, approvals: Approvals): Promise<Changed<Connected>> {
    const waits = input.mode === 'live' && approvals.needs('live_account');
    return this.#connect(userId, input, by.userId, waits, (tx, accountId) =>
      waits ? approvals.requestAccount(tx, { userId, accountId }, by) : Promise.resolve(undefined),
    );
  }

  /** The deployment's own: nobody is asked. */
  connect(userId: string, input: ConnectAccount, changedBy: string): Promise<Changed<Connected>> {
    return this.#connect(userId, input, changedBy, false, () => Promise.resolve(undefined));
  }

  #connect(
    userId: string,
    input: ConnectAccount,
    changedBy: string,
    waits: boolean,
    request: (tx: Tx, accountId: string) => Promise<StoredApproval | undefined>,
  ): Promise<Changed<Connected>> {
    const accountId = input.accountId ?? `acc-${randomBytes(8).toString('hex')}`;
    const what = waits ? 'asked for; it waits for a second person' : 'connected';
    const author = { changedBy, reason: `account ${accountId} ${what}` };
    return this.#changes.change(userId, author, async (tx, user) => {
      const { credentials, ...rest } = input;
      const account: NewAccount = { ...rest, accountId, userId };
      if ((await accountsOf(tx, userId)).length >= MOST_ACCOUNTS)
        throw new Problem('CONFLICT', 'The user has as many accounts as are allowed.', {
          facts: { limit: MOST_ACCOUNTS },
        });
      const key = credentials && (await this.#seal(user, account, credentials));
      if (key !== undefined) await refuseUsedKey(tx, key, accountId);
      const approval = await request(tx, accountId);
      if (!(await insertAccount(tx, account, key, approval?.approvalId)))
        throw new Problem('CONFLICT', 'An account with this id exists already.', { facts: { accountId } });
      return { result: { account: await one(tx, userId, accountId), approval } };
    });
  }

  rotate(
    userId: string,
    accountId: string,
    credentials: VenueCredentials,
    changedBy: string,
  ): Promise<Changed<StoredAccount>> {
    const author = { changedBy, reason: `keys of account ${accountId} rotated` };
    return this.#changes.change(userId, author, async (tx, user) => {
      const account = await inUse(tx, userId, accountId);
      if (account.mode === 'simulated')
        throw new Problem('CONFLICT', 'A simulated account makes no calls, so it has no keys.', {
          facts: { accountId },
        });
      if (account.pendingApproval !== undefined)
        throw new Problem('CONFLICT', 'The account waits for a second person, who approves it as it is.', {
          facts: { accountId, approvalId: account.pendingApproval },
        });
      const key = await this.#seal(user, account, credentials);
      await refuseUsedKey(tx, key, accountId);
      await rotateKey(tx, accountId, key);
      return { result: await one(tx, userId, accountId) };
    });
  }

  remove(userId: string, accountId: string, changedBy: string): Promise<Changed<StoredAccount>> {
    const author = { changedBy, reason: `account ${accountId} removed` };
    return this.#changes.change(userId, author, async (tx) => {
      const account = await inUse(tx, userId, accountId);
      await deleteSubscriptionsOfAccount(tx, accountId);
      const { pendingApproval } = account;
      if (pendingApproval !== undefined) {
        const withdrawal = { decidedBy: changedBy, decidedWith: undefined, reason: undefined };
        await decideApproval(tx, pendingApproval, { status: 'withdrawn', ...withdrawal });
        await dropPending(tx, pendingApproval);
        return { result: { ...account, removedAt: new Date() } };
      }
      await removeAccount(tx, accountId);
      return { result: await one(tx, userId, accountId) };
    });
  }

  async #seal(user: StoredUser, { accountId, venue }: NewAccount, credentials: VenueCredentials): Promise<SealedKey> {
    const sealedFor: SealedFor = { userId: user.userId, accountId, venue };
    return {
      sealed: await asked(() => this.#keys.sealCredentials(sealedFor, user.dataKey, credentials)),
      fingerprint: createHash('sha256')
        .update(JSON.stringify([venue, credentials.apiKey]))
        .digest('hex'),
    };
  }
}

/** An account of this user, removed or not. Throws where there is none. */
const one = async (tx: Tx, userId: string, accountId: string): Promise<StoredAccount> => {
  const found = (await accountsOf(tx, userId)).find((account) => account.accountId === accountId);
  if (found === undefined)
    throw new Problem('NOT_FOUND', 'The user has no such account.', { facts: { userId, accountId } });
  return found;
};

const inUse = async (tx: Tx, userId: string, accountId: string): Promise<StoredAccount> => {
  const account = await one(tx, userId, accountId);
  if (account.removedAt !== undefined)
    throw new Problem('NOT_FOUND', 'The account was removed.', { facts: { userId, accountId } });
  return account;
};

const refuseUsedKey = async (tx: Tx, { fingerprint }: SealedKey, accountId: string): Promise<void> => {
  if (await keyInUse(tx, fingerprint, accountId))
    throw new Problem('CONFLICT', 'This API key belongs to another account: its funds would be counted twice.');
};

/** What an account may wish for beyond spot trading with its own funds at the deployment's origin of its venue. */
export interface AccountWishes {
  readonly market: string;
  readonly testnet?: boolean | undefined;
  readonly marginMode?: string | undefined;
  readonly leverage?: number | undefined;
}

/** Wishes that would be stored and have no effect are refused until they work: who asks for a test net must not trade for real. */
export const unsupportedWishes = ({ market, testnet, marginMode, leverage }: AccountWishes): Problem | undefined => {
  const fields = [
    ...(market === 'spot' ? [] : ['market']),
    ...(testnet === true ? ['testnet'] : []),
    ...(marginMode === undefined ? [] : ['marginMode']),
    ...(leverage === undefined || leverage === 1 ? [] : ['leverage']),
  ];
  if (fields.length === 0) return undefined;
  const { code, facts } = refuse('UNSUPPORTED', { fields, offered: { market: 'spot', testnet: false, leverage: 1 } });
  const message = 'Futures, margin and a test net chosen per account are not offered yet: accounts trade spot.';
  return new Problem(code, message, { facts });
};
