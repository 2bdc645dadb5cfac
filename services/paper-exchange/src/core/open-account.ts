import { isDecimalString } from '@switchyard/money';
import { z } from 'zod';
import type { Account } from './account.js';
import type { Exchange } from './exchange.js';

/** A customer to open: credentials as the venue would have issued them, and what it starts with. */
export const accountRequest = z.strictObject({
  accountKey: z.string().min(1).max(256),
  secret: z.string().min(1).max(8_192),
  /** For venues that have one; empty elsewhere. */
  passphrase: z.string().max(256).default(''),
  balances: z.record(
    z.string().regex(/^[A-Z0-9]{1,20}$/, 'must be an asset such as USDT'),
    z
      .string()
      .refine(
        (text) => isDecimalString(text) && !text.startsWith('-'),
        'must be a decimal string, zero or more, such as "100000"',
      ),
  ),
});

export type AccountRequest = z.infer<typeof accountRequest>;

export type Opened =
  { readonly outcome: 'opened' | 'known'; readonly account: Account } | { readonly outcome: 'credentials_differ' };

/** Opens an account once. The same key and secret again change nothing: its balances stay what trading made of them. */
export const openAccount = (exchange: Exchange, request: AccountRequest): Opened => {
  const { accountKey, secret, passphrase, balances } = request;
  const known = exchange.state.account(accountKey);
  if (known !== undefined) {
    const same = known.secret === secret && known.passphrase === passphrase;
    return same ? { outcome: 'known', account: known } : { outcome: 'credentials_differ' };
  }
  exchange.commit([{ type: 'account_opened', at: exchange.now(), accountKey, secret, passphrase, balances }]);
  const account = exchange.state.account(accountKey);
  if (account === undefined) throw new Error(`Account ${accountKey} was opened and cannot be found.`);
  return { outcome: 'opened', account };
};

export const balancesOf = (
  account: Account,
): Readonly<Record<string, { readonly free: string; readonly locked: string }>> =>
  Object.fromEntries(
    [...account.balances].map(([asset, { free, locked }]) => [
      asset,
      { free: free.toFixed(), locked: locked.toFixed() },
    ]),
  );
