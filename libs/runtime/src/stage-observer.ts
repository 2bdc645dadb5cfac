import type { StageObserver } from '@switchyard/log';
import type { Logger, Metrics } from '@switchyard/observability';
import { Counter, Gauge, Histogram } from 'prom-client';

/** A stage's metrics and log lines. Quiet while all is well. */
export const stageObserver = (service: string, logger: Logger, registry: Metrics): StageObserver => {
  const metrics = stageMetrics(registry);
  const labels = { service };
  let pausedAt: number | undefined;
  return {
    committed: ({ events, outgoing, milliseconds }) => {
      metrics.handled.inc(labels, events);
      metrics.emitted.inc(labels, outgoing);
      metrics.seconds.observe(labels, milliseconds / 1_000);
    },
    gap: (info) => {
      metrics.gaps.inc(labels);
      logger.error(
        { ...info, code: 'EVENT_GAP' },
        'an event is missing: its source waits on this partition until it is published again',
      );
    },
    dropped: (event, why) => {
      metrics.dropped.inc({ ...labels, why });
      if (why === 'stale_generation')
        logger.error({ source: event.source, topic: event.topic }, 'an event of an older generation was dropped');
    },
    parked: (event, reason) => {
      metrics.parked.inc(labels);
      logger.error(
        { topic: event.topic, key: event.key, eventId: event.id, reason },
        "an event can't be handled: its key's events are parked",
      );
    },
    paused: (error, retryInMs) => {
      metrics.paused.set(labels, 1);
      if (pausedAt === undefined)
        logger.warn({ err: error, retryInMs }, 'paused: the database or the log does not answer');
      pausedAt ??= Date.now();
    },
    resumed: () => {
      metrics.paused.set(labels, 0);
      logger.info({ pausedMs: pausedAt === undefined ? 0 : Date.now() - pausedAt }, 'resumed');
      pausedAt = undefined;
    },
    fenced: (partitions) => {
      metrics.fenced.inc(labels);
      logger.info({ partitions }, 'another member has these partitions');
    },
  };
};

const made = new WeakMap<Metrics, ReturnType<typeof makeStageMetrics>>();

const stageMetrics = (registry: Metrics): ReturnType<typeof makeStageMetrics> => {
  const metrics = made.get(registry) ?? makeStageMetrics(registry);
  made.set(registry, metrics);
  return metrics;
};

const makeStageMetrics = (registry: Metrics) => {
  const registers = [registry];
  const labelNames = ['service'] as const;
  return {
    handled: new Counter({
      name: 'switchyard_stage_events_total',
      help: 'Events handled by a stage',
      labelNames,
      registers,
    }),
    emitted: new Counter({
      name: 'switchyard_stage_emitted_total',
      help: 'Events a stage appended to the log',
      labelNames,
      registers,
    }),
    seconds: new Histogram({
      name: 'switchyard_stage_transaction_seconds',
      help: 'From the begin of a stage transaction to the confirmation of what it published',
      labelNames,
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
      registers,
    }),
    dropped: new Counter({
      name: 'switchyard_stage_dropped_total',
      help: 'Events that were seen before, or are of an older generation',
      labelNames: ['service', 'why'] as const,
      registers,
    }),
    gaps: new Counter({ name: 'switchyard_stage_gaps_total', help: 'Missing events noticed', labelNames, registers }),
    parked: new Counter({
      name: 'switchyard_stage_parked_total',
      help: 'Events that could not be handled',
      labelNames,
      registers,
    }),
    fenced: new Counter({
      name: 'switchyard_stage_fenced_total',
      help: 'Transactions that failed on a lost partition',
      labelNames,
      registers,
    }),
    paused: new Gauge({
      name: 'switchyard_stage_paused',
      help: '1 while a stage waits for the database or the log',
      labelNames,
      registers,
    }),
  };
};
