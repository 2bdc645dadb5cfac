import type { VenueName } from '@switchyard/exchanges';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BadSettings, describeProblems, parseConfig, type ConfigProblem } from '@switchyard/config';
import { createLogger, createMetrics, startTracing } from '@switchyard/observability';
import {
  openPlatform,
  startService,
  type ListenOptions,
  type Platform,
  type RunningService,
  type ServiceDefinition,
} from '@switchyard/runtime';
import { databaseHere } from './database-here.js';
import type { Progress } from './progress.js';
import { DOORS, stagesOf } from './services.js';
import type { StandaloneSettings } from './settings.js';
import { reachOf, startPaperVenues } from './paper-venues.js';

export interface Standalone {
  readonly url: string;
  readonly accountsUrl: string;
  readonly services: readonly RunningService[];
  /** Origins of the simulated venues, by venue. */
  readonly venues: ReadonlyMap<VenueName, string>;
  readonly platform: Platform;
  stop(): Promise<void>;
}

/** Starts everything in this process, in an order in which nobody writes to what is not there yet; `stop` goes the other way. */
export async function startStandalone(
  settings: StandaloneSettings,
  env: NodeJS.ProcessEnv,
  progress: Progress,
): Promise<Standalone> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const one of stops.splice(0).reverse()) await one();
  };
  try {
    // Readable to pass through: as root, Postgres runs as another user. What is secret in it has its own mode.
    await mkdir(settings.dataDir, { recursive: true, mode: 0o755 });
    const logger = createLogger({
      service: 'switchyard',
      level: settings.logLevel,
      pretty: settings.logFormat === 'text',
    });
    const tracing = await startTracing({ service: 'switchyard', endpoint: settings.otlpEndpoint });
    stops.push(() => tracing.shutdown());

    const venues = await progress.step('simulated venues', () => startPaperVenues(settings, logger, stops));
    const databaseUrl = await progress.step('database', () => databaseHere(settings, logger, stops));
    const platform = await progress.step('event log', () =>
      openPlatform({
        databaseUrl,
        ...settings.log,
        instance: 'standalone',
        tied: true,
        others: false,
        poolSize: 8,
        logger,
        metrics: createMetrics({ service: 'switchyard' }),
        traced: settings.otlpEndpoint !== undefined,
      }),
    );
    stops.push(() => platform.close());

    const serviceEnv: NodeJS.ProcessEnv = {
      ...env,
      SWITCHYARD_DATA_DIR: settings.dataDir,
      SWITCHYARD_VENUES: settings.venues.join(','),
      ...(await reachOf(venues)),
    };
    const services: RunningService[] = [];
    const launch = async <Config>(
      definition: ServiceDefinition<Config>,
      own: NodeJS.ProcessEnv,
      listen?: ListenOptions,
    ): Promise<RunningService> => {
      const service = await startService(definition, configOf(definition, own), platform, listen);
      services.push(service);
      stops.push(() => service.stop());
      return service;
    };

    const accounts = await progress.step('accounts', () =>
      launch(DOORS.accounts, serviceEnv, { host: '127.0.0.1', port: 0 }),
    );
    const accountsUrl = accounts.url ?? '';
    await progress.step('stages', async () => {
      for (const definition of stagesOf(settings.venues))
        await launch(definition, { ...serviceEnv, ...keysOf(definition.name, settings.dataDir) });
    });
    const gateway = await progress.step('gateway', () =>
      launch(
        DOORS.gateway,
        { ...serviceEnv, SWITCHYARD_ACCOUNTS_URL: accountsUrl },
        { host: settings.host, port: settings.port },
      ),
    );
    return { url: gateway.url ?? '', accountsUrl, services, venues, platform, stop };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

/** What opens sealed exchange keys is told to the executors, and to accounts, which seals them; to nobody else. */
export const keysOf = (service: string, dataDir: string): NodeJS.ProcessEnv =>
  service.startsWith('execution-') && process.env['SWITCHYARD_KEY_ENCRYPTION_KEY'] === undefined
    ? { SWITCHYARD_KEY_ENCRYPTION_KEY_FILE: process.env['SWITCHYARD_KEY_ENCRYPTION_KEY_FILE'] ?? join(dataDir, 'kek') }
    : {};

export const configOf = <Config>(definition: ServiceDefinition<Config>, env: NodeJS.ProcessEnv): Config => {
  const parsed = parseConfig(definition.config, env);
  if (parsed.ok) return parsed.config;
  const problems: readonly ConfigProblem[] = parsed.problems;
  throw new BadSettings(describeProblems(problems, definition.name));
};
