import { join } from 'node:path';
import { pino } from 'pino';
import { parseArguments, USAGE } from './arguments.js';
import { CannotStart, startPaperExchange } from './paper-exchange.js';

const fail = (message: string): never => {
  console.error(message);
  process.exit(1);
};

const main = async (): Promise<void> => {
  const parsed = parseArguments(process.argv.slice(2));
  if (!('venue' in parsed)) return fail(`${parsed.map((text) => `- ${text}`).join('\n')}\nUsage: ${USAGE}`);
  const { venue, port, host, seed } = parsed;
  const dataDir = parsed['data-dir'] ?? join(process.env['SWITCHYARD_DATA_DIR'] ?? '.switchyard', 'paper', venue);
  const log = pino({ name: `paper-${venue}`, level: process.env['SWITCHYARD_LOG_LEVEL'] ?? 'warn' });
  const exchange = await startPaperExchange({
    venue,
    port,
    host,
    dataDir,
    seed,
    log,
    weightPerMinute: parsed['weight-per-minute'],
  });
  console.log(`The paper exchange speaks ${venue} on ${exchange.url}; it remembers in ${dataDir}. Ctrl-C stops it.`);
  let stopping = false;
  const stop = (): void => {
    // A second Ctrl-C does not wait.
    if (stopping) process.exit(1);
    stopping = true;
    exchange.close().then(
      () => process.exit(0),
      (error: unknown) => fail(`It did not stop cleanly: ${String(error)}`),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
};

main().catch((error: unknown) => {
  if (error instanceof CannotStart) fail(error.message);
  throw error;
});
