import { counter, gauge, type Metrics } from '@switchyard/observability';
import type { Queryable, Statement } from '@switchyard/persistence';

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
    help: 'Exits that began to wait for their entries (moving), or waited on because those rest and left nothing to close (resting).',
    labels: ['entries'],
  }),
});

/** How many exits wait for their entries, and how long the oldest does: asked for when Prometheus asks. */
export const waitingMetrics = (metrics: Metrics, db: Queryable): void => {
  let asked: Promise<{ readonly exits: number; readonly seconds: number }> | undefined;
  const waiting = () =>
    (asked ??= db
      .query<{ exits: number; seconds: number }>(WAITING)
      .then(({ rows: [row] }) => row ?? { exits: 0, seconds: 0 })
      .finally(() => {
        asked = undefined;
      }));
  gauge(metrics, {
    name: 'exits_waiting',
    help: 'Exits that wait for their entries now.',
    collect: async (exits) => {
      exits.set((await waiting()).exits);
    },
  });
  gauge(metrics, {
    name: 'exit_waiting_seconds',
    help: 'How long the exit that has waited longest for its entry does so.',
    collect: async (seconds) => {
      seconds.set((await waiting()).seconds);
    },
  });
};

const WAITING: Statement = {
  name: 'risk-waiting-exits',
  text: `SELECT count(*)::int AS exits, coalesce(extract(epoch FROM now() - min(held_at)), 0)::float8 AS seconds FROM held_exits`,
};
