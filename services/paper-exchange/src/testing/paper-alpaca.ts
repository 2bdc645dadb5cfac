import type { PaperExchangeOptions } from '../index.js';
import { ccxtClass } from './ccxt-class.js';
import { paperVenue, type PaperVenue } from './paper-venue.js';

export const ALPACA_KEYS = { apiKey: 'PK-of-alice', secret: 'secret-of-alice' };

interface Keys {
  readonly apiKey: string;
  readonly secret: string;
}

/** What the tests use of ccxt's real `alpaca` class; only its shape is declared here. */
export interface CcxtAlpaca {
  loadMarkets(): Promise<Record<string, { readonly limits: object; readonly precision: object; readonly id: string }>>;
  fetchTime(): Promise<number>;
  fetchOrderBook(symbol: string): Promise<{ bids: [number, number][]; asks: [number, number][] }>;
  fetchTicker(symbol: string): Promise<Record<string, number>>;
  fetchTrades(symbol: string, since?: number, limit?: number): Promise<readonly { readonly price: number }[]>;
  fetchOHLCV(symbol: string, timeframe: string, since?: number, limit?: number): Promise<number[][]>;
  fetchBalance(): Promise<Record<string, { free: number; used: number; total: number }>>;
  createOrder(
    symbol: string,
    type: string,
    side: string,
    amount: string,
    price?: string,
    params?: object,
  ): Promise<CcxtAlpacaOrder>;
  createMarketBuyOrderWithCost(symbol: string, cost: string): Promise<CcxtAlpacaOrder>;
  fetchOrder(id: string): Promise<CcxtAlpacaOrder>;
  fetchOpenOrders(symbol?: string): Promise<CcxtAlpacaOrder[]>;
  fetchClosedOrders(symbol?: string): Promise<CcxtAlpacaOrder[]>;
  fetchMyTrades(symbol?: string): Promise<readonly CcxtAlpacaTrade[]>;
  cancelOrder(id: string): Promise<unknown>;
  cancelOrderWithClientOrderId(clientOrderId: string): Promise<unknown>;
  urls: { api: Record<string, string> };
}

export interface CcxtAlpacaOrder {
  readonly id: string;
  readonly clientOrderId: string;
  readonly status: string;
  readonly type: string;
  readonly side: string;
  readonly price: number | undefined;
  readonly average: number | undefined;
  readonly amount: number;
  readonly filled: number;
  readonly timeInForce: string;
  readonly info: Readonly<Record<string, unknown>>;
}

export interface CcxtAlpacaTrade {
  readonly id: string;
  readonly order: string;
  readonly price: number;
  readonly amount: number;
  readonly side: string;
}

/** A fresh instance of ccxt's class that knows no origin but `url`. */
export const ccxtAlpaca = async (url: string, keys: Keys): Promise<CcxtAlpaca> => {
  const alpaca = new (await ccxtClass<CcxtAlpaca>('alpaca'))({ ...keys, enableRateLimit: false, timeout: 5_000 });
  for (const name of Object.keys(alpaca.urls.api)) alpaca.urls.api[name] = url;
  return alpaca;
};

/** A paper Alpaca with one customer who speaks ccxt. */
export interface PaperAlpaca extends PaperVenue {
  readonly ccxt: CcxtAlpaca;
}

export const paperAlpaca = async (options: Partial<PaperExchangeOptions> = {}): Promise<PaperAlpaca> => {
  const { apiKey: accountKey, secret } = ALPACA_KEYS;
  const venue = await paperVenue({
    venue: 'alpaca',
    accounts: [{ accountKey, secret, balances: { USD: '1000000', BTC: '10' } }],
    ...options,
  });
  return { ...venue, ccxt: await ccxtAlpaca(venue.url, ALPACA_KEYS) };
};
