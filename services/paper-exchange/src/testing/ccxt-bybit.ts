import { createHmac } from 'node:crypto';
import { ccxtClass } from './ccxt-class.js';
import type { CcxtOrder, CcxtTrade } from './ccxt-binance.js';

/** What the tests use of ccxt's real `bybit` class, pointed at a paper exchange and told that the account is a unified one. */
export interface CcxtBybit {
  loadMarkets(): Promise<Record<string, { readonly limits: object; readonly precision: object; readonly id: string }>>;
  fetchTime(): Promise<number>;
  fetchOrderBook(symbol: string, limit?: number): Promise<{ bids: [number, number][]; asks: [number, number][] }>;
  fetchTicker(symbol: string): Promise<Record<string, number>>;
  fetchTrades(symbol: string, since?: number, limit?: number): Promise<CcxtTrade[]>;
  fetchOHLCV(symbol: string, timeframe: string, since?: number, limit?: number): Promise<number[][]>;
  fetchBalance(): Promise<Record<string, { free: number; used: number; total: number }>>;
  fetchTradingFee(symbol: string): Promise<{ maker: number; taker: number }>;
  createOrder(
    symbol: string,
    type: string,
    side: string,
    amount: string | undefined,
    price?: string,
    params?: object,
  ): Promise<CcxtOrder>;
  editOrder(
    id: string,
    symbol: string,
    type: string,
    side: string,
    amount?: string,
    price?: string,
  ): Promise<CcxtOrder>;
  fetchOrder(id: string | undefined, symbol: string, params?: object): Promise<CcxtOrder>;
  fetchOpenOrders(symbol?: string, since?: number, limit?: number, params?: object): Promise<CcxtOrder[]>;
  fetchClosedOrders(symbol?: string): Promise<CcxtOrder[]>;
  fetchCanceledOrders(symbol?: string): Promise<CcxtOrder[]>;
  fetchMyTrades(symbol: string, since?: number, limit?: number, params?: object): Promise<CcxtTrade[]>;
  fetchOrderTrades(id: string, symbol: string): Promise<CcxtTrade[]>;
  cancelOrder(id: string | undefined, symbol: string, params?: object): Promise<CcxtOrder>;
  cancelAllOrders(symbol: string): Promise<CcxtOrder[]>;
  urls: Record<string, unknown>;
  nonce: () => number;
}

interface Keys {
  readonly apiKey: string;
  readonly secret: string;
}

/** A fresh instance of ccxt's class that knows no origin but `url`. */
export const ccxtBybit = async (url: string, keys: Keys): Promise<CcxtBybit> => {
  const bybit = new (await ccxtClass<CcxtBybit>('bybit'))({
    ...keys,
    enableRateLimit: false,
    maxRetriesOnFailure: 0,
    timeout: 5_000,
    options: {
      defaultType: 'spot',
      fetchMarkets: { types: ['spot'] },
      fetchOrder: { acknowledged: true },
      enableUnifiedMargin: false,
      enableUnifiedAccount: true,
      unifiedMarginStatus: 6,
    },
    has: { fetchCurrencies: false },
  });
  const api = bybit.urls['api'] as Record<string, string>;
  for (const name of Object.keys(api)) api[name] = url;
  return bybit;
};

/** The headers of a signed request as Bybit's documentation writes them, without ccxt. `payload` is the query, or a POST's body. */
export const signedHeaders = (
  { apiKey, secret }: Keys,
  payload: string,
  { timestamp = Date.now(), window = '5000' }: { readonly timestamp?: number; readonly window?: string } = {},
): Record<string, string> => ({
  'content-type': 'application/json',
  'x-bapi-api-key': apiKey,
  'x-bapi-timestamp': String(timestamp),
  ...(window === '' ? {} : { 'x-bapi-recv-window': window }),
  'x-bapi-sign': createHmac('sha256', secret).update(`${timestamp}${apiKey}${window}${payload}`).digest('hex'),
});
