import { expect, it } from '@jest/globals';
import { RecordEvent } from '@switchyard/log';
import { createMetrics } from '@switchyard/observability';
import { OrderLatency } from './order-latency.js';

const event = (type: string, second: string, time = `2026-11-21T10:00:${second}Z`) =>
  new RecordEvent(
    {
      key: 'ann',
      id: type,
      type,
      time,
      correlationId: 'sig-1',
      value: Buffer.from('{}'),
    },
    { topic: type, partition: 0, source: 'x/0/1', sequence: 1 },
  );

it('measures from the arrival of a signal to its acceptance by the venue and to its first fill, by the times of the events', async () => {
  const metrics = createMetrics({ service: 'journal', process: false });
  const latency = new OrderLatency(metrics);
  for (const one of [
    event('TradingSignalGenerated', '00.000'),
    event('OrderPlaced', '00.250'),
    event('OrderFilled', '01.500'),
    event('OrderFilled', '09.000'),
  ])
    latency.saw(one);
  const text = await metrics.metrics();
  expect(text).toContain('switchyard_signal_to_placed_seconds_sum{service="journal"} 0.25');
  expect(text).toContain('switchyard_signal_to_fill_seconds_sum{service="journal"} 1.5');
  expect(text).toContain('switchyard_signal_to_fill_seconds_count{service="journal"} 1');
});

it('leaves out what a stranger timed unreadably', async () => {
  const metrics = createMetrics({ service: 'journal', process: false });
  const latency = new OrderLatency(metrics);
  latency.saw(event('TradingSignalGenerated', '', 'yesterday'));
  latency.saw(event('OrderPlaced', '00.250'));
  expect(await metrics.metrics()).toContain('switchyard_signal_to_placed_seconds_count{service="journal"} 0');
});
