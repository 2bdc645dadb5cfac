import type { VenueStatus } from '@switchyard/contracts';
import type { EventLog } from '@switchyard/log';
import type { Round } from './loop.js';
import type { SharedCircuit } from './guard/shared-circuit.js';
import type { VenueGuard } from './guard/venue-guard.js';
import type { ExecutionMetrics } from './metrics.js';
import type { Clock } from './ports/clock.js';
import type { TaskQueue } from './ports/task-queue.js';
import type { GuardStore } from './ports/guard-store.js';
import type { VenueHealth } from './venue/health.js';
import { venueFigures, type ReplicaCalls } from './venue/venue-figures.js';

export interface StatusParts {
  readonly store: Pick<TaskQueue, 'depths'>;
  readonly replicas: Pick<GuardStore, 'tellCalls' | 'callsOfOthers'>;
  /** Names this process; one per replica. */
  readonly owner: string;
  readonly venue: string;
  readonly log: Pick<EventLog, 'put'>;
  readonly clock: Clock;
  readonly metrics: ExecutionMetrics;
  readonly health: Pick<VenueHealth, 'calls' | 'version'>;
  readonly guard: Pick<VenueGuard, 'look' | 'healthy'>;
  readonly circuit: Pick<SharedCircuit, 'state'>;
  readonly inFlight: () => number;
}

/** However little changes, the status is told again after this, so that readers see that it is fresh. */
const REPEAT_MS = 60_000;

/** What a replica's calls came to is told again after this, though there were none: before the others forget it (`FORGET_CALLS_MS`). */
const TELL_CALLS_MS = 30_000;

/** Tells how the venue is doing and how much waits for it: at most each few seconds, when something changed. */
export class StatusReporter {
  readonly #parts: StatusParts;
  #told = '';
  #toldAt = Number.NEGATIVE_INFINITY;
  #calls = { version: -1, toldAt: Number.NEGATIVE_INFINITY };

  constructor(parts: StatusParts) {
    this.#parts = parts;
  }

  async round(): Promise<Round> {
    const { store, venue, log, clock, metrics, guard, circuit, inFlight } = this.#parts;
    // What other replicas found out is told as well, though nothing was called from here.
    await guard.look();
    const { queued, unknown } = await store.depths();
    metrics.depths(queued, unknown);
    const { quantiles, ...figures } = venueFigures(await this.#callsOfAll());
    const status = {
      venue,
      healthy: guard.healthy,
      circuitState: circuit.state,
      queueDepth: queued,
      activeExecutions: inFlight(),
      ...figures,
      ...(quantiles === undefined
        ? {}
        : { p50LatencyMs: quantiles.p50, p95LatencyMs: quantiles.p95, p99LatencyMs: quantiles.p99 }),
    } as const;
    const text = JSON.stringify(status);
    if (text === this.#told && clock.monotonic() - this.#toldAt < REPEAT_MS) return { found: 0 };
    const now = clock.now();
    const payload: VenueStatus = { ...status, version: now, at: new Date(now).toISOString() };
    await log.put([{ topic: 'VenueStatus', key: venue, version: now, payload }]);
    this.#told = text;
    this.#toldAt = clock.monotonic();
    return { found: 1 };
  }

  /** Told when there were calls, and seldom when there were none; read each time. */
  async #callsOfAll(): Promise<readonly ReplicaCalls[]> {
    const { replicas, owner, clock, health } = this.#parts;
    const now = clock.monotonic();
    const { version } = health;
    const own = health.calls(now);
    if (version === this.#calls.version && now - this.#calls.toldAt < TELL_CALLS_MS)
      return [own, ...(await replicas.callsOfOthers(owner))];
    const calls = await replicas.tellCalls(owner, own);
    this.#calls = { version, toldAt: now };
    return calls;
  }
}
