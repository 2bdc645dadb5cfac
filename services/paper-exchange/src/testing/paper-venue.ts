import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPaperExchange, type LedgerRow, type PaperExchange, type PaperExchangeOptions } from '../index.js';

/** A paper venue on a free port, in a folder of its own unless one is given. */
export interface PaperVenue extends PaperExchange {
  readonly dataDir: string;
  ledger(query?: string): Promise<readonly LedgerRow[]>;
  /** Calls a control door; fails unless it answers 2xx. */
  door(method: string, path: string, body?: object): Promise<Response>;
}

export const paperVenue = async (
  options: Partial<PaperExchangeOptions> & Pick<PaperExchangeOptions, 'venue'>,
): Promise<PaperVenue> => {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'paper-'));
  const venue = await startPaperExchange({ port: 0, ...options, dataDir });
  const door = async (method: string, path: string, body?: object): Promise<Response> => {
    const response = await fetch(venue.url + path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  return {
    ...venue,
    dataDir,
    door,
    ledger: async (query = '') =>
      ((await (await door('GET', `/_ledger${query}`)).json()) as { readonly orders: readonly LedgerRow[] }).orders,
  };
};
