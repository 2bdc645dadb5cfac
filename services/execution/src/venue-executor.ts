import type { EventLog } from '@switchyard/log';
import type { Logger } from '@switchyard/observability';
import { DEFAULT_RETRIES } from '@switchyard/order-domain';
import { AccountClients } from './adapters/account-clients.js';
import type { ExecutionConfig } from './config.js';
import { openGuard, type OpenedGuard } from './guard/open-guard.js';
import type { VenueGuard } from './guard/venue-guard.js';
import type { Loop, Round } from './loop.js';
import type { ExecutionMetrics } from './metrics.js';
import { RecordQueue } from './orders/record-queue.js';
import type { AccountKeys } from './ports/account-keys.js';
import type { Clock } from './ports/clock.js';
import type { ExecutionStore } from './ports/execution-store.js';
import type { GuardStore } from './ports/guard-store.js';
import type { VenueAccess } from './ports/venue-access.js';
import { StatusReporter } from './status-reporter.js';
import type { ClaimParts } from './tasks/claim.js';
import type { StateRequest } from './tasks/task.js';
import { StateKeeper } from './trading-state/state-keeper.js';
import { StateWatch } from './trading-state/state-watch.js';
import { BalanceKeeper } from './venue/balances.js';
import { Canceller } from './venue/canceller.js';
import { VenueHealth } from './venue/health.js';
import { OrderPlacer } from './venue/order-placer.js';
import { Poller } from './venue/poller.js';
import { StateReporter, type AccountState } from './venue/state-reporter.js';
import { VenueWorkers } from './venue/workers.js';
import { WorkLoops } from './work-loops.js';

export interface VenueExecutorParts {
  readonly config: ExecutionConfig;
  readonly store: ExecutionStore;
  readonly guardStore: GuardStore;
  readonly access: VenueAccess;
  readonly keys: AccountKeys;
  readonly log: Pick<EventLog, 'put'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: ExecutionMetrics;
  /** Named in leases; one a process, and never the same again. */
  readonly owner: string;
  /** How long the loops wait at most, milliseconds: nets under what wakes them. */
  readonly pace?: { readonly pollMs?: number; readonly statusMs?: number } | undefined;
  /** What an account in mode simulated has; absent: there are none. */
  readonly simulated?: (request: StateRequest) => Promise<AccountState>;
  /** Orders that somebody wants gone were marked, perhaps some of accounts in mode simulated. */
  readonly onMarked?: () => void;
}

/**
 * What one replica does for the accounts that are at the venue: it claims, sends, looks up, tells balances and reports, and takes over what
 * dead replicas left. All of its memory is the store's, all of its time and chance the clock's: any number may run on one store, and any of
 * them may die at any step.
 */
export class VenueExecutor {
  readonly workers: VenueWorkers;
  readonly poller: Poller;
  readonly canceller: Canceller;
  readonly balances: BalanceKeeper;
  readonly status: StatusReporter;
  readonly guard: VenueGuard;
  /** What was heard of trading states. */
  readonly states: StateWatch;
  readonly stateKeeper: StateKeeper;
  readonly #parts: VenueExecutorParts;
  readonly #recorder: RecordQueue;
  readonly #listenToGuard: OpenedGuard['listen'];
  readonly #loops: Readonly<Record<LoopName, Loop>>;
  #unlisten: readonly (() => Promise<void>)[] = [];

  constructor(parts: VenueExecutorParts) {
    const { config, store, access, log, clock, logger, metrics, owner } = parts;
    const { venue, balanceIntervalMs } = config;
    this.#parts = parts;
    const health = new VenueHealth(config.slowMs);
    const onNews = (): void => {
      this.#loops.guard.wake();
      this.#loops.status.wake();
      this.#loops.work.wake();
    };
    const { guard, circuit, listen } = openGuard({ ...parts, store: parts.guardStore, health, onNews });
    this.guard = guard;
    this.#listenToGuard = listen;
    const clients = new AccountClients(
      access,
      parts.keys,
      clock,
      { capacity: config.clients, lifeMs: config.openedKeysMs },
      guard,
    );
    const venueEnforcesExpiry = access.capabilities?.enforcesExpiry ?? false;
    const onCancelDue = this.wakeCancels;
    const recording = { venue, venueEnforcesExpiry, balanceIntervalMs, clock, onCancelDue };
    this.#recorder = new RecordQueue(store, recording, () => {
      this.#loops.poll.wake(POLL_SOON_MS);
      this.#loops.balances.wake(BALANCES_SOON_MS);
    });
    const reporter = new StateReporter({
      ...{ store, venue, access, clients, clock },
      simulated: parts.simulated,
      onNews: () => {
        this.#loops.poll.wake();
      },
    });
    this.states = new StateWatch({
      clock,
      silenceMs: config.stateSilenceMs,
      onTurn: (isUnheard) => {
        const said = isUnheard
          ? 'the global trading state is not heard: nothing is opened until it is; exits and cancels go on'
          : 'the global trading state is heard again: entries go on';
        logger.warn({ silentForMs: Math.round(this.states.silentForMs ?? 0) }, said);
        if (!isUnheard) this.#loops.work.wake();
      },
    });
    this.stateKeeper = new StateKeeper({ store, venue, access, clock, watch: this.states, logger });
    const placer = new OrderPlacer({
      ...{ clients, clock, metrics, health, logger },
      venueWindowMs: config.venueWindowMs,
      retries: { ...DEFAULT_RETRIES, retries: config.retries },
    });
    const { leaseMs, sendWithinMs, claimsPerUser: perUser } = config;
    const venueWindowMs = config.venueWindowMs + (access.capabilities?.expiryLeewayMs ?? 0);
    const claims: ClaimParts = {
      ...recording,
      ...{ store, access, gate: guard, isUnheard: this.states.isUnheard },
      rules: { owner, leaseMs, sendWithinMs, venueWindowMs, perUser },
      onCondemned: this.onCondemned,
    };
    this.workers = new VenueWorkers({
      claims,
      ...{ placer, recorder: this.#recorder, clock, metrics, logger },
      workers: config.workers,
      claimSize: config.claimSize,
      isStopped: this.states.stops,
      report: (request) => reporter.report(request),
      onFree: () => {
        this.#loops.work.wake();
      },
    });
    this.poller = new Poller({
      ...{ store, owner, access, clients, recorder: this.#recorder, clock, metrics, logger, leaseMs },
      batch: config.claimSize,
      sealing: { sendWithinMs, venueWindowMs: config.venueWindowMs },
    });
    this.canceller = new Canceller({
      ...{ store, owner, claims, clients, recorder: this.#recorder, clock, metrics, logger, leaseMs, sendWithinMs },
      venueWindowMs: config.venueWindowMs,
      onMarked: () => parts.onMarked?.(),
      onAsked: () => {
        this.#loops.poll.wake(POLL_CANCELLED_MS);
      },
    });
    this.balances = new BalanceKeeper({
      ...{ store, venue, clients, clock, metrics, logger },
      batch: BALANCES_AT_A_TIME,
      intervalMs: balanceIntervalMs,
      refreshMs: config.balanceRefreshMs,
    });
    const inFlight = (): number => this.workers.inFlight;
    this.status = new StatusReporter({
      store,
      replicas: parts.guardStore,
      owner,
      venue,
      log,
      clock,
      metrics,
      health,
      guard,
      circuit,
      inFlight,
    });
    this.#loops = this.#makeLoops();
  }

  readonly onCondemned = (taskId: string, error: unknown): void => {
    this.#parts.metrics.failed('task');
    this.#parts.logger.error({ err: error, taskId }, 'a task broke its work and was failed; nothing of it was sent');
  };

  /** There may be tasks for the venue. */
  readonly wake = (): void => {
    this.#loops.work.wake();
  };

  /** There may be accounts that nobody has asked for their balances. */
  readonly wakeBalances = (): void => {
    this.#loops.balances.wake();
  };

  /** Somebody wants orders gone. */
  readonly wakeCancels = (): void => {
    this.#loops.cancel.wake();
  };

  /** A trading state is to be kept. */
  readonly wakeStates = (): void => {
    this.stateKeeper.hurry();
    this.#loops.states.wake();
  };

  async start(): Promise<void> {
    this.#unlisten = [await this.#parts.store.onRing(this.wake), await this.#listenToGuard()];
    for (const loop of Object.values(this.#loops)) loop.start();
  }

  /** Takes nothing new, lets what is out come home within the deadline. What does not is left under its lease, and inherited as unknown. */
  async stop(): Promise<void> {
    this.guard.stop();
    await Promise.all(Object.values(this.#loops).map((loop) => loop.stop()));
    await Promise.all([this.workers.stop(this.#parts.config.stopWithinMs), this.poller.idle(), this.canceller.idle()]);
    this.#recorder.close();
    for (const unlisten of this.#unlisten) await unlisten();
    await this.#parts.access.close();
  }

  #makeLoops() {
    const { pace, config } = this.#parts;
    const pollMs = pace?.pollMs ?? 2_000;
    const loops = new WorkLoops(this.#parts);
    const claim = async (): Promise<Round> => loops.callOthers(await this.workers.round(), config.claimSize);
    return {
      work: loops.loop('claim', pollMs, claim),
      poll: loops.loop('poll', pollMs, async () => (await this.poller.begin()).round),
      cancel: loops.loop('cancel', Math.min(pollMs, 1_000), async () => (await this.canceller.begin()).round),
      states: loops.loop('states', Math.min(pollMs, 1_000), async () => {
        const round = await this.stateKeeper.round();
        this.#parts.metrics.stateSilence(this.states.silentForMs);
        return round;
      }),
      balances: loops.loop('balances', pollMs, () => this.balances.round()),
      inherit: loops.loop('inherit', Math.min(pollMs, 1_000), () => this.#inherit()),
      status: loops.loop('status', pace?.statusMs ?? 5_000, () => this.status.round()),
      guard: loops.loop('guard', GUARD_EVERY_MS, () => this.guard.round()),
    };
  }

  async #inherit(): Promise<Round> {
    const { orders, requests } = await this.#parts.store.inherit();
    if (orders > 0) {
      this.#parts.logger.warn({ orders }, 'took over orders whose worker is gone: they are unknown, and looked up');
      this.#loops.poll.wake();
    }
    if (requests > 0) this.#loops.work.wake();
    return { found: orders + requests };
  }
}

type LoopName = 'work' | 'poll' | 'cancel' | 'states' | 'balances' | 'inherit' | 'status' | 'guard';

const BALANCES_AT_A_TIME = 200;
/** It is woken when there is something to ask; this is the net under that. */
const GUARD_EVERY_MS = 60_000;
const POLL_SOON_MS = 500;
/** What became of a cancelled order a venue shows nearly at once. */
const POLL_CANCELLED_MS = 60;
const BALANCES_SOON_MS = 20;
