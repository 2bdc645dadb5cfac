import { refuse, tradingHalted } from '@switchyard/model';
import type { Check } from './check.js';

/** The user was not disabled since the signal was validated. */
export const enabledUser: Check = ({ policy }) =>
  policy.enabled ? undefined : refuse('USER_DISABLED', { userId: policy.userId });

/** Neither everybody nor this user is kept from opening anything. */
export const tradingOpen: Check = ({ policy, environment: { states } }) => {
  const halt = states?.ofUser(policy.userId);
  return halt && tradingHalted(halt);
};

/** Some account may serve the signal: one at a venue where nothing may be opened can't serve an entry. */
export const servingAccount: Check = ({ desks, halted, search, mode, command: { signal } }) => {
  if (desks.length > 0) return undefined;
  const [halt] = halted;
  return halt === undefined
    ? refuse('NO_ACCOUNT', { mode, pair: signal.pair, accounts: search.unusable })
    : tradingHalted(halt);
};

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
