import { simulatedCredentials, VENUES, venueVariables, type Credentials, type VenueName } from '@switchyard/exchanges';

/** In the venue's own dollar. */
const FUNDS = '1000000000';

export const fundsAt = (venue: VenueName): Readonly<Record<string, string>> => ({
  [VENUES[venue].capabilities.quoteAliases['USD'] ?? 'USD']: FUNDS,
});

/** Opens an account at a simulated venue, with keys of the form that it issues. */
export const openAtVenue = async (
  venue: VenueName,
  url: string,
  name: string,
  balances: Readonly<Record<string, string>> = fundsAt(venue),
): Promise<Credentials> => {
  const credentials = simulatedCredentials(venue, `bench ${name}`);
  const { apiKey: accountKey, secret, passphrase } = credentials;
  await post(`${url}/_accounts`, { accountKey, secret, passphrase, balances });
  return credentials;
};

/** The variables by which services reach the venues, at these addresses. Some list to customers only: the deployment is one. */
export const reachOf = async (
  venues: ReadonlyMap<VenueName, string>,
  addressOf: (venue: VenueName, url: string) => string,
): Promise<NodeJS.ProcessEnv> => {
  const env: NodeJS.ProcessEnv = {};
  for (const [venue, at] of venues) {
    const { url, keys } = venueVariables(venue);
    env[url] = addressOf(venue, at);
    const [key, secret] = keys;
    if (key === undefined || secret === undefined) continue;
    const own = await openAtVenue(venue, at, 'deployment', {});
    env[key] = own.apiKey;
    env[secret] = own.secret;
  }
  return env;
};

export const post = async (url: string, body: unknown): Promise<void> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  await response.body?.cancel();
};
