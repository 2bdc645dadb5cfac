import { gauge, type Metrics } from '@switchyard/observability';
import type { Database } from '@switchyard/persistence';

/** How far behind the stages of this process are, and how long what was stored has waited to be sent: asked for when Prometheus asks. */
export const logMetrics = (
  metrics: Metrics,
  lags: ReadonlyMap<string, () => Promise<ReadonlyMap<string, number>>>,
  db: Pick<Database, 'query'>,
): void => {
  gauge(metrics, {
    name: 'consumer_lag_events',
    help: 'Events that wait for a stage',
    labels: ['service', 'topic'] as const,
    collect: async (lag) => {
      lag.reset();
      for (const [service, read] of lags)
        for (const [topic, events] of await read()) lag.set({ service, topic }, events);
    },
  });
  gauge(metrics, {
    name: 'outbox_age_seconds',
    help: 'Age of the oldest stored batch that is not yet published; without a broker there is nothing to publish',
    labels: ['service'] as const,
    collect: async (age) => {
      age.reset();
      const { rows } = await db.query<{ deployment: string; seconds: number }>(OLDEST, [[...lags.keys()]]);
      for (const { deployment, seconds } of rows) age.set({ service: deployment }, seconds);
    },
  });
};

// Without a broker nothing is ever noted as published: published_through stays 0 for all of a deployment's shards.
const OLDEST = {
  name: 'log_outbox_age',
  text: `
    SELECT d.deployment, coalesce(max(extract(epoch FROM now() - waiting.created_at)), 0)::float8 AS seconds
    FROM (SELECT deployment, max(published_through) AS published FROM log.shards WHERE deployment = ANY ($1) GROUP BY deployment) d
    LEFT JOIN log.shards s ON s.deployment = d.deployment AND d.published > 0 AND s.last_batch > s.published_through
    LEFT JOIN LATERAL (
      SELECT b.created_at FROM log.batches b
      WHERE b.source = s.deployment || '/' || s.partition || '/' || s.generation AND b.batch > s.published_through
      ORDER BY b.batch LIMIT 1
    ) waiting ON true
    GROUP BY d.deployment`,
};
