import { AsyncLocalStorage } from 'node:async_hooks';
import { createPrivateKey, randomBytes, sign, type KeyObject } from 'node:crypto';

/** What a token's maker needs of ccxt's instance. Its `nonce` is the venue's clock, in milliseconds. */
interface Signer {
  readonly apiKey: string;
  readonly secret: string;
  nonce(): number;
}

/** A token lives two minutes, as in ccxt and in Coinbase's own examples. */
const LIFE_S = 120;

/**
 * It begins a moment ago: the venue's clock is known up to an error only, and a token that is not valid yet is refused like a forged one.
 */
const BEGUN_S = 5;

/** The longest window a request can be given. */
export const LONGEST_WINDOW_MS = (LIFE_S - BEGUN_S) * 1_000;

const windows = new AsyncLocalStorage<number>();

/** Requests that are made within are void so long after they were signed, milliseconds. Others live as long as a token can. */
export const voidAfter = <T>(windowMs: number, make: () => T): T => windows.run(windowMs, make);

/**
 * The bearer token of one request: what ccxt's `createAuthToken` claims, signed by OpenSSL in a sixth of the time, by the venue's clock
 * instead of ours, and with the window that the request was given. Put in its place, and called by ccxt with `this` as the instance.
 *
 * @throws where the secret is no EC key on P-256 (ES256): the request is then not sent. Ed25519 keys are not for Advanced Trade:
 * https://docs.cdp.coinbase.com/coinbase-app/authentication-authorization/api-key-authentication
 */
export function createAuthToken(this: Signer, _seconds: number, method: string, url: string): string {
  const nowMs = this.nonce();
  const begun = Math.floor(nowMs / 1_000) - BEGUN_S;
  const windowMs = windows.getStore();
  const claims = {
    aud: ['retail_rest_api_proxy'],
    iss: 'coinbase-cloud',
    nbf: begun,
    // Cut down: a shorter window than was asked for is safe, a longer one never is.
    exp: windowMs === undefined ? begun + LIFE_S : Math.floor((nowMs + windowMs) / 1_000),
    sub: this.apiKey,
    iat: begun,
    uri: `${method} ${url.replace(/^https?:\/\//, '').replace(/\?.*$/s, '')}`,
  };
  const header = { alg: 'ES256', typ: 'JWT', kid: this.apiKey, nonce: randomBytes(16).toString('hex') };
  const content = `${encoded(header)}.${encoded(claims)}`;
  const signature = sign('sha256', Buffer.from(content), { key: keyOf(this), dsaEncoding: 'ieee-p1363' });
  return `${content}.${signature.toString('base64url')}`;
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

const keys = new WeakMap<Signer, KeyObject>();

/** An instance's key, read once. Key files write their line ends as `\n`, and people paste them as they stand. */
const keyOf = (signer: Signer): KeyObject => {
  const known = keys.get(signer);
  if (known !== undefined) return known;
  const key = createPrivateKey(signer.secret.replaceAll('\\n', '\n'));
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('the secret is no EC key on P-256');
  keys.set(signer, key);
  return key;
};
