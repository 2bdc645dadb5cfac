import { refuse } from '@switchyard/model';
import { closes } from '../closes.js';
import { searchAccounts } from '../usable-accounts.js';
import type { Check } from './subject.js';

/** The user exists and is enabled, or closes what is open. */
export const knownUser: Check = ({ signal, policy }) => {
  if (policy === undefined) return refuse('USER_UNKNOWN', { userId: signal.userId ?? null });
  return policy.enabled || closes(signal) ? undefined : refuse('USER_DISABLED', { userId: policy.userId });
};

export const allowedPair: Check = ({ signal, policy }) =>
  policy?.pairs === undefined || policy.pairs.includes(signal.pair) || closes(signal)
    ? undefined
    : refuse('PAIR_NOT_ALLOWED', { pair: signal.pair, allowed: policy.pairs });

/** At least one enabled account could trade this; the facts say of each other account what stands in its way. */
export const usableAccount: Check = ({ signal, policy, market }) => {
  if (policy === undefined) return undefined;
  const { mode, usable, unusable } = searchAccounts(signal, policy, market);
  return usable.length > 0 ? undefined : refuse('NO_ACCOUNT', { mode, pair: signal.pair, accounts: unusable });
};
