import { counter, type Metrics } from '@switchyard/observability';

export type ValidationMetrics = ReturnType<typeof validationMetrics>;

export const validationMetrics = (metrics: Metrics) => {
  const signals = counter(metrics, {
    name: 'signals_total',
    help: 'Signals that came in, by what became of them at validation.',
    labels: ['outcome'],
  });
  return {
    /** Resolved once: looking a label up costs more than the count. */
    signals: {
      validated: signals.labels('validated'),
      rejected: signals.labels('rejected'),
      repeat: signals.labels('repeat'),
      dead_letter: signals.labels('dead_letter'),
    },
    refused: counter(metrics, {
      name: 'signals_refused_total',
      help: 'Signals refused, by the code of the main failed check.',
      labels: ['stage', 'code'],
    }),
  };
};
