import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allot, type ScopedBucket, type Want } from './allot.js';
import { fullBucket, type BucketRules, type CallClass } from './bucket.js';

const T = 1_000_000;
const bucketsOf = (rules: Readonly<Record<string, BucketRules>>): ReadonlyMap<string, ScopedBucket> =>
  new Map(Object.entries(rules).map(([scope, limits]) => [scope, { rules: limits, bucket: fullBucket(limits, T) }]));
const want = (of: CallClass, ...scopes: readonly string[]): Want => ({
  class: of,
  costs: scopes.map((scope) => ({ scope, rules: ADDRESS, tokens: 1 })),
});
const ADDRESS = { perSecond: 10, burst: 20 };

describe('what is in the buckets', () => {
  it('goes to the higher classes first, and within a class to who came first', () => {
    const wants = [...Array<Want>(12).fill(want('entry', 'ip')), want('stop_loss', 'ip'), want('cancel', 'ip')];
    const { allotments } = allot(bucketsOf({ ip: ADDRESS }), wants);
    expect(allotments.map(({ granted }) => granted)).toEqual([
      ...Array<boolean>(7).fill(true),
      ...Array<boolean>(5).fill(false),
      true,
      true,
    ]);
    const waits = allotments.flatMap((allotment) => (allotment.granted ? [] : [allotment.waitMs]));
    expect(waits).toEqual([...waits].sort((a, b) => a - b));
    expect(new Set(waits).size).toBe(5);
  });

  it('is all of a call’s tokens or none: an account over its limit takes nothing of the address’s, and holds up nobody', () => {
    const scopes = bucketsOf({ ip: ADDRESS, a: { perSecond: 1, burst: 2 }, b: { perSecond: 1, burst: 2 } });
    const { allotments, scopes: left } = allot(scopes, [
      want('entry', 'ip', 'a'),
      want('entry', 'ip', 'a'),
      want('entry', 'ip', 'b'),
    ]);
    expect(allotments.map(({ granted }) => granted)).toEqual([true, false, true]);
    expect(left.get('ip')?.bucket.common).toBe(12);
  });

  it('is not gone past by a call that costs less than the one that waits', () => {
    const dear: Want = { class: 'poll', costs: [{ scope: 'ip', rules: ADDRESS, tokens: 5 }] };
    const { allotments } = allot(bucketsOf({ ip: ADDRESS }), [dear, dear, want('poll', 'ip')]);
    expect(allotments.map(({ granted }) => granted)).toEqual([true, false, false]);
  });

  it('is taken exactly as far as it is given, whatever is wanted', () => {
    const wants = fc.array(
      fc.record({
        class: fc.constantFrom<CallClass>('cancel', 'lookup', 'stop_loss', 'exit', 'entry', 'poll'),
        costs: fc.uniqueArray(
          fc.record({
            scope: fc.constantFrom('ip', 'a', 'b', 'unlimited'),
            rules: fc.constant(ADDRESS),
            tokens: fc.integer({ min: 1, max: 30 }),
          }),
          { minLength: 1, selector: ({ scope }) => scope },
        ),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(wants, (all) => {
        const scopes = bucketsOf({ ip: { perSecond: 10, burst: 100 }, a: ADDRESS, b: ADDRESS });
        const { scopes: left, allotments } = allot(scopes, all);
        for (const [scope, { bucket }] of scopes) {
          const given = all.reduce(
            (sum, { costs }, index) =>
              sum +
              (allotments[index]?.granted === true ? (costs.find((cost) => cost.scope === scope)?.tokens ?? 0) : 0),
            0,
          );
          const now = left.get(scope)!.bucket;
          expect(bucket.common + bucket.polls - now.common - now.polls).toBeCloseTo(given);
        }
      }),
    );
  });
});
