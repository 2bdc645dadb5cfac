import type { AccountPolicyChanged } from '@switchyard/contracts';
import type { AccountPolicy } from '@switchyard/model';
import type { DueAccount, TellingPace, ToldAccount } from '../../ports/account-records.js';
import type { MemoryTransaction } from './memory-transaction.js';
import type { AccountRow } from './rows.js';

export const storePolicies = async (
  tx: MemoryTransaction,
  venue: string,
  policies: readonly AccountPolicyChanged[],
): Promise<void> => {
  const given = policies
    .flatMap((policy) =>
      (policy.accounts as readonly AccountPolicy[])
        .filter((account) => account.venue === venue)
        .map((account) => ({ policy, account })),
    )
    .sort((a, b) => (a.account.accountId < b.account.accountId ? -1 : 1));
  for (const { policy, account } of given) {
    const { accountId, mode, usdtAsUsd } = account;
    const { userId, version } = policy;
    const enabled = policy.enabled && account.enabled;
    if (await tx.claimKey('accounts', accountId)) {
      const never = { balanceAskedAt: undefined, fundsMovedAt: undefined };
      const balanceDueAt = enabled ? tx.nowMs : undefined;
      tx.put('accounts', accountId, { accountId, userId, version, mode, enabled, usdtAsUsd, balanceDueAt, ...never });
      continue;
    }
    const known = await tx.locked('accounts', accountId);
    // An account's mode and user are part of what it is: a policy that says otherwise is not believed.
    if (known === undefined || known.version >= version || known.userId !== userId || known.mode !== mode) continue;
    const balanceDueAt = enabled && !known.enabled ? tx.nowMs : known.balanceDueAt;
    tx.put('accounts', accountId, { ...known, version, enabled, usdtAsUsd, balanceDueAt });
  }
  await retire(tx, policies, new Set(given.map(({ account }) => account.accountId)));
};

/** An account that the newer policy does not name any more takes no entries. */
const retire = async (
  tx: MemoryTransaction,
  policies: readonly AccountPolicyChanged[],
  named: ReadonlySet<string>,
): Promise<void> => {
  for (const { userId, version } of policies) {
    const isOld = (account: AccountRow | undefined): boolean =>
      account?.userId === userId && account.version < version && !named.has(account.accountId);
    for (const [accountId, account] of [...tx.all('accounts')]) {
      if (!isOld(account)) continue;
      const current = await tx.locked('accounts', accountId);
      if (current && isOld(current)) tx.put('accounts', accountId, { ...current, enabled: false, version });
    }
  }
};

export const askForBalances = async (
  tx: MemoryTransaction,
  accountIds: readonly string[],
  intervalMs: number,
): Promise<void> => {
  for (const accountId of [...new Set(accountIds)].sort()) {
    const account = await tx.locked('accounts', accountId);
    if (account === undefined || account.mode === 'simulated') continue;
    const soon = Math.max(tx.nowMs, (account.balanceAskedAt ?? -Infinity) + intervalMs);
    const balanceDueAt = Math.min(account.balanceDueAt ?? Infinity, soon);
    tx.put('accounts', accountId, { ...account, balanceDueAt, fundsMovedAt: tx.nowMs });
  }
};

export const takeDueBalances = (tx: MemoryTransaction, leaseMs: number, most: number): readonly DueAccount[] => {
  const due = [...tx.all('accounts')]
    .map(([, account]) => account)
    .filter(({ mode, balanceDueAt }) => mode !== 'simulated' && (balanceDueAt ?? Infinity) <= tx.nowMs)
    .sort((a, b) => (a.balanceDueAt ?? 0) - (b.balanceDueAt ?? 0));
  const taken: DueAccount[] = [];
  for (const account of due) {
    const { accountId, userId, mode } = account;
    if (taken.length >= most) break;
    if (!tx.tryLock('accounts', accountId)) continue;
    const balanceDueAt = tx.nowMs + leaseMs;
    tx.put('accounts', accountId, { ...account, balanceDueAt });
    taken.push({ accountId, userId, mode, lease: String(balanceDueAt) });
  }
  return taken;
};

export const nextBalancesInMs = (tx: MemoryTransaction): number | undefined => {
  const due = [...tx.all('accounts')].flatMap(([, { mode, balanceDueAt }]) =>
    mode === 'simulated' ? [] : (balanceDueAt ?? []),
  );
  return due.length === 0 ? undefined : Math.min(...due) - tx.nowMs;
};

export const toldBalances = async (
  tx: MemoryTransaction,
  told: readonly ToldAccount[],
  pace: TellingPace,
): Promise<void> => {
  for (const { accountId, lease, askedAt } of told.toSorted((a, b) => (a.accountId < b.accountId ? -1 : 1))) {
    const account = await tx.locked('accounts', accountId);
    if (account === undefined) continue;
    const balanceDueAt = dueAgain(account, Number(lease), askedAt.getTime(), tx.nowMs, pace);
    tx.put('accounts', accountId, { ...account, balanceAskedAt: askedAt.getTime(), balanceDueAt });
  }
};

const dueAgain = (
  { accountId, enabled, balanceDueAt, fundsMovedAt }: AccountRow,
  lease: number,
  askedAt: number,
  nowMs: number,
  { intervalMs, refreshMs, leaseMs, onceMoreMs }: TellingPace,
): number | undefined => {
  if (balanceDueAt !== undefined && balanceDueAt !== lease) return balanceDueAt;
  if (fundsMovedAt !== undefined && lease - leaseMs < fundsMovedAt + onceMoreMs)
    return Math.max(fundsMovedAt + onceMoreMs, askedAt + intervalMs);
  return enabled ? nowMs + refreshMs * (0.8 + 0.4 * placeOf(accountId)) : undefined;
};

/** In [0, 1], the same for an account each time: each has a period of its own. FNV-1a. */
const placeOf = (accountId: string): number => {
  let hash = 0x811c9dc5;
  for (let at = 0; at < accountId.length; at += 1) hash = Math.imul(hash ^ accountId.charCodeAt(at), 0x01000193);
  return (hash & 1023) / 1023;
};
