import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LatencyProfiler } from './latency-profiler.js';

const at = (start = 0) => {
  const clock = { now: start };
  return {
    clock,
    profiler: new LatencyProfiler({ windowMs: 1_000, keep: 3, now: () => clock.now, epochMs: 1_000_000 }),
  };
};

describe('the latency profiler', () => {
  it('tells the extremes, the mean and the quantiles of what was recorded, in microseconds, to 0.1 %', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 50_000_000 }), { minLength: 1, maxLength: 200 }), (times) => {
        const { profiler } = at();
        const stage = profiler.stage('submission');
        for (const microseconds of times) stage.record(microseconds / 1_000);
        const sorted = [...times].sort((a, b) => a - b);
        // By the nearest rank.
        const quantile = (share: number): number => sorted[Math.max(1, Math.round(share * sorted.length)) - 1]!;
        const [told] = profiler.summaries();
        expect(told).toMatchObject({ stage: 'submission', count: times.length });
        const wanted = {
          min: sorted[0]!,
          max: sorted.at(-1)!,
          mean: times.reduce((sum, time) => sum + time, 0) / times.length,
          median: quantile(0.5),
          p95: quantile(0.95),
          p99: quantile(0.99),
        };
        for (const [figure, value] of Object.entries(wanted))
          expect(Math.abs(told![figure as keyof typeof wanted] - value)).toBeLessThanOrEqual(value / 1_000 + 1);
      }),
    );
  });

  it('measures from begin to end, side by side', () => {
    const { clock, profiler } = at();
    const stage = profiler.stage('execution');
    const first = stage.begin();
    clock.now = 2;
    const second = stage.begin();
    clock.now = 5;
    stage.end(first);
    clock.now = 9;
    stage.end(second);
    const [told] = profiler.summaries();
    expect(told).toMatchObject({ count: 2 });
    expect([told!.min, told!.max, told!.mean].map((figure) => Math.round(figure / 100))).toEqual([50, 70, 60]);
  });

  it('keeps the last stretches, newest first, each with its own times; idle ones are left out', () => {
    const { clock, profiler } = at(500);
    const stage = profiler.stage('acknowledgement');
    for (const [now, milliseconds] of [
      [600, 1],
      [1_600, 2],
      // Nothing was recorded from 2,500 to 4,500.
      [4_600, 3],
      [5_600, 4],
      [6_600, 5],
    ] as const) {
      clock.now = now;
      stage.record(milliseconds);
    }
    expect(
      profiler.summaries().map(({ from, to, max }) => [Date.parse(from), Date.parse(to), Math.round(max / 100)]),
    ).toEqual([
      [1_006_500, 1_006_600, 50],
      [1_005_500, 1_006_500, 40],
      [1_004_500, 1_005_500, 30],
      [1_001_500, 1_002_500, 20],
    ]);
  });

  it('sums up a stretch that is over, though nobody records any more', () => {
    const { clock, profiler } = at();
    profiler.stage('submission').record(1);
    clock.now = 5_000;
    expect(profiler.summaries()).toMatchObject([{ to: '1970-01-01T00:16:41.000Z', count: 1 }]);
    expect(profiler.summaries()).toHaveLength(1);
  });

  it('holds what is shorter than a microsecond, longer than an hour, or from a clock that jumped, in its bounds', () => {
    const { profiler } = at();
    const stage = profiler.stage('odd');
    for (const milliseconds of [0, -5, 0.000_1, 10_000_000]) stage.record(milliseconds);
    expect(profiler.summaries()).toMatchObject([{ count: 4, min: 1 }]);
    expect(profiler.summaries()[0]!.max / 3_600_000_000).toBeCloseTo(1, 2);
  });

  it('knows a stage by its name, and refuses names without end', () => {
    const { profiler } = at();
    expect(profiler.stage('one')).toBe(profiler.stage('one'));
    expect(() => {
      for (let n = 0; n < 300; n += 1) profiler.stage(`order-${n}`);
    }).toThrow(/order-199.*one stage too many/);
  });
});
