import { describe, expect, it } from '@jest/globals';
import { LatencySketch, type SketchFigures } from '@switchyard/observability';
import type { ReportedLatency } from '@switchyard/runtime';
import { latencyView } from './latency-view.js';

const sketch = (...microseconds: readonly number[]): SketchFigures => {
  const made = new LatencySketch();
  for (const one of microseconds) made.record(one);
  return made.figures();
};
const MINUTES = ['2026-11-21T12:00:00.000Z', '2026-11-21T12:01:00.000Z', '2026-11-21T12:02:00.000Z'] as const;
const report = (
  instance: string,
  minute: 0 | 1,
  stages: Readonly<Record<string, SketchFigures>>,
  startedAt = '2026-11-21T11:00:00.000Z',
): ReportedLatency => ({ instance, startedAt, from: MINUTES[minute], to: MINUTES[minute + 1]!, stages });

const REPORTS = [
  report('executor-1', 1, { 'kraken.submission': sketch(100, 100) }),
  report('executor-1', 0, {
    'kraken.submission': sketch(...Array<number>(98).fill(100)),
    'kraken.execution': sketch(7),
  }),
  report('executor-2', 0, { 'kraken.submission': sketch(90_000, 90_000), 'okx.submission': sketch() }),
];

describe('the latencies of a deployment', () => {
  it('are those of all replicas together, a stage a minute, newest first', () => {
    const { stages } = latencyView(REPORTS, {});
    expect(stages.map(({ stage, from, count, processes }) => [stage, from, count, processes])).toEqual([
      ['kraken.execution', MINUTES[0], 1, 1],
      ['kraken.submission', MINUTES[1], 2, 1],
      ['kraken.submission', MINUTES[0], 100, 2],
    ]);
    // Neither of the two has it: one's p99 is 100, the other's 90,000, and their mean is nobody's.
    expect(stages[2]).toMatchObject({ min: 100, max: 90_000, mean: 1_898, median: 100, p95: 100 });
    expect(Math.abs(stages[2]!.p99 - 90_000)).toBeLessThanOrEqual(360);
  });

  it('are each process’s own where that is asked for, and of one stage', () => {
    const { stages } = latencyView(REPORTS, { stage: 'kraken.submission', by: 'process' });
    expect(stages.map(({ instance, from, count }) => [instance, from, count])).toEqual([
      ['executor-1', MINUTES[1], 2],
      ['executor-1', MINUTES[0], 98],
      ['executor-2', MINUTES[0], 2],
    ]);
  });

  it('name the processes that told them, one that was started again as two', () => {
    const again = report('executor-2', 1, {}, '2026-11-21T12:01:30.000Z');
    expect(latencyView([...REPORTS, again], {}).processes).toEqual([
      { instance: 'executor-1', startedAt: '2026-11-21T11:00:00.000Z', to: MINUTES[2] },
      { instance: 'executor-2', startedAt: '2026-11-21T12:01:30.000Z', to: MINUTES[2] },
      { instance: 'executor-2', startedAt: '2026-11-21T11:00:00.000Z', to: MINUTES[1] },
    ]);
  });
});
