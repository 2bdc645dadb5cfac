import { spawn } from 'node:child_process';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Binaries, SystemUser } from './binaries.js';
import { EmbeddedPostgresError } from './failure.js';
import { commandOf, until } from './processes.js';

/** The format of the data files: the server's major version. */
const FORMAT = '18';
const USER = 'switchyard';

/** Where a data folder keeps what: `cluster` is Postgres' own, the rest is ours. */
export const layoutOf = (dataDir: string) => ({
  cluster: join(dataDir, 'cluster'),
  unfinished: join(dataDir, 'cluster.unfinished'),
  password: join(dataDir, 'password'),
  database: join(dataDir, 'database'),
  owner: join(dataDir, 'owner'),
  serverLog: join(dataDir, 'server.log'),
});
export type Layout = ReturnType<typeof layoutOf>;

export const beginAnew = (dataDir: string): string =>
  `restore it from a backup, or move the folder ${dataDir} away to begin anew (what it holds is lost then)`;

/**
 * Makes the cluster at the first start, and checks that there is a whole one at later starts. It is made beside its place and renamed,
 * so that a first start that was cut off leaves nothing that looks like a database.
 */
export const ensureCluster = async (
  dataDir: string,
  binaries: Binaries,
  user: SystemUser | undefined,
  initdbArguments: readonly string[],
): Promise<void> => {
  const { cluster, unfinished, password } = layoutOf(dataDir);
  if (existsSync(cluster)) {
    await checkWhole(dataDir);
    return;
  }
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  if (user !== undefined) await chown(unfinished, user.uid, user.gid);
  // The password is random and long, so that it needs no slow hashing at each connection.
  const secret = randomBytes(24).toString('base64url');
  const file = join(unfinished, '..', 'password.new');
  await rm(file, { force: true });
  await writeFile(file, `${secret}\n`, { mode: 0o600 });
  if (user !== undefined) await chown(file, user.uid, user.gid);
  await initdb(binaries, user, [
    `--pgdata=${unfinished}`,
    `--username=${USER}`,
    `--pwfile=${file}`,
    '--auth=scram-sha-256',
    '--set=scram_iterations=1',
    '--encoding=UTF8',
    '--no-locale',
    '--no-instructions',
    ...initdbArguments,
  ]);
  if (user !== undefined) await chown(file, 0, 0);
  await rename(file, password);
  await rename(unfinished, cluster);
};

const initdb = (binaries: Binaries, user: SystemUser | undefined, args: readonly string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = spawn(binaries.initdb, args, { ...user, stdio: ['ignore', 'ignore', 'pipe'], env: environment() });
    let output = '';
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('error', (error) => {
      reject(unreachable(user, error));
    });
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(unreachable(user, new Error(output.trim())));
    });
  });

const unreachable = (user: SystemUser | undefined, error: Error): EmbeddedPostgresError => {
  const reason =
    error.message.split('\n').findLast((line) => /error|denied|EACCES|No space/i.test(line)) ?? error.message;
  const denied = user !== undefined && /EACCES|denied/i.test(error.message);
  return new EmbeddedPostgresError(
    denied
      ? `As root, Postgres runs as the system user "postgres", who may not reach the project or its data (${reason}): put both outside /root (SWITCHYARD_DATA_DIR names the data), or run Switchyard as another user.`
      : `The database could not be created (${reason}): mend that and start again, or set DATABASE_URL.`,
    { cause: error },
  );
};

/** Postgres reads its locale and a lot more from the environment; it gets none of ours. */
export const environment = (): NodeJS.ProcessEnv => ({ PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' });

const checkWhole = async (dataDir: string): Promise<void> => {
  const { cluster, password } = layoutOf(dataDir);
  const version = await readFile(join(cluster, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version === undefined || !existsSync(join(cluster, 'global', 'pg_control')))
    throw new EmbeddedPostgresError(
      `The database in ${cluster} is damaged (files are missing): ${beginAnew(dataDir)}.`,
    );
  if (version.trim() !== FORMAT)
    throw new EmbeddedPostgresError(
      `The database in ${cluster} was made by Postgres ${version.trim().slice(0, 20)}, this is ${FORMAT}: start the version that made it, or ${beginAnew(dataDir)}.`,
    );
  if (!existsSync(password))
    throw new EmbeddedPostgresError(
      `The file ${password} is missing, without which the database can't be opened: ${beginAnew(dataDir)}.`,
    );
};

export const connectionUrl = async (dataDir: string, port: number, database: string): Promise<string> => {
  const secret = (await readFile(layoutOf(dataDir).password, 'utf8')).trim();
  return `postgres://${USER}:${secret}@127.0.0.1:${port}/${database}`;
};

export interface RunningServer {
  readonly pid: number;
  readonly port: number;
  /** Written by the server itself once it accepts connections. */
  readonly ready: boolean;
}

/** What `postmaster.pid` tells: pid, data folder, start, port, socket folder, address, shared memory, state; one a line. */
export const runningServer = async (cluster: string): Promise<RunningServer | undefined> => {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pid, port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
};

/**
 * Clears the way after a `kill -9` of the process before: a server that outlived it is stopped cleanly, a pid file that nobody stands
 * behind is removed (Postgres itself would give up where another program has that pid by now).
 *
 * @returns the pid of the orphan that was stopped.
 */
export const stopOrphan = async (cluster: string): Promise<number | undefined> => {
  const server = await runningServer(cluster);
  if (server === undefined) return undefined;
  const command = await commandOf(server.pid);
  if (command === undefined || !command.includes(cluster)) {
    await rm(join(cluster, 'postmaster.pid'), { force: true });
    return undefined;
  }
  await stopServer(server.pid);
  return server.pid;
};

/** Fast shutdown: open transactions are rolled back, everything is written. Immediate, with recovery at the next start, if that hangs. */
export const stopServer = async (pid: number): Promise<void> => {
  const gone = async (): Promise<boolean> => (await commandOf(pid)) === undefined;
  signal(pid, 'SIGINT');
  if (await until(gone, 30_000)) return;
  signal(pid, 'SIGQUIT');
  if (await until(gone, 10_000)) return;
  throw new EmbeddedPostgresError(
    `The database server (process ${pid}) does not stop: end it by hand, then start again.`,
  );
};

export const signal = (pid: number, name: NodeJS.Signals): void => {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};
