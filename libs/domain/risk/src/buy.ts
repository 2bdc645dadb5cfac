import { decimal, floorTo, plain, ZERO, type Decimal } from '@switchyard/money';
import { refuse, type Facts, type Refusal } from '@switchyard/model';
import { capToBuy, costPerUnit, finestLot, isBelowMinimum, sumOf, type Cap } from './caps.js';
import { openPositions } from './checks/exposure.js';
import { ordersPerDay, ordersUnderWay, tradesPerSecond } from './checks/pace.js';
import { rewardRisk, stopDistance, stopOf } from './checks/protection.js';
import { allowedPair, enabledUser, servingAccount, tradingOpen } from './checks/standing.js';
import { accountOf, carefulTotal, spendable } from './funds.js';
import { positionsBeside } from './positions.js';
import { bestPrice, type Desk, type Proposal } from './proposal.js';
import type { Asked } from './recommendation.js';
import { ratio, riskScore } from './risk-score.js';
import type { Draft, Room } from './room.js';
import { refusalsOf, roomsToBuy, smallest } from './rooms.js';
import { scopedRooms } from './scopes.js';
import { cutToMost, sizeToBuy, type Sizing } from './sizing.js';
import { defaultShare } from './sizing-share.js';
import { atMost, refused, type Verdict } from './verdict.js';

const CHECKS = [
  tradingOpen,
  enabledUser,
  servingAccount,
  allowedPair,
  tradesPerSecond,
  ordersPerDay,
  ordersUnderWay,
  openPositions,
  stopDistance,
  rewardRisk,
];

/** An account that could pay: what it has, what of that is free, and what a unit costs there. */
interface Payer {
  readonly desk: Desk;
  readonly perUnit: Decimal;
  readonly total: Decimal;
  readonly free: Decimal;
}

/** Whether a user may open or add to a position, how much, and from which accounts: every failed check, or a cap per account. */
export const buy = (proposal: Proposal, asked: Asked = {}): Verdict => {
  const failed: Refusal[] = [];
  for (const check of CHECKS) {
    const refusal = check === tradesPerSecond && asked.atLeisure === true ? undefined : check(proposal);
    if (refusal !== undefined) failed.push(refusal);
  }
  const payers = payersOf(proposal);
  const balance = payers.reduce((sum, { total }) => sum.plus(total), ZERO);
  const plan = proposal.desks.length === 0 ? undefined : planOf(proposal, payers, balance, asked);
  if (plan !== undefined && 'refused' in plan) failed.push(...plan.refused);
  const granted = plan === undefined || 'refused' in plan ? undefined : plan;
  const score = scoreOf(proposal, payers, balance, granted);
  const no = refused(failed, score);
  if (no !== undefined || granted === undefined)
    return no ?? { granted: false, failed: [refuse('NO_ACCOUNT')], riskScore: score };
  const computedStop = proposal.command.signal.stopLoss === undefined ? stopOf(proposal) : undefined;
  return { granted: true, ...granted, computedStop, riskScore: score };
};

/** The accounts whose venue has a fresh price and whose balance is known. */
const payersOf = ({ desks, state, command, environment }: Proposal): readonly Payer[] =>
  desks.flatMap((desk): readonly Payer[] => {
    const currency = desk.quote.instrument.quote;
    const perUnit = costPerUnit(desk, command.signal, environment.settings.marketCollarPercent);
    const free = spendable(state, desk.account.accountId, currency);
    const total = carefulTotal(accountOf(state, desk.account.accountId), currency);
    return perUnit === undefined || free === undefined || total === undefined ? [] : [{ desk, perUnit, total, free }];
  });

interface Plan {
  readonly quantity: Decimal;
  readonly caps: readonly Cap[];
  readonly sizing: Facts;
}

type Planned = Plan | { readonly refused: readonly Refusal[] };

const planOf = (proposal: Proposal, payers: readonly Payer[], balance: Decimal, { largest }: Asked): Planned => {
  const { signal } = proposal.command;
  const desks = payers.map(({ desk }) => desk);
  const price =
    signal.orderType === 'limit' && signal.limitPrice !== undefined
      ? decimal(signal.limitPrice)
      : bestPrice(desks, 'buy');
  const [first] = payers;
  if (price === undefined || first === undefined) return { refused: [unpriced(proposal)] };
  const lot = finestLot(desks);
  const size = largest === true ? { balancePercent: proposal.limits.maxBalancePercent } : signal.size;
  const wished = sizeToBuy(size, proposal.limits, { balance, price, lot }, defaultShare(proposal, balance));
  const sizing = cutToMost(wished, signal.maxSize, { price, lot });
  const perUnit = payers.reduce((most, payer) => (payer.perUnit.gt(most) ? payer.perUnit : most), first.perUnit);
  const rooms = roomsToBuy({ proposal, perUnit, stop: stopOf(proposal) });
  const exceeded = rooms.filter((room) => room.isExceededBy(sizing.quantity));
  const least = smallest(exceeded);
  if (least === undefined) return capped(proposal, payers, sizing.quantity, sizing);
  const isTooSmall = (quantity: Decimal): boolean => payers.every(({ desk }) => isBelowMinimum(desk, quantity));
  if (sizing.explicit && largest !== true) return { refused: exceeded.map((room) => room.refusal(sizing.quantity)) };
  const wish = floorTo(least.quantity.gt(ZERO) ? least.quantity : ZERO, lot);
  if (isTooSmall(wish)) {
    const isFull = (left: Decimal): boolean => left.lte(ZERO) || isTooSmall(floorTo(left, lot));
    const full = exceeded.filter(({ quantity }) => isFull(quantity()));
    return { refused: full.map((room) => room.refusal(sizing.quantity)) };
  }
  return capped(proposal, payers, wish, { ...sizing, facts: noting(sizing.facts, least.room.limit) });
};

/** No desk could be asked: nowhere a fresh price, or nowhere a known balance. */
const unpriced = ({ desks, command: { signal }, environment }: Proposal): Refusal => {
  const priced = desks.filter(
    (desk) => costPerUnit(desk, signal, environment.settings.marketCollarPercent) !== undefined,
  );
  return priced.length === 0
    ? refuse('PRICE_UNKNOWN', { pair: signal.pair, venues: desks.map(({ quote }) => quote.venue) })
    : refuse('BALANCE_UNKNOWN', { accounts: priced.map(({ account }) => account.accountId) });
};

const capped = (proposal: Proposal, payers: readonly Payer[], wish: Decimal, sizing: Sizing): Planned => {
  if (payers.every(({ desk }) => isBelowMinimum(desk, wish))) {
    // A larger size would not help where all there is can't pay for the smallest order.
    if (payers.every(isTooPoor)) return { refused: [insufficient(payers, wish, sizing)] };
    const venues = payers.map(({ desk: { quote } }) => ({
      venue: quote.venue,
      minQuantity: quote.instrument.minQuantity,
      minNotional: quote.instrument.minNotional,
    }));
    return { refused: [refuse('BELOW_MINIMUM', { quantity: plain(wish), venues, sizing: sizing.facts })] };
  }
  const { caps, full, cutBy } = capsOf(proposal, payers, wish);
  const most = sumOf(caps);
  if (most.eq(ZERO)) {
    const poor = full.length === payers.length ? [] : [insufficient(payers, wish, sizing)];
    return { refused: [...refusalsOf(full, wish), ...poor] };
  }
  const facts = most.lt(wish) ? { ...noting(sizing.facts, cutBy), wished: plain(wish) } : sizing.facts;
  return { quantity: atMost(wish, most), caps, sizing: facts };
};

/** What each payer may take: no more than it can pay for, and than the limits of its account and venue leave. */
const capsOf = (
  proposal: Proposal,
  payers: readonly Payer[],
  wish: Decimal,
): { readonly caps: readonly Cap[]; readonly full: readonly Room[]; readonly cutBy: string } => {
  const scoped = scopedRooms(proposal);
  const stop = stopOf(proposal);
  const caps: Cap[] = [];
  const full: Room[] = [];
  let cutBy = 'funds';
  for (const { desk, free, perUnit } of payers) {
    const draft: Draft = { proposal, perUnit, stop };
    const least = scoped.at(desk, draft, wish);
    const cap = capToBuy(desk, least?.quantity ?? wish, free, perUnit);
    if (cap === undefined) {
      if (least !== undefined && capToBuy(desk, wish, free, perUnit) !== undefined) full.push(least.room);
      continue;
    }
    if (least !== undefined) cutBy = least.room.limit;
    caps.push(cap);
    scoped.take(desk, cap.quantity);
  }
  return { caps, full, cutBy };
};

const isTooPoor = ({ desk, total, perUnit }: Payer): boolean =>
  total.lte(ZERO) || isBelowMinimum(desk, floorTo(total.div(perUnit), desk.quote.lotSize));

const insufficient = (payers: readonly Payer[], wish: Decimal, sizing: Sizing): Refusal => {
  const accounts = payers.map(({ desk, free, total, perUnit }) => ({
    accountId: desk.account.accountId,
    currency: desk.quote.instrument.quote,
    total: plain(total),
    free: plain(free),
    ...(wish.gt(ZERO) ? { needed: plain(wish.times(perUnit)) } : {}),
  }));
  return refuse('INSUFFICIENT_FUNDS', { quantity: plain(wish), accounts, sizing: sizing.facts });
};

const noting = (facts: Facts, cutBy: string | undefined): Facts =>
  cutBy === undefined ? facts : { ...facts, cappedBy: cutBy };

const scoreOf = (proposal: Proposal, payers: readonly Payer[], balance: Decimal, plan: Plan | undefined): number => {
  const { state, mode, limits, reference, command, environment } = proposal;
  const positions =
    (positionsBeside(state, mode, command.signal.pair, environment.market) + 1) / limits.maxOpenPositions;
  const stop = stopOf(proposal);
  if (plan === undefined || reference === undefined || stop === undefined) {
    return riskScore({ trade: undefined, committed: undefined, positions });
  }
  const atStake = ratio(plan.quantity.times(reference.minus(stop).abs()), balance);
  const ceiling = (limits.maxBalancePercent / 100) * (limits.maxStopDistancePercent / 100);
  const reservedBefore = payers.reduce((sum, { total, free }) => sum.plus(total.minus(free)), ZERO);
  const committed = ratio(reservedBefore.plus(plan.quantity.times(reference)), balance);
  return riskScore({ trade: atStake === undefined ? undefined : atStake / ceiling, committed, positions });
};
