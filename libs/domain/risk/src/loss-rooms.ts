import { decimal, plain, ZERO, type Decimal } from '@switchyard/money';
import { refuse, type Code, type Facts, type ScopedLimits } from '@switchyard/model';
import { dollars, exactly, inDollars, percentOf, type Draft, type Room } from './room.js';
import type { Stake } from './stake.js';

/**
 * What may still be lost: today, below the high, above the least equity. What this order would lose at its stop-loss must fit in it.
 * Percentages are of the equity as it was when the day began, or at the high: what is there now and what was lost since, so that deposits
 * and withdrawals are no losses. A loss that nobody can tell is no leave to open more.
 */
export const lossRooms = (draft: Draft, limits: ScopedLimits, stake: Stake, scope: string): readonly Room[] => {
  const { maxLossPerDay, maxLossPerDayPercent, maxDrawdownPercent, minEquity } = limits;
  const isSet = [maxLossPerDay, maxLossPerDayPercent, maxDrawdownPercent, minEquity].some((one) => one !== undefined);
  if (!isSet) return [];
  const losses = stake.losses();
  if (losses === undefined)
    return [exactly('prices', ZERO, () => refuse('PRICE_UNKNOWN', { scope, of: 'positions held' }))];
  const { today, drawdown } = losses;
  const equity = stake.equity();
  const atStop = draft.stop === undefined ? ZERO : inDollars(draft, draft.perUnit.minus(draft.stop));
  const room = (limit: keyof ScopedLimits, code: Code, left: Decimal, facts: Facts): Room => ({
    limit,
    isExceededBy: (quantity) => quantity.gt(ZERO) && (left.lte(ZERO) || quantity.times(atStop).gt(left)),
    quantity: () => (left.gt(ZERO) && atStop.gt(ZERO) ? left.div(atStop) : ZERO),
    refusal: (wished) =>
      refuse(code, {
        ...{ limit, scope, quantity: plain(wished), lossAtStop: dollars(wished.times(atStop)) },
        ...{ ...facts, equity: dollars(equity), [limit]: limits[limit] },
      }),
  });
  const lost = { lost: dollars(today) };
  const rooms: Room[] = [];
  if (maxLossPerDay !== undefined)
    rooms.push(room('maxLossPerDay', 'MAX_LOSS_PER_DAY', decimal(maxLossPerDay).minus(today), lost));
  if (maxLossPerDayPercent !== undefined) {
    const most = percentOf(equity.plus(today), maxLossPerDayPercent);
    rooms.push(room('maxLossPerDayPercent', 'MAX_LOSS_PER_DAY', most.minus(today), lost));
  }
  if (maxDrawdownPercent !== undefined) {
    const most = percentOf(equity.plus(drawdown), maxDrawdownPercent);
    const facts = { drawdown: dollars(drawdown) };
    rooms.push(room('maxDrawdownPercent', 'MAX_DRAWDOWN', most.minus(drawdown), facts));
  }
  if (minEquity !== undefined) rooms.push(room('minEquity', 'EQUITY_TOO_LOW', equity.minus(decimal(minEquity)), {}));
  return rooms;
};
