import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync, readFileSync, chmodSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded-postgres.js';
import { isInfrastructureError } from '../errors.js';
import { isAlive } from './processes.js';

const folders: string[] = [];
const servers: EmbeddedPostgres[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const emptyFolder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'switchyard-embedded-'));
  chmodSync(made, 0o755);
  folders.push(made);
  return join(made, 'postgres');
};

/** A folder as an earlier run left it: creating a cluster takes a second, copying one does not. */
let used: string | undefined;
const usedFolder = async (): Promise<string> => {
  if (used === undefined) {
    const dataDir = emptyFolder();
    used = folders.pop();
    const server = await start(dataDir);
    await server.stop();
  }
  const copy = emptyFolder();
  execFileSync('cp', ['-Rp', join(used!, 'postgres'), copy]);
  return copy;
};
afterAll(() => {
  if (used !== undefined) rmSync(used, { recursive: true });
});

const warnings: string[] = [];
const start = async (dataDir: string, options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> => {
  const server = await startEmbeddedPostgres({
    dataDir,
    log: { info: () => undefined, warn: (message) => warnings.push(message) },
    initdbArguments: ['--no-sync'],
    ...options,
  });
  servers.push(server);
  return server;
};

const ask = async (url: string, sql: string): Promise<unknown[]> => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows.flatMap((row) => Object.values(row));
  } finally {
    await client.end();
  }
};

/** It has let go of everything by then; when it leaves the list of processes is the operating system's. */
const ended = async (pid: number): Promise<void> => {
  while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 5));
};

const DURABLE = `select setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes')`;

describe('the embedded database', () => {
  it('begins in an empty folder, is durable, closed to others, and goes on where it stopped', async () => {
    const dataDir = emptyFolder();
    const first = await start(dataDir);
    expect(await ask(first.url, DURABLE)).toEqual(['on', 'on', 'on']);
    expect(await ask(first.url, 'select inet_server_addr()::text')).toEqual(['127.0.0.1/32']);
    expect(statSync(join(dataDir, 'password')).mode & 0o777).toBe(0o600);
    await expect(ask(first.url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toThrow(/password/);
    expect(first.localUrl).not.toBe(first.url);
    expect(await ask(first.localUrl, 'select inet_server_addr()::text')).toEqual([null]);
    await expect(ask(first.localUrl.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toThrow(/password/);
    await ask(first.url, 'create table kept as select 7 as seven');
    await first.stop();
    await first.stop();
    // Gone is the database's fault, not the data's: it is waited for.
    expect(isInfrastructureError(await ask(first.localUrl, 'select 1').catch((error: unknown) => error))).toBe(true);
    await ended(first.pid);
    const second = await start(dataDir);
    expect(await ask(second.url, 'select seven from kept')).toEqual([7]);
  });

  it('holds several databases, and says outside which one is in use', async () => {
    const dataDir = await usedFolder();
    const inUse = () => readFileSync(join(dataDir, 'database'), 'utf8');
    const first = await start(dataDir);
    await ask(first.url, 'create table mine as select 1');
    expect(inUse()).toBe('switchyard\n');
    await first.stop();
    const other = await start(dataDir, { database: 'another' });
    expect(await ask(other.localUrl, 'select current_database()::text')).toEqual(['another']);
    expect(await ask(other.url, "select to_regclass('mine')::text")).toEqual([null]);
    expect(inUse()).toBe('another\n');
  });

  it('comes back after a kill -9 of its owner, whose server still ran, without losing a commit', async () => {
    const dataDir = await usedFolder();
    const first = await start(dataDir);
    await ask(first.url, 'create table kept as select 7 as seven');
    // What a killed owner leaves: its server alive, its mark naming a process that is gone.
    const gone = spawn('/bin/true');
    await new Promise((resolve) => gone.once('exit', resolve));
    writeFileSync(join(dataDir, 'owner'), `${gone.pid} 1\n`);
    const second = await start(dataDir);
    expect(warnings.at(-1)).toMatch(/stopped the database server that a killed process left/);
    expect(second.pid).not.toBe(first.pid);
    await ended(first.pid);
    expect(await ask(second.url, 'select seven from kept')).toEqual([7]);
  });

  it('comes back after everything was killed, though another program has the pid of its server now', async () => {
    const dataDir = await usedFolder();
    const first = await start(dataDir);
    await ask(first.url, 'create table kept as select 7 as seven');
    const pidFile = join(dataDir, 'cluster', 'postmaster.pid');
    const left = readFileSync(pidFile, 'utf8').replace(/^\d+/, String(process.ppid));
    process.kill(first.pid, 'SIGQUIT');
    await first.stop();
    writeFileSync(pidFile, left);
    const second = await start(dataDir);
    expect(await ask(second.url, 'select seven from kept')).toEqual([7]);
  });

  it('has one owner at a time', async () => {
    const dataDir = await usedFolder();
    const first = await start(dataDir);
    await expect(start(dataDir)).rejects.toThrow(/already in use/);
    writeFileSync(join(dataDir, 'owner'), `${process.ppid}\n`);
    await expect(start(dataDir)).rejects.toThrow(/in use by another Switchyard \(process \d+\): stop that one/);
    expect(await ask(first.url, 'select 1 as one')).toEqual([1]);
  });

  it('says in one sentence what is wrong with a damaged folder, and what to do', async () => {
    const dataDir = await usedFolder();
    const first = await start(dataDir);
    await first.stop();
    const cluster = join(dataDir, 'cluster');
    const version = readFileSync(join(cluster, 'PG_VERSION'));
    const control = readFileSync(join(cluster, 'global', 'pg_control'));

    writeFileSync(join(cluster, 'PG_VERSION'), '16\n');
    await expect(start(dataDir)).rejects.toThrow(/made by Postgres 16, this is 18/);
    writeFileSync(join(cluster, 'PG_VERSION'), version);

    writeFileSync(join(cluster, 'global', 'pg_control'), Buffer.alloc(control.length, 7));
    const failure = start(dataDir).then(
      () => '',
      (error: unknown) => (error as Error).message,
    );
    expect(await failure).toMatch(
      /does not start \(.*(checksum|control|incompatible).*\): restore it from a backup, or move/,
    );
    expect((await failure).split('\n')).toHaveLength(1);

    rmSync(join(cluster, 'global', 'pg_control'));
    await expect(start(dataDir)).rejects.toThrow(/damaged \(files are missing\)/);
    writeFileSync(join(cluster, 'global', 'pg_control'), control);

    rmSync(join(dataDir, 'password'));
    await expect(start(dataDir)).rejects.toThrow(/password is missing/);
    expect(existsSync(join(dataDir, 'owner'))).toBe(false);
  });

  it('names a port that is in use', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) =>
      server.listen(0, '127.0.0.1', () => {
        resolve((server.address() as { port: number }).port);
      }),
    );
    await expect(start(await usedFolder(), { port })).rejects.toThrow(new RegExp(`Port ${port} is in use`));
    await new Promise((resolve) => server.close(resolve));
  });

  it('tells its owner when it ends by itself', async () => {
    let told: (reason: string) => void = () => undefined;
    const exit = new Promise<string>((resolve) => (told = resolve));
    const server = await start(await usedFolder(), {
      onExit: (reason) => {
        told(reason);
      },
    });
    process.kill(server.pid, 'SIGQUIT');
    expect(await exit).toMatch(/ended by itself/);
  });
});
