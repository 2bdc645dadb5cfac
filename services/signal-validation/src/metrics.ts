import { counter, type Metrics } from '@switchyard/observability';

export type ValidationMetrics = ReturnType<typeof validationMetrics>;

export const validationMetrics = (metrics: Metrics) => ({
  signals: counter(metrics, {
    name: 'signals_total',
    help: 'Signals that came in, by what became of them at validation.',
    labels: ['outcome'],
  }),
  refused: counter(metrics, {
    name: 'signals_refused_total',
    help: 'Signals refused, by the code of the main failed check.',
    labels: ['stage', 'code'],
  }),
});
