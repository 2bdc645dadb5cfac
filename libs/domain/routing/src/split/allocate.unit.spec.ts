import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allocate, type AllocationWish } from './allocate.js';
import { Offers } from './offers.js';

interface Level {
  readonly grade: number;
  readonly price: number;
  readonly size: number;
}
interface Venue {
  readonly lot: number;
  readonly min: number;
  readonly most: number;
  readonly fixed: number;
  readonly levels: readonly Level[];
}
interface Wish {
  readonly quantity: number;
  readonly dust: number;
  readonly mostShares: number;
}

const offersOf = (venues: readonly Venue[]): Offers => {
  const offers = new Offers();
  for (const { lot, min, most, fixed, levels } of venues) {
    let until = 0;
    for (const { grade, price, size } of levels) offers.level(grade, price, (until += size));
    offers.add(lot, min, most, fixed);
  }
  return offers;
};

/** What units cost one by one, beside their grades. Undefined where the venue doesn't hold as many. */
const chargeOf = ({ levels }: Venue, share: number): { readonly cost: number; readonly grades: number } => {
  let [left, cost, grades] = [share, 0, 0];
  for (const { price, grade, size } of levels) {
    const take = Math.min(left, size);
    cost += take * price;
    grades += take * grade;
    left -= take;
  }
  return { cost, grades };
};

const SHORT = 255;

/** Grade and price that dust counts with, by the rule in words: those of the last unit where nothing but levels binds, and a little more. */
const dustOf = (venues: readonly Venue[], { quantity }: Wish) => {
  const units = venues
    .flatMap(({ levels, lot, min, most, fixed }) => {
      const reach = Math.min(most, quantity - (quantity % lot));
      if (min > reach) return [];
      let from = 0;
      return levels.flatMap(({ grade, price, size }) => {
        const take = Math.max(0, Math.min(size, most - from));
        from += size;
        return Array.from({ length: take }, () => ({ grade, price: price + fixed / reach }));
      });
    })
    .sort((a, b) => a.grade - b.grade || a.price - b.price);
  const last = units[quantity - 1];
  return last === undefined ? undefined : { grade: last.grade, price: Math.ceil(last.price) + 1 };
};

type Charge = readonly [grades: number, cost: number];

/** What shares come to, with what is left of the order. */
const judge = (
  venues: readonly Venue[],
  wish: Wish,
  shares: readonly number[],
  left = shares.reduce((rest, share) => rest - share, wish.quantity),
  all = venues,
): Charge => {
  const dust = dustOf(all, wish);
  let [grades, cost] = [0, 0];
  venues.forEach((venue, index) => {
    const share = shares[index]!;
    if (share === 0) return;
    const charge = chargeOf(venue, share);
    grades += charge.grades;
    cost += charge.cost + venue.fixed;
  });
  const kept = dust === undefined ? 0 : Math.min(left, wish.dust);
  return [grades + kept * (dust?.grade ?? 0) + (left - kept) * SHORT, cost + kept * (dust?.price ?? 0)];
};

const less = (a: Charge, b: Charge): boolean => a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]);

const allowed = ({ lot, min, most }: Venue, share: number): boolean =>
  share === 0 || (share >= min && share <= most && share % lot === 0);

/** Every split there is. */
const bruteForce = (venues: readonly Venue[], wish: Wish): Charge => {
  let best: Charge = [Infinity, Infinity];
  const shares: number[] = [];
  const go = (index: number, left: number, used: number): void => {
    const venue = venues[index];
    if (venue === undefined) {
      const charge = judge(venues, wish, shares);
      if (less(charge, best)) best = charge;
      return;
    }
    for (let share = 0; share <= left; share += 1) {
      if (!allowed(venue, share) || (share > 0 && used === wish.mostShares)) continue;
      shares[index] = share;
      go(index + 1, left - share, used + (share > 0 ? 1 : 0));
    }
  };
  go(0, wish.quantity, 0);
  return best;
};

/** The best split venue by venue: of each quantity, the best that the venues so far can do. For more lots than can be tried one by one. */
const byQuantity = (venues: readonly Venue[], wish: Wish): Charge => {
  let best: readonly (Charge | undefined)[] = [[0, 0]];
  for (const one of venues) {
    const next: (Charge | undefined)[] = [];
    for (let share = 0; share <= wish.quantity; share += 1) {
      if (!allowed(one, share)) continue;
      const { cost, grades } = chargeOf(one, share);
      best.forEach((before, placed) => {
        if (before === undefined || placed + share > wish.quantity) return;
        const charge = [before[0] + grades, before[1] + cost + (share > 0 ? one.fixed : 0)] as const;
        const known = next[placed + share];
        if (known === undefined || less(charge, known)) next[placed + share] = charge;
      });
    }
    best = next;
  }
  const kept = best.flatMap((charge, placed) => {
    if (charge === undefined) return [];
    const [grades, cost] = judge([], wish, [], wish.quantity - placed, venues);
    return [[charge[0] + grades, charge[1] + cost] as const];
  });
  return kept.reduce((a, b) => (less(b, a) ? b : a));
};

const venue = (quantity: number, lots: readonly number[] = [1, 1, 2, 3, 5, 10]) =>
  fc
    .record({
      lot: fc.constantFrom(...lots),
      minLots: fc.integer({ min: 1, max: 4 }),
      mostLots: fc.integer({ min: 0, max: quantity }),
      fixed: fc.constantFrom(0, 0, 3, 20, 100),
      levels: fc.array(
        fc.record({
          grade: fc.constantFrom(0, 0, 0, 1),
          step: fc.integer({ min: 0, max: 9 }),
          size: fc.integer({ min: 1, max: quantity }),
        }),
        { minLength: 1, maxLength: 4 },
      ),
      start: fc.integer({ min: -40, max: 40 }),
    })
    .map(({ lot, minLots, mostLots, fixed, levels, start }): Venue => {
      const grades = levels.map(({ grade }) => grade).sort();
      let price = start;
      const rising = levels.map(({ step, size }, index) => ({ grade: grades[index]!, price: (price += step), size }));
      const held = rising.reduce((sum, { size }) => sum + size, 0);
      const most = Math.min(mostLots * lot, held - (held % lot));
      return { lot, min: minLots * lot, most, fixed, levels: rising };
    });

const problem = fc
  .record({ count: fc.integer({ min: 1, max: 4 }), seed: fc.integer({ min: 1, max: 30 }) })
  .chain(({ count, seed }) => {
    const quantity = count === 4 ? 1 + (seed % 14) : seed;
    return fc.record({
      venues: fc.array(venue(quantity), { minLength: count, maxLength: count }),
      wish: fc.record({
        quantity: fc.constant(quantity),
        dust: fc.integer({ min: 0, max: 3 }),
        mostShares: fc.integer({ min: 1, max: count }),
      }),
    });
  });

const split = (offers: Offers, wish: AllocationWish) => {
  const found = allocate(offers, wish);
  return { ...found, shares: Array.from(offers.share.subarray(0, offers.count)) };
};

describe('a split over venues', () => {
  it('is the best of all there are, under lots, minimums, fixed costs, limits and grades', () => {
    fc.assert(
      fc.property(problem, ({ venues, wish }) => {
        const { shares, unplaced, proven } = split(offersOf(venues), wish);
        expect(proven).toBe(true);
        venues.forEach((one, index) => {
          expect(allowed(one, shares[index]!)).toBe(true);
        });
        expect(shares.filter((share) => share > 0).length).toBeLessThanOrEqual(wish.mostShares);
        expect(shares.reduce((sum, share) => sum + share, unplaced)).toBe(wish.quantity);
        expect(judge(venues, wish, shares)).toEqual(bruteForce(venues, wish));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is the best where shares are many lots large, too', () => {
    const large = fc
      .record({
        lots: fc.constantFrom([1, 2, 4], [1, 5, 10], [1, 1, 20], [2, 6, 12]),
        quantity: fc.integer({ min: 50, max: 260 }),
      })
      .chain(({ lots, quantity }) =>
        fc.record({
          venues: fc.array(venue(quantity, lots), { minLength: 2, maxLength: 5 }),
          quantity: fc.constant(quantity),
          dust: fc.integer({ min: 0, max: 4 }),
        }),
      );
    fc.assert(
      fc.property(large, ({ venues, quantity, dust }) => {
        const wish = { quantity, dust, mostShares: venues.length };
        const { shares, proven } = split(offersOf(venues), wish);
        expect(proven).toBe(true);
        expect(judge(venues, wish, shares)).toEqual(byQuantity(venues, wish));
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    // Off its lot of ten by 3: 3 units at 30 in place of 20 cost 30 more; 7 more in place of 7 at 10 would cost 70.
    ['gives what is beyond it to the finer one, where that costs less', 40, [10, 5], [20, 30], 18, [10, 8]],
    // Off by 9: one unit more in place of one at 19 costs 1; 9 units at 30 would cost 90.
    ['is filled up with what the finer one gives back, where that costs less', 40, [19, 9], [20, 30], 18, [10, 8]],
    // Off by 5, five to give or five to fill up with: the dearer way is 10 a unit, the cheaper 2.
    ['goes the cheaper way where both move as many', 40, [18, 10], [20, 30], 15, [10, 5]],
    ['goes the other way where that one is the cheaper', 40, [10, 10], [20, 22], 25, [10, 15]],
    // One to give at 30 more, against nine to fill up with at 4 each.
    ['counts each unit that moves: one dear one', 40, [16, 10], [20, 50], 21, [10, 11]],
    // Nine to give at 2 more each, against one to fill up with at 16.
    ['counts each unit that moves: nine cheap ones', 40, [4, 10], [20, 22], 19, [10, 9]],
  ] as const)(
    'of which one venue ends off its lot %s',
    (_, size, [cheap, cheapSize], [price, dear], quantity, expected) => {
      const coarse = { lot: 10, min: 10, most: size - (size % 10), fixed: 0, levels: [{ grade: 0, price, size }] };
      const levels = [
        { grade: 0, price: cheap, size: cheapSize },
        { grade: 0, price: dear, size: 40 },
      ];
      const venues = [coarse, { lot: 1, min: 1, most: 50, fixed: 0, levels }];
      const wish = { quantity, dust: 0, mostShares: 2 };
      const { shares, unplaced, proven } = split(offersOf(venues), wish);
      expect([shares, unplaced, proven]).toEqual([expected, 0, true]);
      expect(judge(venues, wish, shares)).toEqual(bruteForce(venues, wish));
    },
  );

  it('gives the venue that was offered first more, where nothing else tells two apart', () => {
    const one = { lot: 1, min: 1, most: 9, fixed: 0, levels: [{ grade: 0, price: 5, size: 9 }] };
    expect(split(offersOf([one, one, one]), { quantity: 12, dust: 0, mostShares: 3 }).shares).toEqual([9, 3, 0]);
  });

  it('is found though the scratch of the one before was larger', () => {
    const one = { lot: 1, min: 1, most: 9, fixed: 0, levels: [{ grade: 0, price: 5, size: 9 }] };
    const offers = offersOf([one, one]);
    allocate(offers, { quantity: 18, dust: 0, mostShares: 2 });
    offers.clear();
    offers.level(0, 7, 3);
    offers.add(1, 1, 3, 0);
    expect(split(offers, { quantity: 5, dust: 0, mostShares: 2 })).toEqual({
      shares: [3],
      unplaced: 2,
      proven: true,
    });
  });
});
