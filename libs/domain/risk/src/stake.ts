import { ZERO, type Decimal } from '@switchyard/money';
import { quoteOf, type AccountId, type AccountPolicy, type Mode, type Pair } from '@switchyard/model';
import { equityOf } from './equity.js';
import { accountOf } from './funds.js';
import { accountsIn, heldPosition } from './positions.js';
import type { Prices } from './prices.js';
import { profitNow } from './profit.js';
import type { Proposal } from './proposal.js';
import { costPerUnitOf, toComeOf } from './reservations.js';
import type { OpenParent, RiskState } from './state.js';
import { tradedOn, tradingDay } from './trading-day.js';

/**
 * What a user has at stake in one mode: in all accounts of it, or in those of one account or venue that has limits of its own. Nothing is
 * computed before a limit asks for it. Amounts are US dollars.
 */
export interface Stake {
  readonly state: RiskState;
  readonly mode: Mode;
  readonly accounts: readonly AccountPolicy[];
  /** Absent: every account of the mode. */
  readonly within?: ReadonlySet<AccountId>;
  readonly prices: Prices;
  readonly now: Date;
}

export const stakeOf = ({ state, mode, prices, environment }: Proposal): Stake => ({
  state,
  mode,
  accounts: accountsIn(state, mode),
  prices,
  now: environment.now,
});

export const stakeWithin = (stake: Stake, accounts: readonly AccountPolicy[]): Stake => ({
  ...stake,
  accounts,
  within: new Set(accounts.map(({ accountId }) => accountId)),
});

/** What accounts hold is worth; those whose balance is not known count nothing. */
export const equityIn = ({ state, accounts, prices }: Stake): Decimal => {
  let sum = ZERO;
  for (const { accountId } of accounts) sum = sum.plus(equityOf(accountOf(state, accountId), prices) ?? ZERO);
  return sum;
};

/** Worth of positions and of what entries under way may still buy, of the pairs that count. */
export const exposureOf = (stake: Stake, counts: (pair: Pair) => boolean = () => true): Decimal => {
  const { state, accounts, within, prices } = stake;
  let sum = ZERO;
  for (const { accountId } of accounts) {
    const account = accountOf(state, accountId);
    for (const pair of Object.keys(account.positions) as Pair[]) {
      const worth = counts(pair) ? prices.worthOf(pair) : undefined;
      if (worth !== undefined) sum = sum.plus(heldPosition(account, pair).times(worth));
    }
  }
  for (const parent of parentsOf(stake)) {
    if (!parent.opens || !counts(parent.pair)) continue;
    const worth = prices.worthOf(parent.pair);
    if (worth !== undefined) sum = sum.plus(toComeOf(parent, within).times(worth));
  }
  return sum;
};

/** What was traded on the accounts' days, and may still be by orders under way at what they may cost at most. */
export const tradedIn = (stake: Stake): Decimal => {
  const { state, accounts, within, prices, now } = stake;
  let sum = ZERO;
  for (const { accountId, timeZone } of accounts)
    sum = sum.plus(tradedOn(tradingDay(accountOf(state, accountId), timeZone, now)));
  for (const parent of parentsOf(stake)) {
    const cost = costPerUnitOf(parent);
    const rate = prices.dollarsPer(quoteOf(parent.pair));
    const worth = cost === undefined || rate === undefined ? (cost ?? prices.worthOf(parent.pair)) : cost.times(rate);
    if (worth !== undefined) sum = sum.plus(toComeOf(parent, within).times(worth));
  }
  return sum;
};

/** What was lost: today, and below the high of each account, as prop firms count. Undefined where a position has no price. */
export interface Losses {
  readonly today: Decimal;
  readonly drawdown: Decimal;
}

export const lossesIn = ({ state, accounts, prices, now }: Stake): Losses | undefined => {
  let [today, drawdown] = [ZERO, ZERO];
  for (const { accountId, timeZone } of accounts) {
    const profit = profitNow(accountOf(state, accountId), timeZone, prices, now);
    if (profit === undefined) return undefined;
    today = today.plus(profit.start).minus(profit.now);
    drawdown = drawdown.plus(profit.high).minus(profit.now);
  }
  return { today, drawdown };
};

const parentsOf = ({ state, mode, within }: Stake): readonly OpenParent[] =>
  state.parents.filter(
    (parent) => parent.mode === mode && (within === undefined || Object.keys(parent.caps).some((id) => within.has(id))),
  );
