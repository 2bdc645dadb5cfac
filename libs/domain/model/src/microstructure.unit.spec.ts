import { describe, expect, it } from '@jest/globals';
import { decimal } from '@switchyard/money';
import fc from 'fast-check';
import type { Book, Level } from './market.js';
import { microstructureOf } from './microstructure.js';

const BOOK: Book = {
  bids: [
    ['99', '2'],
    ['98.8', '10'],
    ['90', '1000'],
  ],
  asks: [
    ['101', '1'],
    ['102', '10'],
  ],
};

const levels = (side: 'bid' | 'ask') =>
  fc
    .array(fc.tuple(fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 5_000 })), {
      minLength: 1,
      maxLength: 30,
    })
    .map((steps): readonly Level[] => {
      let distance = 0;
      return steps.map(([step, size]) => {
        distance += step;
        const price = side === 'bid' ? 100_000 - distance : 100_000 + distance;
        return [`${price}`, `${size / 100}`];
      });
    });
const aBook = fc.record({ bids: levels('bid'), asks: levels('ask') });

describe('the figures of a book', () => {
  it('are mid, spread, depth near the mid, imbalance and what sizes would cost, as computed by hand', () => {
    expect(microstructureOf(BOOK, ['50', '500', '1000000'])).toEqual({
      mid: '100',
      spread: '2',
      spreadBps: 200,
      // (2 x 101 + 1 x 99) / 3
      microprice: '100.333333333333',
      // Within half a percent stands nothing: the touch is one percent away.
      depth: { bids: '0', asks: '0', withinBps: 50 },
      // 1012 bid, 11 asked.
      imbalance: 0.978495,
      liquidityScore: 0,
      impact: [
        { size: '50', side: 'buy', averagePrice: '101', impactBps: 100 },
        { size: '50', side: 'sell', averagePrice: '99', impactBps: 100 },
        // 101 for one, 399 at 102: 4.911764... coins.
        { size: '500', side: 'buy', averagePrice: '101.796407185629', impactBps: 179.640719 },
        // 198 at 99, 302 at 98.8.
        { size: '500', side: 'sell', averagePrice: '98.879103282626', impactBps: 112.089672 },
        { size: '1000000', side: 'buy', averagePrice: null, impactBps: null },
        { size: '1000000', side: 'sell', averagePrice: null, impactBps: null },
      ],
    });
  });

  it('count as depth what stands within half a percent of the mid, and score the thinner side', () => {
    const book: Book = {
      bids: [
        ['99.9', '1000'],
        ['99.5', '1000'],
        ['99.4', '1000'],
      ],
      asks: [
        ['100.1', '3000'],
        ['100.5', '1000'],
      ],
    };
    const { depth, liquidityScore } = microstructureOf(book)!;
    expect(depth).toEqual({ bids: '199400', asks: '400800', withinBps: 50 });
    expect(liquidityScore).toBeCloseTo(199_400 / 299_400, 6);
  });

  it.each<[string, Book]>([
    ['empty', { bids: [], asks: [] }],
    ['one-sided', { bids: BOOK.bids, asks: [] }],
    ['of levels without size', { bids: BOOK.bids, asks: [['101', '0']] }],
    ['locked', { bids: [['101', '1']], asks: [['101', '1']] }],
    ['crossed', { bids: [['102', '1']], asks: [['101', '1']] }],
  ])('do not exist for a book that is %s', (_, book) => {
    expect(microstructureOf(book)).toBeUndefined();
  });

  it('never say that a larger order trades at a better price, or better than the touch', () => {
    fc.assert(
      fc.property(aBook, (book) => {
        const { impact, mid, microprice } = microstructureOf(book, ['10', '1000', '100000', '10000000'])!;
        for (const side of ['buy', 'sell'] as const) {
          const told = impact.flatMap((one) => (one.side === side && one.impactBps !== null ? [one.impactBps] : []));
          const touch = decimal(side === 'buy' ? book.asks[0]![0] : book.bids[0]![0]);
          const least = Number(touch.minus(decimal(mid)).abs().times(decimal('10000')).div(decimal(mid)).toFixed());
          for (const [n, bps] of told.entries()) expect(bps).toBeGreaterThanOrEqual((told[n - 1] ?? least) - 0.000_002);
        }
        expect(decimal(microprice).gte(decimal(book.bids[0]![0]))).toBe(true);
        expect(decimal(microprice).lte(decimal(book.asks[0]![0]))).toBe(true);
      }),
    );
  });

  it('turn round when the sides do: a mirrored book has the opposite imbalance and the same costs', () => {
    fc.assert(
      fc.property(aBook, (book) => {
        const mirror = (side: readonly Level[]): readonly Level[] =>
          side.map(([price, size]) => [decimal('200000').minus(decimal(price)).toFixed(), size]);
        const straight = microstructureOf(book, [])!;
        const mirrored = microstructureOf({ bids: mirror(book.asks), asks: mirror(book.bids) }, [])!;
        expect(mirrored.imbalance).toBeCloseTo(-straight.imbalance, 6);
        expect(mirrored.spread).toBe(straight.spread);
      }),
    );
  });
});
