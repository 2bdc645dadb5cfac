import type { Credentials, Venue } from '../port.js';
import type { OnUsage } from '../rates.js';
import { originOf, type OriginPermit } from '../origin.js';
import { attach } from '../ccxt/call.js';
import {
  loadCcxtClass,
  rehosted,
  shareWith,
  withEndpoints,
  type CcxtClass,
  type CcxtExchange,
} from '../ccxt/exchange.js';
import { Transport, type TransportOptions } from '../ccxt/transport.js';
import { VenueClock } from '../ccxt/venue-clock.js';
import { binanceCapabilities } from './capabilities.js';
import { BinanceClient } from './client.js';
import { binanceDialect } from './errors.js';
import { BinanceMarketData } from './market-data.js';

export interface VenueOptions {
  /** Where all of the venue's endpoints are (`SWITCHYARD_VENUE_BINANCE_URL`); default the venue's own, or its test net. */
  readonly origin?: string;
  /** The venue's test net instead of its live origin; `origin` goes first. Default false. */
  readonly testnet?: boolean;
  readonly transport?: Partial<TransportOptions>;
  /** Listings older than this are loaded again when next asked for, milliseconds. Default one hour. */
  readonly instrumentsMaxAgeMs?: number;
  /** Told what answers to questions without an account say of the venue's limits. */
  readonly onUsage?: OnUsage;
}

/** Every endpoint that an instance has. No withdrawal, transfer or margin among them. */
const ENDPOINTS = {
  public: { get: ['time', 'exchangeInfo', 'depth', 'ticker/24hr'] },
  private: {
    get: ['order', 'openOrders', 'allOrders', 'myTrades', 'account', 'account/commission'],
    post: ['order'],
    delete: ['order'],
  },
} as const;

const CONFIG = {
  number: String,
  enableRateLimit: false,
  enableLastHttpResponse: false,
  enableLastResponseHeaders: false,
  options: {
    defaultType: 'spot',
    maxRetriesOnFailure: 0,
    fetchMarkets: { types: ['spot'] },
    fetchMargins: false,
    fetchCurrencies: false,
    warnOnFetchOpenOrdersWithoutSymbol: false,
  },
};

let loaded: Promise<CcxtClass> | undefined;

/** Opens Binance spot. No request is made until something is asked. Throws where `origin` is no http(s) origin. */
export const binance = async (options: VenueOptions = {}): Promise<Venue> => {
  const { live, testnet } = binanceCapabilities.origins;
  const asked = options.origin ?? (options.testnet === true ? testnet : live) ?? live;
  const origin = originOf(asked);
  if (origin === null || new URL(asked).pathname !== '/')
    throw new Error(`binance: the origin must be http(s)://host[:port] without a path, not ${asked}`);
  loaded ??= loadCcxtClass('binance').then((full) => withEndpoints(full, ENDPOINTS));
  const Exchange = await loaded;
  const transport = new Transport(origin, options.transport);
  const clock = new VenueClock();

  const open = (credentials: Credentials | null, onUsage: OnUsage = () => undefined): CcxtExchange => {
    const keys = credentials === null ? {} : { apiKey: credentials.apiKey, secret: credentials.secret };
    const exchange = new Exchange({ ...CONFIG, ...keys });
    attach(exchange, transport, binanceDialect, ({ limits, shut }) => {
      const now = clock.nowMs();
      onUsage({ limits: limits.map((used) => ({ ...used, endsInMs: used.windowMs - (now % used.windowMs) })), shut });
    });
    exchange.nonce = () => clock.nowMs();
    return exchange;
  };

  const base = open(null, options.onUsage);
  base.urls = rehosted(base.urls, origin);
  const marketData = new BinanceMarketData(base, clock, options.instrumentsMaxAgeMs ?? 3_600_000);

  return {
    name: 'binance',
    origin,
    capabilities: binanceCapabilities,
    marketData,
    client: (credentials: Credentials, permit: OriginPermit, onUsage?: OnUsage) => {
      if (permit.origin !== origin) throw new Error(`the permit is for ${permit.origin}, not for ${origin}`);
      const exchange = open(credentials, onUsage);
      shareWith(exchange, base);
      return new BinanceClient(exchange, marketData, credentials);
    },
    close: () => transport.close(),
  };
};
