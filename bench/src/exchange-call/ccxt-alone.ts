import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Credentials, VenueName } from '@switchyard/exchanges';

/** The part of ccxt's class that the benchmark calls, as anybody would. */
export interface CcxtAlone {
  loadMarkets(): Promise<unknown>;
  createOrder(
    symbol: string,
    type: string,
    side: string,
    amount: string,
    price: string,
    params: Readonly<Record<string, unknown>>,
  ): Promise<unknown>;
}

interface Configurable extends CcxtAlone {
  urls: Readonly<Record<string, unknown>>;
}

/** What must be said to a class so that it asks for spot markets only, and nothing that a simulator does not have. */
const OPTIONS: Readonly<Partial<Record<VenueName, Readonly<Record<string, unknown>>>>> = {
  binance: { defaultType: 'spot', fetchMarkets: { types: ['spot'] }, fetchMargins: false, fetchCurrencies: false },
};

/** ccxt's class as it comes, its own HTTP client included, pointed at a simulator. */
export const ccxtAlone = async (venue: VenueName, origin: string, keys: Credentials): Promise<CcxtAlone> => {
  const entry = createRequire(import.meta.url).resolve('ccxt');
  const file = pathToFileURL(join(dirname(entry), '..', 'js', 'src', `${venue}.js`)).href;
  const module = (await import(file)) as { readonly default: new (config: object) => Configurable };
  const exchange = new module.default({
    apiKey: keys.apiKey,
    secret: keys.secret,
    ...(keys.passphrase === undefined ? {} : { password: keys.passphrase }),
    enableRateLimit: false,
    options: { maxRetriesOnFailure: 0, ...OPTIONS[venue] },
  });
  exchange.urls = elsewhere(exchange.urls, origin) as Configurable['urls'];
  await exchange.loadMarkets();
  return exchange;
};

const elsewhere = (urls: unknown, origin: string): unknown => {
  if (typeof urls === 'string') return urls.replace(/^\w+:\/\/[^/]+/, origin);
  if (typeof urls !== 'object' || urls === null || Array.isArray(urls)) return urls;
  return Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, elsewhere(url, origin)]));
};
