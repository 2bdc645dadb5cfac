import { quoteOf, type AccountPolicy, type Mode, type Pair, type Signal, type UserPolicy } from '@switchyard/model';
import type { Market } from './market-board.js';

/** Why an account can't serve a signal: a closed list, for the facts of a refusal. */
export type AccountObstacle =
  | 'disabled'
  | 'another_account_wished'
  | 'another_mode'
  | 'not_spot'
  | 'venue_not_wished'
  | 'venue_excluded'
  | 'pair_not_listed'
  | 'settles_in_usdt';

export interface AccountSearch {
  readonly mode: Mode;
  readonly usable: readonly AccountPolicy[];
  readonly unusable: readonly { readonly accountId: string; readonly venue: string; readonly why: AccountObstacle }[];
}

/** The mode a signal trades in: its own wish, else its user's. A parent never spans modes. */
export const modeOf = (signal: Signal, policy: UserPolicy): Mode => signal.mode ?? policy.mode;

/** The accounts of a user that may serve a signal, and for each of the others the first thing in its way. */
export const searchAccounts = (signal: Signal, policy: UserPolicy, market: Market): AccountSearch => {
  const mode = modeOf(signal, policy);
  const usable: AccountPolicy[] = [];
  const unusable: { accountId: string; venue: string; why: AccountObstacle }[] = [];
  const listed = market.quotes(signal.pair).length > 0;
  for (const account of policy.accounts) {
    const why = unsuited(account, signal, mode) ?? (listed ? unlisted(account, signal.pair, market) : undefined);
    if (why === undefined) usable.push(account);
    else unusable.push({ accountId: account.accountId, venue: account.venue, why });
  }
  return { mode, usable, unusable };
};

const unsuited = (account: AccountPolicy, signal: Signal, mode: Mode): AccountObstacle | undefined => {
  const { accountId, venues } = signal;
  if (accountId !== undefined && account.accountId !== accountId) return 'another_account_wished';
  if (!account.enabled) return 'disabled';
  if (account.mode !== mode) return 'another_mode';
  if (account.market !== 'spot') return 'not_spot';
  if (venues?.only !== undefined && venues.only.length > 0 && !venues.only.includes(account.venue)) {
    return 'venue_not_wished';
  }
  return venues?.exclude?.includes(account.venue) === true ? 'venue_excluded' : undefined;
};

/** A canonical USD pair that a venue settles in USDT is open only to accounts whose owner takes USDT for USD. */
const unlisted = (account: AccountPolicy, pair: Pair, market: Market): AccountObstacle | undefined => {
  const quote = market.quote(account.venue, pair);
  if (quote === undefined) return 'pair_not_listed';
  const wished = quoteOf(pair);
  const paid = quote.instrument.quote;
  if (paid === wished) return undefined;
  return wished === 'USD' && paid === 'USDT' && account.usdtAsUsd ? undefined : 'settles_in_usdt';
};
