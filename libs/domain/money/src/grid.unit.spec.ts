import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ceilTo, decimal, floorTo, isDecimalString, isMultipleOf, plain, roundTo, Decimal } from './index.js';

const amounts = fc
  .tuple(fc.bigInt(0n, 10n ** 18n), fc.integer({ min: 0, max: 12 }))
  .map(([units, places]) => decimal(units.toString()).div(decimal(`1${'0'.repeat(places)}`)));
const steps = fc.constantFrom('0.00000001', '0.00001', '0.01', '0.1', '1', '0.5', '5').map(decimal);

describe('decimals', () => {
  it('refuse a binary float', () => {
    expect(() => new Decimal(0.1 as never)).toThrow();
  });

  it.each(['1e5', '+1', '01', '.5', '1.', '', ' 1', 'NaN', '1,5', '0x1', '1.0000000000000000001'])(
    'are not written %p',
    (text) => {
      expect(isDecimalString(text)).toBe(false);
    },
  );

  it.each(['0', '-1', '0.00000001', '64000.00', '123456789012345678901234567890'])('may be written %p', (text) => {
    expect(isDecimalString(text)).toBe(true);
  });

  it('are written without exponent and without trailing zeros', () => {
    expect(plain(decimal('0.00000001'))).toBe('0.00000001');
    expect(plain(decimal('64000.00'))).toBe('64000');
    expect(plain(decimal('-0'))).toBe('0');
  });
});

describe('the grid of a tick or a lot', () => {
  it('rounds down and up to neighbours that enclose the value', () => {
    fc.assert(
      fc.property(amounts, steps, (value, step) => {
        const low = floorTo(value, step);
        const high = ceilTo(value, step);
        expect(isMultipleOf(low, step) && isMultipleOf(high, step)).toBe(true);
        expect(low.lte(value) && high.gte(value)).toBe(true);
        expect(high.minus(low).lte(step)).toBe(true);
      }),
    );
  });

  it('rounds to the nearer neighbour', () => {
    fc.assert(
      fc.property(amounts, steps, (value, step) => {
        expect(roundTo(value, step).minus(value).abs().times('2').lte(step)).toBe(true);
      }),
    );
  });
});
