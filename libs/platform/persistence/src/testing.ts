import { afterAll, beforeAll } from '@jest/globals';
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { roleOf } from './connection.js';
import type { Database } from './database.js';
import { startEmbeddedPostgres } from './embedded/embedded-postgres.js';
import { connectionUrl, layoutOf, runningServer } from './embedded/cluster.js';
import { isAlive } from './embedded/processes.js';
import { migrate } from './migrate.js';
import { openDatabase, type DatabaseOptions } from './postgres-database.js';

/** A database of its own for one spec file, on a real Postgres. */
export interface TestDatabase {
  /** Known from `beforeAll` on. */
  readonly url: string;
  /** Makes schema and role, applies the migrations in `folder`, opens; closed after the spec. */
  open(
    schema: string,
    options?: { readonly folder?: URL | string } & Partial<Omit<DatabaseOptions, 'url' | 'schema'>>,
  ): Promise<Database>;
}

/**
 * Call once at the top of a spec: registers the hooks that make a fresh database and drop it.
 *
 *     const postgres = testDatabase();
 *     it('...', async () => { const db = await postgres.open('accounts', { folder: migrations }); ... });
 *
 * The server is started by the first spec of a jest worker (0.2 s; 1 s where this machine never did it) and used by its later ones. It
 * ends with the worker, however that ends. `TEST_DATABASE_URL` names a server to use instead.
 */
export const testDatabase = (): TestDatabase => {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const opened: Database[] = [];
  let url: string | undefined;
  beforeAll(async () => {
    const server = await workersServer();
    await command(server, `create database ${name}`);
    url = Object.assign(new URL(server), { pathname: `/${name}` }).href;
  }, 60_000);
  afterAll(async () => {
    await Promise.all(opened.map((database) => database.close()));
    if (url !== undefined) await command(await workersServer(), `drop database if exists ${name} with (force)`);
  }, 60_000);
  const known = (): string => {
    if (url === undefined) throw new Error('The test database exists from beforeAll on.');
    return url;
  };
  return {
    get url() {
      return known();
    },
    async open(schema, { folder, ...options } = {}) {
      const role = options.role ?? roleOf(schema);
      await migrate({ url: known(), schema, role, ...(folder === undefined ? {} : { folder }) });
      const database = await openDatabase({
        url: known(),
        schema,
        applicationName: `test ${schema}`,
        ...options,
        role,
      });
      opened.push(database);
      return database;
    },
  };
};

const run = promisify(execFile);

const ROOT = join(tmpdir(), `switchyard-test-postgres-${userInfo().uid}`);
const mine = join(ROOT, `worker-${process.pid}`);

/** Jest gives each spec file its own globals, so what a worker's specs share is found on disk. */
const workersServer = async (): Promise<string> => {
  if (process.env['TEST_DATABASE_URL'] !== undefined) return process.env['TEST_DATABASE_URL'];
  const running = await runningServer(layoutOf(mine).cluster);
  if (running?.ready === true && isAlive(running.pid)) return connectionUrl(mine, running.port, 'postgres');
  await mkdir(ROOT, { recursive: true, mode: 0o755 });
  await removeLeftovers();
  await copyTemplate();
  const { port, pid } = await start(mine);
  endWithWorker(pid);
  return connectionUrl(mine, port, 'postgres');
};

const start = (dataDir: string) =>
  startEmbeddedPostgres({
    dataDir,
    log: { info: () => undefined, warn: () => undefined },
    settings: {
      fsync: 'off',
      full_page_writes: 'off',
      max_connections: '200',
      shared_buffers: '64MB',
      autovacuum_naptime: '1h',
    },
    initdbArguments: ['--wal-segsize=1', '--no-data-checksums', '--no-sync'],
  });

/** initdb takes most of a second: done once a machine, then copied. */
const copyTemplate = async (): Promise<void> => {
  const template = join(ROOT, 'template-18');
  if (!existsSync(template)) {
    const making = join(ROOT, `making-${process.pid}`);
    await rm(making, { recursive: true, force: true });
    const server = await start(making);
    await server.stop();
    // A worker that did the same at the same time may have been faster.
    await rename(making, template).catch(() => rm(making, { recursive: true, force: true }));
  }
  await run('cp', ['-Rp', template, mine]); // with its owners, which fs.cp would change
};

const removeLeftovers = async (): Promise<void> => {
  for (const name of await readdir(ROOT)) {
    const pid = Number(/^(?:worker|making)-(\d+)$/.exec(name)?.[1]);
    if (Number.isInteger(pid) && (!isAlive(pid) || pid === process.pid))
      await rm(join(ROOT, name), { recursive: true, force: true });
  }
};

/** A shell of its own waits for the worker's end, which no hook inside a spec could see, and clears up. */
const endWithWorker = (server: number): void => {
  const script = `while kill -0 ${process.pid} 2>/dev/null; do sleep 1; done; kill -INT ${server}; while kill -0 ${server} 2>/dev/null; do sleep 0.1; done; rm -rf '${mine}'`;
  spawn('/bin/sh', ['-c', script], { detached: true, stdio: 'ignore' }).unref();
};

const command = async (server: string, sql: string): Promise<void> => {
  const client = new pg.Client({ connectionString: server });
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end();
  }
};
