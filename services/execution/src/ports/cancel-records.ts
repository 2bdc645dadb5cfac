import type { DueLookup } from './order-records.js';
import type { Lease, TakenTask } from './task-queue.js';

/** What somebody wants gone. */
export type CancelTarget =
  /** A parent with all of its children here, or one child; of this user alone. It holds for orders that come later, too. */
  | { readonly kind: 'order'; readonly orderId: string; readonly userId: string }
  /** What waits, is out or is open at the venue when the request is marked: `global`, `venue:<venue>` or `user:<userId>`. */
  | { readonly kind: 'scope'; readonly scope: string };

export interface CancelRequest {
  /** The same id again is the same request. */
  readonly requestId: string;
  readonly target: CancelTarget;
  /** A sentence: why the orders ended, in their events. */
  readonly reason: string;
}

/** An order at the venue that is to be cancelled there, under a lease of its own. */
export interface DueCancel extends DueLookup {
  /** How often the venue was to be asked, this time included. */
  readonly attempts: number;
}

/** What there is to be done for cancels. */
export interface CancelWork {
  /** Requests whose orders are not marked yet. */
  readonly toMark: boolean;
  /** Orders that wait for the venue and are to end unsent. */
  readonly toEnd: boolean;
  /** Until the venue is to be asked next, milliseconds, negative where it is overdue; undefined where it is not. */
  readonly dueInMs: number | undefined;
}

/** Cancels, seen from outside a transaction. */
export interface CancelRecords {
  cancelWork(): Promise<CancelWork>;
  /**
   * Takes orders of which the venue is to be asked to cancel the rest, what others hold passed over. Each gets a new epoch, and is due
   * again, to be cancelled and to be looked up, after the lease, should whoever took it die.
   */
  takeDueCancels(lease: Lease, most: number): Promise<readonly DueCancel[]>;
  /** Forgets requests that were marked so long ago. */
  forgetCancels(markedBeforeMs: number): Promise<void>;
}

/**
 * Cancels within a transaction.
 *
 * 1. A request is stored at once and waits for nobody; it is marked on its orders afterwards, by `markCancels`. Both are durable.
 * 2. An order whose task is stored after a request for it is marked as it is stored.
 * 3. What is marked stays so. A task that waits is ended unsent, an order that is open at the venue becomes due to be cancelled there; one
 *    that is out becomes due when it turns out to be there (whoever saves it sees the mark).
 */
export interface CancelUnit {
  /** Stores requests: safe in the stage's transaction. A repeat, and a scope that is not this venue's, change nothing. */
  requestCancels(requests: readonly CancelRequest[]): Promise<void>;
  /** Marks the orders of requests that wait, so many orders at most. @returns how many were marked, and whether there is more to do */
  markCancels(most: number): Promise<{ readonly marked: number; readonly more: boolean }>;
  /** Locks tasks for the venue that wait and are marked, whatever holds their lanes; what others hold is passed over. */
  takeCancelled(most: number): Promise<readonly TakenTask[]>;
}
