import { decimal, plain, ZERO, type Decimal } from '@switchyard/money';
import { baseOf, type AccountId, type Currency, type Pair } from '@switchyard/model';
import { entryOf } from './record.js';
import type { OpenCap, OpenParent, RiskState } from './state.js';

/**
 * Reservations are the caps of open parents.
 *
 * 1. They are made in the state that the approval is decided in, for every account that the order may reach.
 * 2. A fill uses up the reservation of its account; what is left goes on OrderCompleted, and only then. An order whose outcome is unknown is
 *    not completed, so it keeps its reservation.
 * 3. After OrderCompleted as much stays reserved as fills that were not seen yet may still cost.
 */
export const reservedOf = (state: RiskState, accountId: AccountId, currency: Currency): Decimal => {
  let sum = ZERO;
  for (const parent of state.parents) {
    const cap = entryOf(parent.caps, accountId);
    if (cap !== undefined && reservedCurrency(parent, cap) === currency) sum = sum.plus(decimal(cap.left));
  }
  return sum;
};

/** Base quantity of a position that sells under way may still take. */
export const reservedOfPosition = (state: RiskState, accountId: AccountId, pair: Pair): Decimal => {
  let sum = ZERO;
  for (const parent of state.parents) {
    if (parent.side !== 'sell' || parent.pair !== pair) continue;
    const cap = entryOf(parent.caps, accountId);
    if (cap !== undefined) sum = sum.plus(decimal(cap.left));
  }
  return sum;
};

/** Base quantity that a parent may still trade; in some accounts alone, no more than what is reserved there is for. */
export const toComeOf = (parent: OpenParent, within?: ReadonlySet<AccountId>): Decimal => {
  const { completed, quantity, filled } = parent;
  const most = decimal(completed?.filledQuantity ?? quantity);
  const open = filled === '0' ? most : most.minus(decimal(filled));
  if (open.lte(ZERO)) return ZERO;
  if (within === undefined) return open;
  let there = ZERO;
  for (const [accountId, { left, perUnit }] of Object.entries(parent.caps)) {
    if (!within.has(accountId)) continue;
    const [reserved, unit] = [decimal(left), decimal(perUnit)];
    // A division is dear, and seldom needed: most caps reach for the whole order.
    if (reserved.gte(open.times(unit))) return open;
    there = there.plus(reserved.div(unit));
  }
  return there.lt(open) ? there : open;
};

/** The most that one unit of a parent may cost, of its quote currency, fee included; of a sale it is not known. */
export const costPerUnitOf = (parent: OpenParent): Decimal | undefined => {
  if (parent.side !== 'buy') return undefined;
  let most = ZERO;
  for (const { perUnit } of Object.values(parent.caps)) {
    const cost = decimal(perUnit);
    if (cost.gt(most)) most = cost;
  }
  return most;
};

export const hasOpenParent = (state: RiskState, accountId: AccountId): boolean =>
  state.parents.some(({ caps }) => Object.hasOwn(caps, accountId));

export const reservedCurrency = (parent: Pick<OpenParent, 'side' | 'pair'>, cap: OpenCap): Currency =>
  parent.side === 'buy' ? cap.quote : baseOf(parent.pair);

/** The cap after a fill used `amount` of it. */
export const used = (cap: OpenCap, amount: Decimal): OpenCap => withLeft(cap, decimal(cap.left).minus(amount));

/** The parent after its completion is known: each account keeps what the fills still to come could cost it. */
export const released = (parent: OpenParent): OpenParent => {
  if (parent.completed === undefined) return parent;
  const unseen = decimal(parent.completed.filledQuantity).minus(decimal(parent.filled));
  const caps = Object.entries(parent.caps).map(([accountId, cap]) => {
    const atMost = unseen.times(decimal(cap.perUnit));
    return [accountId, atMost.lt(decimal(cap.left)) ? withLeft(cap, atMost) : cap] as const;
  });
  return { ...parent, caps: Object.fromEntries(caps) };
};

const withLeft = (cap: OpenCap, left: Decimal): OpenCap => ({ ...cap, left: plain(left.gt(ZERO) ? left : ZERO) });
