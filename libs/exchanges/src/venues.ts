import { alpaca } from './alpaca/venue.js';
import { binance } from './binance/venue.js';
import { bybit } from './bybit/venue.js';
import { coinbase } from './coinbase/venue.js';
import { openCcxtVenue, type VenueDefinition, type VenueOptions } from './ccxt/open-venue.js';
import { kraken } from './kraken/venue.js';
import { kucoin } from './kucoin/venue.js';
import { okx } from './okx/venue.js';
import type { Venue } from './port.js';

/** Every venue there is: adding one is a folder and a row here. */
export const VENUES = {
  binance,
  kraken,
  bybit,
  coinbase,
  okx,
  alpaca,
  kucoin,
} as const satisfies Readonly<Record<string, VenueDefinition>>;

export type VenueName = keyof typeof VENUES;

/** Venues whose books can be streamed. */
export const STREAMED: readonly VenueName[] = (Object.keys(VENUES) as VenueName[]).filter(
  (name) => 'stream' in VENUES[name],
);

export const openVenue = (name: VenueName, options: VenueOptions = {}): Promise<Venue> =>
  openCcxtVenue(VENUES[name], options);
