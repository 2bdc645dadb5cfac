import type { VenueClient } from '@switchyard/exchanges';
import type { ExecutionStore, ExecutionUnit, MemoryExecutionDatabase } from '@switchyard/execution-service';
import type { TopicHandler } from '@switchyard/log';
import type { StoreSeams } from '../log/sim-store.js';
import type { WireSeams } from '../log/sim-wire.js';

/** Where a defect reaches in. All of it is what the simulation itself wraps around the services. */
export interface Seams extends StoreSeams, WireSeams {
  readonly handler?: (group: string, handler: TopicHandler) => TopicHandler;
  readonly client?: (client: VenueClient) => VenueClient;
  /** The executor's transactions and queries. */
  readonly executionStore?: (store: ExecutionStore, database: MemoryExecutionDatabase) => ExecutionStore;
  /** A transaction of the executor's intake. */
  readonly intake?: (unit: ExecutionUnit) => ExecutionUnit;
}

/**
 * A defect that is planted to see it noticed. The services' own code has no switch that takes a guarantee away: what is planted is what would
 * be there if the code were wrong.
 */
export interface Defect {
  /** As `--without` names it. */
  readonly name: string;
  /** What is wrong, in a sentence. */
  readonly what: string;
  /** Anew for each run: what it remembers is that run's. */
  readonly plant: () => Seams;
}
