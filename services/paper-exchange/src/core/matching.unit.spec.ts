import { describe, expect, it } from '@jest/globals';
import { decimal, isMultipleOf, type Decimal } from '@switchyard/money';
import fc from 'fast-check';
import type { Level } from './book.js';
import { planTakes } from './matching.js';

const lot = decimal('0.00001');
const ZERO = decimal('0');
const sum = (values: readonly Decimal[]): Decimal => values.reduce((a, b) => a.plus(b), ZERO);
const units = (count: number, step: string): Decimal => decimal(step).times(decimal(String(count)));

const asks = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 1_000_000 })), { maxLength: 12 })
  .map((steps) => {
    let price = 700_000;
    return steps.map(([gap, lots]): Level => ({
      price: units((price += gap), '0.01'),
      quantity: units(lots, '0.00001'),
    }));
  });
const quantities = fc.integer({ min: 1, max: 5_000_000 }).map((lots) => units(lots, '0.00001'));
const limits = fc.integer({ min: 699_000, max: 706_000 }).map((ticks) => units(ticks, '0.01'));

const level = (price: string, quantity: string): Level => ({ price: decimal(price), quantity: decimal(quantity) });

describe('an order that takes', () => {
  it('never has a price that the book did not have, nor more of it than was shown', () => {
    fc.assert(
      fc.property(asks, quantities, fc.option(limits, { nil: undefined }), (levels, quantity, limit) => {
        const { takes } = planTakes(levels, { side: 'buy', quantity, lot, ...(limit === undefined ? {} : { limit }) });
        takes.forEach((take, i) => {
          expect(take.price.eq(levels[i]!.price)).toBe(true);
          expect(take.quantity.gt(ZERO) && take.quantity.lte(levels[i]!.quantity)).toBe(true);
          expect(limit === undefined || take.price.lte(limit)).toBe(true);
        });
      }),
    );
  });

  it('takes as much as it may: its whole quantity, or all that stands within its limit', () => {
    fc.assert(
      fc.property(asks, quantities, limits, (levels, quantity, limit) => {
        const plan = planTakes(levels, { side: 'buy', quantity, lot, limit });
        const reachable = sum(levels.filter(({ price }) => price.lte(limit)).map((each) => each.quantity));
        expect(plan.quantity.eq(reachable.lt(quantity) ? reachable : quantity)).toBe(true);
        expect(plan.cost.eq(sum(plan.takes.map((take) => take.price.times(take.quantity))))).toBe(true);
      }),
    );
  });

  it('never spends more quote than it was given, and leaves less than one lot would cost', () => {
    fc.assert(
      fc.property(asks, fc.integer({ min: 1, max: 100_000_000 }), (levels, cents) => {
        const quoteBudget = units(cents, '0.01');
        const plan = planTakes(levels, { side: 'buy', quoteBudget, lot });
        expect(plan.cost.lte(quoteBudget)).toBe(true);
        expect(plan.takes.every((take) => isMultipleOf(take.quantity, lot))).toBe(true);
        const last = levels[plan.takes.length - 1];
        const exhausted = plan.quantity.eq(sum(levels.map(({ quantity }) => quantity)));
        if (last !== undefined && !exhausted) {
          const next = levels[plan.takes.length]?.price ?? last.price;
          expect(quoteBudget.minus(plan.cost).lt(next.times(lot))).toBe(true);
        }
      }),
    );
  });

  it('sells into the bids from the best one down to its limit', () => {
    const bids = [level('101', '1'), level('100', '2'), level('99', '4')];
    const { takes, cost } = planTakes(bids, { side: 'sell', quantity: decimal('5'), limit: decimal('100'), lot });
    expect(takes.map(({ price, quantity }) => `${quantity.toFixed()}@${price.toFixed()}`)).toEqual(['1@101', '2@100']);
    expect(cost.toFixed()).toBe('301');
  });
});
