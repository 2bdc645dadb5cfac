import type { Decimal } from '@switchyard/money';
import type { Facts, Pair } from '@switchyard/model';
import type { Proposal } from './proposal.js';

/** Percent of the balance that an order is worth which names no size, and how that came about. */
export interface Share {
  readonly percent: number;
  readonly facts: Facts;
}

/**
 * - The user's percentage; or, where a target is set and the pair's volatility is known, `target / volatility`: every position moves the
 *   balance as much as any other (volatility targeting: A. Moreira, T. Muir, Volatility-Managed Portfolios, Journal of Finance 72, 2017).
 * - Where the volatility of all positions is bounded, no more than the weight `w` at which
 *   `w^2 s^2 + 2 w c + v = bound^2`, with `s^2` the pair's variance, `c` its covariance with what is held and `v` the variance of that
 *   (H. Markowitz, Portfolio Selection, Journal of Finance 7, 1952). What is held and not known counts as moving with this pair.
 */
export const defaultShare = (proposal: Proposal, balance: Decimal): Share => {
  const { limits, command, environment } = proposal;
  const { defaultBalancePercent, targetVolatilityPercent, maxPortfolioVolatilityPercent } = limits;
  const share: Share = { percent: defaultBalancePercent, facts: {} };
  if (targetVolatilityPercent === undefined && maxPortfolioVolatilityPercent === undefined) return share;
  const { pair } = command.signal;
  const variance = environment.volatility?.covariance(pair, pair);
  if (variance === undefined || variance <= 0) return { ...share, facts: { volatility: 'unknown' } };
  const volatility = Math.sqrt(variance);
  const percent =
    targetVolatilityPercent === undefined ? defaultBalancePercent : down(targetVolatilityPercent / volatility);
  const facts = {
    volatilityPercent: down(volatility * 100),
    ...(targetVolatilityPercent === undefined ? {} : { targetVolatilityPercent }),
  };
  if (maxPortfolioVolatilityPercent === undefined) return { percent, facts };
  const most = largestShare(proposal, pair, variance, maxPortfolioVolatilityPercent / 100, Number(balance.toFixed()));
  return most < percent
    ? { percent: most, facts: { ...facts, cappedBy: 'maxPortfolioVolatilityPercent' } }
    : { percent, facts };
};

const largestShare = (proposal: Proposal, pair: Pair, variance: number, bound: number, balance: number): number => {
  const { stake } = proposal;
  const equity = Number(stake.equity().toFixed());
  if (!(equity > 0) || !(balance > 0)) return 0;
  const held = stake.pairs().map((one) => ({
    pair: one,
    weight: Number(stake.exposure((other) => other === one).toFixed()) / equity,
  }));
  const { volatility } = proposal.environment;
  const together = (one: Pair, other: Pair): number => volatility?.covariance(one, other) ?? variance;
  const withHeld = held.reduce((sum, one) => sum + one.weight * together(pair, one.pair), 0);
  const ofHeld = held.reduce(
    (sum, one) =>
      sum + held.reduce((inner, other) => inner + one.weight * other.weight * together(one.pair, other.pair), 0),
    0,
  );
  const root = withHeld ** 2 + variance * (bound ** 2 - ofHeld);
  const weight = root < 0 ? 0 : (Math.sqrt(root) - withHeld) / variance;
  return down(Math.max(0, (weight * equity * 100) / balance));
};

/** To a hundred-thousandth of a percent, toward zero. */
const down = (value: number): number => Math.floor(value * 100_000) / 100_000;
