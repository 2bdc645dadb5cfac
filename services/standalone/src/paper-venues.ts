import { join } from 'node:path';
import { venueVariables, type VenueName } from '@switchyard/exchanges';
import { VENUES as KNOWN_VENUES } from '@switchyard/model';
import type { Logger } from '@switchyard/observability';
import { startPaperExchange } from '@switchyard/paper-exchange-service';
import { venuesFolder } from './database-here.js';
import { openPlayAccount, playKeys } from './demo/play-account.js';
import type { StandaloneSettings } from './settings.js';

/** A port each, whether or not this version has an adapter for it; 0 takes any. */
const portOf = (venue: VenueName, first: number): number => (first === 0 ? 0 : first + KNOWN_VENUES.indexOf(venue));

export const paperPorts = ({
  paperPort,
  venues,
}: Pick<StandaloneSettings, 'paperPort' | 'venues'>): readonly number[] =>
  venues.map((venue) => portOf(venue, paperPort));

/** Starts the simulated venues, each with a memory of its own in the data folder. @returns their origins by venue */
export async function startPaperVenues(
  settings: Pick<StandaloneSettings, 'paper' | 'paperPort' | 'venues' | 'dataDir' | 'log'>,
  logger: Logger,
  stops: (() => Promise<void>)[],
): Promise<ReadonlyMap<VenueName, string>> {
  const origins = new Map<VenueName, string>();
  if (!settings.paper) return origins;
  for (const venue of settings.venues) {
    const port = portOf(venue, settings.paperPort);
    const exchange = await startPaperExchange({
      venue,
      port,
      dataDir: join(venuesFolder(settings), venue),
      log: logger.child({ service: 'paper-exchange', venue }),
    });
    stops.push(() => exchange.close());
    origins.set(venue, exchange.url);
  }
  return origins;
}

/**
 * The variables by which services reach the simulated venues: their origins, and a key of the deployment's own where a venue tells its
 * listings to customers only.
 */
export async function reachOf(venues: ReadonlyMap<VenueName, string>): Promise<NodeJS.ProcessEnv> {
  const env: NodeJS.ProcessEnv = {};
  for (const [venue, origin] of venues) {
    const { url, keys } = venueVariables(venue);
    env[url] = origin;
    const [key, secret] = keys;
    if (key === undefined || secret === undefined) continue;
    const own = playKeys('switchyard', venue);
    await openPlayAccount(origin, own, {});
    env[key] = own.apiKey;
    env[secret] = own.secret;
  }
  return env;
}
