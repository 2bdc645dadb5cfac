import type { Duplex } from 'node:stream';
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
  /** Told of an `afterCommit` that threw: its transaction is committed all the same. Absent: the process ends with the error. */
  readonly onHookFailed?: (error: unknown) => void;
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
  readonly #onHookFailed: (error: unknown) => void;
  #closing: Promise<void> | undefined;

  constructor(options: DatabaseOptions) {
    this.#onHookFailed = options.onHookFailed ?? endTheProcess;
    this.schema = nameOf(options.schema);
    const config: pg.PoolConfig = {
      connectionString: options.url,
      application_name: options.applicationName,
      max: options.poolSize ?? 10,
      connectionTimeoutMillis: options.connectTimeoutMs ?? 10_000,
      idleTimeoutMillis: 60_000,
      // A connection can die without a word: what the server would have answered by now is not waited for.
      query_timeout: (options.statementTimeoutMs ?? 30_000) + 5_000,
      // Statements leave before the one before them was answered.
      pipeline: true,
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
      broken = doubtful(error) ?? (error instanceof pg.DatabaseError ? undefined : asError(error));
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
      tx.begin();
      const result = await work(tx);
      await tx.commit();
      this.#tell(tx.news);
      return result;
    } catch (error) {
      const cause = tx.causeOf(error);
      broken = doubtful(cause) ?? tx.driverFailure ?? (await tx.rollback());
      throw cause;
    } finally {
      client.release(broken);
    }
  }

  /** What is committed stays so, whatever they do. */
  #tell(news: readonly (() => void)[]): void {
    for (const tell of news) {
      try {
        tell();
      } catch (error) {
        this.#onHookFailed(error);
      }
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

/**
 * Statements go out in the order in which they are asked for, whether or not the one before was awaited: what is asked for in one go of
 * the event loop leaves in one packet, BEGIN and COMMIT with it. The server skips everything after the first that fails.
 */
class OpenTransaction implements Tx {
  readonly transaction = true;
  readonly #client: pg.PoolClient;
  /** To be told when it is committed. */
  readonly news: (() => void)[] = [];
  readonly #failures: Error[] = [];
  #over = false;
  #ended = false;

  constructor(client: pg.PoolClient) {
    this.#client = client;
  }

  begin(): void {
    this.#send({ text: 'begin' }).catch(() => {
      // What follows would be committed statement by statement.
      streamOf(this.#client).destroy();
    });
  }

  /** What failed on this side of the connection: it may believe that a statement is prepared which the server does not know. */
  get driverFailure(): Error | undefined {
    return this.#failures.find((failure) => !(failure instanceof pg.DatabaseError));
  }

  query: Queryable['query'] = <Row extends object>(
    statement: string | Statement,
    parameters: readonly unknown[] = [],
  ) => {
    if (this.#over) return Promise.reject(new Error('The transaction is over: nothing can be asked of it any more.'));
    const config = typeof statement === 'string' ? { text: statement } : statement;
    const answered = this.#send<Row>({ ...config, values: parameters as unknown[] });
    // Whoever does not await a statement hears of its failure from the transaction.
    answered.catch(() => undefined);
    return answered;
  };

  afterCommit(tell: () => void): void {
    this.news.push(tell);
  }

  /** Sent behind whatever is still on its way. A transaction that a statement aborted answers COMMIT with ROLLBACK, and no error. */
  async commit(): Promise<void> {
    this.#over = true;
    // What failed on this side never reached the server, which would commit the rest.
    const [unsent] = this.#failures;
    if (unsent !== undefined) throw unsent;
    const { command } = await this.#send({ text: 'commit' });
    this.#ended = true;
    const [first] = this.#failures;
    if (command === 'COMMIT' && first === undefined) return;
    throw first ?? new Error('The transaction was rolled back, and no statement of it had failed.');
  }

  /** @returns the error after which the connection can't be used again */
  async rollback(): Promise<Error | undefined> {
    this.#over = true;
    if (this.#ended) return undefined;
    try {
      await this.#send({ text: 'rollback' });
      return undefined;
    } catch (error) {
      return asError(error);
    }
  }

  /** Where a statement only failed because one before it had, the first one tells why. */
  causeOf(error: unknown): unknown {
    return codeOf(error) === IN_FAILED_TRANSACTION ? (this.#failures[0] ?? error) : error;
  }

  #send<Row extends object>(config: pg.QueryConfig): Promise<Answer<Row>> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => {
        const failure = asError(error);
        this.#failures.push(failure);
        reject(failure);
      };
      const query = new pg.Query(config) as pg.Query & { callback: unknown };
      // Called at once where the parameters can't be sent: before a COMMIT could be.
      query.callback = (
        error: unknown,
        { command, rows, rowCount }: Partial<pg.QueryResult<Row & pg.QueryResultRow>> = {},
      ) => {
        if (error === null || error === undefined)
          resolve({ command: command ?? '', rows: rows ?? [], rowCount: rowCount ?? 0 });
        else fail(error);
      };
      if (hasOneText(config)) {
        gather(this.#client);
        this.#client.query(query);
      } else fail(twoTexts(config));
    });
  }
}

interface Answer<Row> {
  readonly command: string;
  readonly rows: readonly Row[];
  readonly rowCount: number;
}

const IN_FAILED_TRANSACTION = '25P02';

/** A prepared statement's name stands for one text. The driver would notice only after a COMMIT behind it had left. */
const hasOneText = ({ name, text }: pg.QueryConfig): boolean => {
  if (name === undefined) return true;
  const known = textOf.get(name) ?? text;
  textOf.set(name, known);
  return known === text;
};
const textOf = new Map<string, string>();
const twoTexts = ({ name = '' }: pg.QueryConfig): Error =>
  new Error(`The statement name ${name} is used for two different texts.`);

/** Holds back what is written to the server until everything that is asked for right now is there: one packet instead of many. */
const gather = (client: pg.PoolClient): void => {
  const stream = streamOf(client);
  if (gathering.has(stream)) return;
  gathering.add(stream);
  stream.cork();
  process.nextTick(() => {
    gathering.delete(stream);
    stream.uncork();
  });
};
const gathering = new WeakSet<Duplex>();

const streamOf = (client: pg.PoolClient): Duplex =>
  (client as unknown as { readonly connection: { readonly stream: Duplex } }).connection.stream;

const asError = (error: unknown): Error => (isError(error) ? error : new Error(String(error)));

const endTheProcess = (error: unknown): void => {
  setImmediate(() => {
    throw asError(error);
  });
};

const run = async <Row extends object>(
  client: pg.ClientBase,
  statement: string | Statement,
  parameters: readonly unknown[] = [],
): Promise<{ readonly rows: readonly Row[]; readonly rowCount: number }> => {
  const config: pg.QueryConfig =
    typeof statement === 'string'
      ? { text: statement, values: parameters as unknown[] }
      : { ...statement, values: parameters as unknown[] };
  if (!hasOneText(config)) throw twoTexts(config);
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
