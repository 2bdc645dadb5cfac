import { randomUUID } from 'node:crypto';
import { DEFAULT_RETRIES } from '@switchyard/order-domain';
import type { EventLog } from '@switchyard/log';
import type { Logger, Metrics } from '@switchyard/observability';
import type { Database, Tx } from '@switchyard/persistence';
import { AccountClients } from './adapters/account-clients.js';
import { SealedKeys } from './adapters/sealed-keys.js';
import type { ExecutionConfig } from './config.js';
import { FailingWork } from './failing-work.js';
import { openGuard, type OpenedGuard } from './guard/open-guard.js';
import type { VenueGuard } from './guard/venue-guard.js';
import { Loop, type Round } from './loop.js';
import { ExecutionMetrics } from './metrics.js';
import { RecordQueue } from './orders/record-queue.js';
import type { RecorderParts } from './orders/recorder.js';
import type { Clock } from './ports/clock.js';
import type { KeyOpener } from './ports/key-opener.js';
import type { VenueAccess } from './ports/venue-access.js';
import { Board } from './simulated/board.js';
import { Resting } from './simulated/resting.js';
import { Simulator } from './simulated/simulator.js';
import { feeCurrencyOf } from './simulated/venue-fees.js';
import { StatusReporter } from './status-reporter.js';
import type { Doorbell } from './tasks/effects.js';
import { inherit } from './tasks/inherit.js';
import { QueueFloor } from './tasks/queue-floor.js';
import { BalanceKeeper } from './venue/balances.js';
import { VenueHealth } from './venue/health.js';
import { OrderPlacer } from './venue/order-placer.js';
import { Poller } from './venue/poller.js';
import { StateReporter } from './venue/state-reporter.js';
import { VenueWorkers } from './venue/workers.js';

export interface ExecutorParts {
  readonly config: ExecutionConfig;
  readonly db: Database;
  readonly log: EventLog<Tx>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly access: VenueAccess;
  readonly keys: KeyOpener;
  /** How long the loops wait at most, milliseconds: nets under what wakes them. */
  readonly pace?: { readonly pollMs?: number; readonly statusMs?: number };
}

/**
 * One venue's executor: everything that runs beside the stage. Each part does one round of its work at a time and keeps nothing in memory
 * that the database does not have, so that any number of replicas may run, and any of them may die.
 */
export class Executor {
  readonly board: Board;
  readonly workers: VenueWorkers;
  readonly poller: Poller;
  readonly balances: BalanceKeeper;
  readonly simulator: Simulator;
  readonly resting: Resting;
  readonly status: StatusReporter;
  readonly guard: VenueGuard;
  readonly #parts: ExecutorParts;
  readonly #metrics: ExecutionMetrics;
  readonly #recorder: RecordQueue;
  readonly #listenToGuard: OpenedGuard['listen'];
  readonly #loops: Readonly<
    Record<'work' | 'poll' | 'balances' | 'simulate' | 'rest' | 'inherit' | 'status' | 'guard', Loop>
  >;
  readonly #channel: string;
  #unlisten: readonly (() => Promise<void>)[] = [];
  #calledAt = Number.NEGATIVE_INFINITY;

  constructor(parts: ExecutorParts) {
    const { config, db, log, logger, clock, access, keys } = parts;
    const { venue } = config;
    this.#parts = parts;
    this.#metrics = new ExecutionMetrics(parts.metrics, venue);
    this.#channel = `${db.schema}_tasks`;
    const metrics = this.#metrics;
    const owner = randomUUID();
    const health = new VenueHealth(config.slowMs);
    const onNews = (): void => {
      this.#loops.guard.wake();
      this.#loops.status.wake();
      this.#loops.work.wake();
    };
    const { guard, circuit, listen } = openGuard({
      config,
      db,
      log,
      logger,
      metrics,
      clock,
      access,
      health,
      owner,
      onNews,
    });
    this.guard = guard;
    this.#listenToGuard = listen;
    const clients = new AccountClients(access, new SealedKeys(db, keys, venue), clock, config.clients, guard);
    const recording: RecorderParts = {
      venue,
      venueEnforcesExpiry: access.capabilities?.enforcesExpiry ?? false,
      balanceIntervalMs: config.balanceIntervalMs,
      clock,
      log,
    };
    this.#recorder = new RecordQueue(db, recording, () => {
      this.#loops.poll.wake(POLL_SOON_MS);
      this.#loops.balances.wake(BALANCES_SOON_MS);
    });
    const reporter = new StateReporter({
      db,
      venue,
      access,
      clients,
      clock,
      log,

      onNews: () => {
        this.#loops.poll.wake();
      },
    });
    const onCondemned = (taskId: string, error: unknown): void => {
      metrics.failed('task');
      logger.error({ err: error, taskId }, 'a task broke its work and was failed; nothing of it was sent');
    };
    const rules = {
      owner,
      leaseMs: config.leaseMs,
      sendWithinMs: config.sendWithinMs,
      venueWindowMs: config.venueWindowMs,
      perUser: config.claimsPerUser,
    };
    const placer = new OrderPlacer({
      clients,
      clock,
      metrics,
      health,
      logger,
      venueWindowMs: config.venueWindowMs,
      retries: { ...DEFAULT_RETRIES, retries: config.retries },
    });
    this.workers = new VenueWorkers({
      claims: { ...recording, db, access, rules, floor: new QueueFloor(), gate: guard, onCondemned },
      placer,
      recorder: this.#recorder,
      clock,
      metrics,
      logger,
      workers: config.workers,
      claimSize: config.claimSize,
      report: (request) => reporter.report(request),
      onFree: () => {
        this.#loops.work.wake();
      },
    });
    this.poller = new Poller({
      db,
      owner,
      access,
      clients,
      recorder: this.#recorder,
      clock,
      metrics,
      logger,
      batch: config.claimSize,
      leaseMs: config.leaseMs,
    });
    this.balances = new BalanceKeeper({
      db,
      venue,
      clients,
      clock,
      log,

      metrics,
      logger,
      batch: BALANCES_AT_A_TIME,
      intervalMs: config.balanceIntervalMs,
      refreshMs: config.balanceRefreshMs,
    });
    this.board = new Board(venue, config.marketFreshMs);
    const simulated = {
      db,
      venue,
      board: this.board,
      feeCurrency: feeCurrencyOf(venue),
      clock,
      log,

      balanceIntervalMs: config.balanceIntervalMs,
    };
    this.simulator = new Simulator({
      ...simulated,
      access,
      metrics,
      onCondemned,
      claimSize: config.simulatorClaimSize,
      onResting: () => {
        this.resting.noticed();
      },
    });
    this.resting = new Resting({ ...simulated, depth: this.simulator.depth });
    const inFlight = (): number => this.workers.inFlight;
    this.status = new StatusReporter({ db, venue, log, clock, metrics, health, guard, circuit, inFlight });
    this.#loops = this.#makeLoops();
  }

  /** For the stage's effects. */
  readonly ring: Doorbell = ({ venue, simulator, accounts }) => {
    if (venue) this.#loops.work.wake();
    if (simulator || accounts) this.#loops.simulate.wake();
    if (accounts) this.#loops.balances.wake();
  };

  /** Reads the books whole, then begins to work. */
  async start(): Promise<void> {
    const { log, db } = this.#parts;
    await log.tail('MarketSnapshot', ({ payload }) => {
      this.board.put(payload);
    });
    const onTasks = (): void => {
      this.#loops.work.wake();
      this.#loops.simulate.wake();
    };
    this.#unlisten = [await db.listen(this.#channel, onTasks), await this.#listenToGuard()];
    for (const loop of Object.values(this.#loops)) loop.start();
  }

  /** Takes nothing new, lets what is out come home within the deadline. What does not is left under its lease, and inherited as unknown. */
  async stop(): Promise<void> {
    this.guard.stop();
    await Promise.all(Object.values(this.#loops).map((loop) => loop.stop()));
    await Promise.all([this.workers.stop(this.#parts.config.stopWithinMs), this.poller.idle()]);
    this.#recorder.close();
    for (const unlisten of this.#unlisten) await unlisten();
    await this.#parts.access.close();
  }

  #makeLoops() {
    const { pace, logger, db, config } = this.#parts;
    const pollMs = pace?.pollMs ?? 2_000;
    const failing = new FailingWork(logger);
    const loop = (work: string, everyMs: number, round: () => Promise<Round>): Loop =>
      new Loop({
        everyMs,
        round: async () => {
          const done = await round();
          failing.worked(work);
          return done;
        },
        onError: (error) => {
          this.#metrics.failed(work);
          failing.failed(work, error);
        },
      });
    return {
      work: loop('claim', pollMs, async () => this.#callOthers(await this.workers.round(), config.claimSize)),
      poll: loop('poll', pollMs, async () => (await this.poller.begin()).round),
      balances: loop('balances', pollMs, () => this.balances.round()),
      simulate: loop('simulate', pollMs, async () =>
        this.#callOthers(await this.simulator.round(), config.simulatorClaimSize),
      ),
      rest: loop('rest', Math.min(pollMs, 1_000), () => this.resting.round()),
      inherit: loop('inherit', Math.min(pollMs, 1_000), () => this.#inherit(db)),
      status: loop('status', pace?.statusMs ?? 5_000, () => this.status.round()),
      guard: loop('guard', GUARD_EVERY_MS, () => this.guard.round()),
    };
  }

  async #inherit(db: Database): Promise<Round> {
    const { orders, requests } = await inherit(db);
    if (orders > 0) {
      this.#parts.logger.warn({ orders }, 'took over orders whose worker is gone: they are unknown, and looked up');
      this.#loops.poll.wake();
    }
    if (requests > 0) this.#loops.work.wake();
    return { found: orders + requests };
  }

  /** A full claim means that more waits than this replica takes at once: others are told, now and then. */
  #callOthers(round: Round, full: number): Round {
    const now = this.#parts.clock.monotonic();
    if (round.found >= full && now - this.#calledAt > CALL_EVERY_MS) {
      this.#calledAt = now;
      this.#parts.db.notify(this.#channel).catch((error: unknown) => {
        this.#parts.logger.debug({ err: error }, 'the other replicas were not told; they poll');
      });
    }
    return round;
  }
}

const BALANCES_AT_A_TIME = 200;
/** It is woken when there is something to ask; this is the net under that. */
const GUARD_EVERY_MS = 60_000;
const POLL_SOON_MS = 500;
const BALANCES_SOON_MS = 20;
const CALL_EVERY_MS = 250;
