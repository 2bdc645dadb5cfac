import type { Credentials } from '@switchyard/exchanges';
import type { AccountKeys } from '../../ports/account-keys.js';

/** Keys that are given as they are, by account. */
export const memoryAccountKeys = (
  keys: ReadonlyMap<string, { readonly userId: string; readonly credentials: Credentials; readonly version?: number }>,
): AccountKeys => ({
  versionOf: (accountId) => {
    const known = keys.get(accountId);
    return Promise.resolve(known && (known.version ?? 1));
  },
  open: (userId, accountId) => {
    const known = keys.get(accountId);
    return Promise.resolve(
      known?.userId === userId ? { version: known.version ?? 1, credentials: known.credentials } : undefined,
    );
  },
});
