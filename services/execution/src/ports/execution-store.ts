import type { OutgoingEvent } from '@switchyard/log';
import type { AccountRecords, AccountUnit } from './account-records.js';
import type { CancelRecords, CancelUnit } from './cancel-records.js';
import type { OrderRecords, OrderUnit } from './order-records.js';
import type { TaskQueue, TaskUnit } from './task-queue.js';
import type { TradingStateRecords, TradingStateUnit } from './trading-states.js';

/**
 * The memory of one venue's executor, shared by all of its replicas: queue, orders, fills, accounts. Postgres in a deployment
 * (`adapters/postgres`), a twin of it in memory for simulation (`adapters/memory`); `testing/store-contract.ts` says what both must do.
 *
 *  1. A transaction is stored whole or not at all, its events with it. Nobody sees a part of it.
 *  2. What a transaction took, locked or wrote is its own until it ends: whoever wants the same row waits, and then sees what became of it;
 *     whoever takes *something* (tasks, due orders, passed leases) passes over what others hold.
 *  3. Each lease raises its order's epoch. What was learned under an older one is not stored.
 *  4. A client that dies leaves nothing: its transaction is undone, what it held is free. A commit whose answer is lost may have been made.
 *  5. Times are the store's own: leases, waits and due dates are given as durations.
 *
 * Failures are thrown. One that `isInfrastructureError` (SQLSTATE, connection) knows is of the store, not of the data: the same work may
 * succeed later. Anything else is deterministic.
 */
export interface ExecutionStore extends TaskQueue, OrderRecords, CancelRecords, TradingStateRecords, AccountRecords {
  /** Commits what `work` did, or undoes it and throws what it threw. */
  transaction<T>(work: (unit: ExecutionUnit) => Promise<T>): Promise<T>;
  /** Tells the other replicas that more waits than one takes at once. May be lost: they look by themselves, too. */
  ring(): Promise<void>;
  /** Calls back when another replica, or an intake, rings. @returns what ends it */
  onRing(listener: () => void): Promise<() => Promise<void>>;
}

/**
 * One open transaction. Its operations run in the order in which they are asked for, whether or not the one before was awaited: what needs
 * no answer need not be waited for, and leaves in one packet with what follows, up to the commit (`saveFills` and what takes or counts
 * something are waited for). After one that fails the transaction can only be undone, and throws that error.
 */
export interface ExecutionUnit extends TaskUnit, OrderUnit, CancelUnit, TradingStateUnit, AccountUnit {
  /** Appends to the executor's own part of the event log: readers see it with the commit. */
  append(events: readonly OutgoingEvent[]): Promise<void>;
  /** Runs after the commit, if it comes to that, and before `transaction` resolves. */
  afterCommit(tell: () => void): void;
}

/** Sees the transaction of a stage, which is the log's, as a unit of this store: so both are stored at once. */
export type UnitOf<Tx> = (tx: Tx) => ExecutionUnit;
