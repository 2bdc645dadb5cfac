import type { AccountId, Mode, Subscription, UserId, UserPolicy } from '@switchyard/model';
import { DEFAULT_LIMITS } from '@switchyard/model';

/** An account that follows a strategy, with all that a copy for it depends on. */
export interface Follower {
  readonly userId: UserId;
  readonly accountId: AccountId;
  /** Of the account: a copy trades in it, whatever its user's own mode. */
  readonly mode: Mode;
  /** IANA zone of the account: in it the hours are. */
  readonly timeZone: string;
  /** The user's size of an order that names none. */
  readonly defaultBalancePercent: number;
  readonly subscription: Subscription;
}

/** The accounts of a user that follow a strategy. A subscription of an account that is gone or disabled follows nothing. */
export const followersOf = ({ userId, limits, accounts, subscriptions = [] }: Following): readonly Follower[] =>
  subscriptions.flatMap((subscription): readonly Follower[] => {
    const account = accounts.find(({ accountId }) => accountId === subscription.accountId);
    if (account?.enabled !== true) return [];
    const defaultBalancePercent = limits.defaultBalancePercent ?? DEFAULT_LIMITS.defaultBalancePercent;
    const { accountId, mode, timeZone } = account;
    return [{ userId, accountId, mode, timeZone, defaultBalancePercent, subscription }];
  });

type Following = Pick<UserPolicy, 'userId' | 'accounts' | 'subscriptions'> & {
  readonly limits: { readonly defaultBalancePercent?: number | undefined };
};
