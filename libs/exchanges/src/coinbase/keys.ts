import { createECDH, createHash, createPrivateKey } from 'node:crypto';
import type { Credentials } from '../port.js';

/**
 * A key of the form that Coinbase issues (ECDSA on P-256, the secret as PEM), always the same for one seed. For accounts at a simulator:
 * whoever knows the seed has the key.
 */
export const coinbaseKeysOf = (seed: string): Credentials => {
  const [organization, key] = [uuidOf(`organization ${seed}`), uuidOf(`key ${seed}`)];
  return { apiKey: `organizations/${organization}/apiKeys/${key}`, secret: pemOf(seed) };
};

const hashOf = (what: string): Buffer => createHash('sha256').update(what).digest();

const uuidOf = (what: string): string =>
  hashOf(what)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');

/** SEC1, as in Coinbase's key files. One hash in 4 billion is no private key of the curve: then that of the next seed is taken. */
const pemOf = (seed: string): string => {
  const pair = createECDH('prime256v1');
  const d = hashOf(`secret ${seed}`);
  try {
    pair.setPrivateKey(d);
  } catch {
    return pemOf(`${seed} `);
  }
  const point = pair.getPublicKey();
  const jwk = { kty: 'EC', crv: 'P-256', x: part(point, 1), y: part(point, 33), d: d.toString('base64url') };
  return createPrivateKey({ key: jwk, format: 'jwk' }).export({ type: 'sec1', format: 'pem' }).toString();
};

const part = (point: Buffer, from: number): string => point.subarray(from, from + 32).toString('base64url');
