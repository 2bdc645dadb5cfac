import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPaperExchange, type LedgerRow, type PaperExchange, type PaperExchangeOptions } from '../index.js';
import { ccxtBinance, type CcxtBinance } from './ccxt-binance.js';

/** A paper Binance on a free port, with one customer who speaks ccxt. */
export interface PaperBinance extends PaperExchange {
  readonly dataDir: string;
  readonly ccxt: CcxtBinance;
  ledger(query?: string): Promise<readonly LedgerRow[]>;
  /** Calls a control door; fails unless it answers 2xx. */
  door(method: string, path: string, body?: object): Promise<Response>;
}

export const KEYS = { apiKey: 'key-of-alice', secret: 'secret-of-alice' };

export const paperBinance = async (options: Partial<PaperExchangeOptions> = {}): Promise<PaperBinance> => {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'paper-'));
  const venue = await startPaperExchange({
    venue: 'binance',
    port: 0,
    dataDir,
    accounts: [{ accountKey: KEYS.apiKey, secret: KEYS.secret, balances: { USDT: '100000', BTC: '10' } }],
    ...options,
  });
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
    ccxt: await ccxtBinance(venue.url, KEYS),
    ledger: async (query = '') =>
      ((await (await door('GET', `/_ledger${query}`)).json()) as { readonly orders: readonly LedgerRow[] }).orders,
  };
};
