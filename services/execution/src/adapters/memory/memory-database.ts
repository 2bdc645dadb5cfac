import type { OutgoingEvent } from '@switchyard/log';
import { MemoryGuardState } from './memory-guard-store.js';
import { MemoryExecutionStore } from './memory-store.js';
import type { MemoryTransaction } from './memory-transaction.js';
import { RowLocks } from './row-locks.js';
import type { TableName, Tables } from './rows.js';

/** Where something can go wrong. */
export interface StoreStep {
  readonly client: string;
  /** Counted over the whole database. */
  readonly transaction: number;
  readonly kind: 'statement' | 'commit';
  /** The operation's name in the port; `lockHeld` and `countWaiting` are one statement each here. */
  readonly name: string;
  /** A statement that is a transaction of its own. */
  readonly isAlone: boolean;
}

/**
 * What a simulation does to a store. Each may wait (the store is slow), throw (the caller gets that error and the transaction is undone; but
 * after a commit, or after a statement alone, everything is stored and only the answer is lost), or let the client crash.
 */
export interface StoreFaults {
  readonly before?: (step: StoreStep) => Promise<void> | void;
  readonly after?: (step: StoreStep) => Promise<void> | void;
}

export interface MemoryDatabaseOptions {
  readonly venue: string;
  /** The store's own clock, milliseconds since the epoch. */
  readonly now: () => number;
  /**
   * Puts events into the log with this transaction: by `tx.onCommit`, so that they are there when the rest is. Default: kept in `events`.
   */
  readonly append?: (tx: MemoryTransaction, events: readonly OutgoingEvent[]) => Promise<void> | void;
  readonly faults?: StoreFaults;
}

/**
 * What the executor's schema in Postgres is to its replicas, in memory: for tests and simulation. It outlives its clients, as a database
 * outlives processes. Deterministic: the same calls in the same order give the same rows, locks and waits; no clock but the one it is given,
 * no timer, no chance.
 */
export class MemoryExecutionDatabase {
  readonly venue: string;
  readonly faults: StoreFaults;
  readonly locks = new RowLocks<MemoryTransaction>();
  readonly guard = new MemoryGuardState();
  /** Of committed transactions, where no log was given. */
  readonly events: OutgoingEvent[] = [];
  readonly append: (tx: MemoryTransaction, events: readonly OutgoingEvent[]) => Promise<void> | void;
  readonly #now: () => number;
  readonly #tables: { readonly [Name in TableName]: Map<string, Tables[Name]> } = {
    tasks: new Map(),
    orders: new Map(),
    fills: new Map(),
    logs: new Map(),
    cancels: new Map(),
    states: new Map(),
    accounts: new Map(),
  };
  /** Transactions that are taking tasks. */
  readonly claims = new Set<MemoryTransaction>();
  readonly #clients = new Set<MemoryExecutionStore>();
  #seq = 0;
  #transactions = 0;

  constructor({ venue, now, append, faults = {} }: MemoryDatabaseOptions) {
    this.venue = venue;
    this.faults = faults;
    this.#now = now;
    this.append =
      append ??
      ((tx, events) => {
        tx.onCommit(() => this.events.push(...events));
      });
  }

  /** A process's connections: one per replica, and a new one after each crash. */
  client(name: string): MemoryExecutionStore {
    const client = new MemoryExecutionStore(this, name);
    this.#clients.add(client);
    return client;
  }

  nowMs(): number {
    return this.#now();
  }

  /** The committed rows. */
  table<Name extends TableName>(name: Name): ReadonlyMap<string, Tables[Name]> {
    return this.#tables[name];
  }

  store(name: TableName, rows: ReadonlyMap<string, unknown>): void {
    const table = this.#tables[name] as Map<string, unknown>;
    for (const [key, row] of rows)
      if (row === undefined) table.delete(key);
      else table.set(key, row);
  }

  /** Empties it. Whoever has a transaction open still has it. */
  clear(): void {
    for (const table of Object.values(this.#tables)) table.clear();
    this.guard.clear();
    this.events.length = 0;
  }

  /** The next number of what is numbered as it is inserted: it is used up though the insert be undone. */
  nextNumber(): number {
    this.#seq += 1;
    return this.#seq;
  }

  nextTransaction(): number {
    this.#transactions += 1;
    return this.#transactions;
  }

  /** All clients that listen hear it, who says it too. */
  notify(channel: 'tasks' | 'guard'): void {
    for (const client of this.#clients) client.hear(channel);
  }

  gone(client: MemoryExecutionStore): void {
    this.#clients.delete(client);
  }
}
