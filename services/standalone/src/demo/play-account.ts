import { simulatedCredentials, type Credentials, type VenueName } from '@switchyard/exchanges';
import { deriveId } from '@switchyard/log';

/** The keys of a user at a simulated venue: play money's, of the form that the venue issues, the same at every start. */
export const playKeys = (userId: string, venue: VenueName): Credentials =>
  simulatedCredentials(venue, deriveId('demo-keys', userId, venue));

/** Opens an account at a simulated venue, which knows it already at later starts. */
export async function openPlayAccount(
  origin: string,
  { apiKey, secret, passphrase }: Credentials,
  balances: Readonly<Record<string, string>>,
): Promise<void> {
  const response = await fetch(`${origin}/_accounts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ accountKey: apiKey, secret, passphrase, balances }),
  });
  if (!response.ok) throw new Error(`the simulator at ${origin} did not open an account: ${await response.text()}`);
}
