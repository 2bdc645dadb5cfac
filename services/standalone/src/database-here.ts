import { join } from 'node:path';
import type { Logger } from '@switchyard/observability';
import { startEmbeddedPostgres } from '@switchyard/persistence';
import type { StandaloneSettings } from './settings.js';

/**
 * The database of DATABASE_URL, or the one that comes along. A database is the memory of one log, and a simulated venue of one database's
 * orders: so that `npm start` and `npm run start:kafka` can take turns in one data folder, each transport has its own there.
 * @returns its URL
 */
export async function databaseHere(
  { databaseUrl, dataDir, log: { transport } }: Pick<StandaloneSettings, 'databaseUrl' | 'dataDir' | 'log'>,
  logger: Logger,
  stops: (() => Promise<void>)[],
): Promise<string> {
  if (databaseUrl !== undefined) return databaseUrl;
  const database = transport === 'kafka' ? 'switchyard_kafka' : 'switchyard';
  const postgres = await startEmbeddedPostgres({ dataDir: join(dataDir, 'postgres'), database, log: logger });
  stops.push(() => postgres.stop());
  return postgres.localUrl;
}

/** Where the simulated venues remember what they did, a folder each. */
export const venuesFolder = ({ dataDir, log }: Pick<StandaloneSettings, 'dataDir' | 'log'>): string =>
  join(dataDir, log.transport === 'kafka' ? 'paper-kafka' : 'paper');
