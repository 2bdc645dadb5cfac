import type { ExecutionStore, ExecutionUnit, UnitOf } from '../../ports/execution-store.js';
import type { GuardStore } from '../../ports/guard-store.js';
import { nextBalancesInMs, takeDueBalances } from './account-statements.js';
import { cancelWork, forgetCancels, takeDueCancels } from './cancel-statements.js';
import type { MemoryExecutionDatabase } from './memory-database.js';
import { MemoryGuardStore } from './memory-guard-store.js';
import { MemoryTransaction } from './memory-transaction.js';
import { memoryUnit } from './memory-unit.js';
import { clientOrderIds, nextLookupInMs, takeDueLookups } from './order-statements.js';
import { connectionLost } from './store-error.js';
import { depths, inherit } from './task-statements.js';
import { knownStates } from './trading-state-statements.js';

/** One process's way to the store. */
export class MemoryExecutionStore implements ExecutionStore {
  readonly guard: GuardStore;
  readonly #database: MemoryExecutionDatabase;
  readonly #name: string;
  readonly #open = new Set<MemoryTransaction>();
  readonly #listeners = { tasks: new Set<() => void>(), guard: new Set<() => void>() };
  #state: 'connected' | 'cutOff' | 'crashed' = 'connected';

  constructor(database: MemoryExecutionDatabase, name: string) {
    this.#database = database;
    this.#name = name;
    this.guard = new MemoryGuardStore(database.guard, this, database);
  }

  readonly unitOf: UnitOf<MemoryTransaction> = (tx) => tx.unit;

  /** A transaction that the caller ends: for a stage, whose own store has more to put into it. */
  begin(): MemoryTransaction {
    const database = this.#database;
    const unitOf = (open: MemoryTransaction): ExecutionUnit => memoryUnit(open, database);
    const onEnded = (over: MemoryTransaction): void => void this.#open.delete(over);
    const tx = new MemoryTransaction(database, this.#name, database.nextTransaction(), unitOf, onEnded);
    if (this.#state === 'connected') this.#open.add(tx);
    else tx.lose(this.#state === 'crashed' ? 'dead' : 'cutOff');
    return tx;
  }

  async transaction<T>(work: (unit: ExecutionUnit) => Promise<T>): Promise<T> {
    if (this.#state === 'cutOff') throw connectionLost();
    const tx = this.begin();
    try {
      const result = await work(tx.unit);
      await tx.commit();
      return result;
    } catch (error) {
      await tx.rollback();
      throw tx.causeOf(error);
    }
  }

  /** One statement that is a transaction of its own. */
  alone<T>(name: string, work: (tx: MemoryTransaction) => T | Promise<T>): Promise<T> {
    return this.begin().alone(name, work);
  }

  inherit: ExecutionStore['inherit'] = () => this.alone('inherit', inherit);
  depths: ExecutionStore['depths'] = () => this.alone('depths', depths);
  takeDueLookups: ExecutionStore['takeDueLookups'] = (lease, most) =>
    this.alone('takeDueLookups', (tx) => takeDueLookups(tx, lease, most));
  nextLookupInMs: ExecutionStore['nextLookupInMs'] = () => this.alone('nextLookupInMs', nextLookupInMs);
  clientOrderIds: ExecutionStore['clientOrderIds'] = (accountId, venueOrderIds) =>
    this.alone('clientOrderIds', (tx) => clientOrderIds(tx, accountId, venueOrderIds));
  cancelWork: ExecutionStore['cancelWork'] = () => this.alone('cancelWork', cancelWork);
  takeDueCancels: ExecutionStore['takeDueCancels'] = (lease, most) =>
    this.alone('takeDueCancels', (tx) => takeDueCancels(tx, lease, most));
  forgetCancels: ExecutionStore['forgetCancels'] = (markedBeforeMs) =>
    this.alone('forgetCancels', (tx) => {
      forgetCancels(tx, markedBeforeMs);
    });
  knownStates: ExecutionStore['knownStates'] = (most) => this.alone('knownStates', (tx) => knownStates(tx, most));
  claimsUnderWay: ExecutionStore['claimsUnderWay'] = () =>
    this.alone('claimsUnderWay', () => new Set([...this.#database.claims].map(({ number }) => String(number))));
  takeDueBalances: ExecutionStore['takeDueBalances'] = (leaseMs, most) =>
    this.alone('takeDueBalances', (tx) => takeDueBalances(tx, leaseMs, most));
  nextBalancesInMs: ExecutionStore['nextBalancesInMs'] = () => this.alone('nextBalancesInMs', nextBalancesInMs);
  takesUsdtAsUsd: ExecutionStore['takesUsdtAsUsd'] = (accountId) =>
    this.alone('takesUsdtAsUsd', (tx) => tx.get('accounts', accountId)?.usdtAsUsd === true);

  ring(): Promise<void> {
    return this.notify('tasks');
  }

  onRing(listener: () => void): Promise<() => Promise<void>> {
    return this.listen('tasks', listener);
  }

  notify(channel: 'tasks' | 'guard'): Promise<void> {
    return this.alone('notify', () => {
      this.#database.notify(channel);
    });
  }

  listen(channel: 'tasks' | 'guard', listener: () => void): Promise<() => Promise<void>> {
    const listeners = this.#listeners[channel].add(listener);
    return Promise.resolve(() => {
      listeners.delete(listener);
      return Promise.resolve();
    });
  }

  hear(channel: 'tasks' | 'guard'): void {
    if (this.#state === 'connected') for (const listener of this.#listeners[channel]) listener();
  }

  /**
   * The process dies: its open transactions are undone, what it held is free, and nothing that it waits for is ever answered. What was
   * committed stays, whether or not it heard.
   */
  crash(): void {
    this.#state = 'crashed';
    this.#loseAll();
    this.#database.gone(this);
  }

  /** The connection breaks: open transactions are undone, and everything fails with SQLSTATE 08006 until `reconnect`. */
  cutOff(): void {
    if (this.#state === 'connected') this.#state = 'cutOff';
    this.#loseAll();
  }

  reconnect(): void {
    if (this.#state !== 'cutOff') return;
    this.#state = 'connected';
    // What was said meanwhile is unknown.
    for (const channel of ['tasks', 'guard'] as const) this.hear(channel);
  }

  #loseAll(): void {
    for (const tx of [...this.#open]) tx.lose(this.#state === 'crashed' ? 'dead' : 'cutOff');
    this.#open.clear();
  }
}
