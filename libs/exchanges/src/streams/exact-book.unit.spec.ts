import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Nonsense } from '../ccxt/fields.js';
import { ExactBook } from './exact-book.js';
import { ExactSide } from './exact-side.js';

const bookOf = (bids: readonly [string, string][], asks: readonly [string, string][], levels = 1_000): ExactBook =>
  new ExactBook({ mostLevels: 2 * levels }).reset({ bids, asks, nonce: 1, levels });

describe('a side of a streamed book', () => {
  it('is what a table of prices would be, in order and digit by digit', () => {
    const level = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 3 }));
    fc.assert(
      fc.property(fc.constantFrom('bids', 'asks'), fc.array(level, { maxLength: 80 }), (name, changes) => {
        const side = new ExactSide(name, Number.POSITIVE_INFINITY);
        const table = new Map<number, string>();
        for (const [ticks, lots] of changes) {
          side.store((ticks / 100).toFixed(8), `0.0000000${lots}`);
          if (lots === 0) table.delete(ticks);
          else table.set(ticks, `0.0000000${lots}`);
        }
        const sorted = [...table].sort(([one], [other]) => (name === 'asks' ? one - other : other - one));
        expect(side.levels(100)).toEqual(sorted.map(([ticks, size]) => [(ticks / 100).toFixed(8), size]));
        expect(side.length).toBe(table.size);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps apart what a float has no room for between: fifteen digits of a price, any of a quantity', () => {
    const side = new ExactSide('asks', 10);
    side.store('100000.000000002', '123456789.123456789');
    side.store('100000.000000001', '0.000000000000000001');
    expect(side.levels(2)).toEqual([
      ['100000.000000001', '0.000000000000000001'],
      ['100000.000000002', '123456789.123456789'],
    ]);
  });

  it.each([
    ['a number', 7_000.5, '1'],
    ['a price of more than fifteen digits', '1000000.000000001', '1'],
    ['a price of zero', '0.00', '1'],
    ['a negative price', '-1', '1'],
    ['a negative quantity', '1', '-1'],
    ['an exponent', '1e3', '1'],
    ['a word', 'NaN', '1'],
    ['nothing', undefined, undefined],
    ['a quantity that is all noughts for ever', '1', `0.${'0'.repeat(60)}1`],
  ])('refuses %s', (_, price, size) => {
    expect(() => {
      new ExactSide('bids', 10).store(price, size);
    }).toThrow(Nonsense);
  });

  it('counts no zeros behind a price as its digits', () => {
    const side = new ExactSide('bids', 10);
    side.store('123456.7800000000000', '1');
    expect(side.best).toBe('123456.7800000000000');
  });
});

describe('a streamed book', () => {
  it('knows nothing beyond a snapshot that was cut off, and says when too little is left', () => {
    const book = bookOf(
      [
        ['10', '1'],
        ['9', '1'],
      ],
      [['11', '1']],
      2,
    );
    // There was only one ask: that is all there is. Beyond the second bid there may be more.
    expect([book.reaches(2), book.asks.reaches(20)]).toEqual([true, true]);
    book.bids.store('8', '5');
    expect(book.bids.levels(5)).toHaveLength(2);
    book.bids.store('10', '0');
    expect(book.reaches(2)).toBe(false);
    book.bids.store('9.5', '1');
    expect(book.reaches(2)).toBe(true);
  });

  it('is bounded: the worst levels are let go, and not trusted again', () => {
    const side = new ExactSide('asks', 3);
    for (const price of ['1', '2', '3', '4', '5']) side.store(price, '1');
    expect(side.levels(9).map(([price]) => price)).toEqual(['1', '2', '3']);
    side.store('1', '0');
    side.store('4', '1');
    expect([side.levels(9).map(([price]) => price), side.reaches(3)]).toEqual([['2', '3'], false]);
  });
});
