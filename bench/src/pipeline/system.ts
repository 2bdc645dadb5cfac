import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { VenueName } from '@switchyard/exchanges';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@switchyard/persistence';
import type { BenchmarkContext } from '../benchmark.js';
import { childrenOf, cpuOf, residentOf } from '../cpu.js';
import { answering, startProgram, type ProfileCommand, type Program, type RunningProgram } from './child.js';
import type { Transport } from './options.js';
import { freePorts } from './ports.js';
import { reachOf } from './venue-accounts.js';
import { stageWork, type StageWork } from './stage-work.js';

const ROOT = join(import.meta.dirname, '../../..');

export const PARTITIONS = 24;

/** Counts and times every statement; costs a little itself, so only where a profile is wanted. */
const STATEMENTS = { shared_preload_libraries: 'pg_stat_statements', 'pg_stat_statements.max': '1000' } as const;

export interface SystemOptions {
  readonly directory: string;
  readonly transport: Transport;
  readonly apart: boolean;
  readonly profile?: string | undefined;
  readonly log: BenchmarkContext['log'];
  /** Default: Binance alone. */
  readonly venues?: readonly VenueName[] | undefined;
  /** Settings of the services beside those that are given. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Done when the venues are there, before any service starts. */
  readonly prepare?: (venues: ReadonlyMap<VenueName, string>) => Promise<void>;
  /** A file for what the services write to their standard output; else it is dropped. */
  readonly output?: string | undefined;
  /** Where services find a venue, if not at its own address. Asked once each, after `prepare`. */
  readonly addressOf?: (venue: VenueName, url: string) => string;
}

/** Everything that a deployment consists of, each part a process whose CPU time can be told. */
export interface System {
  readonly databaseUrl: string;
  readonly postgres: EmbeddedPostgres;
  readonly brokers: readonly string[] | undefined;
  /** Their own addresses. */
  readonly venues: ReadonlyMap<VenueName, string>;
  /** Settings of every service. */
  readonly env: NodeJS.ProcessEnv;
  /** Where the gateway answers. */
  readonly gatewayUrl: string;
  /** Resident bytes of each part, by its name. */
  resident(): Promise<ReadonlyMap<string, number>>;
  /** CPU seconds that each part has used until now, by its name. */
  cpu(): Promise<ReadonlyMap<string, number>>;
  /** Has the services begin a CPU profile, or end it and write it to the file. */
  profile(command: ProfileCommand): Promise<void>;
  /** How much the stages have done until now, by service: from their metrics. */
  work(): Promise<ReadonlyMap<string, StageWork>>;
  stop(): Promise<void>;
}

export const startSystem = async (options: SystemOptions): Promise<System> => {
  const { directory, transport, log, prepare, venues: names = ['binance'], addressOf = (_, url) => url } = options;
  const stops: (() => Promise<void>)[] = [];
  const pids = new Map<string, number>();
  const started = (program: RunningProgram): void => {
    pids.set(program.name, program.pid);
    stops.push(() => program.stop());
  };
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    await mkdir(directory, { recursive: true });
    await chmod(directory, 0o755);
    const postgres = await startEmbeddedPostgres({
      dataDir: join(directory, 'postgres'),
      log,
      ...(options.profile === undefined ? {} : { settings: STATEMENTS }),
    });
    stops.push(() => postgres.stop());
    pids.set('postgres', postgres.pid);
    const brokers = transport === 'kafka' ? await startBroker(directory, log, stops, pids) : undefined;
    const venuePort = await freePorts(names.length + SERVICES.length + names.length);
    const firstPort = venuePort + names.length;
    const venues = new Map(names.map((venue, i) => [venue, `http://127.0.0.1:${venuePort + i}`] as const));
    started(
      await startProgram({
        name: 'venue',
        script: join(import.meta.dirname, 'venues-main.js'),
        args: [join(directory, 'venues'), ...names.map((venue, i) => `${venue}=${venuePort + i}`)],
        env: process.env,
      }),
    );
    await prepare?.(venues);
    const env: NodeJS.ProcessEnv = {
      ...process.env,
      DATABASE_URL: postgres.localUrl,
      SWITCHYARD_TRANSPORT: transport,
      ...(brokers === undefined ? {} : { KAFKA_BROKERS: brokers.join(',') }),
      SWITCHYARD_DATA_DIR: directory,
      SWITCHYARD_PARTITIONS: String(PARTITIONS),
      SWITCHYARD_VENUES: names.join(','),
      ...(await reachOf(venues, addressOf)),
      SWITCHYARD_LOG_LEVEL: 'warn',
      SWITCHYARD_ACCOUNTS_URL: `http://127.0.0.1:${firstPort + 1}`,
      ...options.env,
    };
    let last: RunningProgram | undefined;
    const keys = { SWITCHYARD_KEY_ENCRYPTION_KEY_FILE: join(directory, 'kek') };
    // Side by side: some are ready only when others are.
    const programs = options.apart
      ? partsOf(firstPort, env, keys, names)
      : [whole({ ...env, ...keys, PORT: String(firstPort) })];
    const starts = await Promise.allSettled(
      programs.map((program) => startProgram({ ...program, output: options.output })),
    );
    for (const one of starts) if (one.status === 'fulfilled') started((last = one.value));
    for (const one of starts) if (one.status === 'rejected') throw one.reason;
    const cpu = async (): Promise<ReadonlyMap<string, number>> => {
      const used = new Map<string, number>();
      for (const [name, pid] of pids) used.set(name, await cpuOf(pid));
      return used;
    };
    const ports = Array.from({ length: programs.length }, (_, offset) => firstPort + offset);
    const work = () => stageWork(ports.map((port) => `http://127.0.0.1:${port}/metrics`));
    return {
      databaseUrl: postgres.localUrl,
      postgres,
      brokers,
      venues,
      env,
      gatewayUrl: `http://127.0.0.1:${firstPort}`,
      resident: async () => {
        const held = new Map<string, number>();
        for (const [name, pid] of pids) held.set(name, await residentOf(pid));
        return held;
      },
      cpu,
      work,
      profile: async (command) => last?.profile(command),
      stop,
    };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
};

const whole = (env: NodeJS.ProcessEnv) => ({
  name: 'services',
  script: join(import.meta.dirname, 'services.js'),
  env,
});

const SERVICES = [
  'gateway',
  'accounts',
  'market-data',
  'journal',
  'reconciliation',
  'routing',
  'risk',
  'signal-validation',
] as const;

/** As `npm run start:kafka` does: the gateway first, so that the ports are known. */
const partsOf = (
  firstPort: number,
  env: NodeJS.ProcessEnv,
  keys: NodeJS.ProcessEnv,
  venues: readonly VenueName[],
): readonly Program[] =>
  [
    ...SERVICES.map((folder) => ({ name: folder, folder, own: {} })),
    // Of a single venue's figures the name stays what it was.
    ...venues.map((venue) => ({
      name: venues.length === 1 ? 'execution' : `execution-${venue}`,
      folder: 'execution',
      own: { ...keys, SWITCHYARD_VENUE: venue },
    })),
  ].map(({ name, folder, own }, offset) => {
    const port = firstPort + offset;
    return {
      name,
      script: join(ROOT, `services/${folder}/dist/main.js`),
      env: {
        ...env,
        ...own,
        PORT: String(port),
      },
      ready: () => answering(`http://127.0.0.1:${port}/ready`),
    };
  });

interface KafkaTool {
  startKafka(options: { readonly dir: string; readonly log: (line: string) => void }): Promise<{
    readonly brokers: string;
    stop(): Promise<void>;
  }>;
}

const startBroker = async (
  directory: string,
  log: BenchmarkContext['log'],
  stops: (() => Promise<void>)[],
  pids: Map<string, number>,
): Promise<readonly string[]> => {
  const tool = (await import(pathToFileURL(join(ROOT, 'tools/kafka.mjs')).href)) as KafkaTool;
  const before = new Set(await childrenOf(process.pid));
  const kafka = await tool.startKafka({
    dir: join(directory, 'kafka'),
    log: (line) => {
      log.info(line);
    },
  });
  stops.push(() => kafka.stop());
  const pid = (await childrenOf(process.pid)).find((child) => !before.has(child));
  if (pid !== undefined) pids.set('broker', pid);
  return kafka.brokers.split(',');
};
