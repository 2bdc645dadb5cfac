import { counter, gauge, type Metrics } from '@switchyard/observability';
import type { Queryable, Statement } from '@switchyard/persistence';

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

/** Differences that stand now and were told: asked for when Prometheus asks. */
export const standingDrifts = (metrics: Metrics, db: Queryable, venues: readonly string[]): void => {
  gauge(metrics, {
    name: 'reconciliation_standing_drifts',
    help: 'Differences between our books and a venue that stand now.',
    labels: ['venue'],
    collect: async (standing) => {
      standing.reset();
      for (const venue of venues) standing.set({ venue }, 0);
      const { rows } = await db.query<{ venue: string; drifts: number }>(STANDING);
      for (const { venue, drifts } of rows) standing.set({ venue }, drifts);
    },
  });
};

const STANDING: Statement = {
  name: 'reconciliation-standing-drifts',
  text: 'SELECT venue, sum(drifts)::int AS drifts FROM accounts WHERE drifts > 0 GROUP BY venue',
};
