import { describe, expect, it } from '@jest/globals';
import { refused } from '../order-checks.js';
import { lateIfVoid } from './late-token.js';

describe('an order that Coinbase calls unauthorized', () => {
  const unauthorized = refused('BAD_CREDENTIALS', {});

  it('has a bad key where the answer came while its token was good', () => {
    expect(lateIfVoid(unauthorized, 3_999, 5_000)).toBe(unauthorized);
  });

  it('may have come too late where the answer took as long as the token was good for, in whole seconds', () => {
    expect(lateIfVoid(unauthorized, 4_000, 5_000)).toMatchObject({ kind: 'refused', code: 'CLOCK_SKEW' });
  });

  it('is no other refusal, however late', () => {
    const funds = refused('INSUFFICIENT_FUNDS', {});
    expect(lateIfVoid(funds, 60_000, 5_000)).toBe(funds);
  });
});
