import { ZERO, type Decimal } from '@switchyard/money';
import {
  isExit,
  type AccountPolicy,
  type Limits,
  type Mode,
  type StateInForce,
  type UserPolicy,
} from '@switchyard/model';
import { limitsOf, referencePrice, searchAccounts, type AccountSearch, type Quote } from '@switchyard/signal';
import type { Environment, SignalValidated } from './commands.js';
import { Prices } from './prices.js';
import { Stake } from './stake.js';
import type { RiskState } from './state.js';

/** A validated signal with all that the checks look at. */
export interface Proposal {
  readonly command: SignalValidated;
  readonly state: RiskState;
  readonly policy: UserPolicy;
  readonly limits: Limits;
  readonly mode: Mode;
  readonly search: AccountSearch;
  /** The accounts that may serve the signal, each with its venue's quote for the pair. */
  readonly desks: readonly Desk[];
  /** Of the venues where accounts could serve the signal, those that keep everybody from opening; of no concern to what reduces. */
  readonly halted: readonly StateInForce[];
  /** What the protective prices are measured from: the entry price, else the limit, else mid, else the touch. */
  readonly reference: Decimal | undefined;
  /** What everything is worth, for limits in US dollars and percent of equity. */
  readonly prices: Prices;
  readonly stake: Stake;
  readonly nowMs: number;
  readonly environment: Environment;
}

/** An account and its venue's market in the pair. */
export interface Desk {
  readonly account: AccountPolicy;
  readonly quote: Quote;
  readonly fresh: boolean;
}

export const proposalOf = (
  state: RiskState,
  policy: UserPolicy,
  command: SignalValidated,
  environment: Environment,
): Proposal => {
  const { signal } = command;
  const { market, now, states } = environment;
  const nowMs = now.getTime();
  const search = searchAccounts(signal, policy, market);
  const halted: StateInForce[] = [];
  const isReducing = reduces(command);
  const desks = search.usable.flatMap((account): readonly Desk[] => {
    const quote = market.quote(account.venue, signal.pair);
    if (quote === undefined) return [];
    const halt = isReducing ? undefined : states?.atVenue(account.venue);
    if (halt === undefined) return [{ account, quote, fresh: market.isFresh(quote, nowMs) }];
    halted.push(halt);
    return [];
  });
  const reference =
    referencePrice(signal, market.mid(signal.pair, nowMs)) ??
    bestPrice(
      desks.filter(({ fresh }) => fresh),
      signal.side,
    );
  const limits = limitsOf(policy);
  const prices = new Prices(market, nowMs);
  const stake = Stake.of(state, search.mode, prices, now);
  const { mode } = search;
  return { command, state, policy, limits, mode, search, desks, halted, reference, prices, stake, nowMs, environment };
};

/** Whether a signal only ever makes a position smaller. */
export const reduces = ({ signal }: SignalValidated): boolean =>
  isExit(signal.signalType) || signal.reduceOnly === true;

/** The best price among desks for who buys or sells now. */
export const bestPrice = (desks: readonly Desk[], side: 'buy' | 'sell'): Decimal | undefined => {
  let best: Decimal | undefined;
  for (const { quote } of desks) {
    const price = side === 'buy' ? quote.ask : quote.bid;
    if (price === undefined || price.lte(ZERO)) continue;
    if (best === undefined || (side === 'buy' ? price.lt(best) : price.gt(best))) best = price;
  }
  return best;
};
