import { describe, expect, it } from '@jest/globals';
import { counter, createMetrics, gauge, histogram } from './index.js';

describe('metrics', () => {
  it('are prefixed and carry the service', async () => {
    const metrics = createMetrics({ service: 'risk', process: false });
    counter(metrics, { name: 'refusals_total', help: 'Refusals by code.', labels: ['code'] }).inc({
      code: 'NO_ACCOUNT',
    });
    histogram(metrics, { name: 'decision_seconds', help: 'Time to decide.' }).observe(0.002);
    gauge(metrics, {
      name: 'held_exits',
      help: 'Exits that wait for their entry.',
      collect: (self) => {
        self.set(7);
      },
    });
    const text = await metrics.metrics();
    expect(text).toContain('switchyard_refusals_total{code="NO_ACCOUNT",service="risk"} 1');
    expect(text).toContain('switchyard_decision_seconds_bucket{le="0.0025",service="risk"} 1');
    expect(text).toContain('switchyard_held_exits{service="risk"} 7');
  });

  it('of one name are one metric', () => {
    const metrics = createMetrics({ service: 'risk', process: false });
    const options = { name: 'a_total', help: 'A.' };
    expect(counter(metrics, options)).toBe(counter(metrics, options));
    expect(() => counter(metrics, { name: 'switchyard_a_total', help: 'A.' })).toThrow(/no prefix/);
  });

  it('of the process come with one registry of it', async () => {
    expect(await createMetrics({ service: 'a' }).metrics()).toContain('process_cpu_seconds_total');
    expect(await createMetrics({ service: 'b', process: false }).metrics()).not.toContain('process_cpu');
  });
});
