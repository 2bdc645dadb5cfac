import type { VenueCapabilities } from './capabilities.js';
import type { Venue } from './port.js';
import { binance, type VenueOptions } from './binance/venue.js';
import { binanceCapabilities } from './binance/capabilities.js';

/** Every venue there is: adding one is a folder and a row here. */
export const VENUES = {
  binance: { open: binance, capabilities: binanceCapabilities },
} as const satisfies Readonly<
  Record<
    string,
    { readonly open: (options?: VenueOptions) => Promise<Venue>; readonly capabilities: VenueCapabilities }
  >
>;

export type VenueName = keyof typeof VENUES;

export const openVenue = (name: VenueName, options: VenueOptions = {}): Promise<Venue> => VENUES[name].open(options);
