import { countParked, type ParkedCount } from '@switchyard/log-postgres';
import { gauge, type Metrics } from '@switchyard/observability';
import type { Database } from '@switchyard/persistence';

/**
 * How far behind the stages of this process are, how long what was stored has waited to be sent, and what waits for an operator: asked
 * for when Prometheus asks.
 */
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
  // Asked for once a scrape, by whichever of the two is collected first.
  let parked: Promise<ReadonlyMap<string, ParkedCount>> | undefined;
  const counted = (): Promise<ReadonlyMap<string, ParkedCount>> =>
    (parked ??= countParked(db, [...lags.keys()]).finally(() => {
      parked = undefined;
    }));
  gauge(metrics, {
    name: 'parked_keys',
    help: 'Keys (mostly users) whose events wait for an operator',
    labels: ['service'] as const,
    collect: async (keys) => {
      const counts = await counted();
      for (const service of lags.keys()) keys.set({ service }, counts.get(service)?.keys ?? 0);
    },
  });
  gauge(metrics, {
    name: 'parked_events',
    help: 'Events of parked keys: the one that could not be handled and those behind it',
    labels: ['service'] as const,
    collect: async (events) => {
      const counts = await counted();
      for (const service of lags.keys()) events.set({ service }, counts.get(service)?.events ?? 0);
    },
  });
};

/** What waits for an operator in this process's stages, for /ready: undefined while nothing does. */
export const parkedDetail = async (
  lags: ReadonlyMap<string, unknown>,
  db: Pick<Database, 'query'>,
): Promise<Readonly<Record<string, ParkedCount>> | undefined> => {
  const counts = await countParked(db, [...lags.keys()]);
  return counts.size === 0 ? undefined : Object.fromEntries(counts);
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
