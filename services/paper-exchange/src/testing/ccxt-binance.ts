import { createHmac } from 'node:crypto';
import { ccxtClass } from './ccxt-class.js';

/**
 * What the tests use of ccxt's real `binance` class, pointed at a paper exchange the way `libs/exchanges` points it: every
 * endpoint overridden, spot only. Only its shape is declared here; the class itself is ccxt's.
 */
export interface CcxtOrder {
  readonly id: string;
  readonly clientOrderId: string;
  readonly status: string;
  readonly type: string;
  readonly side: string;
  readonly price: number;
  readonly average: number | undefined;
  readonly amount: number;
  readonly filled: number;
  readonly remaining: number;
  readonly timeInForce: string;
  readonly postOnly: boolean;
  readonly trades: readonly CcxtTrade[];
}

export interface CcxtTrade {
  readonly id: string;
  readonly order: string;
  readonly price: number;
  readonly amount: number;
  readonly fee: { readonly cost: number; readonly currency: string };
  readonly takerOrMaker: string;
}

export interface CcxtBinance {
  loadMarkets(): Promise<Record<string, { readonly limits: object; readonly precision: object; readonly id: string }>>;
  fetchTime(): Promise<number>;
  fetchOrderBook(symbol: string, limit?: number): Promise<{ bids: [number, number][]; asks: [number, number][] }>;
  fetchTicker(symbol: string): Promise<Record<string, number>>;
  fetchBidsAsks(symbols?: string[]): Promise<Record<string, Record<string, number>>>;
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
  editOrder(id: string, symbol: string, type: string, side: string, amount: string, price?: string): Promise<CcxtOrder>;
  fetchOrder(id: string | undefined, symbol: string, params?: object): Promise<CcxtOrder>;
  fetchOpenOrders(symbol?: string): Promise<CcxtOrder[]>;
  fetchOrders(symbol: string): Promise<CcxtOrder[]>;
  fetchMyTrades(symbol: string, since?: number, limit?: number, params?: object): Promise<CcxtTrade[]>;
  cancelOrder(id: string | undefined, symbol: string, params?: object): Promise<CcxtOrder>;
  cancelAllOrders(symbol: string): Promise<CcxtOrder[]>;
  urls: Record<string, unknown>;
  options: Record<string, unknown>;
  timeout: number;
  nonce: () => number;
}

interface Keys {
  readonly apiKey: string;
  readonly secret: string;
}

/** A fresh instance of ccxt's class that knows no origin but `url`. */
export const ccxtBinance = async (url: string, keys: Keys): Promise<CcxtBinance> => {
  const binance = new (await ccxtClass<CcxtBinance>('binance'))({
    ...keys,
    enableRateLimit: false,
    maxRetriesOnFailure: 0,
    timeout: 5_000,
    options: {
      defaultType: 'spot',
      fetchMarkets: { types: ['spot'] },
      fetchMargins: false,
      fetchCurrencies: false,
      warnOnFetchOpenOrdersWithoutSymbol: false,
    },
  });
  const api = binance.urls['api'] as Record<string, string>;
  for (const [name, original] of Object.entries(api)) api[name] = url + new URL(original).pathname;
  return binance;
};

/** A signed request as Binance's documentation writes it, without ccxt. */
export const signed = (secret: string, parameters: Record<string, string>): string => {
  const query = new URLSearchParams(parameters).toString();
  return `${query}&signature=${createHmac('sha256', secret).update(query).digest('hex')}`;
};
