import type { LookupOutcome } from '@switchyard/exchanges';
import type { Mode } from '@switchyard/model';
import type { Logger } from '@switchyard/observability';
import type { ChildStatus } from '@switchyard/order-domain';
import type { Database } from '@switchyard/persistence';
import type { AccountClients } from '../adapters/account-clients.js';
import type { Round } from '../loop.js';
import type { ExecutionMetrics } from '../metrics.js';
import { findingOfLookup } from '../orders/lookup-finding.js';
import type { RecordQueue } from '../orders/record-queue.js';
import type { Clock } from '../ports/clock.js';
import type { VenueAccess } from '../ports/venue-access.js';

export interface PollerParts {
  readonly db: Database;
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
}

interface DueRow {
  readonly order_id: string;
  readonly lease_epoch: string;
  readonly user_id: string;
  readonly account_id: string;
  readonly mode: Mode;
  readonly pair: string;
  readonly venue_symbol: string;
  readonly client_order_id: string;
  readonly venue_order_id: string | null;
  readonly status: ChildStatus;
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
    const { db, owner, batch, leaseMs } = this.#parts;
    const room = Math.min(batch, batch * ROUNDS_UNDER_WAY - this.#asking.size);
    if (room < 1) return { round: { found: 0, nextInMs: FULL_MS }, asked: Promise.resolve() };
    const { rows } = await db.query<DueRow>(TAKE_DUE, [owner, leaseMs, room]);
    const asked = Promise.all(rows.map((row) => this.#track(this.#ask(row))));
    if (rows.length >= room) return { round: { found: rows.length, nextInMs: 0 }, asked };
    const next = await db.query<{ in_ms: number | null }>(NEXT_DUE);
    const inMs = next.rows[0]?.in_ms;
    const nextInMs = inMs === null || inMs === undefined ? undefined : Math.max(1, Math.ceil(inMs));
    return { round: { found: rows.length, nextInMs }, asked };
  }

  /** What is under way has ended. */
  async idle(): Promise<void> {
    await Promise.all(this.#asking);
  }

  async #track(asking: Promise<void>): Promise<void> {
    this.#asking.add(asking);
    await asking.finally(() => this.#asking.delete(asking));
  }

  async #ask(row: DueRow): Promise<void> {
    const { clock, access, recorder, metrics, logger } = this.#parts;
    const started = clock.monotonic();
    const { offsetMs, errorMs } = access.clock();
    const askedAt = { askedAtVenueMs: clock.now() + offsetMs, clockErrorMs: errorMs };
    const outcome = await this.#lookup(row);
    const asked = {
      orderId: row.order_id,
      epoch: row.lease_epoch,
      status: row.status,
      askedAt,
      tookMs: clock.monotonic() - started,
    };
    const recorded = await recorder.record(findingOfLookup(asked, outcome)).catch((error: unknown) => {
      metrics.failed('lookup');
      logger.error({ err: error, orderId: row.order_id }, 'what a lookup found could not be stored');
      return 'stored' as const;
    });
    if (recorded === 'stale') metrics.stale();
  }

  async #lookup(row: DueRow): Promise<LookupOutcome> {
    const { clients, logger, metrics } = this.#parts;
    try {
      const found = await clients.of({ accountId: row.account_id, userId: row.user_id, mode: row.mode });
      if (found.kind === 'refused') return couldNotAsk(found.refusal.message);
      const ref = {
        pair: row.pair,
        venueSymbol: row.venue_symbol,
        clientOrderId: row.client_order_id,
        venueOrderId: row.venue_order_id,
      };
      const outcome = await found.client.lookup(ref, row.status === 'unknown' ? 'lookup' : 'poll');
      if (outcome.kind === 'couldNotAsk' && outcome.code === 'BAD_CREDENTIALS') clients.forget(row.account_id);
      return outcome;
    } catch (error) {
      metrics.failed('lookup');
      logger.error({ err: error, orderId: row.order_id }, 'a lookup failed');
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

// Without a name: a plan that was kept from when there were few orders reads all of them.
const TAKE_DUE = {
  text: `
    update orders o
    set lease_epoch = o.lease_epoch + 1, lease_owner = $1, next_poll_at = now() + $2::float8 * interval '1 ms'
    from (
      select order_id from orders where next_poll_at <= now() and mode <> 'simulated'
      order by (status = 'unknown') desc, next_poll_at limit $3 for update skip locked
    ) due
    where o.order_id = due.order_id
    returning o.order_id, o.lease_epoch, o.user_id, o.account_id, o.mode, o.pair, o.venue_symbol, o.client_order_id, o.venue_order_id, o.status`,
};
const NEXT_DUE = {
  name: 'execution-next-due',
  text: `select (extract(epoch from min(next_poll_at) - now()) * 1000)::float8 as in_ms from orders where next_poll_at is not null`,
};
