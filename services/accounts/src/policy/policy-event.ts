import type { AccountPolicyChanged } from '@switchyard/contracts';
import { deriveId, type OutgoingEvent } from '@switchyard/log';
import { toldOf, type StoredSubscription } from '../subscriptions/stored-subscription.js';
import type { StoredAccount, StoredUser } from '../store/stored.js';

export const POLICY_TOPIC = 'AccountPolicyChanged';

/** Who changed a user, and why. */
export interface Author {
  readonly changedBy: string;
  readonly reason: string;
}

/** A user as the stages need it, whole: keys and tokens are not in it. */
export const policyOf = (
  { userId, version, enabled, mode, limits, pairs, updatedAt }: StoredUser,
  accounts: readonly StoredAccount[],
  subscriptions: readonly StoredSubscription[],
  { changedBy, reason }: Author,
): AccountPolicyChanged => ({
  userId,
  version,
  enabled,
  mode,
  limits,
  ...(pairs === undefined ? {} : { pairs: pairs as AccountPolicyChanged['pairs'] & string[] }),
  accounts: inForce(accounts).map(toldAccount),
  ...subscriptionsOf(subscriptions, inForce(accounts)),
  changedBy,
  reason,
  changedAt: updatedAt.toISOString(),
});

/** What waits for a second person is no account yet. */
const inForce = (accounts: readonly StoredAccount[]): readonly StoredAccount[] =>
  accounts.filter(({ pendingApproval }) => pendingApproval === undefined);

const subscriptionsOf = (
  subscriptions: readonly StoredSubscription[],
  accounts: readonly StoredAccount[],
): Pick<AccountPolicyChanged, 'subscriptions'> => {
  const known = new Set(accounts.map(({ accountId }) => accountId));
  const told = subscriptions.filter(({ accountId }) => known.has(accountId));
  return told.length === 0 ? {} : { subscriptions: told.map(toldOf) };
};

const toldAccount = (account: StoredAccount): AccountPolicyChanged['accounts'][number] => ({
  accountId: account.accountId,
  venue: account.venue,
  mode: account.mode,
  market: account.market,
  enabled: account.removedAt === undefined,
  ...(account.testnet === undefined ? {} : { testnet: account.testnet }),
  usdtAsUsd: account.usdtAsUsd,
  timeZone: account.timeZone,
  ...(account.startingBalances === undefined ? {} : { startingBalances: account.startingBalances }),
});

/** The event of one version: the same version is the same event. */
export const policyEvent = (policy: AccountPolicyChanged): OutgoingEvent => ({
  topic: POLICY_TOPIC,
  type: 'AccountPolicyChanged',
  key: policy.userId,
  payload: policy,
  cause: { id: deriveId('account-policy', policy.userId, String(policy.version)) },
});
