import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Account } from '../../core/account.js';
import type { Exchange } from '../../core/exchange.js';
import type { VenueRequest } from '../dialect.js';
import { errors, type BinanceError } from './errors.js';
import type { Parameters } from './parameters.js';

const DEFAULT_WINDOW_MS = 5_000;
const LONGEST_WINDOW_MS = 60_000;
/** A client's clock may be so far ahead, whatever its window. */
const AHEAD_MS = 1_000;

export const apiKeyOf = (request: VenueRequest): string | undefined => {
  const header = request.headers['x-mbx-apikey'];
  return typeof header === 'string' && header !== '' ? header : undefined;
};

const withoutSignature = (encoded: string): string =>
  encoded
    .split('&')
    .filter((part) => !part.startsWith('signature='))
    .join('&');

/**
 * Whose request this is: HMAC-SHA256 over the query, then the body, as they were sent, without the signature itself
 * (https://developers.binance.com/docs/binance-spot-api-docs/rest-api/request-security).
 */
export const authenticate = (exchange: Exchange, request: VenueRequest, parameters: Parameters): Account => {
  const key = apiKeyOf(request);
  if (key === undefined) throw errors.badKeyFormat();
  const account = exchange.state.account(key);
  if (account === undefined) throw errors.unknownKey();
  const signature = parameters.required('signature');
  const payload = withoutSignature(request.query) + withoutSignature(request.body);
  const expected = createHmac('sha256', account.secret).update(payload).digest();
  const given = Buffer.from(signature, 'hex');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw errors.badSignature();
  return account;
};

/** Whether the request came in its time: `timestamp` at most `recvWindow` ago and less than a second ahead, by the venue's clock. */
export const timingError = (exchange: Exchange, parameters: Parameters): BinanceError | undefined => {
  const timestamp = parameters.integer('timestamp');
  if (timestamp === undefined) return errors.missing('timestamp');
  const window = Number(parameters.decimal('recvWindow') ?? DEFAULT_WINDOW_MS);
  if (window > LONGEST_WINDOW_MS) return errors.badRecvWindow();
  const now = exchange.now();
  if (timestamp >= now + AHEAD_MS) return errors.aheadOfServer();
  return now - timestamp > window ? errors.outsideWindow() : undefined;
};
