import type { Mode } from '@switchyard/model';
import type { OrderGate } from '../guard/order-gate.js';
import type { RecorderParts } from '../orders/recorder.js';
import type { Clock } from '../ports/clock.js';
import type { ExecutionUnit } from '../ports/execution-store.js';
import type { TakenTask } from '../ports/task-queue.js';
import type { VenueAccess } from '../ports/venue-access.js';
import { gated, planOf } from './claim-plan.js';
import { condemn, type CondemnParts } from './condemn.js';
import { leaseRequests, postpone, storeIntents } from './intents.js';
import { isolate } from './isolate.js';
import type { RoutedOrder, StateRequest } from './task.js';

/** An order whose intent is stored and whose request may now leave, until `sendBy`. */
export interface ClaimedOrder {
  readonly kind: 'order';
  readonly routed: RoutedOrder;
  /** 1 (stop-loss) to 5. */
  readonly priority: number;
  readonly clientOrderId: string;
  readonly epoch: string;
  /** This attempt included. */
  readonly attempts: number;
  /** Milliseconds of the monotonic clock, as `sendBy`. */
  readonly claimedAt: number;
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
  /** How long after it was signed the venue may still take a request, by all that it promises. */
  readonly venueWindowMs: number;
  readonly perUser: number;
}

export interface ClaimParts extends RecorderParts, CondemnParts {
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly access: VenueAccess;
  readonly rules: ClaimRules;
  /** Whether the global trading state was not heard for too long; absent: never. */
  readonly isUnheard?: () => boolean;
  /** Whether the venue may be called now; absent: always. */
  readonly gate?: OrderGate;
}

/** What a claim took from the queue. */
export interface Claim {
  readonly claimed: readonly Claimed[];
  readonly taken: number;
  /** How long the first of those waits that may not be sent yet; undefined: none was held back. */
  readonly heldForMs?: number;
}

/**
 * Claims tasks: by priority, users in turn, in order per account and pair; and refuses what is past its `sendBy`. In one transaction each
 * order is admitted or refused, and the intent of each that is admitted is stored, before any request can leave. A task that breaks its
 * transaction alone is failed, and the others are claimed without it.
 */
export const claim = (parts: ClaimParts, most: number): Promise<Claim> =>
  claimThese(parts, (unit, nowMs) => unit.take({ most, perUser: parts.rules.perUser, nowMs }));

/** Ends orders that wait and that somebody wants gone, whatever holds their lanes. Nothing is sent of them. */
export const endCancelled = async (parts: ClaimParts, most: number): Promise<number> =>
  (await claimThese(parts, (unit) => unit.takeCancelled(most))).taken;

const claimThese = async (
  parts: ClaimParts,
  take: (unit: ExecutionUnit, nowMs: number) => Promise<readonly TakenTask[]>,
): Promise<Claim> => {
  const { clock, store } = parts;
  const taken: string[] = [];
  const claims: Claim[] = [];
  const transact = async (tasksOf: (unit: ExecutionUnit, now: Now) => Promise<readonly TakenTask[]>): Promise<void> => {
    // Read first: what the transaction takes is lost from the time to send, never gained.
    const now = { ms: clock.now(), monotonic: clock.monotonic() };
    claims.push(
      await store.transaction(async (unit) => {
        const tasks = await tasksOf(unit, now);
        taken.splice(0, taken.length, ...tasks.map(({ taskId }) => taskId));
        return decide(unit, parts, tasks, now);
      }),
    );
  };
  try {
    await transact((unit, { ms }) => take(unit, ms));
  } catch (error) {
    const isolation = {
      work: (ids: readonly string[]) => transact((unit) => unit.takeThese(ids)),
      condemn: (taskId: string, why: unknown) => condemn(parts, taskId, why),
    };
    await isolate([...taken], error, isolation).catch((again: unknown) => {
      // What is claimed already may be sent now or never.
      if (claims.length === 0) throw again;
    });
  }
  return together(claims);
};

interface Now {
  readonly ms: number;
  readonly monotonic: number;
}

const decide = async (
  unit: ExecutionUnit,
  parts: ClaimParts,
  tasks: readonly TakenTask[],
  now: Now,
): Promise<Claim> => {
  if (tasks.length === 0) return { claimed: [], taken: 0 };
  const { rules, access, venue, gate } = parts;
  const isUnheard = parts.isUnheard?.() === true;
  const hasAdapter = access.capabilities !== undefined;
  const deployment = { venue, origin: access.origin, rules: access.rules, hasAdapter };
  const admitted = tasks.map((task) => planOf(task, deployment, isUnheard, now.ms, now.monotonic, rules));
  const plan = gate === undefined ? admitted : await gated(admitted, gate, now.ms);
  // Sent together.
  const [, requests, orders] = await Promise.all([
    postpone(unit, plan),
    leaseRequests(unit, plan, rules),
    storeIntents(unit, plan, parts, now.ms),
  ]);
  const held = plan.flatMap((step) => (step.kind === 'wait' && step.isHeld === true ? [step.forMs] : []));
  return {
    claimed: [...orders, ...requests],
    taken: tasks.length,
    ...(held.length === 0 ? {} : { heldForMs: Math.min(...held) }),
  };
};

const together = (claims: readonly Claim[]): Claim => {
  const held = claims.flatMap(({ heldForMs }) => heldForMs ?? []);
  return {
    claimed: claims.flatMap(({ claimed }) => claimed),
    taken: claims.reduce((sum, { taken }) => sum + taken, 0),
    ...(held.length === 0 ? {} : { heldForMs: Math.min(...held) }),
  };
};
