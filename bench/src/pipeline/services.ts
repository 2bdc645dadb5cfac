import { Session } from 'node:inspector/promises';
import { writeFile } from 'node:fs/promises';
import { accounts } from '@switchyard/accounts-service';
import { loadConfig, parseConfig } from '@switchyard/config';
import { execution } from '@switchyard/execution-service';
import { gateway } from '@switchyard/gateway-service';
import { journal } from '@switchyard/journal-service';
import { marketData } from '@switchyard/market-data-service';
import { createLogger, createMetrics } from '@switchyard/observability';
import { reconciliation } from '@switchyard/reconciliation-service';
import { risk } from '@switchyard/risk-service';
import { routing } from '@switchyard/routing-service';
import {
  openPlatform,
  processSettings,
  startService,
  untilStopped,
  type ListenOptions,
  type RunningService,
  type ServiceDefinition,
} from '@switchyard/runtime';
import { signalValidation } from '@switchyard/signal-validation-service';
import type { ProfileCommand } from './child.js';

/**
 * All services in one process, over either transport, as a program of its own: its CPU time is the services' and nobody else's. Unlike
 * the standalone it tells other processes of its commits and listens to theirs, since the load comes from one.
 */
const settings = loadConfig(processSettings, process.env, 'The services under load');
const logger = createLogger({ service: 'switchyard', level: settings.logLevel, pretty: true });
const { kafkaBrokers, ...rest } = settings;
const platform = await openPlatform({
  ...rest,
  ...(kafkaBrokers === undefined ? {} : { kafkaBrokers }),
  instance: 'bench',
  others: true,
  logger,
  metrics: createMetrics({ service: 'switchyard' }),
  traced: settings.otlpEndpoint !== undefined,
});

const running: RunningService[] = [];
const start = async <Config>(
  definition: ServiceDefinition<Config>,
  listen?: ListenOptions,
  env: NodeJS.ProcessEnv = process.env,
): Promise<RunningService> => {
  const config = parseConfig(definition.config, env);
  if (!config.ok) throw new Error(`${definition.name}: ${JSON.stringify(config.problems)}`);
  const service = await startService(definition, config.config, platform, listen);
  running.push(service);
  return service;
};

const local: ListenOptions = { host: '127.0.0.1', port: 0 };
const door = await start(accounts, local);
await start(marketData);
await start(journal);
await start(reconciliation);
for (const venue of process.env['SWITCHYARD_VENUES']?.split(',') ?? []) await start(execution(venue));
await start(routing);
await start(risk);
await start(signalValidation);
await start(gateway, { host: '127.0.0.1', port: settings.port }, { ...process.env, SWITCHYARD_ACCOUNTS_URL: door.url });

const profiler = new Session();
process.on('message', (command) => void profile(command as ProfileCommand));
// Whoever started this is gone.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.send?.('ready');

await untilStopped(() => platform.health.broken);
for (const service of running.reverse()) await service.stop();
await platform.close();
process.exit(0);

/** Only what runs under load is of interest, not the start: so the profile begins and ends when it is told. */
async function profile({ file }: ProfileCommand): Promise<void> {
  if (file === undefined) {
    profiler.connect();
    await profiler.post('Profiler.enable');
    await profiler.post('Profiler.start');
    process.send?.('profiling');
    return;
  }
  const { profile: result } = await profiler.post('Profiler.stop');
  await writeFile(file, JSON.stringify(result));
  profiler.disconnect();
  process.send?.('written');
}
