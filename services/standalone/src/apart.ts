import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { exitCodeOf, loadConfig } from '@switchyard/config';
import { createLogger } from '@switchyard/observability';
import { checkDeployment, tieDeployment, untilStopped, type Transport } from '@switchyard/runtime';
import { planParts, scriptOf, type Part } from './apart-plan.js';
import { usersApart } from './apart-users.js';
import { Child } from './child.js';
import { databaseHere } from './database-here.js';
import { DemoStrategy } from './demo/demo-strategy.js';
import { brokersHere, topicsHere } from './kafka-here.js';
import { reachOf, startPaperVenues } from './paper-venues.js';
import { Progress } from './progress.js';
import { standaloneSettings } from './settings.js';
import { keysOf } from './standalone.js';
import { welcome } from './welcome.js';

/** `npm run start:kafka` and `npm run start:postgres`: every service as its own process, restarted when it dies. */
const ROOT = join(import.meta.dirname, '../../..');
const [named = '', ...flags] = process.argv.slice(2);
if ((named !== 'kafka' && named !== 'postgres') || flags.some((flag) => flag !== '--no-demo')) {
  process.stderr.write('the transport is kafka or postgres, and there is one option: -- --no-demo\n');
  process.exit(2);
}
const transport: Transport = named;
const demo = !flags.includes('--no-demo');
// The transport is said on the command line, and brokers come along where none are named.
const said = { ...process.env, SWITCHYARD_TRANSPORT: undefined };
const loaded = loadConfig(standaloneSettings, said, 'Switchyard');
const settings = { ...loaded, log: { ...loaded.log, transport } };
const logger = createLogger({ service: 'switchyard', level: settings.logLevel, pretty: settings.logFormat === 'text' });
const progress = new Progress();
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;
/** Nine processes start at once, on perhaps two cores. */
const START_DEADLINE_MS = 90_000;
const stops: (() => Promise<void>)[] = [];
/** Begun before the database, and as long as everything else together; settled before anything is stopped. */
let kafka: Promise<string> | undefined;
process.stdout.write(`starting Switchyard, a process a service, over ${transport}\n`);

for (const signal of SIGNALS) process.once(signal, interrupted);

try {
  const parts = await planParts(settings.port, settings.host, settings.venues);
  await mkdir(settings.dataDir, { recursive: true, mode: 0o755 });
  if (transport === 'kafka') kafka = brokersHere(ROOT, settings, stops);
  kafka?.catch(() => undefined);
  const venues = await progress.step('simulated venues', () => startPaperVenues(settings, logger, stops));
  const databaseUrl = await progress.step('database', () => databaseHere(settings, logger, stops));
  const log = { databaseUrl, ...settings.log };
  await progress.step('event log', () => (transport === 'kafka' ? checkDeployment(log) : tieDeployment(log)));
  kafka = kafka?.then((brokers) => topicsHere(brokers, log, settings.venues));
  kafka?.catch(() => undefined);
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    SWITCHYARD_TRANSPORT: transport,
    SWITCHYARD_DATA_DIR: settings.dataDir,
    SWITCHYARD_PARTITIONS: String(settings.log.partitions),
    SWITCHYARD_HOST: settings.host,
    SWITCHYARD_VENUES: settings.venues.join(','),
    SWITCHYARD_ACCOUNTS_URL: `http://${settings.host}:${String(portOf(parts, 'accounts'))}`,
    SWITCHYARD_LOG_LEVEL: settings.logLevel,
    SWITCHYARD_LOG_FORMAT: settings.logFormat,
    ...(await reachOf(venues)),
  };
  const tokens = await progress.step('users', () => usersApart({ settings, databaseUrl, env, venues, demo, logger }));
  const starting = kafka;
  const brokers = starting === undefined ? undefined : await progress.step('Kafka', () => starting);
  const children = await progress.step('services', () =>
    startChildren(parts, brokers === undefined ? env : { ...env, KAFKA_BROKERS: brokers }),
  );
  const url = `http://${settings.host}:${String(portOf(parts, 'gateway'))}`;
  const strategy = tokens.demoBot === undefined ? undefined : new DemoStrategy({ url, token: tokens.demoBot, logger });
  strategy?.start();
  process.stdout.write(
    [
      '',
      ...parts.map(
        ({ name, port }) => `  ${name.padEnd(20)} http://${settings.host}:${String(port)}  (/health /ready /metrics)`,
      ),
      ...(brokers === undefined ? [] : [`  KAFKA_BROKERS=${brokers}`]),
      ...(settings.databaseUrl === undefined ? [`  database             ${join(settings.dataDir, 'postgres')}`] : []),
    ].join('\n'),
  );
  process.stdout.write(
    welcome({ url, dataDir: settings.dataDir, venues, readyAfter: progress.elapsed, demo, now: new Date() }),
  );

  for (const signal of SIGNALS) process.off(signal, interrupted);
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
  process.exit(exitCodeOf(error));
}

/** Asked to end before everything runs. */
function interrupted(): void {
  process.stdout.write('\nstopping before it has started\n');
  void stopAll().then(() => process.exit(130));
}

async function stopAll(): Promise<void> {
  await kafka?.catch(() => undefined);
  for (const stop of stops.splice(0).reverse()) await stop();
}

async function startChildren(parts: readonly Part[], env: NodeJS.ProcessEnv): Promise<readonly Child[]> {
  const children = parts.map(({ name, folder, port, env: own }) => ({
    ready: `http://${settings.host}:${String(port)}/ready`,
    child: new Child({
      name,
      script: scriptOf(ROOT, folder),
      env: { ...env, ...own, ...keysOf(name, settings.dataDir), PORT: String(port) },
      onLost: (lost, how) => {
        logger.warn({ part: lost, how }, 'a service ended; it is started again');
      },
    }),
  }));
  stops.push(async () => {
    await Promise.all(children.map(({ child }) => child.stop()));
  });
  for (const { child } of children) child.start();
  await Promise.all(children.map(({ child, ready }) => child.ready(ready, START_DEADLINE_MS)));
  return children.map(({ child }) => child);
}

function portOf(parts: readonly Part[], name: string): number {
  return parts.find((part) => part.name === name)?.port ?? 0;
}
