import { ceilTo, decimal, floorTo, plain, ZERO, type Decimal } from '@switchyard/money';
import { refuse } from '@switchyard/model';
import type { Proposal } from '../proposal.js';
import type { Recommendation } from '../verdict.js';
import type { Check } from './check.js';

const HUNDRED = decimal('100');
const HUNDREDTH = decimal('0.01');

/** The stop-loss that a buy will have: the signal's, else one as far below the reference as allowed, on the tick nearer to it. */
export const stopOf = ({ command: { signal }, limits, reference, desks }: Proposal): Decimal | undefined => {
  if (signal.stopLoss !== undefined) return decimal(signal.stopLoss);
  const tick = desks[0]?.quote.instrument.tickSize;
  if (signal.side !== 'buy' || reference === undefined || tick === undefined) return undefined;
  const kept = HUNDRED.minus(decimal(String(limits.maxStopDistancePercent)));
  return ceilTo(reference.times(kept).times(HUNDREDTH), decimal(tick));
};

/** The stop-loss is no further from the entry than allowed. */
export const stopDistance: Check = ({ command: { signal }, limits, reference }) => {
  if (signal.stopLoss === undefined || reference === undefined) return undefined;
  const distance = decimal(signal.stopLoss).minus(reference).abs();
  const most = reference.times(decimal(String(limits.maxStopDistancePercent))).times(HUNDREDTH);
  if (distance.lte(most)) return undefined;
  return refuse('STOP_LOSS_TOO_FAR', {
    stopLoss: signal.stopLoss,
    reference: plain(reference),
    maxStopDistancePercent: limits.maxStopDistancePercent,
  });
};

/** (takeProfit - entry) / (entry - stopLoss) is at least what the limits ask, where the signal names a target; a computed stop counts. */
export const rewardRisk: Check = (proposal) => {
  const { command, limits, reference } = proposal;
  const { signal } = command;
  const stop = stopOf(proposal);
  if (signal.takeProfit === undefined || reference === undefined || stop === undefined) return undefined;
  const up = signal.side === 'buy';
  const reward = up ? decimal(signal.takeProfit).minus(reference) : reference.minus(decimal(signal.takeProfit));
  const risk = up ? reference.minus(stop) : stop.minus(reference);
  const least = risk.times(decimal(String(limits.minRewardRisk)));
  if (risk.gt(ZERO) && reward.gte(least)) return undefined;
  return refuse('REWARD_RISK_TOO_LOW', {
    reward: plain(reward),
    risk: plain(risk),
    minRewardRisk: limits.minRewardRisk,
    stopLoss: plain(stop),
    stopLossSource: signal.stopLoss === undefined ? 'computed' : 'signal',
  });
};

/** A stop-loss and a take-profit that would pass, as far as those that were sent would not: the furthest stop, the nearest target. */
export const passingProtection = (proposal: Proposal): Pick<Recommendation, 'stopLoss' | 'takeProfit'> => {
  const { command, limits, reference, desks } = proposal;
  const { signal } = command;
  const tick = desks[0]?.quote.instrument.tickSize;
  if (reference === undefined || tick === undefined) return {};
  const up = signal.side === 'buy';
  const most = reference.times(decimal(String(limits.maxStopDistancePercent))).times(HUNDREDTH);
  const furthest = up ? ceilTo(reference.minus(most), decimal(tick)) : floorTo(reference.plus(most), decimal(tick));
  const tooFar = stopDistance(proposal) !== undefined;
  const stop = tooFar ? furthest : stopOf(proposal);
  if (signal.takeProfit === undefined || stop === undefined) return tooFar ? { stopLoss: plain(furthest) } : {};
  const least = reference
    .minus(stop)
    .abs()
    .times(decimal(String(limits.minRewardRisk)));
  const nearest = up ? ceilTo(reference.plus(least), decimal(tick)) : floorTo(reference.minus(least), decimal(tick));
  const given = decimal(signal.takeProfit);
  const enough = up ? given.gte(nearest) : given.lte(nearest);
  return { ...(tooFar ? { stopLoss: plain(furthest) } : {}), ...(enough ? {} : { takeProfit: plain(nearest) }) };
};
