import type { EffectsPort } from '@switchyard/log';
import type { Tx } from '@switchyard/persistence';
import type { ServiceContext, ServiceDefinition } from '@switchyard/runtime';
import { KeyRingOpener } from './adapters/key-ring-opener.js';
import { OpenedVenue } from './adapters/opened-venue.js';
import { PostgresExecutionStore } from './adapters/postgres/execution-store.js';
import { executionConfig, type ExecutionConfig } from './config.js';
import { ExecutionModule } from './execution.module.js';
import { Executor } from './executor.js';
import { ExecutionMetrics } from './metrics.js';
import { SYSTEM_CLOCK } from './ports/clock.js';
import { ExecutionEffects } from './tasks/effects.js';

export { executionConfig, type ExecutionConfig } from './config.js';
export {
  MemoryExecutionDatabase,
  type MemoryDatabaseOptions,
  type StoreFaults,
  type StoreStep,
} from './adapters/memory/memory-database.js';
export { memoryAccountKeys } from './adapters/memory/memory-account-keys.js';
export type { MemoryExecutionStore } from './adapters/memory/memory-store.js';
export type { MemoryTransaction } from './adapters/memory/memory-transaction.js';
export type * from './adapters/memory/rows.js';
export { StoreError } from './adapters/memory/store-error.js';
export { ExecutionMetrics } from './metrics.js';
export { newVenueExecutor, type NewVenueExecutor, type NewVenueExecutorParts } from './new-venue-executor.js';
export type { VenueExecutor, VenueExecutorParts } from './venue-executor.js';
export type { AccountKeys, OpenedKeys } from './ports/account-keys.js';
export type * from './ports/account-records.js';
export type { Clock } from './ports/clock.js';
export type { ExecutionStore, ExecutionUnit, UnitOf } from './ports/execution-store.js';
export type * from './ports/guard-store.js';
export type * from './ports/order-records.js';
export type * from './ports/task-queue.js';
export type { VenueAccess } from './ports/venue-access.js';
export { clientOrderIdOf } from './tasks/task.js';

/** One venue's executor, the sole writer of its child orders' events and the only one that signs: a service of its own, `execution-<venue>`. */
export const execution = (venue: string): ServiceDefinition<ExecutionConfig> => {
  const executors = new WeakMap<ServiceContext<ExecutionConfig>, Executor>();
  // The stage's effects and the workers are parts of one executor: the first rings where the second sleeps.
  const executorOf = (context: ServiceContext<ExecutionConfig>): Executor => {
    const executor = executors.get(context) ?? newExecutor(context);
    executors.set(context, executor);
    return executor;
  };
  return {
    name: `execution-${venue}`,
    config: executionConfig(venue),
    migrations: new URL('../migrations/', import.meta.url),
    topicParameters: { venue },
    module: (context) => ExecutionModule.of(executorOf(context)),
    effects: (context): EffectsPort<never> => {
      const { db, config, log, metrics } = context;
      const store = new PostgresExecutionStore({ db, venue, log, clock: SYSTEM_CLOCK });
      return new ExecutionEffects<Tx>({
        store,
        unitOf: store.unitOf,
        venue,
        limits: config.queue,
        clock: SYSTEM_CLOCK,
        metrics: new ExecutionMetrics(metrics, venue),
        ring: (work) => {
          executorOf(context).ring(work);
        },
      });
    },
  };
};

const newExecutor = ({ config, db, log, logger, metrics, profiler }: ServiceContext<ExecutionConfig>): Executor =>
  new Executor({
    config,
    db,
    // The log's transactions are this database's: both come from the same runtime.
    log: log,
    logger,
    metrics,
    profiler,
    clock: SYSTEM_CLOCK,
    access: new OpenedVenue({
      venue: config.venue,
      origin: config.origin,
      credentials: config.credentials,
      deadlineMs: config.deadlineMs,
      rules: {
        liveTradingEnabled: config.liveTradingEnabled,
        simulatedOrigins: config.simulatedOrigins,
        allowedLiveOrigins: config.allowedLiveOrigins,
      },
    }),
    keys: new KeyRingOpener({
      keys: config.keyEncryptionKeys,
      file: config.keyEncryptionKeyFile,
      vault: config.vault,
    }),
  });
