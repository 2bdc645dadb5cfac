import { createHmac } from 'node:crypto';
import type { PaperExchangeOptions } from '../index.js';
import { ccxtClass } from './ccxt-class.js';
import { paperVenue, type PaperVenue } from './paper-venue.js';

export const OKX_KEYS = { apiKey: 'key-of-alice', secret: 'secret-of-alice', passphrase: 'phrase-of-alice' };

type OkxKeys = typeof OKX_KEYS;

/** What the tests use of ccxt's real `okx` class; only its shape is declared here. */
export interface CcxtOkx {
  loadMarkets(): Promise<Record<string, { readonly limits: object; readonly precision: object; readonly id: string }>>;
  fetchTime(): Promise<number>;
  fetchOrderBook(symbol: string, limit?: number): Promise<{ bids: [number, number][]; asks: [number, number][] }>;
  fetchTicker(symbol: string): Promise<Record<string, number>>;
  fetchTickers(symbols: string[]): Promise<Record<string, Record<string, number>>>;
  fetchTrades(symbol: string, since?: number, limit?: number): Promise<CcxtOkxTrade[]>;
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
  ): Promise<CcxtOkxOrder>;
  editOrder(
    id: string,
    symbol: string,
    type: string,
    side: string,
    amount?: string,
    price?: string,
  ): Promise<CcxtOkxOrder>;
  fetchOrder(id: string | undefined, symbol: string, params?: object): Promise<CcxtOkxOrder>;
  fetchOpenOrders(symbol?: string): Promise<CcxtOkxOrder[]>;
  fetchClosedOrders(symbol: string): Promise<CcxtOkxOrder[]>;
  fetchCanceledOrders(symbol: string): Promise<CcxtOkxOrder[]>;
  fetchMyTrades(symbol: string, since?: number, limit?: number, params?: object): Promise<CcxtOkxTrade[]>;
  cancelOrder(id: string | undefined, symbol: string, params?: object): Promise<CcxtOkxOrder>;
  urls: { api: Record<string, string> };
  nonce: () => number;
}

export interface CcxtOkxOrder {
  readonly id: string;
  readonly clientOrderId: string | undefined;
  readonly status: string;
  readonly type: string;
  readonly amount: number;
  readonly filled: number;
  readonly average: number | undefined;
  readonly price: number;
}

export interface CcxtOkxTrade {
  readonly id: string;
  readonly order: string;
  readonly price: number;
  readonly amount: number;
  readonly fee: { readonly cost: number; readonly currency: string };
  readonly takerOrMaker: string;
}

/** A fresh instance of ccxt's class that knows no origin but `url`. */
export const ccxtOkx = async (url: string, { apiKey, secret, passphrase }: OkxKeys): Promise<CcxtOkx> => {
  const okx = new (await ccxtClass<CcxtOkx>('okx'))({
    apiKey,
    secret,
    password: passphrase,
    enableRateLimit: false,
    maxRetriesOnFailure: 0,
    timeout: 5_000,
    options: {
      defaultType: 'spot',
      fetchMarkets: { types: ['spot'] },
      fetchCurrencies: false,
      createOrder: 'privatePostTradeOrder',
    },
  });
  // It would ask for currencies, which are about deposits.
  Object.assign(okx, { has: { ...(okx as unknown as { has: object }).has, fetchCurrencies: false } });
  okx.urls.api['rest'] = url;
  return okx;
};

/** A paper OKX on a free port, with one customer who speaks ccxt. */
export interface PaperOkx extends PaperVenue {
  readonly ccxt: CcxtOkx;
}

export const paperOkx = async (options: Partial<PaperExchangeOptions> = {}): Promise<PaperOkx> => {
  const { apiKey: accountKey, secret, passphrase } = OKX_KEYS;
  const venue = await paperVenue({
    venue: 'okx',
    accounts: [{ accountKey, secret, passphrase, balances: { USDT: '100000', BTC: '10' } }],
    ...options,
  });
  return { ...venue, ccxt: await ccxtOkx(venue.url, OKX_KEYS) };
};

/** Headers of a request as OKX's documentation writes them, without ccxt. `path` holds the query. */
export const okxHeaders = (
  request: { readonly method: string; readonly path: string; readonly body?: string },
  { keys = OKX_KEYS, at = new Date().toISOString() }: { readonly keys?: OkxKeys; readonly at?: string } = {},
): Record<string, string> => ({
  'content-type': 'application/json',
  'ok-access-key': keys.apiKey,
  'ok-access-passphrase': keys.passphrase,
  'ok-access-timestamp': at,
  'ok-access-sign': createHmac('sha256', keys.secret)
    .update(`${at}${request.method}${request.path}${request.body ?? ''}`)
    .digest('base64'),
});
