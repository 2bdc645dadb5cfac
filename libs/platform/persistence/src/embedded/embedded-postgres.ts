import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, chown, mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { resolve as absolute } from 'node:path';
import pg from 'pg';
import { findBinaries, serverUser, type Binaries, type SystemUser } from './binaries.js';
import {
  beginAnew,
  connectionUrl,
  ensureCluster,
  environment,
  layoutOf,
  runningServer,
  signal,
  stopOrphan,
  stopServer,
} from './cluster.js';
import { EmbeddedPostgresError } from './failure.js';
import { giveUpOwnership, takeOwnership } from './owner.js';
import { until } from './processes.js';

export { EmbeddedPostgresError } from './failure.js';

export interface EmbeddedPostgresOptions {
  /** Ours alone: made at the first start, with the cluster, its password (mode 0600) and the server's log in it. */
  readonly dataDir: string;
  /** Made where it is missing; a cluster can hold several. Default `switchyard`. */
  readonly database?: string;
  /** 1..65535. Default: a free one, another at each start. */
  readonly port?: number;
  readonly log: { info(message: string): void; warn(message: string): void };
  /** Told when the server ends without having been asked to. */
  readonly onExit?: (reason: string) => void;
  /** Server settings beside ours, for tests. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Arguments of initdb beside ours, for tests. */
  readonly initdbArguments?: readonly string[];
}

export interface EmbeddedPostgres {
  /** Of the database, with the password in it. */
  readonly url: string;
  /** The same through a socket file that only this user can open: a small statement costs a quarter less. `url` where its path is too long. */
  readonly localUrl: string;
  readonly port: number;
  readonly pid: number;
  /** Ends all sessions, writes everything, stops. Can be called twice. */
  stop(): Promise<void>;
}

const DATABASE = 'switchyard';
const START_TIMEOUT_MS = 60_000;

/** Durability is not for sale: fsync, synchronous_commit and full_page_writes keep their defaults (on). */
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  max_connections: '300',
  shared_buffers: '192MB',
  // One node, no replicas: less to write.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  // Short statements on few cores: planning for more only costs.
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  io_method: 'sync',
  random_page_cost: '1.1',
  update_process_title: 'off',
  log_checkpoints: 'off',
  log_min_messages: 'warning',
  log_min_error_statement: 'panic', // statements may carry what must not be in a log
  log_line_prefix: '%m [%p] ',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

/**
 * Starts the Postgres that ships with the project, in a folder of its own.
 *
 * 1. One owner: a folder that another living process uses is refused. After a `kill -9` of the owner its server, which outlives it,
 *    is stopped cleanly first; nothing that was committed is lost.
 * 2. What the server needs to be told is in arguments, so that a folder from an older version gets the settings of the newer one.
 * 3. Every failure is an `EmbeddedPostgresError` with one sentence that says what and what to do.
 */
export const startEmbeddedPostgres = async (options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> => {
  const dataDir = absolute(options.dataDir);
  const layout = layoutOf(dataDir);
  const [binaries, user] = await Promise.all([findBinaries(), serverUser()]);
  await prepareFolder(dataDir, user);
  await takeOwnership(layout.owner, dataDir);
  try {
    const orphan = await stopOrphan(layout.cluster);
    if (orphan !== undefined) options.log.warn(`stopped the database server that a killed process left (${orphan})`);
    await ensureCluster(dataDir, binaries, user, options.initdbArguments ?? []);
    const { child, port } = await launch(options, dataDir, binaries, user);
    return await running(options, dataDir, child, port);
  } catch (error) {
    await giveUpOwnership(layout.owner);
    throw error;
  }
};

const prepareFolder = async (dataDir: string, user: SystemUser | undefined): Promise<void> => {
  try {
    await mkdir(dataDir, { recursive: true });
    if (user === undefined) await chmod(dataDir, 0o700);
    else {
      // The server must get through to its cluster.
      await chown(dataDir, 0, user.gid);
      await chmod(dataDir, 0o750);
    }
  } catch (error) {
    throw new EmbeddedPostgresError(
      `The folder ${dataDir} can't be used (${(error as Error).message}): make it writable, or set SWITCHYARD_DATA_DIR to another.`,
      { cause: error },
    );
  }
};

interface Launched {
  readonly child: ChildProcess;
  readonly port: number;
}

const launch = async (
  options: EmbeddedPostgresOptions,
  dataDir: string,
  binaries: Binaries,
  user: SystemUser | undefined,
): Promise<Launched> => {
  // Somebody may take a free port between our finding it and the server's binding it.
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort());
    const child = await spawnServer(options, dataDir, binaries, user, port);
    const failure = await readiness(dataDir, child);
    if (failure === undefined) return { child, port };
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) await stopServer(child.pid);
    const portTaken = /could not bind|Address already in use/i.test(failure);
    if (portTaken && options.port === undefined && attempt < 5) continue;
    const line =
      /(?:FATAL|PANIC|ERROR):\s*(.*)/.exec(failure)?.[1] ?? failure.trim().split('\n').at(-1) ?? 'no reason given';
    throw new EmbeddedPostgresError(
      portTaken
        ? `Port ${port} is in use, so the database can't start: stop what uses it, or choose another port.`
        : `The database in ${dataDir} does not start (${line}): ${beginAnew(dataDir)}; ${layoutOf(dataDir).serverLog} tells more.`,
    );
  }
};

const spawnServer = async (
  options: EmbeddedPostgresOptions,
  dataDir: string,
  binaries: Binaries,
  user: SystemUser | undefined,
  port: number,
): Promise<ChildProcess> => {
  const { cluster, serverLog } = layoutOf(dataDir);
  const settings = Object.entries({
    ...SETTINGS,
    unix_socket_directories: socketFolder(dataDir, port) ?? '',
    ...options.settings,
    port: String(port),
  });
  const logFile = await open(serverLog, 'w', 0o600);
  try {
    // In a session of its own: a terminal's Ctrl-C reaches us alone, and the server goes down after the services.
    return spawn(
      binaries.postgres,
      ['-D', cluster, ...settings.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      {
        ...user,
        detached: true,
        stdio: ['ignore', logFile.fd, logFile.fd],
        env: environment(),
      },
    );
  } finally {
    await logFile.close();
  }
};

/** @returns undefined once the server accepts connections, else what its log says. */
const readiness = async (dataDir: string, child: ChildProcess): Promise<string | undefined> => {
  const { cluster, serverLog } = layoutOf(dataDir);
  let failed: string | undefined;
  child.once('error', (error) => (failed = error.message));
  child.once('exit', () => (failed ??= ''));
  const ready = async (): Promise<boolean> => {
    if (failed !== undefined) return true;
    const server = await runningServer(cluster);
    return server?.pid === child.pid && server?.ready === true;
  };
  const inTime = await until(ready, START_TIMEOUT_MS);
  if (inTime && failed === undefined) return undefined;
  const log = await readFile(serverLog, 'utf8').catch(() => '');
  return `${failed ?? `not ready after ${START_TIMEOUT_MS / 1_000} s`}\n${log}`;
};

const running = async (
  options: EmbeddedPostgresOptions,
  dataDir: string,
  child: ChildProcess,
  port: number,
): Promise<EmbeddedPostgres> => {
  const pid = child.pid ?? 0;
  let stopping: Promise<void> | undefined;
  const atExit = (): void => {
    signal(pid, 'SIGINT');
  };
  // Nothing asynchronous can be done any more when the process exits, but a signal can be sent.
  process.once('exit', atExit);
  child.unref();
  child.once('exit', (code, name) => {
    process.removeListener('exit', atExit);
    if (stopping === undefined) options.onExit?.(`The database server ended by itself (${name ?? code ?? 'no code'}).`);
  });
  const stop = (): Promise<void> => {
    stopping ??= stopServer(pid).then(() => giveUpOwnership(layoutOf(dataDir).owner));
    return stopping;
  };
  const { database = DATABASE } = options;
  try {
    await ensureDatabase(await connectionUrl(dataDir, port, 'postgres'), database);
    // For who looks in from outside: which one is in use.
    await writeFile(layoutOf(dataDir).database, `${database}\n`);
  } catch (error) {
    await stop();
    throw new EmbeddedPostgresError(
      `The database in ${dataDir} can't be opened (${(error as Error).message}): ${beginAnew(dataDir)}.`,
      { cause: error },
    );
  }
  const url = await connectionUrl(dataDir, port, database);
  const folder = options.settings?.['unix_socket_directories'] === undefined ? socketFolder(dataDir, port) : undefined;
  const localUrl = folder === undefined ? url : url.replace('@127.0.0.1:', `@${encodeURIComponent(folder)}:`);
  return { url, localUrl, port, pid, stop };
};

/** In the cluster's own folder, which is closed to others. A socket's path has 107 bytes at most. */
const socketFolder = (dataDir: string, port: number): string | undefined => {
  const { cluster } = layoutOf(dataDir);
  return process.platform !== 'win32' && Buffer.byteLength(`${cluster}/.s.PGSQL.${port}.lock`) <= 107
    ? cluster
    : undefined;
};

const ensureDatabase = async (url: string, name: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
};

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === 'object') resolve(address.port);
        else reject(new Error('no free port'));
      });
    });
  });
