import { counter, type Metrics } from '@switchyard/observability';

export type RiskMetrics = ReturnType<typeof riskMetrics>;

export const riskMetrics = (metrics: Metrics) => ({
  approved: counter(metrics, {
    name: 'orders_approved_total',
    help: 'Parent orders approved.',
    labels: ['signal_type', 'mode'],
  }),
  refused: counter(metrics, {
    name: 'signals_refused_total',
    help: 'Signals refused, by the code of the main failed check.',
    labels: ['stage', 'code'],
  }),
  held: counter(metrics, {
    name: 'exits_held_total',
    help: 'Exits that waited for their entries to end.',
  }),
});
