import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@switchyard/testing';
import { RestClient } from './rest-client.js';

const PROGRAM = join(import.meta.dirname, '../../dist/main.js');
const START_DEADLINE_MS = 60_000;
/** Printed last, when everything runs. */
const READY = 'the next start goes on from here';

export interface StartOptions {
  /** Default: a new one, removed by `cleanUp`. */
  readonly dataDir?: string;
  /** Left as set by the test's own environment where nothing is said. */
  readonly env?: Readonly<Record<string, string>>;
  /** Default: none, so the demo strategy trades. */
  readonly args?: readonly string[];
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Standard output and standard error, as they came. */
  readonly output: string;
}

/** The built standalone as a process of its own, on ports that the system chose. */
export class StandaloneProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly dataDir: string,
    private readonly ending: Promise<Ending>,
    private readonly written: readonly string[],
    readonly readyAfterMs: number,
    private readonly tokens: Readonly<Record<string, string>>,
  ) {}

  static async start(options: StartOptions = {}): Promise<StandaloneProcess> {
    const startedAt = performance.now();
    const { child, dataDir, ending, written } = await launch(options);
    let ended: Ending | undefined;
    void ending.then((value) => (ended = value));
    await until(() => ended !== undefined || written.join('').includes(READY), START_DEADLINE_MS);
    if (ended !== undefined) throw new Error(`the standalone ended at its start: ${ended.output}`);
    const readyAfterMs = performance.now() - startedAt;
    const tokens = JSON.parse(await readFile(join(dataDir, 'tokens.json'), 'utf8')) as Record<string, string>;
    return new StandaloneProcess(child, dataDir, ending, written, readyAfterMs, tokens);
  }

  /** Everything that stood on the terminal so far. */
  get output(): string {
    return this.written.join('');
  }

  get url(): string {
    return this.printed(/ready after [\d.]+ s: (\S+)/);
  }

  /** Origin of the simulated Binance. */
  get venueUrl(): string {
    return this.originOf('binance');
  }

  originOf(venue: string): string {
    return this.printed(new RegExp(`simulated venue +${venue} +(\\S+)`));
  }

  /** The two commands to paste, as they were printed. */
  get curls(): readonly string[] {
    return this.output.split('\n').flatMap((line) => (line.startsWith('  curl ') ? [line.trim()] : []));
  }

  /** REST as this user; without a name: as nobody. */
  as(user?: string, token = user === undefined ? undefined : this.tokens[user]): RestClient {
    return new RestClient(this.url, token);
  }

  tokenOf(user: string): string {
    const token = this.tokens[user];
    if (token === undefined) throw new Error(`${user} has no token in tokens.json`);
    return token;
  }

  /** As a service manager asks it to stop. */
  async stop(): Promise<Ending> {
    this.child.kill('SIGTERM');
    return this.ending;
  }

  /** Ctrl-C in a terminal, as `npm start` hears it: from the terminal, and again from npm, which passes it on. */
  async interrupt(): Promise<Ending> {
    this.child.kill('SIGINT');
    await until(() => this.output.includes('\nstopping'));
    this.child.kill('SIGINT');
    return this.ending;
  }

  /** The plug is pulled: nothing of this process gets to say goodbye. Its Postgres stays, as it would. */
  async kill(): Promise<Ending> {
    this.child.kill('SIGKILL');
    return this.ending;
  }

  private printed(pattern: RegExp): string {
    const found = pattern.exec(this.output)?.[1];
    if (found === undefined) throw new Error(`not printed: ${pattern.source}\n${this.output}`);
    return found;
  }
}

/** Runs the standalone where it can't start, to its end. @param stopAt it is asked to stop as soon as it has written this */
export async function runToItsEnd(options: StartOptions, stopAt?: RegExp): Promise<Ending> {
  const { child, ending, written } = await launch(options);
  if (stopAt !== undefined) {
    await until(() => stopAt.test(written.join('')), START_DEADLINE_MS);
    child.kill('SIGTERM');
  }
  return ending;
}

const folders: string[] = [];
const children = new Set<ChildProcess>();

/** A folder that is removed by `cleanUp`. Others may look in: as root, Postgres runs as another user. */
export async function newDataDir(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-e2e-'));
  await chmod(folder, 0o755);
  folders.push(folder);
  return folder;
}

/** Ends every process that was started here, their databases too, and removes every folder. For `afterAll`. */
export async function cleanUp(): Promise<void> {
  for (const child of children) {
    child.kill('SIGKILL');
    await until(() => child.exitCode !== null || child.signalCode !== null);
  }
  for (const folder of folders.splice(0)) {
    const pid = await postgresOf(folder);
    if (pid !== undefined) {
      process.kill(pid, 'SIGQUIT');
      await until(async () => (await postgresOf(folder)) === undefined);
    }
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The live database server of a data folder. */
export async function postgresOf(dataDir: string): Promise<number | undefined> {
  const file = await readFile(join(dataDir, 'postgres/cluster/postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(file.split('\n')[0]);
  if (pid <= 0) return undefined;
  try {
    process.kill(pid, 0);
    return pid;
  } catch {
    return undefined;
  }
}

interface Launched {
  readonly child: ChildProcess;
  readonly dataDir: string;
  readonly ending: Promise<Ending>;
  readonly written: readonly string[];
}

async function launch({ dataDir: given, env = {}, args = [] }: StartOptions): Promise<Launched> {
  const dataDir = given ?? (await newDataDir());
  const child = spawn(process.execPath, ['--enable-source-maps', PROGRAM, ...args], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      SWITCHYARD_DATA_DIR: dataDir,
      PORT: '0',
      SWITCHYARD_PAPER_PORT: '0',
      // One venue, whose book a test sets by hand; an empty variable in its own environment stands for all.
      SWITCHYARD_VENUES: 'binance',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.add(child);
  const written: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => written.push(text));
  }
  const ending = new Promise<Ending>((resolve) => {
    child.once('close', (code, signal) => {
      children.delete(child);
      resolve({ code, signal, output: written.join('') });
    });
  });
  return { child, dataDir, ending, written };
}
