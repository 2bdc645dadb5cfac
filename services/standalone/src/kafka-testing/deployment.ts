import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@switchyard/testing';
import { RestClient } from '../testing/rest-client.js';

const PROGRAM = join(import.meta.dirname, '../../dist/apart.js');
const START_DEADLINE_MS = 120_000;
/** Printed last, when everything runs. */
const READY = 'the next start goes on from here';

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Standard output and standard error, as they came. */
  readonly output: string;
  readonly tookMs: number;
}

/** `npm run start:kafka` or `start:postgres` as a person runs it: the parent, its services, broker and database, on free ports. */
export class Deployment {
  private constructor(
    private readonly child: ChildProcess,
    private readonly dataDir: string,
    private readonly written: readonly string[],
    private readonly ending: Promise<Omit<Ended, 'tookMs'>>,
  ) {}

  static async start(transport: 'kafka' | 'postgres', dataDir: string): Promise<Deployment> {
    const deployment = Deployment.launch(transport, dataDir);
    await until(() => deployment.hasEnded || deployment.output.includes(READY), START_DEADLINE_MS).catch(
      async (error: unknown) => {
        const { output } = await deployment.stop();
        throw new Error(`it has not started: ${output}`, { cause: error });
      },
    );
    if (deployment.hasEnded) throw new Error(`it ended at its start: ${deployment.output}`);
    return deployment;
  }

  /** Where it can't start: to its end. */
  static async fails(transport: 'kafka' | 'postgres', dataDir: string, env: NodeJS.ProcessEnv): Promise<Ended> {
    const startedAt = performance.now();
    const ended = await Deployment.launch(transport, dataDir, env).ending;
    return { ...ended, tookMs: performance.now() - startedAt };
  }

  private static launch(transport: string, dataDir: string, env: NodeJS.ProcessEnv = {}): Deployment {
    const child = spawn(process.execPath, ['--enable-source-maps', PROGRAM, transport, '--no-demo'], {
      env: {
        PATH: process.env['PATH'],
        HOME: process.env['HOME'],
        XDG_CACHE_HOME: process.env['XDG_CACHE_HOME'],
        SWITCHYARD_DATA_DIR: dataDir,
        PORT: '0',
        SWITCHYARD_PAPER_PORT: '0',
        SWITCHYARD_VENUES: 'binance',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const written: string[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', (text: string) => written.push(text));
    }
    const ending = new Promise<Omit<Ended, 'tookMs'>>((resolve) => {
      child.once('close', (code, signal) => {
        resolve({ code, signal, output: written.join('') });
      });
    });
    return new Deployment(child, dataDir, written, ending);
  }

  get output(): string {
    return this.written.join('');
  }

  /**
   * What services, broker and database wrote of their own accord, each with the line after it: nothing while all is well. What the live monitor
   * says of how long orders take is left out: that is the machine's.
   */
  get complaints(): readonly string[] {
    const lines = this.output.split('\n');
    const isComplaint = (line: string): boolean =>
      /\b(WARN|ERROR|FATAL)\b/.test(line) && !line.includes('code=HIGH_EXECUTION_LATENCY');
    return lines.flatMap((line, i) => (isComplaint(line) ? [`${line} ${lines[i + 1] ?? ''}`] : []));
  }

  get brokers(): readonly string[] {
    return this.printed(/KAFKA_BROKERS=(\S+)/).split(',');
  }

  /** Origin of the simulated Binance. */
  get venueUrl(): string {
    return this.printed(/simulated venue +binance +(\S+)/);
  }

  /** The REST door as this member of staff. */
  async as(user: 'admin' | 'operator'): Promise<RestClient> {
    const tokens = JSON.parse(await readFile(join(this.dataDir, 'tokens.json'), 'utf8')) as Record<string, string>;
    return new RestClient(this.printed(/ready after [\d.]+ s: (\S+)/), tokens[user]);
  }

  /** Every process of this deployment but the parent, by what it runs; the services by their folders' names. */
  processes(): ReadonlyMap<string, number> {
    const rows = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' }).split('\n');
    return new Map(
      rows.flatMap((row): [string, number][] => {
        const [, pid, parent, args = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(row) ?? [];
        if (Number(parent) !== this.child.pid) return [];
        return [[/services\/([a-z-]+)\/dist\/main\.js/.exec(args)?.[1] ?? args.slice(0, 200), Number(pid)]];
      }),
    );
  }

  /** As if the machine's memory had run out: no goodbye. */
  killService(folder: string): void {
    const pid = this.processes().get(folder);
    if (pid === undefined) throw new Error(`no process of ${folder}`);
    process.kill(pid, 'SIGKILL');
  }

  /** Ctrl-C in the parent's terminal. Fails where a process of it is left. */
  async stop(): Promise<Ended> {
    const startedAt = performance.now();
    const processes = this.processes();
    this.child.kill('SIGINT');
    const ended = await this.ending;
    const left = [...processes].filter(([, pid]) => isAlive(pid));
    if (left.length > 0) throw new Error(`left behind: ${left.map(([name]) => name).join(', ')}`);
    return { ...ended, tookMs: performance.now() - startedAt };
  }

  /** For the end of a test, however it went. */
  async end(): Promise<void> {
    if (!this.hasEnded) await this.stop();
  }

  private get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private printed(pattern: RegExp): string {
    const found = pattern.exec(this.output)?.[1];
    if (found === undefined) throw new Error(`not printed: ${pattern.source}\n${this.output}`);
    return found;
  }
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** A folder for a deployment's data. Others may look in: as root, Postgres runs as another user. */
export async function newDataFolder(): Promise<{ readonly path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'switchyard-apart-'));
  await chmod(path, 0o755);
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) };
}
