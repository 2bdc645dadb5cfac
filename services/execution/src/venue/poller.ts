import type { LookupOutcome } from '@switchyard/exchanges';
import type { Logger } from '@switchyard/observability';
import type { AccountClients } from '../adapters/account-clients.js';
import type { Round } from '../loop.js';
import type { ExecutionMetrics } from '../metrics.js';
import { findingOfLookup } from '../orders/lookup-finding.js';
import type { RecordQueue } from '../orders/record-queue.js';
import type { Clock } from '../ports/clock.js';
import type { OrderRecords, DueLookup } from '../ports/order-records.js';
import type { VenueAccess } from '../ports/venue-access.js';
import type { GuardedClient } from '../guard/guarded-client.js';
import { canSeal, isToBeSealed, seal, type IdSealParts } from './id-seal.js';

export interface PollerParts {
  readonly store: OrderRecords;
  readonly owner: string;
  readonly access: VenueAccess;
  readonly clients: AccountClients;
  readonly recorder: RecordQueue;
  readonly clock: Clock;
  readonly metrics: ExecutionMetrics;
  readonly logger: Logger;
  /** Orders asked about at a time. */
  readonly batch: number;
  /** While this lasts nobody else asks about an order that was taken. */
  readonly leaseMs: number;
  readonly sealing: Pick<IdSealParts, 'sendWithinMs' | 'venueWindowMs'>;
}

/** Asks the venue about every order that may be there and has not ended, the unknown ones first, until the venue confirms its end. */
export class Poller {
  readonly #parts: PollerParts;
  readonly #asking = new Set<Promise<void>>();

  constructor(parts: PollerParts) {
    this.#parts = parts;
  }

  /** One batch, to its end. */
  async round(): Promise<Round> {
    const { round, asked } = await this.begin();
    await asked;
    return round;
  }

  /** Takes what is due and asks about it; an order whose answer takes long holds up no other. */
  async begin(): Promise<{ readonly round: Round; readonly asked: Promise<unknown> }> {
    const { store, owner, batch, leaseMs } = this.#parts;
    const room = Math.min(batch, batch * ROUNDS_UNDER_WAY - this.#asking.size);
    if (room < 1) return { round: { found: 0, nextInMs: FULL_MS }, asked: Promise.resolve() };
    const due = await store.takeDueLookups({ owner, leaseMs }, room);
    const asked = Promise.all(due.map((order) => this.#track(this.#ask(order))));
    if (due.length >= room) return { round: { found: due.length, nextInMs: 0 }, asked };
    const inMs = await store.nextLookupInMs();
    const nextInMs = inMs === undefined ? undefined : Math.max(1, Math.ceil(inMs));
    return { round: { found: due.length, nextInMs }, asked };
  }

  /** What is under way has ended. */
  async idle(): Promise<void> {
    await Promise.all(this.#asking);
  }

  async #track(asking: Promise<void>): Promise<void> {
    this.#asking.add(asking);
    await asking.finally(() => this.#asking.delete(asking));
  }

  async #ask(order: DueLookup): Promise<void> {
    const { clock, access, recorder, metrics, logger } = this.#parts;
    const started = clock.monotonic();
    const { offsetMs, errorMs } = access.clock();
    const askedAt = { askedAtVenueMs: clock.now() + offsetMs, clockErrorMs: errorMs };
    const outcome = await this.#lookup(order);
    const asked = {
      orderId: order.orderId,
      epoch: order.epoch,
      status: order.status,
      askedAt,
      tookMs: clock.monotonic() - started,
    };
    const recorded = await recorder.record(findingOfLookup(asked, outcome)).catch((error: unknown) => {
      metrics.failed('lookup');
      logger.error({ err: error, orderId: order.orderId }, 'what a lookup found could not be stored');
      return 'stored' as const;
    });
    if (recorded === 'stale') metrics.stale();
  }

  /** Settles an order that no lookup could ever prove lost, where the venue has a way. */
  async #sealed(order: DueLookup, client: GuardedClient): Promise<boolean> {
    const { access, clock, sealing, logger } = this.#parts;
    if (!canSeal(access.capabilities) || !isToBeSealed(order, clock.now())) return false;
    const answer = await seal({ ...sealing, clock }, await access.open(), client, order);
    const { orderId, accountId, clientOrderId } = order;
    logger.warn(
      { orderId, accountId, clientOrderId, answer: answer ?? 'no price' },
      'an order that the venue does not have, and might still get, was sealed by another under its id that can’t be filled',
    );
    return answer !== undefined;
  }

  async #lookup(order: DueLookup): Promise<LookupOutcome> {
    const { clients, logger, metrics } = this.#parts;
    try {
      const found = await clients.of(order);
      if (found.kind === 'refused') return couldNotAsk(found.refusal.message);
      const ref = {
        pair: order.pair,
        venueSymbol: order.venueSymbol,
        clientOrderId: order.clientOrderId,
        venueOrderId: order.venueOrderId,
        sentAfterMs: order.storedAtMs,
      };
      const outcome = await found.client.lookup(ref, order.status === 'unknown' ? 'lookup' : 'poll');
      if (outcome.kind === 'couldNotAsk' && outcome.code === 'BAD_CREDENTIALS') clients.forget(order.accountId);
      const isSealed = outcome.kind === 'notFound' && (await this.#sealed(order, found.client));
      return isSealed ? await found.client.lookup(ref, 'lookup') : outcome;
    } catch (error) {
      metrics.failed('lookup');
      logger.error({ err: error, orderId: order.orderId }, 'a lookup failed');
      return couldNotAsk('The question failed.');
    }
  }
}

const couldNotAsk = (message: string): LookupOutcome => ({
  kind: 'couldNotAsk',
  reason: 'refused',
  message,
  code: null,
  retryAfterMs: null,
  evidence: null,
});

/** Batches of questions that may be out at a time. */
const ROUNDS_UNDER_WAY = 3;
const FULL_MS = 50;
