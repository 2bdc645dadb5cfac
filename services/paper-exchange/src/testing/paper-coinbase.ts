import { createPrivateKey, randomBytes, sign } from 'node:crypto';
import { simulatedCredentials } from '@switchyard/exchanges';
import type { PaperExchangeOptions } from '../index.js';
import { ccxtClass } from './ccxt-class.js';
import { paperVenue, type PaperVenue } from './paper-venue.js';

export const COINBASE_KEYS = simulatedCredentials('coinbase', 'alice');

/** What the tests use of ccxt's real `coinbase` class; only its shape is declared here. */
export interface CcxtCoinbase {
  loadMarkets(): Promise<Record<string, { readonly limits: object; readonly precision: object; readonly id: string }>>;
  fetchTime(params?: object): Promise<number>;
  fetchOrderBook(symbol: string, limit?: number): Promise<{ bids: [number, number][]; asks: [number, number][] }>;
  fetchTicker(symbol: string): Promise<Record<string, number>>;
  fetchTickers(symbols: string[]): Promise<Record<string, Record<string, number>>>;
  fetchBidsAsks(symbols: string[]): Promise<Record<string, Record<string, number>>>;
  fetchTrades(symbol: string, since?: number, limit?: number): Promise<CcxtCoinbaseTrade[]>;
  fetchOHLCV(symbol: string, timeframe: string, since?: number, limit?: number): Promise<number[][]>;
  fetchBalance(params: object): Promise<Record<string, { free: number; used: number; total: number }>>;
  fetchTradingFees(): Promise<Record<string, { maker: number; taker: number }>>;
  createOrder(
    symbol: string,
    type: string,
    side: string,
    amount: string,
    price?: string,
    params?: object,
  ): Promise<CcxtCoinbaseOrder>;
  editOrder(
    id: string,
    symbol: string,
    type: string,
    side: string,
    amount: string,
    price: string,
  ): Promise<CcxtCoinbaseOrder>;
  fetchOrder(id: string, symbol: string): Promise<CcxtCoinbaseOrder>;
  fetchOrders(symbol: string, since?: number, limit?: number): Promise<CcxtCoinbaseOrder[]>;
  fetchOpenOrders(symbol?: string): Promise<CcxtCoinbaseOrder[]>;
  fetchClosedOrders(symbol: string): Promise<CcxtCoinbaseOrder[]>;
  fetchCanceledOrders(symbol: string): Promise<CcxtCoinbaseOrder[]>;
  fetchMyTrades(symbol: string, since?: number, limit?: number): Promise<CcxtCoinbaseTrade[]>;
  cancelOrder(id: string, symbol: string): Promise<CcxtCoinbaseOrder>;
  urls: { api: Record<string, string> };
}

export interface CcxtCoinbaseOrder {
  readonly id: string;
  readonly clientOrderId: string | undefined;
  readonly status: string;
  readonly type: string;
  readonly side: string;
  readonly timeInForce: string;
  readonly postOnly: boolean | undefined;
  readonly amount: number;
  readonly filled: number;
  readonly average: number | undefined;
  readonly price: number;
  readonly fee: { readonly cost: string; readonly currency: string };
}

export interface CcxtCoinbaseTrade {
  readonly id: string;
  readonly order: string;
  readonly price: number;
  readonly amount: number;
  readonly fee: { readonly cost: number; readonly currency: string };
  readonly takerOrMaker: string;
}

type Keys = Pick<typeof COINBASE_KEYS, 'apiKey' | 'secret'>;

/** A fresh instance of ccxt's class that knows no origin but `url`, and signs by itself. */
export const ccxtCoinbase = async (url: string, { apiKey, secret }: Keys): Promise<CcxtCoinbase> => {
  const coinbase = new (await ccxtClass<CcxtCoinbase>('coinbase'))({
    apiKey,
    secret,
    enableRateLimit: false,
    maxRetriesOnFailure: 0,
    timeout: 5_000,
    has: { fetchCurrencies: false },
  });
  coinbase.urls.api['rest'] = url;
  return coinbase;
};

/** A paper Coinbase on a free port, with one customer who speaks ccxt. */
export interface PaperCoinbase extends PaperVenue {
  readonly ccxt: CcxtCoinbase;
}

export const paperCoinbase = async (options: Partial<PaperExchangeOptions> = {}): Promise<PaperCoinbase> => {
  const { apiKey: accountKey, secret } = COINBASE_KEYS;
  const paper = await paperVenue({
    venue: 'coinbase',
    accounts: [{ accountKey, secret, balances: { USD: '100000', BTC: '10' } }],
    ...options,
  });
  return { ...paper, ccxt: await ccxtCoinbase(paper.url, COINBASE_KEYS) };
};

/** A token as Coinbase's documentation writes it, without ccxt. */
export const tokenFor = (
  request: { readonly method: string; readonly host: string; readonly path: string },
  { header = {}, claims = {}, secret = COINBASE_KEYS.secret }: TokenChange = {},
): string => {
  const nowS = Math.floor(Date.now() / 1_000);
  const { apiKey } = COINBASE_KEYS;
  const parts = [
    { alg: 'ES256', typ: 'JWT', kid: apiKey, nonce: randomBytes(16).toString('hex'), ...header },
    {
      ...{ iss: 'cdp', sub: apiKey, nbf: nowS, exp: nowS + 120 },
      uri: `${request.method} ${request.host}${request.path}`,
      ...claims,
    },
  ];
  const content = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  const key = { key: createPrivateKey(secret), dsaEncoding: 'ieee-p1363' } as const;
  return `${content}.${sign('sha256', Buffer.from(content), key).toString('base64url')}`;
};

export interface TokenChange {
  readonly header?: object;
  readonly claims?: object;
  readonly secret?: string;
}
