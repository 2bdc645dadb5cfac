import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Account } from '../../core/account.js';
import type { Exchange } from '../../core/exchange.js';
import type { VenueRequest } from '../dialect.js';
import { errors, type BybitError } from './errors.js';

const DEFAULT_WINDOW_MS = 5_000;
/** A client's clock may be so far ahead, whatever its window. */
const AHEAD_MS = 1_000;

const header = ({ headers }: VenueRequest, name: string): string => {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
};

export const apiKeyOf = (request: VenueRequest): string | undefined => header(request, 'x-bapi-api-key') || undefined;

/**
 * Whose request this is: HMAC-SHA256, as lower-case hex, over timestamp, key, window and the query or (POST) the body, as they were sent
 * (https://bybit-exchange.github.io/docs/v5/guide). A wrong signature is answered with all that was to be signed, the key among it.
 */
export const authenticate = (exchange: Exchange, request: VenueRequest): Account => {
  const [timestamp, key, given] = ['x-bapi-timestamp', 'x-bapi-api-key', 'x-bapi-sign'].map((name) =>
    header(request, name),
  ) as [string, string, string];
  if (timestamp === '' || key === '' || given === '') throw errors.unsigned(timestamp, key, given);
  const account = exchange.state.account(key);
  if (account === undefined) throw errors.unknownKey();
  const payload = request.method === 'GET' ? request.query : request.body;
  const signed = timestamp + key + header(request, 'x-bapi-recv-window') + payload;
  const expected = Buffer.from(createHmac('sha256', account.secret).update(signed).digest('hex'));
  const told = Buffer.from(given);
  if (told.length !== expected.length || !timingSafeEqual(told, expected)) throw errors.badSignature(signed);
  return account;
};

/** Whether the request came in its time, by the venue's clock: `now - window <= timestamp < now + 1000`. */
export const timingError = (exchange: Exchange, request: VenueRequest): BybitError | undefined => {
  const now = exchange.now();
  const timestamp = Number(header(request, 'x-bapi-timestamp'));
  const window = Number(header(request, 'x-bapi-recv-window') || DEFAULT_WINDOW_MS);
  const inTime = timestamp >= now - window && timestamp < now + AHEAD_MS;
  return inTime ? undefined : errors.outsideWindow(timestamp, now, window);
};
