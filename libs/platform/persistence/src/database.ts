/** One statement: SQL text with $1.. parameters; a `name` makes it a prepared statement of the connection. */
export interface Statement {
  readonly text: string;
  readonly name?: string;
}

export interface Queryable {
  /** Rows come back as objects by column name; bigint and numeric columns come back as strings. */
  query<Row extends object = Record<string, unknown>>(
    statement: string | Statement,
    parameters?: readonly unknown[],
  ): Promise<{ readonly rows: readonly Row[]; readonly rowCount: number }>;
}

/**
 * An open transaction. Statements run in the order in which they are asked for. One that needs no answer need not be awaited: it leaves
 * together with what follows, up to the COMMIT, and if it fails, the transaction is rolled back and throws its error.
 */
export interface Tx extends Queryable {
  readonly transaction: true;
  /** Runs after the commit, if it comes to that, and before `Database.transaction` resolves: to tell others what they can see now. */
  afterCommit(tell: () => void): void;
}

/** A service's own schema and role in Postgres: `search_path` is its schema, then `log`. */
export interface Database extends Queryable {
  /** The schema: the service's name with `_` for `-`. */
  readonly schema: string;
  /** Commits what `work` did, or rolls back and throws what it threw. */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Calls back at each NOTIFY on the channel, and once after each reconnect (what was missed meanwhile is unknown). */
  listen(channel: string, onNotify: (payload: string) => void): Promise<() => Promise<void>>;
  notify(channel: string, payload?: string): Promise<void>;
  close(): Promise<void>;
}
