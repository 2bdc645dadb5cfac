import { createHash, createHmac } from 'node:crypto';
import type { PaperExchangeOptions } from '../index.js';
import { ccxtClass } from './ccxt-class.js';
import { paperVenue, type PaperVenue } from './paper-venue.js';

/** Kraken's secrets are base64. */
export const KRAKEN_KEYS = { apiKey: 'key-of-alice', secret: Buffer.from('secret-of-alice').toString('base64') };

type KrakenKeys = typeof KRAKEN_KEYS;

/** What the tests use of ccxt's real `kraken` class; only its shape is declared here. */
export interface CcxtKraken {
  loadMarkets(): Promise<Record<string, { readonly limits: object; readonly precision: object; readonly id: string }>>;
  fetchTime(): Promise<number>;
  fetchStatus(): Promise<{ readonly status: string }>;
  fetchOrderBook(symbol: string, limit?: number): Promise<{ bids: number[][]; asks: number[][] }>;
  fetchTicker(symbol: string): Promise<Record<string, number>>;
  fetchTickers(symbols: string[]): Promise<Record<string, Record<string, number>>>;
  fetchTrades(symbol: string, since?: number, limit?: number): Promise<CcxtKrakenTrade[]>;
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
  ): Promise<CcxtKrakenOrder>;
  createMarketBuyOrderWithCost(symbol: string, cost: string): Promise<CcxtKrakenOrder>;
  editOrder(
    id: string,
    symbol: string,
    type: string,
    side: string,
    amount?: string,
    price?: string,
    params?: object,
  ): Promise<unknown>;
  fetchOrder(id: string, symbol: string, params?: object): Promise<CcxtKrakenOrder>;
  fetchOpenOrders(symbol?: string): Promise<CcxtKrakenOrder[]>;
  fetchClosedOrders(symbol?: string, since?: number, limit?: number): Promise<CcxtKrakenOrder[]>;
  fetchOrderTrades(
    id: string,
    symbol: string,
    since: undefined,
    limit: undefined,
    params: object,
  ): Promise<CcxtKrakenTrade[]>;
  fetchMyTrades(symbol: string, since?: number, limit?: number, params?: object): Promise<CcxtKrakenTrade[]>;
  cancelOrder(id: string | undefined, symbol: string, params?: object): Promise<{ readonly info: unknown }>;
  cancelAllOrders(): Promise<unknown>;
  urls: { api: Record<string, string> };
  nonce: () => number;
}

export interface CcxtKrakenOrder {
  readonly id: string;
  readonly clientOrderId: string | undefined;
  readonly status: string | undefined;
  readonly type: string;
  readonly side: string;
  readonly amount: number;
  readonly filled: number | undefined;
  readonly average: number | undefined;
  readonly price: number;
  readonly postOnly: boolean;
  readonly fee: { readonly cost: string; readonly currency: string };
  readonly trades: readonly { readonly id: string }[];
  readonly info: { readonly cl_ord_id?: string | null };
}

export interface CcxtKrakenTrade {
  readonly id: string;
  readonly order: string;
  readonly price: number;
  readonly amount: number;
  readonly fee: { readonly cost: number; readonly currency: string };
  readonly takerOrMaker: string;
}

/** A nonce that is higher than any before, in whichever test. */
let lastNonce = Date.now() * 1_000;
export const nextNonce = (): number => (lastNonce += 1);

/** A fresh instance of ccxt's class that knows no origin but `url`. Its own nonce, a time in milliseconds, would come twice. */
export const ccxtKraken = async (url: string, keys: KrakenKeys): Promise<CcxtKraken> => {
  const kraken = new (await ccxtClass<CcxtKraken>('kraken'))({
    ...keys,
    enableRateLimit: false,
    maxRetriesOnFailure: 0,
    timeout: 5_000,
  });
  for (const name of Object.keys(kraken.urls.api)) kraken.urls.api[name] = url;
  kraken.nonce = nextNonce;
  return kraken;
};

/** A paper Kraken on a free port, with one customer who speaks ccxt. */
export interface PaperKraken extends PaperVenue {
  readonly ccxt: CcxtKraken;
}

export const paperKraken = async (options: Partial<PaperExchangeOptions> = {}): Promise<PaperKraken> => {
  const venue = await paperVenue({
    venue: 'kraken',
    accounts: [{ accountKey: KRAKEN_KEYS.apiKey, secret: KRAKEN_KEYS.secret, balances: { USD: '100000', BTC: '10' } }],
    ...options,
  });
  return { ...venue, ccxt: await ccxtKraken(venue.url, KRAKEN_KEYS) };
};

/** `API-Sign` as Kraken's documentation computes it, without ccxt. */
export const krakenSign = (path: string, nonce: string, body: string, secret: string): string =>
  createHmac('sha512', Buffer.from(secret, 'base64'))
    .update(path)
    .update(
      createHash('sha256')
        .update(nonce + body)
        .digest(),
    )
    .digest('base64');
