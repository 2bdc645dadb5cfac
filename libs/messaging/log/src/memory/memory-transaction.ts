import type { OutgoingRecord } from '../store.js';

/**
 * A transaction over a service's tables in memory, for its effects and its appends. It sees its own writes; others see them after the
 * commit, all at once. Nothing is locked: of two transactions that write the same row, the later commit stands.
 */
export interface MemoryTx {
  readonly transaction: true;
  /** The row as this transaction sees it. Values are handed over: one that was put or got is not changed afterwards. */
  get(table: string, key: string): unknown;
  put(table: string, key: string, row: unknown): void;
  delete(table: string, key: string): void;
  /** Runs after the commit, if it comes to that. */
  afterCommit(tell: () => void): void;
}

export type Tables = Map<string, Map<string, unknown>>;

/** Collects; `apply` is the commit's part for the tables. */
export class CollectingTx implements MemoryTx {
  readonly transaction = true;
  readonly outgoing: OutgoingRecord[] = [];
  private readonly writes = new Map<string, { readonly table: string; readonly key: string; readonly row: unknown }>();
  private readonly tells: (() => void)[] = [];

  constructor(private readonly tables: Tables) {}

  get(table: string, key: string): unknown {
    const own = this.writes.get(`${table}\n${key}`);
    return own === undefined ? this.tables.get(table)?.get(key) : own.row;
  }

  put(table: string, key: string, row: unknown): void {
    this.writes.set(`${table}\n${key}`, { table, key, row });
  }

  delete(table: string, key: string): void {
    this.put(table, key, undefined);
  }

  afterCommit(tell: () => void): void {
    this.tells.push(tell);
  }

  apply(): void {
    for (const { table, key, row } of this.writes.values()) {
      const rows = this.tables.get(table) ?? new Map<string, unknown>();
      this.tables.set(table, rows);
      if (row === undefined) rows.delete(key);
      else rows.set(key, row);
    }
  }

  tell(): void {
    for (const tell of this.tells) tell();
  }
}
