import type { CancelOutcome } from '@switchyard/exchanges';
import type { Logger } from '@switchyard/observability';
import type { AccountClients } from '../adapters/account-clients.js';
import type { Round } from '../loop.js';
import type { ExecutionMetrics } from '../metrics.js';
import { findingOfCancel } from '../orders/cancel-finding.js';
import type { RecordQueue } from '../orders/record-queue.js';
import type { DueCancel } from '../ports/cancel-records.js';
import type { Clock } from '../ports/clock.js';
import type { ExecutionStore } from '../ports/execution-store.js';
import { endCancelled, type ClaimParts } from '../tasks/claim.js';

export interface CancellerParts {
  readonly store: ExecutionStore;
  readonly owner: string;
  readonly claims: ClaimParts;
  readonly clients: Pick<AccountClients, 'of' | 'forget'>;
  readonly recorder: Pick<RecordQueue, 'record'>;
  readonly clock: Clock;
  readonly metrics: ExecutionMetrics;
  readonly logger: Logger;
  /** While this lasts nobody else asks about an order that was taken. */
  readonly leaseMs: number;
  readonly sendWithinMs: number;
  readonly venueWindowMs: number;
  /** Orders were marked: those of simulated accounts are others' to end. */
  readonly onMarked: () => void;
  /** What came of a cancel is stored: the order is to be looked up. */
  readonly onAsked: () => void;
}

/**
 * Carries out what somebody wants gone: marks orders, ends those that wait, and asks the venue to cancel those that are open there. It shares
 * no place with those who send and look up: a cancel waits behind no order, however many of them hang. Nothing of it lives in this process
 * alone; a cancel that was sent twice is harmless.
 */
export class Canceller {
  readonly #parts: CancellerParts;
  readonly #asking = new Set<Promise<void>>();
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(parts: CancellerParts) {
    this.#parts = parts;
  }

  /** One round, to its end. */
  async round(): Promise<Round> {
    const { round, asked } = await this.begin();
    await asked;
    return round;
  }

  async begin(): Promise<{ readonly round: Round; readonly asked: Promise<unknown> }> {
    await this.#sweep();
    const { store, claims } = this.#parts;
    // Most rounds find nothing: one question then, and no transaction.
    const { toMark, toEnd, dueInMs } = await store.cancelWork();
    const marked = toMark ? await this.#mark() : { marked: 0, more: false };
    const ended = toEnd || marked.marked > 0 ? await endCancelled(claims, AT_A_TIME) : 0;
    const mayBeDue = marked.marked > 0 || (dueInMs !== undefined && dueInMs <= 0);
    const { found, asked, isFull } = mayBeDue ? await this.#ask() : NOTHING;
    const again = marked.more || ended >= AT_A_TIME || isFull;
    return {
      round: { found: marked.marked + ended + found, nextInMs: again ? FULL_MS : nextOf(dueInMs, mayBeDue) },
      asked,
    };
  }

  /** What is under way has ended. */
  async idle(): Promise<void> {
    await Promise.all(this.#asking);
  }

  async #mark(): Promise<{ readonly marked: number; readonly more: boolean }> {
    const done = await this.#parts.store.transaction((unit) => unit.markCancels(MARKED_AT_A_TIME));
    if (done.marked > 0) this.#parts.onMarked();
    return done;
  }

  async #ask(): Promise<{ readonly found: number; readonly asked: Promise<unknown>; readonly isFull: boolean }> {
    const { store, owner, leaseMs } = this.#parts;
    const room = AT_A_TIME - this.#asking.size;
    if (room < 1) return { ...NOTHING, isFull: true };
    const due = await store.takeDueCancels({ owner, leaseMs }, room);
    return {
      found: due.length,
      asked: Promise.all(due.map((order) => this.#track(this.#cancel(order)))),
      isFull: due.length >= room,
    };
  }

  async #track(asking: Promise<void>): Promise<void> {
    this.#asking.add(asking);
    await asking.finally(() => this.#asking.delete(asking));
  }

  async #cancel(order: DueCancel): Promise<void> {
    const { clock, recorder, metrics, logger } = this.#parts;
    const { orderId, epoch, attempts } = order;
    const started = clock.monotonic();
    const outcome = await this.#request(order);
    const tookMs = clock.monotonic() - started;
    const asked = { orderId, epoch, attempts, nowMs: clock.now(), random: clock.random(), tookMs };
    metrics.cancelled(order.mode, outcome.kind);
    logger.info({ orderId, accountId: order.accountId, attempts, outcome: outcome.kind }, 'cancel sent');
    const recorded = await recorder.record(findingOfCancel(asked, outcome)).catch((error: unknown) => {
      metrics.failed('cancel');
      logger.error({ err: error, orderId }, 'what came of a cancel could not be stored');
      return 'stored' as const;
    });
    if (recorded === 'stale') metrics.stale();
    this.#parts.onAsked();
  }

  async #request(order: DueCancel): Promise<CancelOutcome> {
    const { clients, clock, logger, metrics, sendWithinMs, venueWindowMs } = this.#parts;
    try {
      const found = await clients.of(order);
      if (found.kind === 'refused')
        return { kind: 'notSent', reason: 'unsigned', message: found.refusal.message, retryAfterMs: NO_CLIENT_MS };
      const ref = {
        pair: order.pair,
        venueSymbol: order.venueSymbol,
        clientOrderId: order.clientOrderId,
        venueOrderId: order.venueOrderId,
        sentAfterMs: order.storedAtMs,
      };
      const limits = { sendBy: clock.monotonic() + sendWithinMs, recvWindowMs: venueWindowMs };
      const outcome = await found.client.cancel(ref, limits);
      if (outcome.kind === 'refused' && outcome.code === 'BAD_CREDENTIALS') clients.forget(order.accountId);
      return outcome;
    } catch (error) {
      // A bug, and perhaps one after the write.
      metrics.failed('cancel');
      logger.error({ err: error, orderId: order.orderId }, 'a cancel failed');
      return { kind: 'outcomeUnknown', reason: 'unlisted', message: 'The client failed.', evidence: null };
    }
  }

  async #sweep(): Promise<void> {
    const now = this.#parts.clock.monotonic();
    if (now - this.#sweptAt < SWEEP_EVERY_MS) return;
    this.#sweptAt = now;
    await this.#parts.store.forgetCancels(REMEMBERED_MS);
  }
}

const NOTHING = { found: 0, asked: Promise.resolve(), isFull: false } as const;

/** What was due is leased now, and what came of it wakes. */
const nextOf = (dueInMs: number | undefined, wasDue: boolean): number | undefined =>
  dueInMs === undefined || wasDue ? undefined : Math.max(1, Math.ceil(dueInMs));

/** Cancels that are out at a time, and orders ended at a time. */
const AT_A_TIME = 50;
const MARKED_AT_A_TIME = 500;
const FULL_MS = 20;
const NO_CLIENT_MS = 2_000;
const SWEEP_EVERY_MS = 3_600_000;
/** An order comes seconds after its cancel at worst; an outage of a week is survived. */
const REMEMBERED_MS = 7 * 86_400_000;
