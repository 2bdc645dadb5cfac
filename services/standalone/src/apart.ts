import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AccountsSetup, accounts } from '@switchyard/accounts-service';
import { loadConfig } from '@switchyard/config';
import { createLogger, createMetrics, type Logger } from '@switchyard/observability';
import { startEmbeddedPostgres } from '@switchyard/persistence';
import { openPlatform, startService, untilStopped } from '@switchyard/runtime';
import { parts, scriptOf } from './apart-plan.js';
import { Child, answers } from './child.js';
import { ensureDemoData, type Tokens } from './demo/demo-data.js';
import { DemoStrategy } from './demo/demo-strategy.js';
import { startKafkaHere } from './kafka-here.js';
import { startPaperVenues } from './paper-venues.js';
import { Progress } from './progress.js';
import { VENUES } from './services.js';
import { standaloneSettings, type StandaloneSettings } from './settings.js';
import { configOf, keysOf } from './standalone.js';
import { welcome } from './welcome.js';

/** `npm run start:kafka` and `npm run start:postgres`: every service as its own process, restarted when it dies. */
const ROOT = join(import.meta.dirname, '../../..');
const [transport = 'postgres', ...flags] = process.argv.slice(2);
const demo = !flags.includes('--no-demo');
const settings = loadConfig(standaloneSettings, process.env, 'Switchyard');
const logger = createLogger({ service: 'switchyard', level: settings.logLevel, pretty: settings.logFormat === 'text' });
const progress = new Progress();
const stops: (() => Promise<void>)[] = [];
process.stdout.write(`starting Switchyard, a process a service, over ${transport}\n`);

try {
  await mkdir(settings.dataDir, { recursive: true, mode: 0o755 });
  const venues = await progress.step('simulated venues', () => startPaperVenues(settings, logger, stops));
  const databaseUrl = await progress.step('database', () => database(settings, logger));
  const brokers =
    transport === 'kafka'
      ? await progress.step('Kafka', () => startKafkaHere(ROOT, settings.dataDir, stops))
      : undefined;
  const accountsUrl = `http://127.0.0.1:${String(settings.port + 1)}`;
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    SWITCHYARD_TRANSPORT: transport,
    ...(brokers === undefined ? {} : { KAFKA_BROKERS: brokers }),
    SWITCHYARD_DATA_DIR: settings.dataDir,
    SWITCHYARD_PARTITIONS: String(settings.partitions),
    SWITCHYARD_HOST: settings.host,
    SWITCHYARD_VENUES: VENUES.join(','),
    SWITCHYARD_ACCOUNTS_URL: accountsUrl,
    SWITCHYARD_LOG_LEVEL: settings.logLevel,
    SWITCHYARD_LOG_FORMAT: settings.logFormat,
    ...Object.fromEntries([...venues].map(([venue, url]) => [`SWITCHYARD_VENUE_${venue.toUpperCase()}_URL`, url])),
  };
  const tokens = await progress.step('users', () => setUp(databaseUrl, env, venues));
  const children = await progress.step('services', () => startChildren(env));
  const url = `http://${settings.host}:${String(settings.port)}`;
  const strategy = tokens.demoBot === undefined ? undefined : new DemoStrategy({ url, token: tokens.demoBot, logger });
  strategy?.start();
  process.stdout.write(
    [
      '',
      ...parts().map(
        ({ name, offset }) =>
          `  ${name.padEnd(20)} http://127.0.0.1:${String(settings.port + offset)}  (/health /ready /metrics)`,
      ),
      ...(brokers === undefined ? [] : [`  KAFKA_BROKERS=${brokers}`]),
      `  DATABASE_URL of this run is in ${join(settings.dataDir, 'postgres')}`,
    ].join('\n'),
  );
  process.stdout.write(
    welcome({ url, dataDir: settings.dataDir, venues, readyAfter: progress.elapsed, demo, now: new Date() }),
  );

  await untilStopped(() => false);
  process.stdout.write('\nstopping: what is under way is finished first\n');
  await strategy?.stop();
  // The doors first, then everybody else at once: nothing new comes in while the rest ends.
  for (const door of children.slice(0, 1)) await door.stop();
  await Promise.all(children.map((child) => child.stop()));
  await stopAll();
  process.stdout.write('stopped\n');
  process.exit(0);
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`);
  await stopAll().catch(() => undefined);
  process.exit(1);
}

async function stopAll(): Promise<void> {
  for (const stop of stops.splice(0).reverse()) await stop();
}

async function database({ databaseUrl, dataDir }: StandaloneSettings, log: Logger): Promise<string> {
  if (databaseUrl !== undefined) return databaseUrl;
  const postgres = await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres'), log });
  stops.push(() => postgres.stop());
  return postgres.url;
}

/** The accounts service runs here for a moment, to make the users that are missing; its process goes on from what it stored. */
async function setUp(
  databaseUrl: string,
  env: NodeJS.ProcessEnv,
  venues: ReadonlyMap<string, string>,
): Promise<Tokens> {
  const platform = await openPlatform({
    databaseUrl,
    transport: 'postgres',
    partitions: settings.partitions,
    instance: 'accounts-setup',
    others: true,
    poolSize: 4,
    logger,
    metrics: createMetrics({ service: 'setup', process: false }),
    traced: false,
  });
  const service = await startService(accounts, configOf(accounts, env), platform);
  try {
    return await ensureDemoData(service.app.get(AccountsSetup), { ...settings, venues, demo });
  } finally {
    await service.stop();
    await platform.close();
  }
}

async function startChildren(env: NodeJS.ProcessEnv): Promise<readonly Child[]> {
  const children = parts().map(
    ({ name, folder, offset, env: own }) =>
      new Child({
        name,
        script: scriptOf(ROOT, folder),
        env: { ...env, ...own, ...keysOf(name, settings.dataDir), PORT: String(settings.port + offset) },
        onLost: (lost, how) => {
          logger.warn({ part: lost, how }, 'a service ended; it is started again');
        },
      }),
  );
  for (const child of children) {
    child.start();
    stops.push(() => child.stop());
  }
  for (const { offset } of parts()) await answers(`http://127.0.0.1:${String(settings.port + offset)}/ready`, 60_000);
  return children;
}
