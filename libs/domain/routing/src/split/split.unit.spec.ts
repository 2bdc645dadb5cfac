import { describe, expect, it } from '@jest/globals';
import type { Level } from '@switchyard/model';
import { decimal, floorTo, plain, ZERO, type Decimal } from '@switchyard/money';
import fc from 'fast-check';
import { cap, inputs, view } from '../given.js';
import {
  decideRoute,
  DEFAULT_ROUTING_SETTINGS,
  describeRoute,
  prepareMarket,
  type RouteInputs,
  type VenueTerms,
} from '../index.js';

/** Splits as a trader sees them: books, fees, lots and minimums in decimals, orders that come out. The search itself: allocate.unit.spec. */

interface Spec {
  readonly side: 'buy' | 'sell';
  readonly lot: string;
  readonly fee: string;
  readonly costPerUnit: string;
  readonly minQuantity: string;
  readonly minNotional: string;
  readonly capQuantity: string;
  readonly levels: readonly Level[];
}

const NO_CHILD_COST = {
  ...DEFAULT_ROUTING_SETTINGS,
  childCostPpm: 0,
  haircutBps: 0,
  maxChildren: 8,
  minDepthPercent: 100,
};

const routeOf = (
  specs: readonly Spec[],
  quantity: string,
  settings = NO_CHILD_COST,
  terms: VenueTerms = {},
): RouteInputs => {
  const side = specs[0]?.side ?? 'buy';
  const venues = Object.fromEntries(
    specs.map((spec, index) => {
      const book =
        side === 'buy'
          ? { bids: [['1', '1']] as const, asks: spec.levels }
          : { bids: spec.levels, asks: [['999', '1']] as const };
      const { lot: lotSize, minQuantity, minNotional, fee: taker, costPerUnit } = spec;
      const market = view(
        { venue: `v${index}`, book, fees: { maker: '0', taker }, bookHash: `h${index}` },
        { lotSize, tickSize: '1', minQuantity, minNotional },
      );
      // Spreads as wide as these are no market; what is under test is the split.
      const prepared = { ...prepareMarket(market, { ...terms, costPerUnit }), flaw: undefined };
      return [`v${index}`, { market: prepared, known: true, healthy: true }];
    }),
  );
  const caps = specs.map(({ capQuantity }, index) =>
    cap({
      venue: `v${index}`,
      accountId: `a${index}`,
      quantity: capQuantity,
      reserved: '100000000',
      currency: side === 'buy' ? 'USDT' : 'BTC',
    }),
  );
  return inputs({ side, quantity, orderType: 'market', caps, signalType: 'entry' }, venues, { settings });
};

const sharesOf = (given: RouteInputs): readonly Decimal[] => {
  const outcome = decideRoute(given);
  return given.order.caps.map(({ accountId }) => {
    const child = 'code' in outcome ? undefined : outcome.children.find((one) => one.accountId === accountId);
    return child === undefined ? ZERO : decimal(child.quantity);
  });
};

/** What a buyer pays, or what a seller misses; undefined where the venue can't take it. */
const costOf = (spec: Spec, share: Decimal): Decimal | undefined => {
  if (share.eq(ZERO)) return ZERO;
  let left = share;
  let value = ZERO;
  for (const [price, size] of spec.levels) {
    const take = left.lt(decimal(size)) ? left : decimal(size);
    value = value.plus(take.times(decimal(price)));
    left = left.minus(take);
  }
  if (left.gt(ZERO) || share.gt(decimal(spec.capQuantity)) || share.lt(decimal(spec.minQuantity))) return undefined;
  if (value.lt(decimal(spec.minNotional)) || !share.mod(decimal(spec.lot)).eq(ZERO)) return undefined;
  const fee = value.times(decimal(spec.fee));
  const venue = share.times(decimal(spec.costPerUnit));
  return spec.side === 'buy' ? value.plus(fee).plus(venue) : fee.plus(venue).minus(value);
};

interface Best {
  readonly placed: Decimal;
  readonly cost: Decimal;
}

/** The best of all splits in whole lots: the most that can be placed, and that at the lowest cost. */
const bruteForce = (specs: readonly Spec[], quantity: Decimal, lot: Decimal): Best => {
  let best: Best = { placed: ZERO, cost: ZERO };
  const go = (index: number, placed: Decimal, cost: Decimal): void => {
    const spec = specs[index];
    if (spec === undefined) {
      if (placed.gt(best.placed) || (placed.eq(best.placed) && cost.lt(best.cost))) best = { placed, cost };
      return;
    }
    for (let share = ZERO; placed.plus(share).lte(quantity); share = share.plus(lot)) {
      const here = costOf(spec, share);
      if (here !== undefined) go(index + 1, placed.plus(share), cost.plus(here));
    }
  };
  go(0, ZERO, ZERO);
  return best;
};

const sized = (units: number, lot: string): string => plain(decimal(String(units)).times(decimal(lot)));

const specs = fc
  .record({
    side: fc.constantFrom('buy' as const, 'sell' as const),
    lot: fc.constantFrom('1', '0.1', '0.25', '0.005'),
    lots: fc.integer({ min: 1, max: 14 }),
    count: fc.integer({ min: 1, max: 3 }),
  })
  .chain(({ side, lot, lots, count }) => {
    const one = fc
      .record({
        fee: fc.constantFrom('0', '0.001', '0.0026', '0.006', '-0.0001'),
        costPerUnit: fc.constantFrom('0', '0', '0.3', '2'),
        minLots: fc.integer({ min: 1, max: 5 }),
        minNotional: fc.constantFrom('0', '5', '200'),
        capLots: fc.integer({ min: 1, max: 16 }),
        start: fc.integer({ min: 95, max: 105 }),
        levels: fc.array(fc.record({ step: fc.integer({ min: 0, max: 4 }), lots: fc.integer({ min: 1, max: 8 }) }), {
          minLength: 1,
          maxLength: 4,
        }),
      })
      .map(({ fee, costPerUnit, minLots, minNotional, capLots, start, levels }): Spec => {
        let price = start;
        return {
          side,
          lot,
          fee,
          costPerUnit,
          minNotional,
          minQuantity: sized(minLots, lot),
          capQuantity: sized(capLots, lot),
          levels: levels.map(({ step, lots: size }) => [
            String((price += side === 'buy' ? step : -step)),
            sized(size, lot),
          ]),
        };
      });
    return fc.record({
      lot: fc.constant(lot),
      quantity: fc.constant(sized(lots, lot)),
      venues: fc.array(one, { minLength: count, maxLength: count }),
    });
  });

describe('an order that is split', () => {
  it('costs what the best of all splits does, fees and venue costs included, and places as much', () => {
    fc.assert(
      fc.property(specs, ({ lot, quantity, venues }) => {
        const given = routeOf(venues, quantity);
        const shares = sharesOf(given);
        const placed = shares.reduce((sum, share) => sum.plus(share), ZERO);
        const cost = shares.reduce(
          (sum, share, index) => sum.plus(costOf(venues[index]!, share) ?? decimal('1000000000')),
          ZERO,
        );
        const best = bruteForce(venues, decimal(quantity), decimal(lot));
        expect([plain(placed), plain(cost)]).toEqual([plain(best.placed), plain(best.cost)]);
      }),
      { numRuns: 300 },
    );
  });

  it('is within a lot a venue of what could be had without lots, on books as large as real ones', () => {
    const book = fc.record({
      fee: fc.constantFrom('0.0005', '0.001', '0.0026', '0.004'),
      lot: fc.constantFrom('0.00000001', '0.00001', '0.001'),
      start: fc.integer({ min: 63_900, max: 64_100 }),
      levels: fc.array(
        fc.record({ step: fc.integer({ min: 1, max: 20 }), size: fc.integer({ min: 1, max: 2_000_000 }) }),
        { minLength: 20, maxLength: 20 },
      ),
    });
    fc.assert(
      fc.property(
        fc.array(book, { minLength: 2, maxLength: 5 }),
        fc.integer({ min: 1_000_000, max: 2_500_000_000 }),
        (books, units) => {
          const venues = books.map(({ fee, lot, start, levels }): Spec => {
            let price = start;
            return {
              side: 'buy',
              lot,
              fee,
              costPerUnit: '0',
              minQuantity: lot,
              minNotional: '0',
              capQuantity: '1000',
              // On the lot, as a decision counts them.
              levels: levels.map(({ step, size }) => [
                String((price += step)),
                plain(floorTo(decimal(String(size)).times(decimal('0.000001')), decimal(lot))),
              ]),
            };
          });
          const quantity = plain(decimal(String(units)).times(decimal('0.00000001')));
          const given = routeOf(venues, quantity);
          const outcome = decideRoute(given);
          if ('code' in outcome) throw new Error(outcome.code);
          expect(outcome.proven).toBe(true);
          const paid = sharesOf(given).reduce(
            (sum, share, index) => sum + Number(plain(costOf(venues[index]!, share)!)),
            0,
          );
          const placed = Number(quantity) - Number(outcome.remainder);
          // What merging all levels by their price with fee would cost, cut anywhere.
          const merged = venues
            .flatMap(({ fee, levels }) =>
              levels.map(([price, size]) => ({ price: Number(price) * (1 + Number(fee)), size: Number(size) })),
            )
            .sort((a, b) => a.price - b.price);
          const held = merged.reduce((sum, { size }) => sum + size, 0);
          if (held < Number(quantity) + 0.001) return;
          let [left, bound] = [placed, 0];
          for (const { price, size } of merged) {
            const take = Math.min(left, size);
            bound += take * price;
            left -= take;
          }
          const coarsest = Math.max(...venues.map(({ lot }) => Number(lot)));
          const spread = merged.at(-1)!.price - merged[0]!.price;
          expect(paid - bound).toBeGreaterThanOrEqual(-1e-6);
          expect(paid - bound).toBeLessThanOrEqual(venues.length * coarsest * spread + 1e-6);
          expect(Number(outcome.remainder)).toBeLessThan(coarsest);
        },
      ),
      { numRuns: 100 },
    );
  });

  const flat = (change: Partial<Spec> = {}): Spec => ({
    side: 'buy',
    lot: '0.001',
    fee: '0.001',
    costPerUnit: '0',
    minQuantity: '0.001',
    minNotional: '0',
    capQuantity: '100',
    levels: [['100', '10']],
    ...change,
  });
  const parts = (given: RouteInputs) => sharesOf(given).map((share) => plain(share));

  it('goes to one venue where a second would save less than a child is worth', () => {
    const cheaper = flat({
      levels: [
        ['99.99', '1'],
        ['100.5', '9'],
      ],
    });
    const settings = { ...NO_CHILD_COST, childCostPpm: 100 };
    // The first unit is cheaper by a cent, of a thousand: a hundredth of a basis point.
    expect(parts(routeOf([cheaper, flat()], '10', settings))).toEqual(['0', '10']);
    expect(parts(routeOf([cheaper, flat()], '10'))).toEqual(['1', '9']);
  });

  it('is never spread over more venues than allowed', () => {
    const small = flat({ levels: [['100', '1']] });
    expect(parts(routeOf([small, small, small], '3'))).toEqual(['1', '1', '1']);
    expect(parts(routeOf([small, small, small], '3', { ...NO_CHILD_COST, maxChildren: 2 }))).toEqual(['1', '1', '0']);
  });

  it('never leaves a part below a minimum: it takes more of the dearer venue, or none', () => {
    const thin = flat({ levels: [['99', '0.3']], minQuantity: '0.5' });
    const dear = flat({ levels: [['100', '10']], minQuantity: '0.5' });
    expect(parts(routeOf([thin, dear], '1'))).toEqual(['0', '1']);
    const short = flat({
      levels: [
        ['99', '0.7'],
        ['101', '5'],
      ],
    });
    expect(parts(routeOf([short, dear], '1'))).toEqual(['0.5', '0.5']);
  });

  it('leaves what is finer than the lot with a venue that has a part already and a finer lot, else names it', () => {
    const coarse = flat({ lot: '0.1', minQuantity: '0.1', levels: [['99', '5']] });
    const fine = flat({ lot: '0.001', minQuantity: '0.01', levels: [['100', '10']] });
    expect(parts(routeOf([coarse, fine], '7.123'))).toEqual(['5', '2.123']);
    const alone = decideRoute(routeOf([coarse], '3.123'));
    expect(alone).toMatchObject({ children: [{ quantity: '3.1' }], remainder: '0.023' });
  });

  it('opens no second order for dust, though a venue with a finer lot could take it', () => {
    const coarse = flat({ lot: '0.01', minQuantity: '0.01', levels: [['99', '50']] });
    const fine = flat({ lot: '0.001', minQuantity: '0.002', levels: [['100', '10']] });
    const decision = decideRoute(routeOf([coarse, fine], '7.123', { ...NO_CHILD_COST, childCostPpm: 10 }));
    expect(decision).toMatchObject({ children: [{ venue: 'v0', quantity: '7.12' }], remainder: '0.003' });
  });

  it('tells venues that cost the same apart by their priority', () => {
    const given = routeOf([flat(), flat()], '1');
    const second = given.venues['v1']!;
    const first = {
      ...given,
      venues: { ...given.venues, v1: { ...second, market: { ...second.market!, priority: 1 } } },
    };
    expect(parts(given)).toEqual(['1', '0']);
    expect(parts(first)).toEqual(['0', '1']);
  });

  it('counts a withdrawal only for an account that keeps nothing at the venue', () => {
    const cheap = flat({ levels: [['99', '10']] });
    const given = routeOf([cheap, flat()], '10', NO_CHILD_COST, { withdrawalFee: { base: '0.2' } });
    expect(parts(given)).toEqual(['10', '0']);
    const sweeps = { a0: { sweeps: true } };
    expect(parts({ ...given, accounts: sweeps })).toEqual(['0', '10']);
  });

  it('is explained part by part, with what each would have cost', () => {
    const given = routeOf([flat({ levels: [['99', '4']] }), flat(), flat({ levels: [['120', '9']] })], '10');
    const outcome = decideRoute(given);
    if ('code' in outcome) throw new Error(outcome.code);
    expect(describeRoute(given, outcome)).toMatchObject({
      venues: [
        { quantity: '4', most: '4', bound: 'depth', expectedCost: '396.396' },
        { quantity: '6', most: '10', bound: 'order', expectedCost: '600.6' },
        { chosen: false, expectedCost: '1081.08' },
      ],
      sentence:
        'Buy BTC-USD by market orders at 2 venues (4 at v0, 6 at v1), because the signal asks for it; the lowest total cost of 3 suitable venues. ' +
        'Expected at v0: 99 on average and 0.1 % fee, costing 396.396 USDT. Expected at v1: 100 on average and 0.1 % fee, costing 600.6 USDT. ' +
        'Not used: v2 (it would cost more).',
    });
  });
});
