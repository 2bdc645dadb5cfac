import type { VenueCapabilities } from '../capabilities.js';
import { originOf, type OriginPermit } from '../origin.js';
import type { Credentials, Venue, VenueClient } from '../port.js';
import type { OnUsage } from '../rates.js';
import { AccountCalls } from './account-calls.js';
import { blotter } from './blot.js';
import { attach, type Dialect, type ReadUsage } from './call.js';
import type { ErrorRow } from './classification.js';
import {
  endpoint,
  loadCcxtClass,
  rehosted,
  shareWith,
  withEndpoints,
  type CcxtClass,
  type CcxtExchange,
  type Endpoint,
  type Endpoints,
} from './exchange.js';
import { Lanes, type Lane } from './lane.js';
import { CcxtMarketData, type MarketDialect, type OrderMarket } from './market-data.js';
import { openBookStream } from '../streams/open-book-stream.js';
import type { StreamDefinition } from '../streams/stream-definition.js';
import { DEFAULT_DEADLINE_MS, Transport, type TransportOptions } from './transport.js';
import { VenueClock } from './venue-clock.js';

/** One venue around ccxt's class of it: what is the venue's own, as data and pure functions. Everything else is in this folder. */
export interface VenueDefinition {
  readonly capabilities: VenueCapabilities;
  readonly ccxt: {
    /** ccxt's name of the class. */
    readonly id: string;
    /** Every endpoint that an instance has. No withdrawal, transfer or margin among them. */
    readonly endpoints: Endpoints;
    /** The class with what its signing lacks here: a window of each request's own, a header, a faster signature. */
    readonly adapt?: (base: CcxtClass) => CcxtClass;
    /** ccxt's name of the branch in `urls.api` that has the venue's second origin, where `origins.marketData` names one. */
    readonly marketDataApi?: string;
    /** Merged into the class's own description. */
    readonly config?: Readonly<Record<string, unknown>>;
    readonly options?: Readonly<Record<string, unknown>>;
  };
  readonly dialect: Dialect;
  /** The venue's errors whose meaning is certain; every other is unknown. */
  readonly errors: readonly ErrorRow[];
  readonly market: MarketDialect;
  readonly client: (account: VenueAccount) => VenueClient;
  /** How its books are streamed; absent: they are not, here. */
  readonly stream?: StreamDefinition;
}

/** What a venue's client is made from. */
export interface VenueAccount {
  readonly market: OrderMarket;
  /** The venue's clock, for times that requests carry. */
  readonly clock: VenueClock;
  /** The account's signed calls, by names of the client's own for ccxt's endpoints. */
  calls<Name extends string>(endpoints: Readonly<Record<Name, string>>): AccountCalls<Name>;
}

export interface VenueOptions {
  /** Where all of the venue's endpoints are (`SWITCHYARD_VENUE_<NAME>_URL`); default the venue's own, or its test net. */
  readonly origin?: string;
  /** The venue's test net instead of its live origin; `origin` goes first. Default false. */
  readonly testnet?: boolean;
  /** A key of the deployment's own, for venues that tell their listings to customers only (`listingsNeedKey`). Signs nothing else. */
  readonly credentials?: Credentials;
  readonly transport?: Partial<TransportOptions>;
  /** Listings older than this are loaded again when next asked for, milliseconds. Default one hour. */
  readonly instrumentsMaxAgeMs?: number;
  /** Told what answers to questions without an account say of the venue's limits. */
  readonly onUsage?: OnUsage;
}

/** Opens a venue. No request is made until something is asked. Throws where `origin` is no http(s) origin. */
export const openCcxtVenue = async (definition: VenueDefinition, options: VenueOptions = {}): Promise<Venue> => {
  const { capabilities, dialect, errors, market: words } = definition;
  const origin = originFor(capabilities, options);
  const Exchange = await leanClass(definition);
  const transport = new Transport(origin, options.transport);
  const dataOrigin = dataOriginFor(capabilities, origin);
  const dataTransport = dataOrigin === origin ? null : new Transport(dataOrigin, options.transport);
  const clock = new VenueClock();
  const lanes = new Lanes(options.transport?.deadlineMs ?? DEFAULT_DEADLINE_MS);

  const open = (
    credentials: Credentials | null,
    lane: Lane | null,
    onUsage: OnUsage = () => undefined,
    marketDataTransport: Transport | null = null,
  ): CcxtExchange => {
    const exchange = new Exchange({ ...configOf(definition), ...keysOf(credentials) });
    const tell = ({ limits, shut }: ReadUsage): void => {
      const now = clock.nowMs();
      onUsage({ limits: limits.map((used) => ({ ...used, endsInMs: used.windowMs - (now % used.windowMs) })), shut });
    };
    attach(exchange, transport, dialect, tell, marketDataTransport);
    // ccxt's signatures take their time from here.
    exchange.nonce = lane === null ? () => clock.nowMs() : () => lane.nonce();
    return exchange;
  };

  const base = open(options.credentials ?? null, null, options.onUsage, dataTransport);
  base.urls = urlsFor(definition, base.urls, { origin, dataOrigin });
  const maxAgeMs = options.instrumentsMaxAgeMs ?? 3_600_000;
  const marketData = new CcxtMarketData({
    base,
    clock,
    capabilities,
    dialect: words,
    errors,
    blot: blotter(options.credentials ?? null),
    maxAgeMs,
  });

  return {
    name: capabilities.venue,
    origin,
    capabilities,
    marketData,
    client: (credentials: Credentials, permit: OriginPermit, onUsage?: OnUsage) => {
      if (permit.origin !== origin) throw new Error(`the permit is for ${permit.origin}, not for ${origin}`);
      const lane = capabilities.serialNonce ? lanes.of(credentials.apiKey) : null;
      const exchange = open(credentials, lane, onUsage);
      shareWith(exchange, base);
      const blot = blotter(credentials);
      return definition.client({
        market: marketData,
        clock,
        calls: (names) => new AccountCalls({ endpoints: endpointsOf(exchange, names), errors, blot, lane }),
      });
    },
    ...(definition.stream && {
      bookStream: (listener, streamOptions) =>
        openBookStream({ definition, stream: definition.stream, base, marketData, origin }, listener, streamOptions),
    }),
    close: async () => {
      await Promise.all([transport.close(), dataTransport?.close()]);
    },
  };
};

const originFor = ({ venue, origins }: VenueCapabilities, options: VenueOptions): string => {
  const asked = options.origin ?? (options.testnet === true ? origins.testnet : origins.live) ?? origins.live;
  const origin = originOf(asked);
  if (origin === null || new URL(asked).pathname !== '/')
    throw new Error(`${venue}: the origin must be http(s)://host[:port] without a path, not ${asked}`);
  return origin;
};

/** Where the venue tells its market: a place of its own only at the venue itself. Any other origin stands for all of the venue. */
const dataOriginFor = ({ origins: { live, testnet, marketData } }: VenueCapabilities, origin: string): string => {
  const isTheVenue = [live, testnet].some((own) => own !== null && originOf(own) === origin);
  return isTheVenue && marketData !== undefined ? marketData : origin;
};

const urlsFor = (
  { ccxt: { marketDataApi } }: VenueDefinition,
  urls: unknown,
  { origin, dataOrigin }: { readonly origin: string; readonly dataOrigin: string },
): unknown => {
  const moved = rehosted(urls, origin) as { readonly api: Readonly<Record<string, unknown>> };
  if (marketDataApi === undefined || dataOrigin === origin) return moved;
  return { ...moved, api: { ...moved.api, [marketDataApi]: rehosted(moved.api[marketDataApi], dataOrigin) } };
};

const loaded = new Map<VenueDefinition, Promise<CcxtClass>>();

const leanClass = (definition: VenueDefinition): Promise<CcxtClass> => {
  const known = loaded.get(definition);
  if (known !== undefined) return known;
  const { id, endpoints, adapt = (full: CcxtClass) => full } = definition.ccxt;
  const loading = loadCcxtClass(id).then((full) => withEndpoints(adapt(full), endpoints));
  loaded.set(definition, loading);
  return loading;
};

const configOf = ({ ccxt: { config, options } }: VenueDefinition): Readonly<Record<string, unknown>> => ({
  number: String,
  enableRateLimit: false,
  enableLastHttpResponse: false,
  enableLastResponseHeaders: false,
  ...config,
  options: { maxRetriesOnFailure: 0, ...options },
});

const keysOf = (credentials: Credentials | null): Readonly<Record<string, string>> => {
  if (credentials === null) return {};
  const { apiKey, secret, passphrase } = credentials;
  return { apiKey, secret, ...(passphrase === undefined ? {} : { password: passphrase }) };
};

const endpointsOf = <Name extends string>(
  exchange: CcxtExchange,
  names: Readonly<Record<Name, string>>,
): Readonly<Record<Name, Endpoint>> => {
  const entries = Object.entries<string>(names).map(([name, ccxtName]) => [name, endpoint(exchange, ccxtName)]);
  return Object.fromEntries(entries) as Record<Name, Endpoint>;
};
