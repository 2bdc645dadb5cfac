import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Account } from '../../core/account.js';
import type { Exchange } from '../../core/exchange.js';
import type { VenueRequest } from '../dialect.js';
import { errors, type OkxError } from './errors.js';

/** A signature is good for so long before and after its timestamp. */
const SIGNATURE_MS = 30_000;
const TIMESTAMP = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/;

const header = ({ headers }: VenueRequest, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

export const apiKeyOf = (request: VenueRequest): string | undefined => header(request, 'ok-access-key');

/** What a request is signed over: https://www.okx.com/docs-v5/en/#overview-rest-authentication-signature */
export const prehash = (timestamp: string, { method, path, query, body }: VenueRequest): string =>
  `${timestamp}${method}${path}${query === '' ? '' : `?${query}`}${body}`;

/** Whose request this is: the key, its passphrase, and HMAC-SHA256 in Base64 over time, method, path with query, and body. */
export const authenticate = (exchange: Exchange, request: VenueRequest): Account => {
  const key = apiKeyOf(request);
  if (key === undefined) throw errors.noKey();
  const passphrase = header(request, 'ok-access-passphrase');
  if (passphrase === undefined) throw errors.noPassphrase();
  const signature = header(request, 'ok-access-sign');
  if (signature === undefined) throw errors.noSignature();
  const timestamp = header(request, 'ok-access-timestamp');
  if (timestamp === undefined) throw errors.noTimestamp();
  if (!TIMESTAMP.test(timestamp) || Number.isNaN(Date.parse(timestamp))) throw errors.badTimestamp();
  // Demo trading has keys of its own.
  if (header(request, 'x-simulated-trading') === '1') throw errors.wrongEnvironment();
  const account = exchange.state.account(key);
  if (account === undefined) throw errors.unknownKey();
  if (passphrase !== account.passphrase) throw errors.wrongPassphrase();
  const expected = createHmac('sha256', account.secret).update(prehash(timestamp, request)).digest();
  const given = Buffer.from(signature, 'base64');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw errors.badSignature();
  return account;
};

/** Whether the request came in its time, by the venue's clock: its signature's, and its own (`expTime`) where it `mayExpire`. */
export const timingError = (exchange: Exchange, request: VenueRequest, mayExpire: boolean): OkxError | undefined => {
  const signedAt = Date.parse(header(request, 'ok-access-timestamp') ?? '');
  if (Math.abs(exchange.now() - signedAt) > SIGNATURE_MS) return errors.late();
  const expTime = mayExpire ? header(request, 'exptime') : undefined;
  if (expTime === undefined) return undefined;
  if (!/^\d{1,16}$/.test(expTime)) return errors.bad('expTime');
  return exchange.now() > Number(expTime) ? errors.expired() : undefined;
};
