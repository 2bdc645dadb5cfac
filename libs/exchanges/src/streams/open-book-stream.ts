import { Agent } from 'node:http';
import type { BookStream, BookStreamListener, BookStreamOptions } from '../book-stream.js';
import { loadCcxtClass, rehosted, withEndpoints, type CcxtExchange } from '../ccxt/exchange.js';
import type { VenueDefinition } from '../ccxt/open-venue.js';
import type { VenueMarketData } from '../port.js';
import { CcxtBookStream } from './ccxt-book-stream.js';
import { withExactBooks, type CcxtStream, type CcxtStreamClass } from './ccxt-stream.js';
import { streamOriginFor, type StreamDefinition } from './stream-definition.js';

/** The venue that a stream belongs to. */
export interface StreamOf {
  readonly definition: VenueDefinition;
  readonly stream: StreamDefinition | undefined;
  /** ccxt's instance that has the listings. */
  readonly base: CcxtExchange;
  readonly marketData: Pick<VenueMarketData, 'book'>;
  readonly origin: string;
}

/** Nothing is connected until something is watched. Throws where the venue has no streams at that origin. */
export const openBookStream = async (
  { definition, stream, base, marketData, origin }: StreamOf,
  listener: BookStreamListener,
  options: BookStreamOptions,
): Promise<BookStream> => {
  const { venue, origins } = definition.capabilities;
  const streamOrigin = stream === undefined ? null : streamOriginFor(stream, origins, origin);
  if (stream === undefined || streamOrigin === null) throw new Error(`${venue} has no streams for ${origin}`);
  const exchange = await streamInstance(stream, streamOrigin);
  return new CcxtBookStream({
    definition: stream,
    exchange,
    origin: streamOrigin,
    symbols: (venueSymbols) => {
      exchange.setMarketsFromExchange(base);
      const wanted = new Set(venueSymbols);
      const listed = Object.entries(base.markets ?? {});
      return new Map(listed.flatMap(([symbol, { id }]) => (wanted.has(id) ? [[id, symbol] as const] : [])));
    },
    snapshot: (of, levels) => marketData.book(of, levels),
    listener,
    options,
  });
};

/** An instance that speaks to that origin alone, and makes no request: listings and snapshots come over the venue's own transport. */
export const streamInstance = async (stream: StreamDefinition, origin: string): Promise<CcxtStream> => {
  const exchange = new (await streamClass(stream))({
    enableRateLimit: false,
    newUpdates: false,
    options: { ...stream.options, ws: CONNECTION },
  });
  exchange.urls = rehosted(exchange.urls, origin);
  // ccxt wants one for `ws:`, proxy or not.
  exchange['httpAgent'] = new Agent();
  const refuse = (): never => {
    throw new Error('a stream makes no requests');
  };
  exchange.fetch = refuse;
  exchange.fetchImplementation = refuse;
  return exchange;
};

/** ccxt's own waiting before it dials is off: ours is. A connection that does not answer two pings in a row is given up. */
const CONNECTION = {
  backoff: { base: 0, factor: 1, max: 0 },
  connectionTimeout: 6_000,
  keepAlive: 5_000,
  options: { maxPayload: 16 * 1024 * 1024, handshakeTimeout: 5_000, followRedirects: false },
};

const loaded = new Map<StreamDefinition, Promise<CcxtStreamClass>>();

const streamClass = (stream: StreamDefinition): Promise<CcxtStreamClass> => {
  let known = loaded.get(stream);
  if (known === undefined) {
    known = loadCcxtClass(stream.id).then((Full) =>
      stream.adapt(withExactBooks(withEndpoints(Full, {}) as unknown as CcxtStreamClass)),
    );
    loaded.set(stream, known);
  }
  return known;
};
