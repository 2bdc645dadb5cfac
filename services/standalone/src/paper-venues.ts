import { join } from 'node:path';
import type { Logger } from '@switchyard/observability';
import { startPaperExchange } from '@switchyard/paper-exchange-service';
import { venuesFolder } from './database-here.js';
import { VENUES } from './services.js';
import type { StandaloneSettings } from './settings.js';

/** Ports of the simulated venues are dealt in this order, whichever of them are there. */
const PORT_ORDER = ['binance', 'kraken', 'coinbase', 'bybit', 'okx', 'alpaca'] as const;

/** Starts the simulated venues, each with a memory of its own in the data folder. @returns their origins by venue */
export async function startPaperVenues(
  settings: Pick<StandaloneSettings, 'paper' | 'paperPort' | 'dataDir' | 'log'>,
  logger: Logger,
  stops: (() => Promise<void>)[],
): Promise<ReadonlyMap<string, string>> {
  const origins = new Map<string, string>();
  if (!settings.paper) return origins;
  for (const venue of VENUES) {
    const port = settings.paperPort === 0 ? 0 : settings.paperPort + PORT_ORDER.indexOf(venue);
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
