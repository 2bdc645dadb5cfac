import { createHash } from 'node:crypto';
import { coinbaseKeysOf } from './coinbase/keys.js';
import type { Credentials } from './port.js';
import type { VenueName } from './venues.js';

/** Where a venue's credentials are not just any texts. */
const FORMS: Readonly<Partial<Record<VenueName, (seed: string) => Credentials>>> = { coinbase: coinbaseKeysOf };

/**
 * Credentials of the form that the venue issues, always the same for one seed: for accounts at its simulator (`POST /_accounts`), which they
 * open to whoever knows the seed. Elsewhere they open nothing.
 */
export const simulatedCredentials = (venue: VenueName, seed: string): Credentials =>
  (FORMS[venue] ?? texts)(`${venue} ${seed}`);

/** Any venue that takes texts takes these: its secret is base64, as Kraken's must be. */
const texts = (seed: string): Credentials => {
  const of = (what: string): Buffer => createHash('sha512').update(`${what} ${seed}`).digest();
  return {
    apiKey: of('key').toString('hex').slice(0, 32),
    secret: of('secret').toString('base64'),
    passphrase: of('passphrase').toString('hex').slice(0, 32),
  };
};
