import { ceilTo, plain, type Decimal } from '@switchyard/money';
import type { Code, Refusal, Signal } from '@switchyard/model';
import { finestLot, isBelowMinimum } from './caps.js';
import { passingProtection } from './checks/protection.js';
import { proposalOf, type Desk, type Proposal } from './proposal.js';
import type { Recommendation, Verdict } from './verdict.js';

/** How a proposal is looked at that nobody sent: one that a recommendation would be. */
export interface Asked {
  /** As much as every limit leaves, whatever size the signal names. */
  readonly largest?: boolean;
  /** Sent when the rate allows. */
  readonly atLeisure?: boolean;
}

type Judge = (proposal: Proposal, asked: Asked) => Verdict;

/** Refusals that another size may mend. */
const BY_SIZE: ReadonlySet<Code> = new Set<Code>([
  'ORDER_TOO_LARGE',
  'POSITION_TOO_LARGE',
  'ORDER_VALUE_TOO_LARGE',
  'MAX_NOTIONAL_PER_DAY',
  'MAX_LOSS_PER_DAY',
  'MAX_DRAWDOWN',
  'EQUITY_TOO_LOW',
  'SECTOR_EXPOSURE_TOO_HIGH',
  'CONCENTRATION_TOO_HIGH',
  'LEVERAGE_TOO_HIGH',
  'EXPOSURE_TOO_HIGH',
  'SHORT_NOT_POSSIBLE',
  'BELOW_MINIMUM',
]);
/** Refusals that another stop-loss or take-profit, or waiting, mends. */
const OTHERWISE: ReadonlySet<Code> = new Set<Code>(['STOP_LOSS_TOO_FAR', 'REWARD_RISK_TOO_LOW', 'USER_RATE_LIMITED']);

/**
 * What to change of a refused signal so that it is approved as things are: the largest size, the furthest stop-loss, the nearest
 * take-profit that pass, and how long to wait. It is tried before it is told: nothing is recommended that would be refused.
 */
export const recommendationFor = (
  proposal: Proposal,
  failed: readonly Refusal[],
  judge: Judge,
): Recommendation | undefined => {
  if (!failed.every(({ code }) => BY_SIZE.has(code) || OTHERWISE.has(code))) return undefined;
  const limited = failed.find(({ code }) => code === 'USER_RATE_LIMITED');
  const wait = limited === undefined ? {} : { retryAfterMs: limited.facts['retryAfterMs'] as number };
  if (limited !== undefined && failed.length === 1) return wait;
  const protection = passingProtection(proposal);
  const sizes = failed.filter(({ code }) => BY_SIZE.has(code));
  const size = sizes.length === 0 ? undefined : passingSize(proposal, protection, sizes, judge);
  if (sizes.length > 0 && size === undefined) return undefined;
  const change = { ...protection, ...(size === undefined ? {} : { size: { base: plain(size) } }) };
  return judge(changed(proposal, change), { atLeisure: true }).granted ? { ...change, ...wait } : undefined;
};

/** The smallest order that some venue takes where the wish was too small, else the largest that every limit leaves. */
const passingSize = (
  proposal: Proposal,
  protection: Pick<Recommendation, 'stopLoss' | 'takeProfit'>,
  sizes: readonly Refusal[],
  judge: Judge,
): Decimal | undefined => {
  if (sizes.every(({ code }) => code === 'BELOW_MINIMUM')) return smallestOf(proposal.desks);
  const verdict = judge(changed(proposal, protection), { largest: true, atLeisure: true });
  return verdict.granted ? verdict.quantity : undefined;
};

const smallestOf = (desks: readonly Desk[]): Decimal | undefined => {
  const lot = finestLot(desks);
  let least: Decimal | undefined;
  for (const desk of desks) {
    const { minQuantity, minNotional, bid, ask } = desk.quote;
    const price = bid ?? ask;
    const paid = price === undefined ? minQuantity : ceilTo(minNotional.div(price), lot);
    const quantity = ceilTo(paid.gt(minQuantity) ? paid : minQuantity, desk.quote.lotSize);
    if (!isBelowMinimum(desk, quantity) && (least === undefined || quantity.lt(least))) least = quantity;
  }
  return least;
};

const changed = ({ state, policy, command, environment }: Proposal, change: Partial<Signal>): Proposal =>
  proposalOf(state, policy, { ...command, signal: { ...command.signal, ...change } }, environment);
