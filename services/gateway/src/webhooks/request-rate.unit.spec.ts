import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RequestRate } from './request-rate.js';

describe('the rate of requests', () => {
  it('lets a burst through, then one a step, and tells how long to wait', () => {
    let now = 1_000;
    const rate = new RequestRate({ perSecond: 2, burst: 3 }, 10, () => now);
    expect([1, 2, 3, 4].map(() => rate.take('a'))).toEqual([0, 0, 0, 1]);
    expect(rate.take('b')).toBe(0);
    now += 500;
    expect([rate.take('a'), rate.take('a')]).toEqual([0, 1]);
    now += 60_000;
    expect([1, 2, 3, 4].map(() => rate.take('a'))).toEqual([0, 0, 0, 1]);
  });

  it('forgets keys that have rested, and keeps no more than it may', () => {
    let now = 0;
    const rate = new RequestRate({ perSecond: 1, burst: 5 }, 100, () => now);
    for (let i = 0; i < 1_000; i++) rate.take(`key-${i}`);
    expect(rate.size).toBe(100);
    now += 10_000;
    rate.take('one');
    expect(rate.size).toBe(1);
  });

  it('never lets more through in any time than the burst and what the time allows', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 10 }),
        fc.array(fc.integer({ min: 0, max: 700 }), { minLength: 1, maxLength: 80 }),
        (perSecond, burst, pauses) => {
          let now = 0;
          const rate = new RequestRate({ perSecond, burst }, 10, () => now);
          const taken: number[] = [];
          for (const pause of pauses) {
            now += pause;
            if (rate.take('a') === 0) taken.push(now);
          }
          for (const [i, from] of taken.entries())
            for (const [j, to] of taken.entries())
              if (j >= i) expect(j - i + 1).toBeLessThanOrEqual(burst + ((to - from) * perSecond) / 1_000 + 1e-6);
        },
      ),
    );
  });
});
