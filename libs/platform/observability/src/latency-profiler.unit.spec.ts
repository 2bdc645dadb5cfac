import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LatencyProfiler } from './latency-profiler.js';
import { LatencySketch } from './latency-sketch.js';

const at = (start = 0) => {
  const clock = { now: start };
  return {
    clock,
    profiler: new LatencyProfiler({ windowMs: 1_000, keep: 3, now: () => clock.now, epochMs: 1_000_000 }),
  };
};

describe('the latency profiler', () => {
  it('tells the extremes, the mean and the quantiles of what was recorded, in microseconds, to 0.4 %', () => {
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
          expect(Math.abs(told![figure as keyof typeof wanted] - value)).toBeLessThanOrEqual(value / 250 + 1);
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

  it('keeps the last stretches, newest first, each from one whole stretch of the clock to the next; idle ones are left out', () => {
    const { clock, profiler } = at(500);
    const stage = profiler.stage('acknowledgement');
    for (const [now, milliseconds] of [
      [600, 1],
      [1_600, 2],
      // Nothing was recorded from 2,000 to 4,000.
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
      [1_006_000, 1_006_600, 50],
      [1_005_000, 1_006_000, 40],
      [1_004_000, 1_005_000, 30],
      [1_001_000, 1_002_000, 20],
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

  it('gives to collectors the stretch under way and the one before it, whole, however its clock began', () => {
    const clock = { now: 0.25 };
    const profiler = new LatencyProfiler({ windowMs: 60_000, now: () => clock.now, epochMs: 1_795_000_019_999.7 });
    const stage = profiler.stage('submission');
    stage.record(1);
    expect(profiler.windows()).toMatchObject([{ from: '2026-11-18T11:06:00.000Z', figures: { count: 1, sum: 1_000 } }]);
    clock.now = 45_000;
    stage.record(2);
    stage.record(3);
    expect(profiler.windows().map(({ from, figures }) => [from, figures.count, figures.max])).toEqual([
      ['2026-11-18T11:07:00.000Z', 2, 3_000],
      ['2026-11-18T11:06:00.000Z', 1, 1_000],
    ]);
    clock.now = 300_000;
    expect(profiler.windows()).toMatchObject([{ figures: { count: 2 } }]);
    clock.now = 400_000;
    expect(profiler.windows()).toEqual([]);
  });
});

describe('sketches of several processes', () => {
  const times = fc.array(fc.integer({ min: 0, max: 4_000_000_000 }), { maxLength: 50 });
  const sketchOf = (recorded: readonly number[]): LatencySketch => {
    const sketch = new LatencySketch();
    for (const microseconds of recorded) sketch.record(microseconds);
    return sketch;
  };

  it('add up to the sketch of all that they recorded, after having been stored', () => {
    fc.assert(
      fc.property(fc.array(times, { maxLength: 5 }), (parts) => {
        const stored = JSON.parse(JSON.stringify(parts.map((part) => sketchOf(part).figures())));
        const whole = sketchOf(parts.flat());
        expect(LatencySketch.of(stored).figures()).toEqual(whole.figures());
        expect(LatencySketch.of(stored).summary()).toEqual(whole.summary());
      }),
    );
  });

  it('have a p99 that no mean of theirs is', () => {
    const [fast, slow] = [sketchOf(Array<number>(990).fill(100)), sketchOf(Array<number>(10).fill(50_000))];
    const { p95, p99 } = LatencySketch.of([fast.figures(), slow.figures()]).summary()!;
    expect([p95, p99]).toEqual([100, 100]);
    expect(LatencySketch.of([fast.figures(), slow.figures(), slow.figures()]).summary()!.p99).toBe(50_000);
  });

  it('that recorded nothing have no figures to show', () => {
    expect(LatencySketch.of([new LatencySketch().figures()]).summary()).toBeUndefined();
  });
});
