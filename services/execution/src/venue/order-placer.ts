import type { NewOrder, PlaceOutcome } from '@switchyard/exchanges';
import type { Refusal } from '@switchyard/model';
import type { Logger } from '@switchyard/observability';
import type { RetryRules } from '@switchyard/order-domain';
import type { AccountClients } from '../adapters/account-clients.js';
import type { ExecutionMetrics } from '../metrics.js';
import { findingOfPlacement } from '../orders/outcome.js';
import type { Finding } from '../orders/recorder.js';
import type { Clock } from '../ports/clock.js';
import type { ClaimedOrder } from '../tasks/claim.js';
import type { VenueHealth } from './health.js';

export interface PlacerParts {
  readonly clients: Pick<AccountClients, 'of' | 'forget'>;
  readonly clock: Clock;
  readonly metrics: ExecutionMetrics;
  readonly health: Pick<VenueHealth, 'placed'>;
  readonly logger: Logger;
  readonly venueWindowMs: number;
  readonly retries: RetryRules;
}

/** Sends one order whose intent is stored, once, and says what follows from what came of it. */
export class OrderPlacer {
  readonly #parts: PlacerParts;

  constructor(parts: PlacerParts) {
    this.#parts = parts;
  }

  async place(claimed: ClaimedOrder): Promise<Finding> {
    const { clients, clock, metrics, health, logger, retries, venueWindowMs } = this.#parts;
    const { routed, epoch, attempts } = claimed;
    const found = await clients.of(routed).catch((error: unknown) => {
      metrics.failed('client');
      logger.error({ err: error, orderId: routed.orderId }, 'the account’s client could not be made; nothing was sent');
      return undefined;
    });
    if (found === undefined) return this.unsent(claimed, 1_000, 'the account’s client could not be made');
    if (found.kind === 'refused') return this.#refused(claimed, found.refusal);
    const started = clock.monotonic();
    let written: number | undefined;
    const beforeWrite = (): boolean => {
      written = clock.monotonic();
      return true;
    };
    const limits = { sendBy: claimed.sendBy, recvWindowMs: venueWindowMs, beforeWrite };
    let outcome: PlaceOutcome;
    try {
      outcome = await found.client.place(newOrderOf(claimed), limits);
    } catch (error) {
      // A bug, and perhaps one after the write.
      logger.error({ err: error, orderId: routed.orderId }, 'placing threw');
      outcome = { kind: 'outcomeUnknown', reason: 'unlisted', message: 'The client failed.', evidence: null };
    }
    const answered = clock.monotonic();
    const tookMs = answered - started;
    metrics.took('request', tookMs);
    if (written !== undefined) {
      metrics.profiled('submission', written - claimed.claimedAt);
      metrics.profiled('acknowledgement', answered - written);
    }
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

  /** Nothing of the order was sent: it goes back to the queue. */
  unsent({ routed, epoch }: ClaimedOrder, retryInMs: number, lastError: string): Finding {
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
