import type { Mode } from '@switchyard/model';
import type { Database } from '@switchyard/persistence';
import type { OrderGate } from '../guard/order-gate.js';
import type { RecorderParts } from '../orders/recorder.js';
import type { Clock } from '../ports/clock.js';
import type { VenueAccess } from '../ports/venue-access.js';
import { gated, planOf } from './claim-plan.js';
import { leaseRequests, postpone, storeIntents } from './intents.js';
import type { QueueFloor } from './queue-floor.js';
import { take } from './take.js';
import type { RoutedOrder, StateRequest } from './task.js';

/** An order whose intent is stored and whose request may now leave, until `sendBy`. */
export interface ClaimedOrder {
  readonly kind: 'order';
  readonly routed: RoutedOrder;
  readonly clientOrderId: string;
  readonly epoch: string;
  /** This attempt included. */
  readonly attempts: number;
  /** Milliseconds of the monotonic clock. */
  readonly sendBy: number;
}

export interface ClaimedRequest {
  readonly kind: 'state';
  readonly request: StateRequest;
  readonly causeId: string;
  readonly traceparent: string | undefined;
  readonly epoch: string;
  /** Undefined while no policy has named the account. */
  readonly mode: Mode | undefined;
}

export type Claimed = ClaimedOrder | ClaimedRequest;

export interface ClaimRules {
  /** Named in leases; one per process. */
  readonly owner: string;
  readonly leaseMs: number;
  readonly sendWithinMs: number;
  readonly venueWindowMs: number;
  readonly perUser: number;
}

export interface ClaimParts extends RecorderParts {
  readonly db: Database;
  readonly access: VenueAccess;
  readonly clock: Clock;
  readonly rules: ClaimRules;
  readonly floor: QueueFloor;
  /** Whether the venue may be called now; absent: always. */
  readonly gate?: OrderGate;
}

/**
 * Claims tasks: by priority, users in turn, in order per account and pair; and refuses what is past its `sendBy`. In one transaction each order is admitted or refused, and
 * the intent of each that is admitted is stored, before any request can leave.
 */
export const claim = async (
  parts: ClaimParts,
  most: number,
): Promise<{
  readonly claimed: readonly Claimed[];
  readonly taken: number;
  /** How long the first of those waits that may not be sent yet; undefined: none was held back. */
  readonly heldForMs?: number;
}> => {
  const { db, clock, rules, access, floor } = parts;
  // Read first: what the transaction takes is lost from the time to send, never gained.
  const monotonic = clock.monotonic();
  const nowMs = clock.now();
  return db.transaction(async (tx) => {
    const { rows, lowest } = await take(tx, { most, perUser: rules.perUser, nowMs, floor: floor.at(monotonic) });
    if (lowest !== undefined) floor.saw(lowest, monotonic);
    if (rows.length === 0) return { claimed: [], taken: 0 };
    const deployment = {
      venue: parts.venue,
      origin: access.origin,
      rules: access.rules,
      hasAdapter: access.capabilities !== undefined,
    };
    const admitted = rows.map((row) => planOf(row, deployment, nowMs, monotonic, rules));
    const plan = parts.gate === undefined ? admitted : await gated(admitted, parts.gate, nowMs);
    // Sent together.
    const [, requests, orders] = await Promise.all([
      postpone(tx, plan),
      leaseRequests(tx, plan, rules),
      storeIntents(tx, plan, parts, nowMs),
    ]);
    const held = plan.flatMap((step) => (step.kind === 'wait' && step.isHeld === true ? [step.forMs] : []));
    return {
      claimed: [...orders, ...requests],
      taken: rows.length,
      ...(held.length === 0 ? {} : { heldForMs: Math.min(...held) }),
    };
  });
};
