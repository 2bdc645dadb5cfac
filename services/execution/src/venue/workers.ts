import type { Logger } from '@switchyard/observability';
import type { Round } from '../loop.js';
import type { ExecutionMetrics } from '../metrics.js';
import type { RecordQueue } from '../orders/record-queue.js';
import type { Finding } from '../orders/recorder.js';
import type { Clock } from '../ports/clock.js';
import { claim, type ClaimedOrder, type ClaimedRequest, type ClaimParts } from '../tasks/claim.js';
import type { Candidate, GateDecision } from '../guard/order-gate.js';
import type { OrderPlacer } from './order-placer.js';

export interface WorkerParts {
  readonly claims: ClaimParts;
  readonly placer: OrderPlacer;
  readonly recorder: Pick<RecordQueue, 'record'>;
  readonly clock: Clock;
  readonly metrics: ExecutionMetrics;
  readonly logger: Logger;
  /** Orders that are out at the venue at a time. */
  readonly workers: number;
  readonly claimSize: number;
  /** Whether a halt that came after an order was claimed keeps it from leaving. */
  readonly isStopped: (routed: ClaimedOrder['routed']) => boolean;
  /** Answers a request for the account's state; stores its own outcome. */
  readonly report: (request: ClaimedRequest) => Promise<void>;
  /** A place has become free. */
  readonly onFree: () => void;
}

/**
 * Claims tasks and works on them. Everything it sends was stored as an intent before.
 *
 * So many orders are out at a time: an order's place is free again when the venue has answered, while the answer is being stored. Should the
 * database be slow, answers wait for it up to a bound, and then nothing more is sent. Requests for an account's state, which ask one
 * question after the other, have places of their own: a few, so that a sweep over all accounts holds up no order.
 */
export class VenueWorkers {
  readonly #parts: WorkerParts;
  readonly #claims: ClaimParts;
  #pending: readonly ClaimedOrder[] = [];
  readonly #requests: ClaimedRequest[] = [];
  readonly #sending = new Set<Promise<void>>();
  readonly #storing = new Set<Promise<void>>();
  readonly #reporting = new Set<Promise<void>>();
  #stopping = false;
  #areHeld = false;
  /** Whether the queue held more at the last claim than there was room for. */
  #mayHoldMore = false;
  #claimedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: WorkerParts) {
    this.#parts = parts;
    this.#claims = { ...parts.claims, gate: { decide: (candidates, nowMs) => this.#decide(candidates, nowMs) } };
  }

  /** Tasks that this process has claimed and not finished. */
  get inFlight(): number {
    return (
      this.#pending.length + this.#requests.length + this.#sending.size + this.#storing.size + this.#reporting.size
    );
  }

  /** Claims what there is room for. */
  async round(): Promise<Round> {
    const { workers, claimSize, clock } = this.#parts;
    // What waits in memory has its time running: no more than one batch does.
    const room = Math.min(claimSize, workers + claimSize / 2 - this.#pending.length - this.#sending.size);
    this.#mayHoldMore = true;
    if (this.#stopping || room < 1) return { found: 0 };
    // A claim costs the same for one task as for many: while some wait in memory it is a glance now and then, until there is room for
    // several; but a stop-loss does not wait for that.
    const isBusy = this.#pending.length > 0 && room < claimSize / 2;
    const sinceMs = clock.monotonic() - this.#claimedAt;
    if (isBusy && sinceMs < GLANCE_EVERY_MS) return { found: 0, nextInMs: GLANCE_EVERY_MS - sinceMs };
    this.#claimedAt = clock.monotonic();
    const most = Math.min(Math.floor(room), isBusy || this.#areHeld ? GLANCE : Number.POSITIVE_INFINITY);
    const { claimed, taken, heldForMs } = await claim(this.#claims, most);
    const orders = claimed.filter((task) => task.kind === 'order');
    // Who came first goes first, but for what may overtake.
    this.#pending = [...this.#pending, ...orders].toSorted((a, b) => a.priority - b.priority);
    this.#requests.push(...claimed.filter((task) => task.kind === 'state'));
    this.#fill();
    // Those that wait for a token come back soon: until then a glance at the head of the queue shows what may go before them.
    this.#mayHoldMore = taken >= most;
    this.#areHeld = heldForMs !== undefined && heldForMs < HELD_LONG_MS;
    return { found: taken, nextInMs: taken >= most && !this.#areHeld ? 0 : heldForMs };
  }

  /** Lets what is under way end, within the deadline. What was claimed and not begun goes back to the queue: nothing of it was sent. */
  async stop(withinMs: number): Promise<void> {
    this.#stopping = true;
    this.#requests.length = 0;
    this.#fill();
    const deadline = this.#parts.clock.monotonic() + withinMs;
    while (this.inFlight > 0 && this.#parts.clock.monotonic() < deadline) {
      let callOff: (() => void) | undefined;
      const timeout = new Promise<void>((resolve) => {
        callOff = this.#parts.clock.after(deadline - this.#parts.clock.monotonic(), resolve);
      });
      await Promise.race([Promise.all([...this.#sending, ...this.#storing, ...this.#reporting]), timeout]);
      callOff?.();
    }
  }

  /**
   * A request waits in the queue until there is a place for it, an order until the venue's clock was read or did not let itself be read;
   * everything else is the guard's to say.
   */
  async #decide(candidates: readonly Candidate[], nowMs: number): Promise<readonly GateDecision[]> {
    let places = this.#reportPlaces - this.#reporting.size - this.#requests.length;
    const awaitsClock = candidates.some(({ kind }) => kind !== 'request') && this.#claims.access.awaitsClock();
    const waits = candidates.map(({ kind }) =>
      kind !== 'request' ? awaitsClock && CLOCK_MS : (places -= 1) < 0 && NO_PLACE_MS,
    );
    const asked = candidates.filter((_, index) => waits[index] === false);
    const decisions =
      (await this.#parts.claims.gate?.decide(asked, nowMs)) ?? asked.map(() => ({ kind: 'send' }) as const);
    return candidates.map((candidate, index) => {
      const forMs = waits[index] ?? false;
      return forMs === false ? (decisions[asked.indexOf(candidate)] ?? { kind: 'send' }) : { kind: 'wait', forMs };
    });
  }

  get #reportPlaces(): number {
    return Math.max(1, Math.floor(this.#parts.workers / REPORTS_OF_WORKERS));
  }

  #fill(): void {
    const { workers, metrics } = this.#parts;
    const maySend = (): boolean => this.#sending.size < workers && this.#storing.size < workers * ANSWERS_OF_WORKERS;
    while (this.#pending.length > 0 && (this.#stopping || maySend())) {
      const [next, ...rest] = this.#pending;
      this.#pending = rest;
      if (next) this.#send(next);
    }
    while (this.#requests.length > 0 && this.#reporting.size < this.#reportPlaces) {
      const request = this.#requests.shift();
      if (request) this.#report(request);
    }
    metrics.inFlight(this.inFlight);
  }

  #send(order: ClaimedOrder): void {
    const { placer, clock } = this.#parts;
    const started = clock.monotonic();
    const unsent = this.#stopping
      ? 'the executor stopped'
      : this.#parts.isStopped(order.routed)
        ? 'trading was stopped'
        : undefined;
    const finding = unsent === undefined ? placer.place(order) : placer.unsent(order, 0, unsent);
    this.#run(this.#sending, order.routed.orderId, async () => {
      const found = await finding;
      this.#run(this.#storing, order.routed.orderId, () => this.#store(order, found, started));
      // Its lane is free only when the answer is stored; its place is free now.
      return this.#mayHoldMore;
    });
  }

  #report(request: ClaimedRequest): void {
    this.#run(this.#reporting, request.request.requestId, async () => {
      await this.#parts.report(request);
      return true;
    });
  }

  async #store(order: ClaimedOrder, finding: Finding, started: number): Promise<boolean> {
    const { recorder, metrics, clock, logger } = this.#parts;
    const recorded = await recorder.record(finding);
    const stored = clock.monotonic();
    metrics.took('stored', stored - started);
    metrics.profiled('execution', stored - order.claimedAt);
    if (recorded === 'stale') {
      metrics.stale();
      logger.warn({ orderId: order.routed.orderId, epoch: order.epoch }, 'outcome dropped: the lease had passed on');
    }
    return true;
  }

  /** `work` tells whether there may be something to claim now. */
  #run(among: Set<Promise<void>>, task: string, work: () => Promise<boolean>): void {
    const running = work()
      .catch((error: unknown) => {
        // The lease runs out, and whoever inherits the task finds out what became of it.
        this.#parts.metrics.failed(among === this.#reporting ? 'state' : 'order');
        this.#parts.logger.error({ err: error, task }, 'a task failed');
        return true;
      })
      .then((mayClaim) => {
        among.delete(running);
        this.#fill();
        if (mayClaim && !this.#stopping) this.#parts.onFree();
      });
    among.add(running);
  }
}

/** Tasks that are claimed at a time while those at the head of the queue wait for tokens, or others in memory for a place; and how often. */
const GLANCE = 2;
const GLANCE_EVERY_MS = 50;
/** What is held for longer is out of the way. */
const HELD_LONG_MS = 3_000;
/** A request for which there is no place is looked at again after this. */
const NO_PLACE_MS = 500;
/** An order that waits for the reading of the venue's clock is looked at again after this. */
const CLOCK_MS = 100;
/** One place for requests to so many for orders. */
const REPORTS_OF_WORKERS = 4;
/** Answers that wait to be stored, to each place, before nothing more is sent. */
const ANSWERS_OF_WORKERS = 10;
