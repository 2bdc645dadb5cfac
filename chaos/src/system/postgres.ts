import { execFileSync } from 'node:child_process';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@switchyard/persistence';

export interface PostgresOptions {
  readonly dataDir: string;
  readonly port: number;
  readonly log: { info(message: string): void; warn(message: string): void };
}

/** The embedded Postgres, which can be killed with everything that belongs to it, and started again where it was. */
export class KillablePostgres {
  private away = false;

  private constructor(
    private readonly options: PostgresOptions,
    private running: EmbeddedPostgres,
  ) {}

  static async start(options: PostgresOptions): Promise<KillablePostgres> {
    return new KillablePostgres(options, await startEmbeddedPostgres({ ...options, settings: SETTINGS }));
  }

  /** Of the database, past every relay. */
  get url(): string {
    return this.running.url;
  }

  get port(): number {
    return this.running.port;
  }

  get state(): 'running' | 'down' {
    return this.away ? 'down' : 'running';
  }

  /** `kill -9` of the postmaster and all of its children at once. */
  async kill(): Promise<void> {
    this.away = true;
    const { pid } = this.running;
    for (const one of [pid, ...childrenOf(pid)]) {
      try {
        process.kill(one, 'SIGKILL');
      } catch {
        // It ended by itself in between.
      }
    }
    // Nothing is left to stop; this lets go of the folder.
    await this.running.stop();
  }

  async restart(): Promise<void> {
    this.running = await startEmbeddedPostgres({ ...this.options, settings: SETTINGS });
    this.away = false;
  }

  async stop(): Promise<void> {
    await this.running.stop();
  }
}

/** Two dozen processes, with their connections of a moment ago beside the new ones. */
const SETTINGS = { max_connections: '600' } as const;

const childrenOf = (parent: number): readonly number[] =>
  execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((row) => {
      const [pid, ppid] = row.trim().split(/\s+/).map(Number);
      return ppid === parent && pid !== undefined ? [pid] : [];
    });
