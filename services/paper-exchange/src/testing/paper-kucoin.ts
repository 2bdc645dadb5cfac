import { createHmac } from 'node:crypto';
import type { PaperExchangeOptions } from '../index.js';
import { ccxtClass } from './ccxt-class.js';
import { paperVenue, type PaperVenue } from './paper-venue.js';

export const KUCOIN_KEYS = { apiKey: 'key-of-alice', secret: 'secret-of-alice', passphrase: 'phrase-of-alice' };

type KucoinKeys = typeof KUCOIN_KEYS;

/** What the tests use of ccxt's real `kucoin` class; only its shape is declared here. */
export interface CcxtKucoin {
  loadMarkets(): Promise<Record<string, { readonly limits: object; readonly precision: object; readonly id: string }>>;
  fetchTime(): Promise<number>;
  fetchOrderBook(symbol: string, limit?: number): Promise<{ bids: [number, number][]; asks: [number, number][] }>;
  fetchTicker(symbol: string): Promise<Record<string, number>>;
  fetchTickers(symbols: string[]): Promise<Record<string, Record<string, number>>>;
  fetchTrades(symbol: string, since?: number, limit?: number): Promise<CcxtKucoinTrade[]>;
  fetchOHLCV(symbol: string, timeframe: string, since?: number, limit?: number): Promise<number[][]>;
  fetchBalance(): Promise<Record<string, { free: number; used: number; total: number }>>;
  fetchTradingFee(symbol: string): Promise<{ maker: number; taker: number }>;
  createOrder(
    symbol: string,
    type: string,
    side: string,
    amount: string,
    price?: string,
    params?: object,
  ): Promise<CcxtKucoinOrder>;
  fetchOrder(id: string, symbol: string, params?: object): Promise<CcxtKucoinOrder>;
  fetchOpenOrders(symbol: string): Promise<CcxtKucoinOrder[]>;
  fetchClosedOrders(symbol: string): Promise<CcxtKucoinOrder[]>;
  fetchMyTrades(symbol: string, since?: number, limit?: number, params?: object): Promise<CcxtKucoinTrade[]>;
  cancelOrder(id: string, symbol: string, params?: object): Promise<CcxtKucoinOrder>;
  cancelAllOrders(symbol: string): Promise<unknown>;
  urls: { api: Record<string, string> };
  nonce: () => number;
}

export interface CcxtKucoinOrder {
  readonly id: string;
  readonly clientOrderId: string | undefined;
  readonly status: string | undefined;
  readonly filled: number | undefined;
  readonly average: number | undefined;
}

export interface CcxtKucoinTrade {
  readonly id: string;
  readonly order: string;
  readonly price: number;
  readonly amount: number;
  readonly fee: { readonly cost: number; readonly currency: string };
  readonly takerOrMaker: string;
}

/** A fresh instance of ccxt's class that knows no origin but `url`. */
export const ccxtKucoin = async (url: string, { apiKey, secret, passphrase }: KucoinKeys): Promise<CcxtKucoin> => {
  const kucoin = new (await ccxtClass<CcxtKucoin>('kucoin'))({
    apiKey,
    secret,
    password: passphrase,
    enableRateLimit: false,
    maxRetriesOnFailure: 0,
    timeout: 5_000,
    // `uta`: it would ask whether the account is a unified one.
    options: { defaultType: 'spot', hf: true, uta: false, fetchMarkets: { types: ['spot'], fetchTickersFees: true } },
  });
  // It would ask for currencies, which are about deposits.
  Object.assign(kucoin, { has: { ...(kucoin as unknown as { has: object }).has, fetchCurrencies: false } });
  for (const api of Object.keys(kucoin.urls.api)) kucoin.urls.api[api] = url;
  return kucoin;
};

/** A paper KuCoin on a free port, with one customer who speaks ccxt. */
export interface PaperKucoin extends PaperVenue {
  readonly ccxt: CcxtKucoin;
}

export const paperKucoin = async (options: Partial<PaperExchangeOptions> = {}): Promise<PaperKucoin> => {
  const { apiKey: accountKey, secret, passphrase } = KUCOIN_KEYS;
  const venue = await paperVenue({
    venue: 'kucoin',
    accounts: [{ accountKey, secret, passphrase, balances: { USDT: '100000', BTC: '10' } }],
    ...options,
  });
  return { ...venue, ccxt: await ccxtKucoin(venue.url, KUCOIN_KEYS) };
};

/** Headers of a request as KuCoin's documentation writes them, without ccxt. `path` holds the query. */
export const kucoinHeaders = (
  request: { readonly method: string; readonly path: string; readonly body?: string },
  { keys = KUCOIN_KEYS, at = Date.now() }: { readonly keys?: KucoinKeys; readonly at?: number } = {},
): Record<string, string> => {
  const hmac = (of: string): string => createHmac('sha256', keys.secret).update(of).digest('base64');
  return {
    'content-type': 'application/json',
    'kc-api-key': keys.apiKey,
    'kc-api-key-version': '3',
    'kc-api-passphrase': hmac(keys.passphrase),
    'kc-api-timestamp': String(at),
    'kc-api-sign': hmac(`${at}${request.method}${request.path}${request.body ?? ''}`),
  };
};
