import { gauge, type Metrics } from '@switchyard/observability';
import type { Queryable } from '@switchyard/persistence';
import { countStates } from '../store/trading-states.js';

/** How many scopes are in which state: asked for when Prometheus asks. */
export const stateMetrics = (metrics: Metrics, db: Queryable): void => {
  gauge(metrics, {
    name: 'trading_state',
    help: 'Scopes in each trading state, by kind of scope: global and each venue by name, all users together.',
    labels: ['scope', 'state'],
    collect: async (states) => {
      const counted = await countStates(db);
      states.reset();
      for (const { scope, state, count } of counted) states.set({ scope, state }, count);
    },
  });
};
