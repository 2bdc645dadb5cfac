import type { EffectsPort } from '@switchyard/log';
import { ExecutionConsumer } from './consumers/execution.consumer.js';
import type { UnitOf } from './ports/execution-store.js';
import { ExecutionEffects } from './tasks/effects.js';
import { VenueExecutor, type VenueExecutorParts } from './venue-executor.js';

export interface NewVenueExecutorParts<Tx> extends VenueExecutorParts {
  /** The stage's transactions as the store's. */
  readonly unitOf: UnitOf<Tx>;
}

export interface NewVenueExecutor<Tx> {
  readonly executor: VenueExecutor;
  /** The stage: what it reads, and what its transactions leave in the store. Wakes the executor once they are committed. */
  readonly consumer: ExecutionConsumer;
  readonly intake: EffectsPort<Tx>;
}

/**
 * One replica of a venue's executor, whole but for accounts in mode simulated, over any store, log, venue and clock: what a simulation
 * runs. Nothing of it begins before `executor.start()`.
 */
export const newVenueExecutor = <Tx>(parts: NewVenueExecutorParts<Tx>): NewVenueExecutor<Tx> => {
  const { config, store, unitOf, clock, metrics } = parts;
  const { venue, queue: limits } = config;
  const executor = new VenueExecutor(parts);
  const intake = new ExecutionEffects<Tx>({
    ...{ store, unitOf, venue, limits, clock, metrics },
    ring: (work) => {
      if (work.venue) executor.wake();
      if (work.accounts) executor.wakeBalances();
      if (work.cancels === true) executor.wakeCancels();
      if (work.states === true) executor.wakeStates();
    },
  });
  return { executor, consumer: new ExecutionConsumer(), intake };
};
