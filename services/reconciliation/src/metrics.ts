import { counter, type Metrics } from '@switchyard/observability';

export type ReconciliationMetrics = ReturnType<typeof reconciliationMetrics>;

export const reconciliationMetrics = (metrics: Metrics) => ({
  opened: counter(metrics, { name: 'positions_opened_total', help: 'Positions opened.', labels: ['venue'] }),
  closed: counter(metrics, { name: 'positions_closed_total', help: 'Positions closed.', labels: ['venue'] }),
  drifts: counter(metrics, {
    name: 'reconciliation_drifts_total',
    help: 'Differences between our books and a venue that stood.',
    labels: ['venue', 'kind'],
  }),
  asked: counter(metrics, {
    name: 'reconciliation_requests_total',
    help: 'Accounts whose state was asked for.',
    labels: ['venue'],
  }),
  compared: counter(metrics, {
    name: 'reconciliation_reports_total',
    help: 'Reports compared: whole, or with a part that the venue could not be asked.',
    labels: ['venue', 'report'],
  }),
});
