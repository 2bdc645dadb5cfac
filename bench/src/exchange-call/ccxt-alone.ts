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
  has: object;
  nonce: () => number;
}

/** What must be said to a class so that it asks for spot markets only, and nothing that a simulator does not have. */
const CONFIG: Readonly<Partial<Record<VenueName, object>>> = {
  binance: {
    options: { defaultType: 'spot', fetchMarkets: { types: ['spot'] }, fetchMargins: false, fetchCurrencies: false },
  },
  bybit: {
    options: {
      ...{ defaultType: 'spot', fetchMarkets: { types: ['spot'] } },
      ...{ enableUnifiedMargin: false, enableUnifiedAccount: true, unifiedMarginStatus: 6 },
    },
    has: { fetchCurrencies: false },
  },
  // One order a request, as we send them.
  okx: {
    options: { defaultType: 'spot', fetchMarkets: { types: ['spot'] }, createOrder: 'privatePostTradeOrder' },
    has: { fetchCurrencies: false },
  },
  coinbase: { has: { fetchCurrencies: false } },
  // The order service that we use; not asked whether the account is a unified one.
  kucoin: {
    options: {
      ...{ defaultType: 'spot', hf: true, uta: false },
      fetchMarkets: { types: ['spot'], fetchTickersFees: false },
    },
    has: { fetchCurrencies: false },
  },
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
    maxRetriesOnFailure: 0,
    ...CONFIG[venue],
  });
  Object.assign(exchange.has, CONFIG[venue] === undefined ? {} : { fetchCurrencies: false });
  exchange.urls = elsewhere(exchange.urls, origin) as Configurable['urls'];
  // Milliseconds come twice: Kraken wants numbers that rise.
  let last = 0;
  if (venue === 'kraken') exchange.nonce = () => (last = Math.max(last + 1, Date.now()));
  await exchange.loadMarkets();
  return exchange;
};

const elsewhere = (urls: unknown, origin: string): unknown => {
  if (typeof urls === 'string') return urls.replace(/^\w+:\/\/[^/]+/, origin);
  if (typeof urls !== 'object' || urls === null || Array.isArray(urls)) return urls;
  return Object.fromEntries(Object.entries(urls).map(([name, url]) => [name, elsewhere(url, origin)]));
};
