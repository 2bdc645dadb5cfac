import { describe, expect, it } from '@jest/globals';
import { VenueHealth } from './health.js';
import { FAILURE_HALF_LIFE_MS, venueFigures } from './venue-figures.js';

const health = () => new VenueHealth(2_000);
const answered = (tookMs: number, atMs = 0) => ({ standing: 'answered', sent: true, tookMs, atMs }) as const;
const failed = (atMs = 0) => ({ standing: 'failed', sent: true, tookMs: 9_000, atMs }) as const;

describe('what the calls of all replicas say of a venue', () => {
  it('is that it works, while nobody has called', () => {
    expect(venueFigures([])).toEqual({
      totalExecutions: 0,
      successRate: 1,
      averageLatencyMs: 0,
      quantiles: undefined,
    });
    expect(venueFigures([health().calls(0)])).toEqual(venueFigures([]));
  });

  it('is one figure of all of them, whoever tells it: an idle replica hides nothing of a busy one', () => {
    const [busy, idle] = [health(), health()];
    busy.placed();
    for (let call = 1; call <= 98; call += 1) busy.saw(answered(call));
    busy.saw(failed());
    busy.saw(failed());
    const replicas = [busy.calls(0), idle.calls(0)];
    expect(venueFigures(replicas)).toEqual({
      totalExecutions: 1,
      successRate: 0.98,
      averageLatencyMs: 50,
      quantiles: { p50: 49, p95: 94, p99: 98 },
    });
    expect(venueFigures(replicas.toReversed())).toEqual(venueFigures(replicas));
  });

  it('forgives a failure by halves, though nobody calls any more', () => {
    const one = health();
    one.saw(answered(10));
    one.saw(failed());
    const after = (halves: number) => venueFigures([one.calls(halves * FAILURE_HALF_LIFE_MS)]).successRate;
    expect([after(0), after(1), after(2), after(30)]).toEqual([0.5, 0.75, 0.875, 1]);
  });

  it('is of the last hundred calls of each', () => {
    const one = health();
    for (let call = 0; call < 50; call += 1) one.saw(failed());
    for (let call = 0; call < 100; call += 1) one.saw(answered(5));
    expect(venueFigures([one.calls(0)])).toMatchObject({ successRate: 1, averageLatencyMs: 5 });
  });
});
