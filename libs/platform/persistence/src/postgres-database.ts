import pg from 'pg';
import { nameOf, startupOptions } from './connection.js';
import type { Database, Queryable, Statement, Tx } from './database.js';
import { codeOf, isError, isInfrastructureError, unavailable } from './errors.js';
import { Notifications } from './notifications.js';

export interface DatabaseOptions {
  /** `postgres://user:password@host:port/database`. */
  readonly url: string;
  /** First in the search path; `log` is second. */
  readonly schema: string;
  /** Role taken at the start of every connection; the user of the URL must be a member. Absent: the user's own. */
  readonly role?: string;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Connections at most, 1..; one more is opened for LISTEN when it is used. Default 10. */
  readonly poolSize?: number;
  /** A statement that takes longer is cancelled (57014). Default 30,000. */
  readonly statementTimeoutMs?: number;
  /** A transaction that waits this long for its next statement is ended with its connection. Default 60,000. */
  readonly idleInTransactionTimeoutMs?: number;
  /** Waiting for a free or a new connection ends after this. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Told of connections that broke while idle and of LISTEN reconnects: worth a log line, never needs handling. */
  readonly onConnectionLost?: (error: Error) => void;
}

/**
 * Opens a pool and proves that it works. Throws `DatabaseUnavailable` with a sentence where it doesn't.
 * A connection that broke, or whose state is in doubt, never goes back to the pool.
 */
export const openDatabase = async (options: DatabaseOptions): Promise<Database> => {
  const database = new PostgresDatabase(options);
  try {
    await database.query('select 1');
  } catch (error) {
    await database.close();
    throw unavailable(options.url, error);
  }
  return database;
};

class PostgresDatabase implements Database {
  readonly schema: string;
  readonly #pool: pg.Pool;
  readonly #notifications: Notifications;
  #closing: Promise<void> | undefined;

  constructor(options: DatabaseOptions) {
    this.schema = nameOf(options.schema);
    const config: pg.PoolConfig = {
      connectionString: options.url,
      application_name: options.applicationName,
      max: options.poolSize ?? 10,
      connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
      idleTimeoutMillis: 60_000,
      // A connection can die without a word: what the server would have answered by now is not waited for.
      query_timeout: (options.statementTimeoutMs ?? 30_000) + 5_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
      options: startupOptions({
        schema: this.schema,
        role: options.role,
        statementTimeoutMs: options.statementTimeoutMs ?? 30_000,
        idleInTransactionTimeoutMs: options.idleInTransactionTimeoutMs ?? 60_000,
      }),
    };
    const lost = options.onConnectionLost ?? ((): void => undefined);
    this.#pool = new pg.Pool(config);
    this.#pool.on('error', lost);
    // The pool listens to idle clients alone; one that is out and loses its connection between two queries would end the process.
    this.#pool.on('connect', (client) => client.on('error', lost));
    this.#notifications = new Notifications(config, lost);
  }

  query: Queryable['query'] = async <Row extends object>(
    statement: string | Statement,
    parameters?: readonly unknown[],
  ) => {
    const client = await this.#pool.connect();
    let broken: Error | undefined;
    try {
      return await run<Row>(client, statement, parameters);
    } catch (error) {
      broken = doubtful(error);
      throw error;
    } finally {
      client.release(broken);
    }
  };

  async transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    const client = await this.#pool.connect();
    const tx = new OpenTransaction(client);
    let broken: Error | undefined;
    try {
      await client.query('begin');
      const result = await work(tx);
      tx.end();
      // A transaction that an earlier statement aborted answers COMMIT with ROLLBACK, and no error.
      const { command } = await client.query('commit');
      if (command !== 'COMMIT')
        throw new Error('The transaction was rolled back: a statement in it had failed, and its error was dropped.');
      tx.committed();
      return result;
    } catch (error) {
      broken = tx.abandon() ?? doubtful(error) ?? (await rollback(client));
      throw error;
    } finally {
      client.release(broken);
    }
  }

  listen(channel: string, onNotify: (payload: string) => void): Promise<() => Promise<void>> {
    return this.#notifications.listen(channel, onNotify);
  }

  async notify(channel: string, payload = ''): Promise<void> {
    await this.query({ text: 'select pg_notify($1, $2)', name: 'notify' }, [channel, payload]);
  }

  close(): Promise<void> {
    this.#closing ??= Promise.all([this.#notifications.close(), this.#pool.end()]).then(() => undefined);
    return this.#closing;
  }
}

/** Refuses what a pooled connection must not see: two statements at once, or one after the end. Both are bugs of the caller. */
class OpenTransaction implements Tx {
  readonly transaction = true;
  readonly #client: pg.PoolClient;
  readonly #news: (() => void)[] = [];
  #busy = false;
  #over = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  query: Queryable['query'] = async <Row extends object>(
    statement: string | Statement,
    parameters?: readonly unknown[],
  ) => {
    if (this.#over) throw new Error('The transaction is over: a query of it was not awaited.');
    if (this.#busy) throw new Error('A transaction runs one query at a time: await the one before.');
    this.#busy = true;
    try {
      return await run<Row>(this.#client, statement, parameters);
    } finally {
      this.#busy = false;
    }
  };

  afterCommit(tell: () => void): void {
    this.#news.push(tell);
  }

  committed(): void {
    for (const tell of this.#news) tell();
  }

  /** The work is done. Throws where a statement of it still runs. */
  end(): void {
    this.#over = true;
    if (this.#busy) throw new Error('A query of the transaction was not awaited; it is rolled back.');
  }

  /** The work failed. An error where a statement still runs, so that the connection can't be used again. */
  abandon(): Error | undefined {
    this.#over = true;
    return this.#busy ? new Error('a statement was still running') : undefined;
  }
}

const run = async <Row extends object>(
  client: pg.ClientBase,
  statement: string | Statement,
  parameters: readonly unknown[] = [],
): Promise<{ readonly rows: readonly Row[]; readonly rowCount: number }> => {
  const config: pg.QueryConfig =
    typeof statement === 'string'
      ? { text: statement, values: parameters as unknown[] }
      : { ...statement, values: parameters as unknown[] };
  const { rows, rowCount } = await client.query<Row & pg.QueryResultRow>(config);
  return { rows, rowCount: rowCount ?? 0 };
};

/**
 * The error, where the connection is in doubt after it. An error that carries a SQLSTATE was answered in full by a server that still
 * talks to us, apart from those that end the session.
 */
const doubtful = (error: unknown): Error | undefined => {
  if (!isError(error)) return undefined;
  const code = codeOf(error);
  if (error instanceof pg.DatabaseError) {
    const ends = error.severity === 'FATAL' || code === undefined || code.startsWith('08') || code.startsWith('57P');
    return ends ? error : undefined;
  }
  return isInfrastructureError(error) ? error : undefined;
};

const rollback = async (client: pg.PoolClient): Promise<Error | undefined> => {
  try {
    await client.query('rollback');
    return undefined;
  } catch (error) {
    return isError(error) ? error : new Error(String(error));
  }
};
