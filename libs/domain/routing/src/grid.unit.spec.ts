import { describe, expect, it } from '@jest/globals';
import { decimal, floorTo, ceilTo, plain } from '@switchyard/money';
import fc from 'fast-check';
import {
  amountText,
  divide,
  gridOf,
  isShortest,
  numberOf,
  snapDown,
  snapUp,
  textOf,
  unitsDown,
  unitsUp,
} from './grid.js';

const amounts = fc
  .tuple(fc.bigInt(0n, 10n ** 7n), fc.integer({ min: 0, max: 14 }))
  .map(([units, places]) => plain(decimal(units.toString()).div(decimal(`1${'0'.repeat(places)}`))));
const steps = fc.constantFrom('0.00000001', '0.00001', '0.01', '0.1', '1', '0.5', '0.25', '5');

describe('counting in ticks and lots', () => {
  it('is exact: the same as rounding decimals', () => {
    fc.assert(
      fc.property(amounts, steps, (text, step) => {
        const grid = gridOf(step);
        const down = snapDown(unitsDown(text, grid.places), grid);
        const up = snapUp(unitsUp(text, grid.places), grid);
        expect(textOf(down, grid.places)).toBe(plain(floorTo(decimal(text), decimal(step))));
        expect(textOf(up, grid.places)).toBe(plain(ceilTo(decimal(text), decimal(step))));
      }),
    );
  });

  it('writes shortest decimals, negative ones too', () => {
    expect([textOf(150n, 2), textOf(-5, 3), textOf(0, 8), textOf(7, 0)]).toEqual(['1.5', '-0.005', '0', '7']);
  });

  it('writes numbers as it writes any whole number, up to 2^53', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.integer({ min: 0, max: 15 }), fc.nat(22), (any, zeros, places) => {
        const units = Math.floor(any / 10 ** zeros) * 10 ** zeros;
        expect(textOf(units, places)).toBe(textOf(BigInt(units), places));
      }),
      { numRuns: 1_000 },
    );
  });

  it('reads the number that Number reads, to the last bit', () => {
    const digits = fc.stringMatching(/^(0|[1-9]\d{0,17})(\.\d{1,24})?$/);
    fc.assert(
      fc.property(digits, (text) => {
        expect(numberOf(text)).toBe(Number(text));
      }),
      { numRuns: 1_000 },
    );
    fc.assert(fc.property(amounts, (text) => numberOf(text) === Number(text)));
  });

  it('knows the shortest way to write a decimal', () => {
    const written = ['1.5', '10', '0', '1.50', '0.0', '10.01'];
    expect(written.filter(isShortest)).toEqual(written.filter((text) => plain(decimal(text)) === text));
  });

  it('never writes more than 18 places', () => {
    expect(amountText(15n, 19)).toBe('0.000000000000000002');
    expect([divide(5n, 2n), divide(-5n, 2n), divide(4n, 3n)]).toEqual([3n, -3n, 1n]);
  });
});
