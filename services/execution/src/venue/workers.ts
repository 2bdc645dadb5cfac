import type { NewOrder, PlaceOutcome } from '@switchyard/exchanges';
import type { Refusal } from '@switchyard/model';
import type { RetryRules } from '@switchyard/order-domain';
import type { Logger } from '@switchyard/observability';
import type { AccountClients } from '../adapters/account-clients.js';
import type { Round } from '../loop.js';
import type { ExecutionMetrics } from '../metrics.js';
import { findingOfPlacement } from '../orders/outcome.js';
import type { RecordQueue } from '../orders/record-queue.js';
import type { Finding } from '../orders/recorder.js';
import type { Clock } from '../ports/clock.js';
import { claim, type Claimed, type ClaimedOrder, type ClaimedRequest, type ClaimParts } from '../tasks/claim.js';
import type { VenueHealth } from './health.js';

export interface WorkerParts {
  readonly claims: ClaimParts;
  readonly clients: AccountClients;
  readonly recorder: RecordQueue;
  readonly clock: Clock;
  readonly metrics: ExecutionMetrics;
  readonly health: VenueHealth;
  readonly logger: Logger;
  readonly workers: number;
  readonly claimSize: number;
  readonly venueWindowMs: number;
  readonly retries: RetryRules;
  /** Answers a request for the account's state; stores its own outcome. */
  readonly report: (request: ClaimedRequest) => Promise<void>;
  /** A worker has become free. */
  readonly onFree: () => void;
}

/** Claims tasks and works on them, so many at a time. Everything it sends was stored as an intent before. */
export class VenueWorkers {
  readonly #parts: WorkerParts;
  readonly #pending: Claimed[] = [];
  readonly #running = new Set<Promise<void>>();
  #stopping = false;
  #areHeld = false;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
  }

  get inFlight(): number {
    return this.#pending.length + this.#running.size;
  }

  /** Claims what there is room for. */
  async round(): Promise<Round> {
    const { workers, claimSize, claims } = this.#parts;
    // What waits in memory has its time running: no more than one batch does.
    const room = Math.min(claimSize, workers + claimSize / 2 - this.inFlight);
    // A claim costs the same for one task as for many: while some wait in memory it waits until there is room for several.
    if (this.#stopping || room < 1 || (this.#pending.length > 0 && room < claimSize / 2)) return { found: 0 };
    const most = Math.min(Math.floor(room), this.#areHeld ? PEEK : Number.POSITIVE_INFINITY);
    const { claimed, taken, heldForMs } = await claim(claims, most);
    this.#pending.push(...claimed);
    this.#fill();
    // Those that wait for a token come back soon: until then a glance at the head of the queue shows what may go before them.
    this.#areHeld = heldForMs !== undefined && heldForMs < HELD_LONG_MS;
    return { found: taken, nextInMs: taken >= most && !this.#areHeld ? 0 : heldForMs };
  }

  /** Lets what is under way end, within the deadline. What was claimed and not begun goes back to the queue: nothing of it was sent. */
  async stop(withinMs: number): Promise<void> {
    this.#stopping = true;
    this.#fill();
    const deadline = this.#parts.clock.monotonic() + withinMs;
    while (this.#running.size > 0 && this.#parts.clock.monotonic() < deadline) {
      let timer: NodeJS.Timeout | undefined;
      const timeout = new Promise<void>(
        (resolve) => (timer = setTimeout(resolve, deadline - this.#parts.clock.monotonic())),
      );
      await Promise.race([Promise.all(this.#running), timeout]);
      clearTimeout(timer);
    }
  }

  #fill(): void {
    while (this.#pending.length > 0 && (this.#stopping || this.#running.size < this.#parts.workers)) {
      const claimed = this.#pending.shift();
      if (claimed) this.#begin(claimed);
    }
    this.#parts.metrics.inFlight(this.inFlight);
  }

  #begin(claimed: Claimed): void {
    const work = this.#work(claimed)
      .catch((error: unknown) => {
        // The lease runs out, and whoever inherits the task finds out what became of it.
        this.#parts.metrics.failed(claimed.kind);
        this.#parts.logger.error(
          { err: error, task: claimed.kind === 'order' ? claimed.routed.orderId : claimed.request.requestId },
          'a task failed',
        );
      })
      .finally(() => {
        this.#running.delete(work);
        this.#fill();
        if (!this.#stopping) this.#parts.onFree();
      });
    this.#running.add(work);
  }

  async #work(claimed: Claimed): Promise<void> {
    if (claimed.kind === 'state') return this.#stopping ? undefined : this.#parts.report(claimed);
    const started = this.#parts.clock.monotonic();
    const finding = this.#stopping ? this.#unsent(claimed, 0, 'the executor stopped') : await this.#place(claimed);
    const recorded = await this.#parts.recorder.record(finding);
    this.#parts.metrics.took('stored', this.#parts.clock.monotonic() - started);
    if (recorded === 'stale') {
      this.#parts.metrics.stale();
      this.#parts.logger.warn(
        { orderId: claimed.routed.orderId, epoch: claimed.epoch },
        'outcome dropped: the lease had passed on',
      );
    }
  }

  async #place(claimed: ClaimedOrder): Promise<Finding> {
    const { clients, clock, metrics, health, logger, retries, venueWindowMs } = this.#parts;
    const { routed, epoch, attempts } = claimed;
    const found = await clients.of(routed).catch((error: unknown) => {
      metrics.failed('client');
      logger.error({ err: error, orderId: routed.orderId }, 'the account’s client could not be made; nothing was sent');
      return undefined;
    });
    if (found === undefined) return this.#unsent(claimed, 1_000, 'the account’s client could not be made');
    if (found.kind === 'refused') return this.#refused(claimed, found.refusal);
    const started = clock.monotonic();
    let outcome: PlaceOutcome;
    try {
      outcome = await found.client.place(newOrderOf(claimed), { sendBy: claimed.sendBy, recvWindowMs: venueWindowMs });
    } catch (error) {
      // A bug, and perhaps one after the write.
      logger.error({ err: error, orderId: routed.orderId }, 'placing threw');
      outcome = { kind: 'outcomeUnknown', reason: 'unlisted', message: 'The client failed.', evidence: null };
    }
    const tookMs = clock.monotonic() - started;
    metrics.took('request', tookMs);
    metrics.executed(routed.mode, outcome.kind);
    health.placed();
    if (outcome.kind === 'refused' && outcome.code === 'BAD_CREDENTIALS') clients.forget(routed.accountId);
    logger.info(
      { ...idsOf(claimed), outcome: outcome.kind, reason: reasonOf(outcome), tookMs: Math.round(tookMs) },
      'order sent',
    );
    return findingOfPlacement(
      { routed, epoch, attempts, nowMs: clock.now(), random: clock.random(), tookMs },
      outcome,
      retries,
    );
  }

  #refused({ routed, epoch }: ClaimedOrder, refusal: Refusal): Finding {
    const at = new Date(this.#parts.clock.now()).toISOString();
    this.#parts.metrics.executed(routed.mode, 'refused');
    const retriable = refusal.code !== 'MODE_MISMATCH';
    return {
      orderId: routed.orderId,
      epoch,
      facts: [{ kind: 'gaveUp', refusal, retriable, at }],
      looked: false,
      lastError: refusal.code,
      logs: [],
    };
  }

  #unsent({ routed, epoch }: ClaimedOrder, retryInMs: number, lastError: string): Finding {
    const at = new Date(this.#parts.clock.now()).toISOString();
    return {
      orderId: routed.orderId,
      epoch,
      facts: [{ kind: 'notSent', at }],
      retryInMs,
      looked: false,
      lastError,
      logs: [],
    };
  }
}

/** Tasks that are claimed at a time while those at the head of the queue wait for tokens. */
const PEEK = 2;
/** What is held for longer is out of the way. */
const HELD_LONG_MS = 3_000;

const newOrderOf = ({ routed, clientOrderId }: ClaimedOrder): NewOrder => ({
  pair: routed.pair,
  venueSymbol: routed.venueSymbol,
  clientOrderId,
  side: routed.side,
  orderType: routed.orderType,
  timeInForce: routed.orderType === 'market' ? 'ioc' : routed.timeInForce,
  quantity: routed.quantity,
  limitPrice: routed.limitPrice ?? null,
  stopPrice: routed.stopPrice ?? null,
  postOnly: routed.postOnly,
  displayQuantity: null,
});

const idsOf = ({ routed, attempts, clientOrderId }: ClaimedOrder) => ({
  orderId: routed.orderId,
  signalId: routed.signalId,
  userId: routed.userId,
  accountId: routed.accountId,
  clientOrderId,
  attempt: attempts,
});

const reasonOf = (outcome: PlaceOutcome): string | undefined =>
  outcome.kind === 'refused' ? outcome.code : outcome.kind === 'accepted' ? undefined : outcome.reason;
