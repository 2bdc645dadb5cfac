import {
  BAD_CONFIG_EXIT_CODE,
  describeProblems,
  exitCodeOf,
  parseConfig,
  type ConfigProblem,
} from '@switchyard/config';
import { createLogger, createMetrics, startTracing, type Logger } from '@switchyard/observability';
import type { ServiceDefinition } from './definition.js';
import { openPlatform, type Platform } from './platform.js';
import { processSettings } from './settings.js';
import { startService } from './start-service.js';
import { untilStopped } from './until-stopped.js';

/** Runs one service as a process: every setting checked first, everything wrong said at once, an orderly end at SIGTERM and SIGINT. */
export async function runService<Config>(
  definition: ServiceDefinition<Config>,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const settings = parseConfig(processSettings, env);
  const config = parseConfig(definition.config, env);
  if (!settings.ok || !config.ok) {
    const problems: ConfigProblem[] = [
      ...(settings.ok ? [] : settings.problems),
      ...(config.ok ? [] : config.problems),
    ];
    process.stderr.write(`${describeProblems(problems, definition.name)}\n`);
    process.exit(BAD_CONFIG_EXIT_CODE);
  }
  const { instance, host, port, logLevel, logFormat, otlpEndpoint, ...log } = settings.config;
  const logger = createLogger({ service: definition.name, level: logLevel, pretty: logFormat === 'text' });
  const tracing = await startTracing({ service: definition.name, endpoint: otlpEndpoint });
  let platform: Platform | undefined;
  try {
    platform = await openPlatform({
      ...log,
      instance: `${definition.name}-${instance}`,
      tied: true,
      others: true,
      logger,
      metrics: createMetrics({ service: definition.name }),
      traced: otlpEndpoint !== undefined,
    });
    const service = await startService(definition, config.config, platform, { host, port });
    logger.info({ url: service.url, transport: log.transport }, 'started');
    const reason = await untilStopped(() => platform?.health.broken === true);
    if (reason === 'broken') logger.error(await platform.health.report(), 'ends: only a restart can mend it');
    else logger.info({ reason }, 'stopping');
    await service.stop();
    await platform.close();
    await tracing.shutdown();
    logger.info('stopped');
    process.exit(reason === 'broken' ? 1 : 0);
  } catch (error) {
    await failed(error, logger, platform);
  }
}

const failed = async (error: unknown, logger: Logger, platform: Platform | undefined): Promise<never> => {
  logger.fatal({ error }, error instanceof Error ? error.message : String(error));
  await platform?.close().catch(() => undefined);
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(exitCodeOf(error));
};
