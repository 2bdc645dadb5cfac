import { simulatedCredentials, venueVariables, type Credentials, type VenueName } from '@switchyard/exchanges';
import type { PaperVenue } from './paper-venue.js';

/** Where a venue tells its listings to customers only, the deployment is one. */
export const openOwnAccounts = async (doors: Iterable<PaperVenue>): Promise<void> => {
  for (const door of doors)
    if (venueVariables(door.venue).keys.length > 0) await door.openAccount(ownCredentials(door.venue), {});
};

/** The variables by which a process reaches its venues, by the ports that lead to them. */
export const reachOf = (ways: ReadonlyMap<VenueName, { readonly port: number }>): NodeJS.ProcessEnv => {
  const env: NodeJS.ProcessEnv = {};
  for (const [venue, { port }] of ways) {
    const { url, keys } = venueVariables(venue);
    const { apiKey, secret } = ownCredentials(venue);
    env[url] = `http://127.0.0.1:${port}`;
    const [key, secretName] = keys;
    if (key !== undefined) env[key] = apiKey;
    if (secretName !== undefined) env[secretName] = secret;
  }
  return env;
};

const ownCredentials = (venue: VenueName): Credentials => simulatedCredentials(venue, 'chaos');
