import { decimal, floorTo, plain, ZERO, type Decimal } from '@switchyard/money';
import { baseOf, refuse, type Refusal } from '@switchyard/model';
import { capToSell, finestLot, isBelowMinimum, sumOf, type Cap } from './caps.js';
import { ordersPerDay, ordersUnderWay, tradesPerSecond } from './checks/pace.js';
import { rewardRisk, stopDistance } from './checks/protection.js';
import { allowedPair, enabledUser, servingAccount, tradingOpen } from './checks/standing.js';
import { sellable } from './funds.js';
import { closable, heldPosition } from './positions.js';
import { accountOf } from './funds.js';
import { bestPrice, type Desk, type Proposal } from './proposal.js';
import type { Asked } from './recommendation.js';
import { REDUCING } from './risk-score.js';
import type { Room } from './room.js';
import { refusalsOf, roomsToSell, smallest } from './rooms.js';
import { scopedRooms } from './scopes.js';
import { cutToMost, sizeToSell } from './sizing.js';
import { atMost, refused, type Verdict } from './verdict.js';

/** An account that has something to sell. */
interface Seller {
  readonly desk: Desk;
  readonly available: Decimal;
}

const totalOf = (sellers: readonly Seller[]): Decimal =>
  sellers.reduce((sum, { available }) => sum.plus(available), ZERO);

/**
 * Closes a position, or a part of it. Reducing risk is never slowed down or limited: no rate, no count, no need of a fresh price; a size
 * beyond the position closes the position. Only what no venue would take is refused.
 */
export const close = (proposal: Proposal): Verdict => {
  const { state, desks, command } = proposal;
  const { signal } = command;
  const nobody = servingAccount(proposal);
  if (nobody !== undefined) return no(nobody);
  if (signal.side === 'buy')
    return no(refuse('NOTHING_TO_CLOSE', { pair: signal.pair, side: signal.side, positions: 'long' }));
  const sellers = desks
    .map((desk) => ({ desk, available: closable(state, desk.account.accountId, signal.pair) }))
    .filter(({ available }) => available.gt(ZERO));
  if (sellers.length === 0)
    return no(refuse('NOTHING_TO_CLOSE', { pair: signal.pair, accounts: desks.map(holdingsIn(proposal)) }));
  return sold(proposal, sellers, 'closing');
};

/** Sells what an account holds, position or not: all the limits of an entry but those of what it would open, since it opens nothing. */
export const sellHoldings = (proposal: Proposal, asked: Asked = {}): Verdict => {
  const { state, desks, command } = proposal;
  const { signal } = command;
  const failed: Refusal[] = [];
  for (const check of [
    tradingOpen,
    enabledUser,
    servingAccount,
    allowedPair,
    tradesPerSecond,
    ordersPerDay,
    ordersUnderWay,
    stopDistance,
    rewardRisk,
  ]) {
    const refusal = check === tradesPerSecond && asked.atLeisure === true ? undefined : check(proposal);
    if (refusal !== undefined) failed.push(refusal);
  }
  const fresh = desks.filter((desk) => desk.fresh && desk.quote.bid !== undefined);
  if (desks.length > 0 && fresh.length === 0) {
    failed.push(refuse('PRICE_UNKNOWN', { pair: signal.pair, venues: desks.map(({ quote }) => quote.venue) }));
  }
  const sellers = fresh.flatMap((desk): readonly Seller[] => {
    const available = sellable(state, desk.account.accountId, baseOf(signal.pair));
    return available === undefined ? [] : [{ desk, available }];
  });
  if (fresh.length > 0 && sellers.length === 0) {
    failed.push(refuse('BALANCE_UNKNOWN', { accounts: fresh.map(({ account }) => account.accountId) }));
  }
  const verdict =
    sellers.length === 0 ? undefined : sold(proposal, sellers, asked.largest === true ? 'all' : 'limited');
  if (verdict?.granted === false) failed.push(...verdict.failed);
  return refused(failed, REDUCING) ?? verdict ?? no(refuse('NO_ACCOUNT'));
};

/** Closing passes every limit; a sale of holdings meets those of size and pace, and is cut to them where all that is possible is asked for. */
type Terms = 'closing' | 'limited' | 'all';

const sold = (proposal: Proposal, sellers: readonly Seller[], terms: Terms): Verdict => {
  const { signal } = proposal.command;
  const desks = sellers.map(({ desk }) => desk);
  const available = totalOf(sellers);
  const price = signal.limitPrice !== undefined ? decimal(signal.limitPrice) : bestPrice(desks, 'sell');
  const whole =
    terms === 'limited'
      ? available.times(decimal(String(proposal.limits.defaultBalancePercent))).times(decimal('0.01'))
      : available;
  const lot = finestLot(desks);
  const size = terms === 'all' ? undefined : signal.size;
  const wished = sizeToSell(size, { available, whole, price, lot });
  if (wished === undefined) return no(refuse('PRICE_UNKNOWN', { pair: signal.pair, size: signal.size }));
  const sizing = terms === 'closing' ? wished : cutToMost(wished, signal.maxSize, { price, lot });
  if (terms !== 'closing' && (available.lte(ZERO) || sizing.quantity.gt(available))) {
    return no(
      refuse('SHORT_NOT_POSSIBLE', {
        pair: signal.pair,
        quantity: plain(sizing.quantity),
        available: plain(available),
        accounts: desks.map(holdingsIn(proposal)),
      }),
    );
  }
  const draft = price === undefined ? undefined : { proposal, perUnit: price, stop: undefined };
  const rooms = terms === 'closing' || draft === undefined ? [] : roomsToSell(draft);
  const exceeded = rooms.filter((room) => room.isExceededBy(sizing.quantity));
  const least = smallest(exceeded);
  if (least !== undefined && sizing.explicit) return refusedBy(exceeded.map((room) => room.refusal(sizing.quantity)));
  const left = least === undefined ? sizing.quantity : least.quantity.gt(ZERO) ? least.quantity : ZERO;
  const wish = floorTo(atMost(left, available), lot);
  if (least !== undefined && desks.every((desk) => isBelowMinimum(desk, wish)))
    return refusedBy(exceeded.map((room) => room.refusal(sizing.quantity)));
  const scoped = terms === 'closing' || draft === undefined ? undefined : scopedRooms(proposal);
  const caps: Cap[] = [];
  const full: Room[] = [];
  for (const { desk, available: there } of sellers) {
    const tightest = scoped === undefined || draft === undefined ? undefined : scoped.at(desk, draft, wish);
    const cap = capToSell(desk, tightest?.quantity ?? wish, there);
    if (cap !== undefined) {
      caps.push(cap);
      scoped?.take(desk, cap.quantity);
    } else if (tightest !== undefined) full.push(tightest.room);
  }
  const most = sumOf(caps);
  if (most.eq(ZERO) && full.length > 0) return refusedBy(refusalsOf(full, wish));
  if (most.eq(ZERO) || desks.every((desk) => isBelowMinimum(desk, wish))) {
    return no(refuse('BELOW_MINIMUM', { quantity: plain(wish), venues: desks.map(({ quote }) => quote.venue) }));
  }
  const quantity = atMost(wish, most);
  const cut = quantity.lt(sizing.quantity)
    ? { cappedBy: least?.room.limit ?? 'holdings', wished: plain(sizing.quantity) }
    : {};
  return { granted: true, quantity, caps, sizing: { ...sizing.facts, ...cut }, riskScore: REDUCING };
};

const refusedBy = (failed: readonly Refusal[]): Verdict => refused(failed, REDUCING) ?? no(refuse('NO_ACCOUNT'));

const holdingsIn =
  ({ state, command: { signal } }: Proposal) =>
  ({ account: { accountId } }: Desk): Readonly<Record<string, string>> => ({
    accountId,
    position: plain(heldPosition(accountOf(state, accountId), signal.pair)),
    closable: plain(closable(state, accountId, signal.pair)),
  });

const no = (refusal: Refusal): Verdict => ({ granted: false, failed: [refusal], riskScore: REDUCING });
