import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { afterNegative, decideRetry, pollDelayMs, retryDelayMs, settleDelayMs, venueExpiryMs } from './index.js';

describe('retries', () => {
  it('come after 1 s, 2 s and 4 s, a quarter more or less', () => {
    expect([1, 2, 3].map((retry) => retryDelayMs(retry, 0.5))).toEqual([1_000, 2_000, 4_000]);
    expect(retryDelayMs(1, 0)).toBe(750);
    expect(retryDelayMs(2, 0.9999)).toBe(2_500);
  });

  it('are never more than 30 s apart', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0, max: 0.999999, noNaN: true }),
        (retry, random) => {
          expect(retryDelayMs(retry, random)).toBeLessThanOrEqual(30_000);
          expect(retryDelayMs(retry, random)).toBeGreaterThanOrEqual(750);
        },
      ),
    );
  });

  it('end with the third, or when the order would be sent too late', () => {
    const base = { nowMs: 0, sendByMs: 60_000, random: 0.5 };
    expect(decideRetry({ ...base, attempts: 3 })).toEqual({ again: true, atMs: 4_000 });
    expect(decideRetry({ ...base, attempts: 4 })).toEqual({ again: false, because: 'attempts' });
    expect(decideRetry({ ...base, attempts: 1, sendByMs: 1_000 })).toEqual({ again: false, because: 'sendBy' });
  });

  it('wait as long as the venue asked', () => {
    expect(decideRetry({ attempts: 1, nowMs: 0, sendByMs: 60_000, random: 0.5, retryAfterMs: 7_000 })).toEqual({
      again: true,
      atMs: 7_000,
    });
  });
});

describe('polls', () => {
  it('come each half second for ten seconds, then ever more rarely, at least once a minute', () => {
    expect([0, 9_999, 10_000, 60_000, 86_400_000].map(pollDelayMs)).toEqual([500, 500, 1_000, 6_000, 60_000]);
  });

  it('go on a while after the end, for fills that the venue tells late', () => {
    expect([0, 1, 2, 3].map(settleDelayMs)).toEqual([2_000, 10_000, 60_000, undefined]);
  });
});

describe('the quiet period', () => {
  const period = { venueExpiryMs: 1_000, venueEnforcesExpiry: true, negatives: 0 };

  it('ends with the third negative answer after the expiry by the venue’s clock', () => {
    let negatives = 0;
    const verdicts = [1_100, 1_200, 1_300].map((askedAtVenueMs) => {
      const after = afterNegative({ ...period, negatives }, { askedAtVenueMs, clockErrorMs: 20 });
      negatives = after.negatives;
      return after.verdict;
    });
    expect(verdicts).toEqual(['keepAsking', 'keepAsking', 'neverArrived']);
  });

  it.each([
    [999, 0],
    [1_000, 0],
    [1_020, 20],
  ])('does not count an answer to a question put at %d with a clock error of %d', (askedAtVenueMs, clockErrorMs) => {
    expect(afterNegative(period, { askedAtVenueMs, clockErrorMs })).toEqual({ negatives: 0, verdict: 'keepAsking' });
  });

  it('never ends where the venue enforces no expiry', () => {
    expect(
      afterNegative({ ...period, venueEnforcesExpiry: false, negatives: 2 }, { askedAtVenueMs: 1e12, clockErrorMs: 0 }),
    ).toEqual({ negatives: 2, verdict: 'keepAsking' });
  });

  it('begins at sendBy on the venue’s clock, plus its window, plus the clock’s error', () => {
    expect(venueExpiryMs({ sendByMs: 10_000, clockOffsetMs: -300, clockErrorMs: 40, windowMs: 5_000 })).toBe(14_740);
  });
});
