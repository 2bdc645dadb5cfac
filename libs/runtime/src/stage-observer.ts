import type { StageObserver } from '@switchyard/log';
import { counter, gauge, histogram, spanFor, type Metrics } from '@switchyard/observability';
import type { ServiceContext } from './definition.js';

/** A stage's metrics, log lines and spans. Quiet while all is well. */
export const stageObserver = (
  service: string,
  { logger, metrics: registry, profiler }: Pick<ServiceContext, 'logger' | 'metrics' | 'profiler'>,
  traced: boolean,
): StageObserver => {
  const metrics = stageMetrics(registry);
  const transaction = profiler.stage(`${service}.transaction`);
  const labels = { service };
  let pausedAt: number | undefined;
  return {
    committed: ({ events, outgoing, milliseconds }) => {
      metrics.handled.inc(labels, events);
      metrics.emitted.inc(labels, outgoing);
      metrics.seconds.observe(labels, milliseconds / 1_000);
      transaction.record(milliseconds);
    },
    ...(traced ? { begin: (event) => handlingSpan(service, event) } : {}),
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

const handlingSpan: (
  service: string,
  event: Parameters<NonNullable<StageObserver['begin']>>[0],
) => ReturnType<NonNullable<StageObserver['begin']>> = (service, event) => {
  const span = spanFor(`${service} ${event.type}`, event.traceparent, {
    kind: 'consumer',
    service,
    attributes: {
      'messaging.destination.name': event.topic,
      'messaging.destination.partition.id': String(event.partition),
      'switchyard.event_id': event.id,
    },
  });
  return {
    traceparent: span.traceparent,
    end: (failure) => {
      span.end(failure === undefined ? {} : { error: failure });
    },
  };
};

const stageMetrics = (registry: Metrics) => {
  const labels = ['service'] as const;
  return {
    handled: counter(registry, { name: 'stage_events_total', help: 'Events handled by a stage', labels }),
    emitted: counter(registry, { name: 'stage_emitted_total', help: 'Events a stage appended to the log', labels }),
    seconds: histogram(registry, {
      name: 'stage_transaction_seconds',
      help: 'From the begin of a stage transaction to the confirmation of what it published',
      labels,
    }),
    dropped: counter(registry, {
      name: 'stage_dropped_total',
      help: 'Events that were seen before, or are of an older generation',
      labels: ['service', 'why'] as const,
    }),
    gaps: counter(registry, { name: 'stage_gaps_total', help: 'Missing events noticed', labels }),
    parked: counter(registry, { name: 'stage_parked_total', help: 'Events that could not be handled', labels }),
    fenced: counter(registry, {
      name: 'stage_fenced_total',
      help: 'Transactions that failed on a lost partition',
      labels,
    }),
    paused: gauge(registry, {
      name: 'stage_paused',
      help: '1 while a stage waits for the database or the log',
      labels,
    }),
  };
};
