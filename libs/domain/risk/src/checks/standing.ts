import { refuse } from '@switchyard/model';
import type { Check } from './check.js';

/** The user was not disabled since the signal was validated. */
export const enabledUser: Check = ({ policy }) =>
  policy.enabled ? undefined : refuse('USER_DISABLED', { userId: policy.userId });

/** Some account may serve the signal. */
export const servingAccount: Check = ({ desks, search, mode, command: { signal } }) =>
  desks.length > 0 ? undefined : refuse('NO_ACCOUNT', { mode, pair: signal.pair, accounts: search.unusable });

/** The pair is one of those that the user may trade, and not one that the user's limits leave out. Accounts and venues may leave out more. */
export const allowedPair: Check = ({ policy, limits, command: { signal } }) => {
  const { pair } = signal;
  if (policy.pairs !== undefined && !policy.pairs.includes(pair)) {
    return refuse('PAIR_NOT_ALLOWED', { pair, allowed: policy.pairs });
  }
  return limits.restrictedPairs?.includes(pair) === true
    ? refuse('PAIR_RESTRICTED', { pair, scope: 'user' })
    : undefined;
};
