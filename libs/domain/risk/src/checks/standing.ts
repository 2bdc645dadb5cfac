import { refuse } from '@switchyard/model';
import type { Check } from './check.js';

/** The user was not disabled since the signal was validated. */
export const enabledUser: Check = ({ policy }) =>
  policy.enabled ? undefined : refuse('USER_DISABLED', { userId: policy.userId });

/** Some account may serve the signal. */
export const servingAccount: Check = ({ desks, search, mode, command: { signal } }) =>
  desks.length > 0 ? undefined : refuse('NO_ACCOUNT', { mode, pair: signal.pair, accounts: search.unusable });
