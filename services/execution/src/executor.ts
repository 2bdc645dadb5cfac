import { randomUUID } from 'node:crypto';
import type { EventLog } from '@switchyard/log';
import type { LatencyProfiler, Logger, Metrics } from '@switchyard/observability';
import type { Database, Tx } from '@switchyard/persistence';
import { PostgresExecutionStore } from './adapters/postgres/execution-store.js';
import { PostgresGuardStore } from './adapters/postgres/guard-store.js';
import { SealedKeys } from './adapters/postgres/sealed-keys.js';
import type { ExecutionConfig } from './config.js';
import type { VenueGuard } from './guard/venue-guard.js';
import type { Loop } from './loop.js';
import { ExecutionMetrics } from './metrics.js';
import type { Clock } from './ports/clock.js';
import type { KeyOpener } from './ports/key-opener.js';
import type { VenueAccess } from './ports/venue-access.js';
import { Board } from './simulated/board.js';
import { Resting } from './simulated/resting.js';
import { readSimulatedState } from './simulated/simulated-state.js';
import { Simulator } from './simulated/simulator.js';
import { feeCurrencyOf } from './simulated/venue-fees.js';
import type { StatusReporter } from './status-reporter.js';
import type { Doorbell } from './tasks/effects.js';
import type { StateKeeper } from './trading-state/state-keeper.js';
import type { StateWatch } from './trading-state/state-watch.js';
import { VenueExecutor, type VenueExecutorParts } from './venue-executor.js';
import type { BalanceKeeper } from './venue/balances.js';
import type { Canceller } from './venue/canceller.js';
import type { Poller } from './venue/poller.js';
import type { VenueWorkers } from './venue/workers.js';
import { WorkLoops } from './work-loops.js';

export interface ExecutorParts {
  readonly config: ExecutionConfig;
  readonly db: Database;
  readonly log: EventLog<Tx>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly profiler?: LatencyProfiler;
  readonly clock: Clock;
  readonly access: VenueAccess;
  readonly keys: KeyOpener;
  readonly pace?: VenueExecutorParts['pace'];
}

/**
 * One venue's executor in a deployment: everything that runs beside the stage, over Postgres. `VenueExecutor` works for the accounts that
 * are at the venue, the simulator for those in mode simulated. Each part does one round of its work at a time and keeps nothing in memory
 * that the database does not have, so that any number of replicas may run, and any of them may die.
 */
export class Executor {
  readonly board: Board;
  readonly simulator: Simulator;
  readonly resting: Resting;
  readonly #venue: VenueExecutor;
  readonly #store: PostgresExecutionStore;
  readonly #parts: ExecutorParts;
  readonly #loops: Readonly<Record<'simulate' | 'rest', Loop>>;
  #unlisten: () => Promise<void> = () => Promise.resolve();

  constructor(parts: ExecutorParts) {
    const { config, db, log, logger, clock, access, keys } = parts;
    const { venue, balanceIntervalMs } = config;
    this.#parts = parts;
    const metrics = new ExecutionMetrics(parts.metrics, venue, parts.profiler);
    const store = new PostgresExecutionStore({ db, venue, log, clock });
    this.#store = store;
    this.#venue = new VenueExecutor({
      ...{ config, store, access, log, clock, logger, metrics },
      guardStore: new PostgresGuardStore(db, log),
      keys: new SealedKeys(db, keys, venue),
      owner: randomUUID(),
      pace: parts.pace,
      simulated: (request) => readSimulatedState(db, venue, request),
      onMarked: () => {
        this.resting.noticed();
        this.#loops.simulate.wake();
        this.#loops.rest.wake();
      },
    });
    this.board = new Board(venue, config.marketFreshMs);
    const simulated = {
      db,
      venue,
      board: this.board,
      feeCurrency: feeCurrencyOf(venue),
      clock,
      log,
      balanceIntervalMs,
    };
    this.simulator = new Simulator({
      ...{ ...simulated, store, access, metrics },
      onCondemned: this.#venue.onCondemned,
      claimSize: config.simulatorClaimSize,
      isUnheard: this.#venue.states.isUnheard,
      onResting: () => {
        this.resting.noticed();
      },
    });
    this.resting = new Resting({ ...simulated, depth: this.simulator.depth });
    const pollMs = parts.pace?.pollMs ?? 2_000;
    const loops = new WorkLoops({ store, clock, logger, metrics });
    this.#loops = {
      simulate: loops.loop('simulate', pollMs, async () =>
        loops.callOthers(await this.simulator.round(), config.simulatorClaimSize),
      ),
      rest: loops.loop('rest', Math.min(pollMs, 1_000), () => this.resting.round()),
    };
  }

  get workers(): VenueWorkers {
    return this.#venue.workers;
  }

  get poller(): Poller {
    return this.#venue.poller;
  }

  get balances(): BalanceKeeper {
    return this.#venue.balances;
  }

  get status(): StatusReporter {
    return this.#venue.status;
  }

  get canceller(): Canceller {
    return this.#venue.canceller;
  }

  get states(): StateWatch {
    return this.#venue.states;
  }

  get stateKeeper(): StateKeeper {
    return this.#venue.stateKeeper;
  }

  get guard(): VenueGuard {
    return this.#venue.guard;
  }

  /** For the stage's effects. */
  readonly ring: Doorbell = ({ venue, simulator, accounts, cancels, states }) => {
    if (venue) this.#venue.wake();
    if (simulator || accounts) this.#loops.simulate.wake();
    if (accounts) this.#venue.wakeBalances();
    if (cancels === true) this.#venue.wakeCancels();
    if (states === true) this.#venue.wakeStates();
  };

  /** Reads the books and the trading states whole, then begins to work. */
  async start(): Promise<void> {
    await this.#parts.log.tail('MarketSnapshot', ({ payload }) => {
      this.board.put(payload);
    });
    await this.#parts.log.tail('TradingStateChanged', ({ payload }) => {
      this.#venue.states.hear(payload);
    });
    this.#unlisten = await this.#store.onRing(() => {
      this.#loops.simulate.wake();
    });
    await this.#venue.start();
    for (const loop of Object.values(this.#loops)) loop.start();
  }

  /** Takes nothing new, lets what is out come home within the deadline. What does not is left under its lease, and inherited as unknown. */
  async stop(): Promise<void> {
    await Promise.all([this.#venue.stop(), ...Object.values(this.#loops).map((loop) => loop.stop())]);
    await this.#unlisten();
  }
}
