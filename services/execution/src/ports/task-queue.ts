import type { StateInForce } from '@switchyard/model';
import type { KnownAccount } from '../tasks/admit.js';
import type { Waiting } from '../tasks/intake.js';
import type { NewTask } from '../tasks/task.js';

/** A task that this transaction holds, and what is known of its account. */
export interface TakenTask {
  readonly taskId: string;
  readonly eventType: NewTask['eventType'];
  readonly priority: number;
  readonly accountId: string;
  /** Before this one. */
  readonly attempts: number;
  readonly payload: unknown;
  readonly causeId: string;
  readonly traceparent: string | undefined;
  /** Undefined while no policy has named it. */
  readonly account: KnownAccount | undefined;
  /** Why somebody wants it gone; undefined: nobody does. */
  readonly cancelReason: string | undefined;
  /** What keeps it from opening a position; the global state before the user's, that before the venue's. */
  readonly halt: StateInForce | undefined;
}

export interface TakeRules {
  readonly most: number;
  /** Most tasks of one user. */
  readonly perUser: number;
  /** The clock by which an order is past its `sendBy`. */
  readonly nowMs: number;
}

export interface Lease {
  readonly owner: string;
  readonly leaseMs: number;
}

/** How long a task is not claimed again. */
export interface Delay {
  readonly taskId: string;
  readonly forMs: number;
}

/** How many leases ran out: orders that are now unknown, requests that are asked again. */
export interface Inherited {
  readonly orders: number;
  readonly requests: number;
}

/** A task that was failed because it broke whoever worked on it, as its own columns tell it: its payload may be anything. */
export interface CondemnedTask {
  readonly taskId: string;
  readonly eventType: string;
  readonly userId: string;
  readonly accountId: string;
  readonly lane: string;
  readonly parentOrderId: string | undefined;
  readonly signalId: string | undefined;
  readonly payload: unknown;
  readonly causeId: string;
  readonly traceparent: string | undefined;
  /** Of the event that tells its order's end. */
  readonly orderVersion: number;
}

/** The queue, seen from outside a transaction. */
export interface TaskQueue {
  /**
   * Takes over what workers left behind, as far as nobody holds it. Whether its request left nobody knows: an order becomes unknown and is
   * looked up at once, a request is asked again. Each gets a new epoch, which makes void what its old worker still stores.
   */
  inherit(): Promise<Inherited>;
  /** Tasks that wait, and orders that are unknown. */
  depths(): Promise<{ readonly queued: number; readonly unknown: number }>;
}

/** The queue within a transaction. */
export interface TaskUnit {
  /**
   * Stores new tasks in their order, which is the queue's; with an error, as failed at once. A task that exists is left as it is. One whose
   * cancel came before it is marked with it.
   * @returns those that did not exist
   */
  enqueue(tasks: readonly NewTask[], failedWith?: string): Promise<ReadonlySet<string>>;
  /** How much waits, and which of these tasks are stored already. */
  countWaiting(
    taskIds: readonly string[],
  ): Promise<{ readonly waiting: Waiting; readonly stored: ReadonlySet<string> }>;
  /** Fails the transaction as one for which there is no room now (class 53): whoever runs it tries again, and blames no event. */
  outOfRoom(message: string): Promise<never>;
  /**
   * Locks the tasks that come next, in their order; what others hold is passed over.
   *
   * 1. By priority, then users in turn (at most `perUser` each), then by arrival.
   * 2. Of each lane (account and pair) the head alone, if none of the lane is out or unknown, and none that stands before it is put off. A
   *    stop-loss waits for other stop-losses only.
   * 3. Beside them orders past their `sendBy`, whatever holds their lane: they are to be refused.
   */
  take(rules: TakeRules): Promise<readonly TakenTask[]>;
  /** Locks these, as far as they wait and nobody holds them. */
  takeThese(taskIds: readonly string[]): Promise<readonly TakenTask[]>;
  /** Back to their places in the queue; no attempt is counted. */
  postpone(delays: readonly Delay[]): Promise<void>;
  /** Counts an attempt of each. @returns their epochs */
  lease(taskIds: readonly string[], lease: Lease): Promise<ReadonlyMap<string, string>>;
  /** Ends tasks of which nothing is left to be done. */
  close(taskIds: readonly string[]): Promise<void>;
  /** Fails a task that waits, and its order if that was stored. @returns undefined where it waits no more */
  condemn(taskId: string): Promise<CondemnedTask | undefined>;
  /** Ends a request for an account's state, if its lease is still this one. */
  finishRequest(requestId: string, epoch: string): Promise<boolean>;
}
