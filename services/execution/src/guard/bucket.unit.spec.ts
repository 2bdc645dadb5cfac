import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  corrected,
  drawn,
  fullBucket,
  givenBack,
  refilled,
  spare,
  waitOf,
  type Bucket,
  type BucketRules,
  type CallClass,
} from './bucket.js';

const T = 1_000_000;
const MISSION: BucketRules = { perSecond: 10, burst: 20 };
const CLASSES: readonly CallClass[] = ['cancel', 'lookup', 'stop_loss', 'exit', 'entry', 'poll'];

/** Draws as long as it may. */
const drain = (bucket: Bucket, rules: BucketRules, of: CallClass, cost = 1): { bucket: Bucket; calls: number } => {
  let calls = 0;
  for (let next = drawn(bucket, rules, of, cost); next !== undefined; next = drawn(bucket, rules, of, cost)) {
    bucket = next;
    calls += 1;
  }
  return { bucket, calls };
};

describe('a budget of 10 calls a second, burst 20', () => {
  it('keeps room: entries leave tokens to exits, these to stop-losses, these to cancels and lookups', () => {
    let bucket = fullBucket(MISSION, T);
    const calls: Partial<Record<CallClass, number>> = {};
    for (const each of ['entry', 'exit', 'stop_loss', 'lookup', 'cancel'] as const) {
      const drained = drain(bucket, MISSION, each);
      calls[each] = drained.calls;
      bucket = drained.bucket;
    }
    expect(calls).toEqual({ entry: 9, exit: 2, stop_loss: 1, lookup: 2, cancel: 0 });
  });

  it('has a share of its own for polls, which nobody else takes and which takes nobody else’s', () => {
    const full = fullBucket(MISSION, T);
    const polled = drain(full, MISSION, 'poll');
    expect(polled.calls).toBe(6);
    expect(drain(polled.bucket, MISSION, 'cancel').calls).toBe(14);
    expect(drain(drain(full, MISSION, 'cancel').bucket, MISSION, 'poll').calls).toBe(6);
  });

  it('gives what one share can’t hold to the other', () => {
    const drained = drain(fullBucket(MISSION, T), MISSION, 'cancel').bucket;
    const polls = drain(fullBucket(MISSION, T), MISSION, 'poll').bucket;
    // Polls rest, and their share is full: a second earns ten for the others. And the other way round, up to what it holds.
    expect(drain(refilled(drained, MISSION, T + 1_000), MISSION, 'cancel').calls).toBe(10);
    expect(drain(refilled(polls, MISSION, T + 500), MISSION, 'poll').calls).toBe(5);
  });

  it('says how long a call waits at most: polls that rest may make it sooner', () => {
    const empty = drain(fullBucket(MISSION, T), MISSION, 'entry').bucket;
    expect(waitOf(empty, MISSION, 'entry', 1)).toBe(129);
    expect(waitOf(empty, MISSION, 'cancel', 1)).toBe(0);
    expect(drawn(refilled(empty, MISSION, T + 89), MISSION, 'entry', 1)).toBeUndefined();
    expect(drawn(refilled(empty, MISSION, T + 129), MISSION, 'entry', 1)).toBeDefined();
  });

  it('lets a call through that costs more than its class can have, when that is as full as can be, and it is owed for', () => {
    const full = fullBucket(MISSION, T);
    const after = drawn(full, MISSION, 'poll', 80);
    expect(after?.polls).toBe(-74);
    expect(drawn(after!, MISSION, 'poll', 1)).toBeUndefined();
  });

  it('adds nothing while the clock stands still or goes back', () => {
    const empty = drain(fullBucket(MISSION, T), MISSION, 'entry').bucket;
    expect(refilled(empty, MISSION, T - 60_000)).toEqual(empty);
    expect(refilled(refilled(empty, MISSION, T - 60_000), MISSION, T)).toEqual(empty);
  });
});

describe('what the venue says of its window', () => {
  const WEIGHT: BucketRules = { perSecond: 80, burst: 1_200 };
  const full = fullBucket(WEIGHT, T);
  const MINUTE = 60_000;

  it('bounds every class, polls first, until the window ends', () => {
    const little = corrected(full, { left: 400, untilMs: T + 30_000 }, MINUTE);
    expect(spare(little, WEIGHT, 'poll')).toBe(0);
    expect(spare(little, WEIGHT, 'entry')).toBeCloseTo(106);
    expect(spare(little, WEIGHT, 'cancel')).toBe(400);
    expect(waitOf(little, WEIGHT, 'poll', 20)).toBe(30_000);
    const none = corrected(full, { left: 0, untilMs: T + 30_000 }, MINUTE);
    expect(drawn(none, WEIGHT, 'cancel', 1)).toBeUndefined();
    expect(drawn(refilled(none, WEIGHT, T + 30_000), WEIGHT, 'entry', 1)).toBeDefined();
  });

  it('holds at its least within a window, is forgotten with the next, and late word of an old window changes nothing', () => {
    const said = (bucket: Bucket, left: number, untilMs: number) => corrected(bucket, { left, untilMs }, MINUTE).room;
    const known = corrected(full, { left: 100, untilMs: T + 10_000 }, MINUTE);
    expect(said(known, 300, T + 10_020)).toEqual({ left: 100, untilMs: T + 10_000 });
    expect(said(known, 60, T + 9_990)).toEqual({ left: 60, untilMs: T + 10_000 });
    expect(said(known, 5_990, T + 70_000)).toEqual({ left: 5_990, untilMs: T + 70_000 });
    expect(said(corrected(full, { left: 5_990, untilMs: T + 70_000 }, MINUTE), 3, T + 10_000)?.left).toBe(5_990);
  });

  it('goes down with what is drawn since', () => {
    const known = corrected(full, { left: 1_000, untilMs: T + 10_000 }, MINUTE);
    expect(drawn(known, WEIGHT, 'cancel', 9)?.room?.left).toBe(991);
    expect(givenBack(drawn(known, WEIGHT, 'cancel', 9)!, WEIGHT, 'cancel', 9)).toEqual(known);
  });
});

describe('any budget, whatever is asked of it and when', () => {
  const rules = fc.record({
    perSecond: fc.integer({ min: 1, max: 200 }),
    burst: fc.integer({ min: 1, max: 2_000 }),
  });
  const asks = fc.array(
    fc.record({
      of: fc.constantFrom(...CLASSES),
      cost: fc.integer({ min: 1, max: 100 }),
      afterMs: fc.integer({ min: 0, max: 2_000 }),
      unused: fc.boolean(),
    }),
    { maxLength: 80 },
  );

  it('gives out no more than its burst and what it earned, and what the last call of each share owes', () => {
    fc.assert(
      fc.property(rules, asks, (limits, sequence) => {
        let bucket = fullBucket(limits, T);
        let now = T;
        const used = { polls: 0, common: 0 };
        let dearest = 0;
        for (const { of, cost, afterMs, unused } of sequence) {
          now += afterMs;
          bucket = refilled(bucket, limits, now);
          const next = drawn(bucket, limits, of, cost);
          if (next === undefined) continue;
          bucket = unused ? givenBack(next, limits, of, cost) : next;
          if (unused) continue;
          used[of === 'poll' ? 'polls' : 'common'] += cost;
          dearest = Math.max(dearest, cost);
        }
        const earned = limits.burst + (limits.perSecond * (now - T)) / 1_000;
        expect(used.polls + used.common).toBeLessThanOrEqual(earned + 2 * dearest + 1e-6);
      }),
    );
  });

  it('is ready when it said it would be, if nobody draws meanwhile', () => {
    fc.assert(
      fc.property(rules, asks, (limits, sequence) => {
        let bucket = fullBucket(limits, T);
        let now = T;
        for (const { of, cost, afterMs } of sequence) {
          now += afterMs;
          bucket = refilled(bucket, limits, now);
          const waits = waitOf(bucket, limits, of, cost);
          const next = drawn(bucket, limits, of, cost);
          expect(next === undefined).toBe(waits > 0);
          // A millisecond for what floating point rounds.
          expect(drawn(refilled(bucket, limits, now + waits + 1), limits, of, cost)).toBeDefined();
          bucket = next ?? bucket;
        }
      }),
    );
  });

  it('never refuses a class what it gives to a lower one', () => {
    fc.assert(
      fc.property(rules, asks, fc.integer({ min: 1, max: 100 }), (limits, sequence, cost) => {
        let bucket = fullBucket(limits, T);
        for (const { of, cost: other } of sequence) bucket = drawn(bucket, limits, of, other) ?? bucket;
        const can = (['entry', 'exit', 'stop_loss', 'lookup'] as const).map((of) => waitOf(bucket, limits, of, cost));
        // What costs more than a class can have is let through on a full share, whatever the class: not compared.
        fc.pre(cost <= limits.burst * 0.7 * 0.65);
        expect([...can].sort((a, b) => b - a)).toEqual(can);
      }),
    );
  });
});
