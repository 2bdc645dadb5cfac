import { counter, gauge, histogram, type Metrics } from '@switchyard/observability';
import type { Counter, Gauge, Histogram } from 'prom-client';

export const signalAnswers = (metrics: Metrics): Counter<'outcome'> =>
  counter(metrics, {
    name: 'rest_signals_total',
    help: 'Signals that came by REST, by answer: ACCEPTED or the code of the refusal.',
    labels: ['outcome'],
  });

export const webhookAnswers = (metrics: Metrics): Counter<'outcome'> =>
  counter(metrics, {
    name: 'webhook_alerts_total',
    help: 'Alerts that came by webhook, by answer: ACCEPTED or the code of the refusal.',
    labels: ['outcome'],
  });

export const admissionSize = (metrics: Metrics): Histogram =>
  histogram(metrics, {
    name: 'rest_admission_batch_size',
    help: 'Signals admitted by one database call.',
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
  });

export const operatorActs = (metrics: Metrics): Counter<'kind' | 'action'> =>
  counter(metrics, {
    name: 'operator_acts_total',
    help: 'What operators did about failed work.',
    labels: ['kind', 'action'],
  });

export const streamClients = (metrics: Metrics): Gauge =>
  gauge(metrics, { name: 'stream_clients', help: 'Open event streams.' });

export const streamDropped = (metrics: Metrics): Counter =>
  counter(metrics, {
    name: 'stream_dropped_total',
    help: 'Event streams closed because their reader was too slow; they resume where they broke off.',
  });
