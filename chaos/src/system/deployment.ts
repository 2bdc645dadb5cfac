import { execFileSync } from 'node:child_process';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { VenueName } from '@switchyard/exchanges';
import type { CutKind, Peer } from '../plan/fault.js';
import { freePorts } from './free-ports.js';
import { KillableKafka } from './kafka.js';
import { PaperVenue } from './paper-venue.js';
import { KillablePostgres } from './postgres.js';
import { kafkaIdOf, processesOf, type ProcessShape, type ServiceProcess } from './processes.js';
import { openOwnAccounts, reachOf } from './reach.js';
import { Relay } from './relay.js';
import { Supervised } from './supervised.js';
import { ensureUsers, type User } from './users.js';

const ROOT = join(import.meta.dirname, '../../..');

export interface DeploymentOptions extends ProcessShape {
  /** Where everything is kept; may hold what a run before left. */
  readonly dir: string;
  readonly transport: 'postgres' | 'kafka';
  readonly users: number;
  /** Whether each follows the strategy of the run. */
  readonly follows: boolean;
  readonly partitions: number;
  readonly brokers: number;
  readonly say: (line: string) => void;
}

/** A service's process, and its own ways to what it needs. */
export interface Part extends ServiceProcess {
  readonly process: Supervised;
  readonly url: string;
  readonly postgres: Relay;
  /** To each venue that it calls. */
  readonly ways: ReadonlyMap<VenueName, Relay>;
}

/**
 * A whole deployment that can be hurt: the services as `start:postgres` and `start:kafka` run them, several of each stage, each behind
 * relays of its own; database, brokers and the simulated venues beside them. The venues play the outside world: they are never killed.
 */
export class Deployment {
  /** Services that ended by themselves: the name and how, with the time. */
  readonly lost: string[] = [];
  users: readonly User[] = [];
  adminToken = '';
  readonly nodes = new Map<string, Part>();
  postgres!: KillablePostgres;
  kafka: KillableKafka | undefined;
  venues: ReadonlyMap<VenueName, PaperVenue> = new Map();
  private venueProcess: Supervised | undefined;

  private constructor(private readonly options: DeploymentOptions) {}

  /** Resolves when every service is ready. */
  static async start(options: DeploymentOptions): Promise<Deployment> {
    const deployment = new Deployment(options);
    try {
      await deployment.begin();
    } catch (error) {
      await deployment.stop().catch(() => undefined);
      throw error;
    }
    return deployment;
  }

  get gatewayUrl(): string {
    return this.node('gateway').url;
  }

  door(venue: VenueName): PaperVenue {
    const door = this.venues.get(venue);
    if (door === undefined) throw new Error(`${venue} is no venue of this run`);
    return door;
  }

  node(name: string): Part {
    const node = this.nodes.get(name);
    if (node === undefined) throw new Error(`there is no process ${name}`);
    return node;
  }

  /** What is not as it should be right now, for people. */
  get wounds(): readonly string[] {
    return [
      ...(this.postgres.state === 'down' ? ['Postgres is down'] : []),
      ...(this.kafka?.away ?? []).map((broker) => `broker ${broker} is down`),
      ...[...this.nodes.values()].flatMap(({ name, process }) =>
        process.state === 'running' ? [] : [`${name} is ${process.state}`],
      ),
    ];
  }

  /** Services that don't say that they are ready, with what they say. */
  async notReady(): Promise<readonly string[]> {
    const answers = await Promise.all(
      [...this.nodes.values()].map(async ({ name, url }) => {
        const problem = await problemAt(`${url}/ready`);
        return problem === undefined ? [] : [`${name}: ${problem}`];
      }),
    );
    return answers.flat();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.nodes.values()].map(({ process }) => process.stop()));
    await this.venueProcess?.stop();
    await this.kafka?.stop();
    await Promise.all(
      [...this.nodes.values()].flatMap(({ postgres, ways }) =>
        [postgres, ...ways.values()].map((relay) => relay.close()),
      ),
    );
    // Undefined where the start failed before it.
    await (this.postgres as KillablePostgres | undefined)?.stop();
  }

  /** Services and the venues go as they stand, stopped ones too; then the database and the brokers stop. */
  async end(): Promise<void> {
    endOrphans(this.options.dir);
    await Promise.allSettled([this.kafka?.stop(), (this.postgres as KillablePostgres | undefined)?.kill()]);
  }

  private async begin(): Promise<void> {
    const { dir, transport, venues, users, follows, partitions, brokers, say } = this.options;
    const programs = processesOf(this.options);
    await mkdir(join(dir, 'logs'), { recursive: true });
    // As root, Postgres runs as another user, who must get through.
    await chmod(dir, 0o755);
    endOrphans(dir);
    const [postgresPort = 0, ...free] = await freePorts(1 + venues.length + programs.length);
    this.startVenues(free.slice(0, venues.length));
    const ports = free.slice(venues.length);
    say('database ...');
    this.postgres = await KillablePostgres.start({ dataDir: join(dir, 'postgres'), port: postgresPort, log: SILENT });
    if (transport === 'kafka') {
      say(`${brokers} Kafka brokers ...`);
      this.kafka = await KillableKafka.start({
        ...{ root: ROOT, dataDir: join(dir, 'kafka'), nodes: brokers, partitions, venues, log: say },
      });
    }
    await Promise.all([...this.venues.values()].map(({ url }) => ready(`${url}/ready`)));
    await openOwnAccounts(this.venues.values());
    say(`${users} users ...`);
    const people = await ensureUsers({
      ...{ databaseUrl: this.postgres.url, partitions, venues: this.venues, count: users, follows },
      env: { ...process.env, ...this.commonEnv(ports[1] ?? 0) },
    });
    this.users = people.users;
    this.adminToken = people.adminToken;
    say(`${programs.length} services ...`);
    for (const [i, program] of programs.entries()) {
      const node = await this.nodeOf(program, ports[i] ?? 0, ports[1] ?? 0);
      this.nodes.set(program.name, node);
      node.process.start();
    }
    await Promise.all([...this.nodes.values()].map(({ url }) => ready(`${url}/ready`)));
  }

  private startVenues(ports: readonly number[]): void {
    const { dir } = this.options;
    const doors = this.options.venues.map((venue, i) => [venue, ports[i] ?? 0] as const);
    this.venues = new Map(
      doors.map(([venue, port]) => [venue, new PaperVenue(venue, `http://127.0.0.1:${port}`)] as const),
    );
    this.venueProcess = new Supervised({
      name: 'paper-exchange',
      script: join(import.meta.dirname, 'venue-main.js'),
      args: [join(dir, 'venues'), ...doors.map(([venue, port]) => `${venue}=${port}`)],
      env: process.env,
      logFile: join(dir, 'logs', 'paper-exchange.log'),
      onLost: this.onLost,
    });
    this.venueProcess.start();
  }

  private readonly onLost = (name: string, how: string): void => {
    this.lost.push(`${new Date().toISOString()} ${name}: ${how}`);
  };

  private async nodeOf(program: ServiceProcess, port: number, accountsPort: number): Promise<Part> {
    const { dir, transport } = this.options;
    const postgres = await Relay.open(this.postgres.port);
    const ways = new Map<VenueName, Relay>();
    for (const venue of program.venues) ways.set(venue, await Relay.open(Number(new URL(this.door(venue).url).port)));
    const databaseUrl = new URL(this.postgres.url);
    databaseUrl.port = String(postgres.port);
    const env = {
      ...process.env,
      ...this.commonEnv(accountsPort),
      DATABASE_URL: databaseUrl.href,
      PORT: String(port),
      SWITCHYARD_TRANSPORT: transport,
      SWITCHYARD_INSTANCE: program.instance,
      ...reachOf(ways),
      ...(this.kafka === undefined ? {} : { KAFKA_BROKERS: this.kafka.brokers.join(',') }),
      ...(program.folder === 'execution'
        ? { SWITCHYARD_VENUE: program.venues[0], SWITCHYARD_KEY_ENCRYPTION_KEY_FILE: join(dir, 'kek') }
        : {}),
    };
    return {
      ...program,
      url: `http://127.0.0.1:${port}`,
      postgres,
      ways,
      process: new Supervised({
        name: program.name,
        script: scriptOf(program.folder),
        // Read by nobody: it tells our processes from anybody else's.
        args: [dir],
        env,
        logFile: join(dir, 'logs', `${program.name}.log`),
        onLost: this.onLost,
      }),
    };
  }

  private commonEnv(accountsPort: number): NodeJS.ProcessEnv {
    const { dir, partitions, venues } = this.options;
    return {
      SWITCHYARD_DATA_DIR: dir,
      SWITCHYARD_PARTITIONS: String(partitions),
      SWITCHYARD_HOST: '127.0.0.1',
      SWITCHYARD_VENUES: venues.join(','),
      SWITCHYARD_ACCOUNTS_URL: `http://127.0.0.1:${accountsPort}`,
      // A circuit of 60 s would be open nearly always, and an open circuit is no test: nobody trades.
      SWITCHYARD_EXECUTION_BREAKER_OPEN_S: '2',
      SWITCHYARD_LOG_LEVEL: 'warn',
      SWITCHYARD_LOG_FORMAT: 'text',
    };
  }

  /** Cuts a process off from what it needs. @returns what heals it */
  cut(name: string, from: Peer, venue: VenueName | undefined, how: CutKind): () => void {
    const node = this.node(name);
    if (from === 'kafka') {
      const { kafka } = this;
      kafka?.cut(how, kafkaIdOf(node));
      return () => kafka?.heal(kafkaIdOf(node));
    }
    const relays =
      from === 'postgres'
        ? [node.postgres]
        : [...node.ways].flatMap(([name, way]) => (venue === undefined || name === venue ? [way] : []));
    for (const relay of relays) relay.cut(how);
    return () => {
      for (const relay of relays) relay.heal();
    };
  }
}

const SILENT = { info: (): void => undefined, warn: (): void => undefined };

const scriptOf = (folder: string): string => join(ROOT, 'services', folder, 'dist', 'main.js');

/** A run that was itself killed leaves processes behind that stood still at that moment. Brokers and database are ended by who starts them. */
const endOrphans = (dir: string): void => {
  for (const row of execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' }).split('\n')) {
    const [, pid, args = ''] = /^\s*(\d+)\s+(.*)$/.exec(row) ?? [];
    if (OURS.test(args) && args.split(/\s+/).some((one) => one === dir || one.startsWith(`${dir}/`)))
      process.kill(Number(pid), 'SIGKILL');
  }
};

const OURS = /\/services\/[a-z-]+\/dist\/main\.js|\/venue-main\.js/;

const START_DEADLINE_MS = 180_000;

const ready = async (url: string): Promise<void> => {
  const end = performance.now() + START_DEADLINE_MS;
  for (;;) {
    const problem = await problemAt(url);
    if (problem === undefined) return;
    if (performance.now() > end)
      throw new Error(`${url} is not ready after ${START_DEADLINE_MS / 1_000} s: ${problem}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

/** Undefined where it answers 200, else what it said. */
const problemAt = (url: string): Promise<string | undefined> =>
  fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
    async (response) => {
      const text = await response.text();
      return response.ok ? undefined : `${response.status} ${text}`;
    },
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
