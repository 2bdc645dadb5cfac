import type { Limits } from '@switchyard/model';
import { DEFAULT_LIMITS } from '@switchyard/model';
import type { Changed } from '../policy/user-changes.js';
import type { StoredApproval } from '../store/approvals.js';
import type { StoredAccount, StoredToken, StoredUser } from '../store/stored.js';
import type { StoredWebhookToken } from '../store/webhook-tokens.js';

/** What is answered. Secrets are never given back. */

export const accountView = (account: StoredAccount) => ({
  accountId: account.accountId,
  venue: account.venue,
  mode: account.mode,
  market: account.market,
  status: statusOf(account),
  ...(account.pendingApproval === undefined ? {} : { approvalId: account.pendingApproval }),
  ...(account.testnet === undefined ? {} : { testnet: account.testnet }),
  usdtAsUsd: account.usdtAsUsd,
  timeZone: account.timeZone,
  ...(account.startingBalances === undefined ? {} : { startingBalances: account.startingBalances }),
  keyVersion: account.keyVersion,
  createdAt: account.createdAt.toISOString(),
});

const statusOf = ({ removedAt, pendingApproval }: StoredAccount): 'connected' | 'pending_approval' | 'removed' =>
  removedAt !== undefined ? 'removed' : pendingApproval === undefined ? 'connected' : 'pending_approval';

export const approvalView = (approval: StoredApproval) => ({
  approvalId: approval.approvalId,
  kind: approval.kind,
  status: approval.status,
  ...approval.about,
  requestedBy: approval.requestedBy,
  requestedAt: approval.requestedAt.toISOString(),
  expiresAt: approval.expiresAt.toISOString(),
  ...(approval.decidedBy === undefined ? {} : { decidedBy: approval.decidedBy }),
  ...(approval.decidedAt === undefined ? {} : { decidedAt: approval.decidedAt.toISOString() }),
  ...(approval.reason === undefined ? {} : { reason: approval.reason }),
});

export const userView = (user: StoredUser, accounts: readonly StoredAccount[]) => ({
  userId: user.userId,
  version: user.version,
  enabled: user.enabled,
  mode: user.mode,
  ...(user.pairs === undefined ? {} : { pairs: user.pairs }),
  accounts: accounts.map(accountView),
  createdAt: user.createdAt.toISOString(),
  updatedAt: user.updatedAt.toISOString(),
});

/** Every limit in force: the user's own, the defaults for the rest. */
export const limitsView = ({ limits }: StoredUser): Limits => ({ ...DEFAULT_LIMITS, ...definedOf(limits) });

type Shown<Token extends StoredToken | StoredWebhookToken> = Omit<Token, 'createdAt'> & {
  readonly createdAt?: Date;
  readonly token?: string;
};

export const tokenView = (token: Shown<StoredToken>) => ({
  tokenId: token.tokenId,
  userId: token.userId,
  kind: 'api',
  role: token.role,
  ...(token.publishes === undefined ? {} : { publishes: token.publishes }),
  ...commonView(token),
});

export const webhookTokenView = (token: Shown<StoredWebhookToken>) => ({
  tokenId: token.tokenId,
  userId: token.userId,
  kind: 'webhook',
  strategy: token.strategyId,
  ...(token.addresses === undefined ? {} : { addresses: token.addresses }),
  ...commonView(token),
});

const commonView = ({ name, token, createdBy, createdAt, expiresAt }: Shown<StoredToken | StoredWebhookToken>) => ({
  name,
  ...(token === undefined ? {} : { token }),
  createdBy,
  ...(createdAt === undefined ? {} : { createdAt: createdAt.toISOString() }),
  ...(expiresAt === undefined ? {} : { expiresAt: expiresAt.toISOString() }),
});

/** Part of an answer where some stages have not stored the change in time: it is committed, and will reach them. */
export const pendingOf = ({ missing }: Pick<Changed<unknown>, 'missing'>) =>
  missing.length === 0 ? {} : { pendingAt: missing };

const definedOf = (limits: StoredUser['limits']): Partial<Limits> =>
  Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));
