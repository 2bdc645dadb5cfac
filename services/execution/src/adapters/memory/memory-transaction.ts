import type { ExecutionUnit } from '../../ports/execution-store.js';
import type { MemoryExecutionDatabase, StoreStep } from './memory-database.js';
import type { TableName, Tables } from './rows.js';
import { aborted, connectionLost } from './store-error.js';

type Work<T> = (rows: MemoryTransaction) => T | Promise<T>;

/**
 * One transaction over the tables in memory, as Postgres runs one at READ COMMITTED: each statement sees what is committed and its own
 * transaction's writes; what it writes it has locked.
 *
 * 1. Statements run one after the other, in the order in which they are asked for. After one that fails, none runs.
 * 2. The commit is one synchronous step. Before it nobody sees anything, after it everybody all.
 * 3. Whose client is gone stores nothing and holds nothing.
 */
export class MemoryTransaction {
  /** What `now()` is to all of its statements. */
  readonly nowMs: number;
  readonly unit: ExecutionUnit;
  readonly #database: MemoryExecutionDatabase;
  readonly #name: string;
  readonly number: number;
  readonly #onEnded: (tx: MemoryTransaction) => void;
  readonly #writes = new Map<TableName, Map<string, unknown>>();
  readonly #held = new Set<string>();
  readonly #commits: (() => void)[] = [];
  readonly #tells: (() => void)[] = [];
  #tail: Promise<unknown> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;
  #state: 'open' | 'ending' | 'committed' | 'undone' = 'open';
  #client: 'there' | 'cutOff' | 'dead' = 'there';

  constructor(
    database: MemoryExecutionDatabase,
    client: string,
    number: number,
    unitOf: (tx: MemoryTransaction) => ExecutionUnit,
    onEnded: (tx: MemoryTransaction) => void,
  ) {
    this.#onEnded = onEnded;
    this.#database = database;
    this.#name = client;
    this.number = number;
    this.nowMs = database.nowMs();
    this.unit = unitOf(this);
  }

  /** Runs a statement behind those before it. Whoever does not await it hears of its failure from the commit. */
  ask<T>(name: string, work: Work<T>): Promise<T> {
    if (this.#state !== 'open' && this.#client === 'there')
      return Promise.reject(new Error('The transaction is over: nothing can be asked of it any more.'));
    const answered = this.#tail.then(() => this.#run({ ...this.#step('statement', name), isAlone: false }, work));
    this.#tail = answered.catch(() => undefined);
    return this.#heard(answered);
  }

  /** One statement that is a transaction of its own. */
  alone<T>(name: string, work: Work<T>): Promise<T> {
    const step = { ...this.#step('statement', name), isAlone: true };
    const run = async (): Promise<T> => {
      try {
        this.#assertThere();
        await this.#database.faults.before?.(step);
        this.#assertThere();
        const result = await work(this);
        this.#assertThere();
        this.#apply();
        await this.#database.faults.after?.(step);
        this.#assertThere();
        return result;
      } catch (error) {
        this.#undo();
        throw error;
      } finally {
        this.#onEnded(this);
      }
    };
    return this.#heard(run());
  }

  /** Runs in the commit's own step, before the tables change. What it throws, the commit throws, and nothing is stored. */
  onCommit(part: () => void): void {
    this.#commits.push(part);
  }

  afterCommit(tell: () => void): void {
    this.#tells.push(tell);
  }

  /** Behind all statements. Throws the error of the first that failed. */
  commit(): Promise<void> {
    const step = this.#step('commit', 'commit');
    const run = async (): Promise<void> => {
      await this.#tail;
      if (this.#failure !== undefined) throw this.#failure.error;
      this.#assertThere();
      await this.#database.faults.before?.(step);
      this.#assertThere();
      this.#apply();
      await this.#database.faults.after?.(step);
      this.#assertThere();
      this.#onEnded(this);
      for (const tell of this.#tells) tell();
    };
    if (this.#state === 'open') this.#state = 'ending';
    return this.#heard(run());
  }

  rollback(): Promise<void> {
    const run = async (): Promise<void> => {
      await this.#tail;
      this.#undo();
      this.#onEnded(this);
    };
    if (this.#state === 'open') this.#state = 'ending';
    return this.#heard(run());
  }

  /** Where a statement only failed because one before it had, the first one tells why. */
  causeOf(error: unknown): unknown {
    return (error as { readonly code?: string } | undefined)?.code === aborted().code
      ? (this.#failure?.error ?? error)
      : error;
  }

  /** The client is gone. One that is dead hears nothing more; one that is cut off hears that the connection is lost. */
  lose(client: 'cutOff' | 'dead'): void {
    this.#client = client;
    this.#undo();
  }

  /** The row as this transaction sees it. */
  get<Name extends TableName>(table: Name, key: string): Tables[Name] | undefined {
    const own = this.#writes.get(table);
    return (own?.has(key) === true ? own.get(key) : this.#database.table(table).get(key)) as Tables[Name] | undefined;
  }

  /** The rows as this transaction sees them, in no order that anything may depend on but that of their first insertion. */
  *all<Name extends TableName>(table: Name): Iterable<readonly [string, Tables[Name]]> {
    const own = this.#writes.get(table) as ReadonlyMap<string, Tables[Name] | undefined> | undefined;
    const stored = this.#database.table(table);
    for (const [key, row] of stored) {
      const seen = own?.has(key) === true ? own.get(key) : row;
      if (seen !== undefined) yield [key, seen];
    }
    for (const [key, row] of own ?? []) if (!stored.has(key) && row !== undefined) yield [key, row];
  }

  /** Only what is locked may be written. */
  put<Name extends TableName>(table: Name, key: string, row: Tables[Name]): void {
    this.#write(table, key, row);
  }

  remove(table: TableName, key: string): void {
    this.#write(table, key, undefined);
  }

  /** Locks a row that exists, waiting for whoever holds it, and reads it as it is then. */
  async locked<Name extends TableName>(table: Name, key: string): Promise<Tables[Name] | undefined> {
    if (this.get(table, key) === undefined) return undefined;
    await this.hold(lockKey(table, key));
    return this.get(table, key);
  }

  /** Locks a row unless somebody else holds it. */
  tryLock(table: TableName, key: string): boolean {
    if (this.#database.locks.otherHolder(lockKey(table, key), this) !== undefined) return false;
    void this.#database.locks.take(lockKey(table, key), this);
    this.#held.add(lockKey(table, key));
    return true;
  }

  /** Makes a key this transaction's to insert; false where it has a row, also one that somebody was just inserting. */
  async claimKey(table: TableName, key: string): Promise<boolean> {
    if (this.get(table, key) !== undefined) return false;
    const wasHeld = this.#held.has(lockKey(table, key));
    await this.hold(lockKey(table, key));
    if (this.get(table, key) === undefined) return true;
    if (!wasHeld) {
      this.#held.delete(lockKey(table, key));
      this.#database.locks.release(lockKey(table, key));
    }
    return false;
  }

  /** Locks something by its name until the end, waiting for whoever holds it. */
  async hold(name: string): Promise<void> {
    const granted = this.#database.locks.take(name, this);
    // Also while it is waited for: whoever is lost then lets go of it.
    this.#held.add(name);
    await granted;
    this.#assertThere();
  }

  #write(table: TableName, key: string, row: unknown): void {
    if (!this.#held.has(lockKey(table, key))) throw new Error(`a row of ${table} is written that is not locked`);
    const own = this.#writes.get(table) ?? new Map<string, unknown>();
    this.#writes.set(table, own.set(key, row));
  }

  /** Makes it known as one that takes tasks, until it ends. */
  asClaim(): void {
    this.#database.claims.add(this);
  }

  async #run<T>(step: StoreStep, work: Work<T>): Promise<T> {
    if (this.#failure !== undefined) throw aborted();
    try {
      this.#assertThere();
      await this.#database.faults.before?.(step);
      this.#assertThere();
      const result = await work(this);
      this.#assertThere();
      await this.#database.faults.after?.(step);
      this.#assertThere();
      return result;
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  #apply(): void {
    for (const part of this.#commits) part();
    this.#state = 'committed';
    for (const [table, rows] of this.#writes) this.#database.store(table, rows);
    this.#end();
  }

  #undo(): void {
    if (this.#state === 'committed' || this.#state === 'undone') return;
    this.#state = 'undone';
    this.#end();
  }

  #end(): void {
    this.#writes.clear();
    this.#database.locks.releaseAll(this, this.#held);
    this.#held.clear();
    this.#database.claims.delete(this);
  }

  #assertThere(): void {
    if (this.#client !== 'there') throw connectionLost();
  }

  /** What a dead client would hear, it does not. */
  #heard<T>(answer: Promise<T>): Promise<T> {
    const heard = new Promise<T>((resolve, reject) => {
      answer.then(
        (value) => {
          if (this.#client !== 'dead') resolve(value);
        },
        (error: unknown) => {
          const failure = error as Error;
          if (this.#client !== 'dead') reject(failure);
        },
      );
    });
    heard.catch(() => undefined);
    return heard;
  }

  #step(kind: StoreStep['kind'], name: string): StoreStep {
    return { client: this.#name, transaction: this.number, kind, name, isAlone: false };
  }
}

const lockKey = (table: TableName, key: string): string => `${table}\n${key}`;
