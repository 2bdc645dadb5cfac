import { roleOf, type Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import type { ExecutionStore } from '../../ports/execution-store.js';
import { SYSTEM_CLOCK } from '../../ports/clock.js';
import { openHarness } from '../../testing/harness.js';
import { VENUE } from '../../testing/routed-order.js';
import { storeContract } from '../../testing/store-contract/index.js';
import { PostgresExecutionStore } from './execution-store.js';
import { PostgresGuardStore } from './guard-store.js';

const postgres = testDatabase();

storeContract('Postgres', async () => {
  const harness = await openHarness(postgres);
  const names = new Map<ExecutionStore, string>();
  const storeOver = (db: Database): PostgresExecutionStore =>
    new PostgresExecutionStore({ db, venue: VENUE, log: harness.log, clock: SYSTEM_CLOCK });
  return {
    client: async () => {
      const applicationName = `client ${names.size + 1}`;
      const { schema } = harness.db;
      const store = storeOver(await postgres.open(schema, { role: roleOf(schema), applicationName, poolSize: 2 }));
      names.set(store, applicationName);
      return store;
    },
    guard: () => Promise.resolve(new PostgresGuardStore(harness.db, harness.log)),
    // What the server does when a client's connection is gone, without waiting for it to notice.
    kill: async (client) => {
      const { rows } = await harness.db.transaction(async (tx) => {
        await tx.query('set local role none');
        return tx.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [
          names.get(client),
        ]);
      });
      if (rows.length === 0) throw new Error('nobody was killed');
    },
    events: async () => (await harness.events()).map(({ type }) => type),
    reset: async () => {
      await harness.db.query(
        'truncate accounts, execution_tasks, orders, fills, execution_logs, cancel_requests, trading_states, test_events, venue_circuit, rate_closures, rate_budgets, venue_calls',
      );
    },
  };
});
