import type { Decimal } from '@switchyard/money';

/** What a risk score is made of, each a share of what the user's limits allow; undefined where it could not be known. */
export interface RiskShares {
  /** Loss at the stop, as a share of the most that one trade may lose. */
  readonly trade: number | undefined;
  /** Funds committed to orders under way, this one included, as a share of the balance. */
  readonly committed: number | undefined;
  /** Open positions, this one included, as a share of the most allowed. */
  readonly positions: number;
}

/**
 * Risk score, 0 (none) .. 100 (every limit used up): `100 * (0.5 trade + 0.3 committed + 0.2 positions)`, each share within 0..1, rounded.
 *
 * `trade` is fixed-fractional risk, quantity * |entry - stop| / balance (R. Vince, Portfolio Management Formulas, 1990), over its ceiling
 * `maxBalancePercent * maxStopDistancePercent`. The weights put the loss of this one trade first, then what could be lost at once, then how
 * thinly attention is spread. What is not known counts in full. An order that only reduces a position scores 0.
 */
export const riskScore = ({ trade, committed, positions }: RiskShares): number =>
  Math.round(100 * (0.5 * share(trade) + 0.3 * share(committed) + 0.2 * share(positions)));

export const REDUCING = 0;

const share = (value: number | undefined): number =>
  value === undefined || Number.isNaN(value) ? 1 : Math.min(1, Math.max(0, value));

/** A share of two amounts: a figure to look at, not money. */
export const ratio = (part: Decimal, whole: Decimal): number | undefined => {
  const divisor = Number(whole.toFixed());
  return divisor > 0 ? Number(part.toFixed()) / divisor : undefined;
};
