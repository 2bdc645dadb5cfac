import { createECDH, createHash, createPrivateKey } from 'node:crypto';
import type { Credentials } from '@switchyard/exchanges';
import { deriveId } from '@switchyard/log';

/** The keys of a user at a simulated venue: play money's, of the form that the venue issues, the same at every start. */
export const playKeys = (userId: string, venue: string): Credentials & { readonly passphrase: string } => {
  const secret = deriveId('demo-secret', userId, venue);
  return {
    apiKey: deriveId('demo-key', userId, venue),
    // Coinbase's customers sign with a key of their own on P-256.
    secret: venue === 'coinbase' ? ecKeyOf(secret) : secret,
    passphrase: deriveId('demo-passphrase', userId, venue),
  };
};

/** The private key, PEM, whose number is the hash of a text. */
const ecKeyOf = (text: string): string => {
  const pair = createECDH('prime256v1');
  pair.setPrivateKey(createHash('sha256').update(text).digest());
  const point = pair.getPublicKey();
  const text64 = (bytes: Buffer): string => bytes.toString('base64url');
  const place = { x: text64(point.subarray(1, 33)), y: text64(point.subarray(33)) };
  const d = text64(pair.getPrivateKey());
  const key = createPrivateKey({ format: 'jwk', key: { kty: 'EC', crv: 'P-256', ...place, d } });
  return key.export({ format: 'pem', type: 'sec1' }).toString();
};

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
