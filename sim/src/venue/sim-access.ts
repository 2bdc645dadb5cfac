import { VENUES, type ClockReading, type Venue, type VenueClient } from '@switchyard/exchanges';
import type { VenueAccess } from '@switchyard/execution-service';
import type { SimVenue } from './sim-venue.js';

const ORIGIN = 'http://127.0.0.1:9';
const NO_LIMITS = {
  maxQuantity: null,
  maxMarketQuantity: null,
  minPrice: null,
  maxPrice: null,
  minNotional: null,
  maxNotional: null,
};

/** An executor's way to the simulated venue, whose clock it knows to 20 ms. `client`: that of one account. */
export const simAccess = (venue: SimVenue, client: (accountKey: string) => VenueClient): VenueAccess => {
  const { capabilities } = VENUES.binance;
  const reading = (): ClockReading => ({
    venueTimeMs: venue.now(),
    offsetMs: venue.skewMs,
    errorMs: 20,
    roundTripMs: 40,
  });
  const opened: Venue = {
    name: 'binance',
    origin: ORIGIN,
    capabilities,
    marketData: {
      instruments: notAsked,
      instrument: (pair) => {
        const market = venue.markets.get(pair);
        if (market === undefined) return notAsked();
        const { venueSymbol, base, quote, lot } = market;
        const grid = { tick: '0.01', lot, minQuantity: lot, ...NO_LIMITS };
        const value = { pair, venueSymbol, base, quote, quoteAlias: null, trading: true, ...grid };
        return Promise.resolve({ kind: 'answered', value });
      },
      book: notAsked,
      ticker: notAsked,
      trades: notAsked,
      serverTime: () => Promise.resolve({ kind: 'answered', value: reading() }),
    },
    client: ({ apiKey }) => client(apiKey),
    close: () => Promise.resolve(),
  };
  return {
    capabilities,
    origin: ORIGIN,
    rules: { venue: capabilities.origins, liveTradingEnabled: false, simulatedOrigins: [], allowedLiveOrigins: [] },
    open: () => Promise.resolve(opened),
    clock: reading,
    awaitsClock: () => false,
    measure: () => Promise.resolve({ kind: 'answered', value: reading() }),
    holdOff: () => undefined,
    close: () => Promise.resolve(),
  };
};

const notAsked = (): Promise<never> => Promise.reject(new Error('nobody asks that in a simulation'));
