import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { instantMs } from './instant.js';

describe('an instant', () => {
  it('is what Date.parse says, for any that the contracts allow', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) }), (ms) => {
        expect(instantMs(new Date(ms).toISOString())).toBe(ms);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is what Date.parse says after another of the same minute, too, readable or not', () => {
    for (const rest of ['00.000Z', '59.999Z', '07.080Z', '60.000Z', '1x.000Z', '10.1x3Z', '10.12xZ', '  .000Z']) {
      expect(instantMs('2026-11-21T02:47:10.123Z')).toBe(Date.UTC(2026, 10, 21, 2, 47, 10, 123));
      expect(instantMs(`2026-11-21T02:47:${rest}`)).toEqual(Date.parse(`2026-11-21T02:47:${rest}`));
    }
  });

  it.each([
    '2026-02-29T00:00:00.000Z',
    '2024-02-29T23:59:59.999Z',
    '2026-04-31T00:00:00.000Z',
    '2026-13-01T00:00:00.000Z',
    '2026-00-10T00:00:00.000Z',
    '2026-11-21T24:00:00.000Z',
    '2026-11-21T24:00:00.001Z',
    '2026-11-21T02:60:00.000Z',
    '2026-11-21T02:47:10Z',
    '2026-11-21T02:47:10.123+01:00',
    '2026-11-2xT02:47:10.123Z',
    '',
    'yesterday',
  ])('is read as Date.parse reads it: %s', (text) => {
    expect(instantMs(text)).toEqual(Date.parse(text));
  });
});
