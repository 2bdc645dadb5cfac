import type { Credentials } from './port.js';
import { VENUES } from './venues.js';

/** Environment variables that say how a venue is reached; the same for whoever reaches it. */
export interface VenueVariables {
  /** Where all of the venue's endpoints are, when not at the venue itself. */
  readonly url: string;
  /** A key of the deployment's own, for venues that tell their listings to customers only; it places nothing. Empty for all others. */
  readonly keys: readonly string[];
}

export const venueVariables = (venue: string): VenueVariables => {
  const prefix = prefixOf(venue);
  const capabilities = Object.hasOwn(VENUES, venue) ? VENUES[venue as keyof typeof VENUES].capabilities : {};
  return {
    url: `${prefix}_URL`,
    keys: 'listingsNeedKey' in capabilities ? [`${prefix}_KEY`, `${prefix}_SECRET`] : [],
  };
};

/** What the variables say, once they were checked. */
export const venueReach = (
  env: Readonly<Record<string, unknown>>,
  venue: string,
): { readonly origin: string | undefined; readonly credentials: Credentials | undefined } => {
  const said = (what: string): string | undefined => env[`${prefixOf(venue)}_${what}`] as string | undefined;
  const [apiKey, secret] = [said('KEY'), said('SECRET')];
  return {
    origin: said('URL'),
    credentials: apiKey === undefined || secret === undefined ? undefined : { apiKey, secret },
  };
};

const prefixOf = (venue: string): string => `SWITCHYARD_VENUE_${venue.toUpperCase().replaceAll('-', '_')}`;
