import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Account } from '../../core/account.js';
import type { Exchange } from '../../core/exchange.js';
import type { VenueRequest } from '../dialect.js';
import { errors, type KucoinError } from './errors.js';

/** "Time differs from server time by more than 5 seconds": https://www.kucoin.com/docs/basic-info/errors-code/spot-errors-code */
const SIGNATURE_MS = 5_000;
/** Both encrypt the passphrase; keys of version 1 sent it as it is, and are no longer taken. */
const KEY_VERSIONS: readonly unknown[] = ['2', '3'];

const header = ({ headers }: VenueRequest, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

export const apiKeyOf = (request: VenueRequest): string | undefined => header(request, 'kc-api-key');

/** What a request is signed over: https://www.kucoin.com/docs-new/authentication. Path and query count as they were before encoding. */
export const prehash = (timestamp: string, { method, path, query, body }: VenueRequest): string =>
  `${timestamp}${method}${decoded(path)}${query === '' ? '' : `?${decoded(query)}`}${body}`;

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const isHmac = (given: string, secret: string, of: string): boolean => {
  const expected = createHmac('sha256', secret).update(of).digest();
  const bytes = Buffer.from(given, 'base64');
  return bytes.length === expected.length && timingSafeEqual(bytes, expected);
};

/** Whose request this is, and when it was signed: HMAC-SHA256 in Base64 over time, method, path with query and body; and over the passphrase. */
export const authenticate = (
  exchange: Exchange,
  request: VenueRequest,
): { readonly account: Account; readonly timestamp: string } => {
  const key = apiKeyOf(request);
  const [signature, timestamp, passphrase] = ['kc-api-sign', 'kc-api-timestamp', 'kc-api-passphrase'].map((name) =>
    header(request, name),
  );
  if (key === undefined || signature === undefined || timestamp === undefined || passphrase === undefined)
    throw errors.noHeader();
  if (!/^\d{13}$/.test(timestamp)) throw errors.late();
  if (!KEY_VERSIONS.includes(header(request, 'kc-api-key-version'))) throw errors.badKeyVersion();
  const account = exchange.state.account(key);
  if (account === undefined) throw errors.unknownKey();
  if (!isHmac(passphrase, account.secret, account.passphrase)) throw errors.wrongPassphrase();
  if (!isHmac(signature, account.secret, prehash(timestamp, request))) throw errors.badSignature();
  return { account, timestamp };
};

/** Whether the request came in its signature's time, by the venue's clock. */
export const timingError = (exchange: Exchange, timestamp: string): KucoinError | undefined =>
  Math.abs(exchange.now() - Number(timestamp)) > SIGNATURE_MS ? errors.late() : undefined;
