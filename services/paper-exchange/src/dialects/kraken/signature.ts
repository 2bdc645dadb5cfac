import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Account } from '../../core/account.js';
import type { Exchange } from '../../core/exchange.js';
import type { VenueRequest } from '../dialect.js';
import { errors } from './errors.js';
import type { Parameters } from './parameters.js';

const headerOf = ({ headers }: VenueRequest, name: string): string | undefined => {
  const header = headers[name];
  return typeof header === 'string' && header !== '' ? header : undefined;
};

export const apiKeyOf = (request: VenueRequest): string | undefined => headerOf(request, 'api-key');

/**
 * Whose request this is: `API-Sign` is the HMAC-SHA512, under the decoded secret, of the path and the SHA-256 of nonce and body
 * (https://docs.kraken.com/api/docs/guides/spot-rest-auth).
 */
export const authenticate = (exchange: Exchange, request: VenueRequest, parameters: Parameters): Account => {
  const account = exchange.state.account(apiKeyOf(request) ?? '');
  if (account === undefined) throw errors.badKey();
  const nonce = parameters.text('nonce');
  if (nonce === undefined || !/^\d{1,19}$/.test(nonce)) throw errors.badNonce();
  const hash = createHash('sha256')
    .update(nonce + request.body)
    .digest();
  const expected = createHmac('sha512', Buffer.from(account.secret, 'base64'))
    .update(request.path)
    .update(hash)
    .digest();
  const given = Buffer.from(headerOf(request, 'api-sign') ?? '', 'base64');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw errors.badSignature();
  return account;
};

/** The highest nonce of each key: a request with the same one, or a lower, is refused. Kept until a restart. */
export class Nonces {
  readonly #highest = new Map<string, bigint>();

  isNext({ accountKey }: Account, parameters: Parameters): boolean {
    const nonce = BigInt(parameters.required('nonce'));
    const highest = this.#highest.get(accountKey);
    if (highest !== undefined && nonce <= highest) return false;
    this.#highest.set(accountKey, nonce);
    return true;
  }
}

const SOONEST_MS = 2_000;
const LATEST_MS = 60_000;

/** Whether the request came before its `deadline`, which must be between two seconds and a minute off. @throws KrakenError */
export const checkDeadline = (exchange: Exchange, parameters: Parameters): void => {
  const deadline = parameters.text('deadline');
  if (deadline === undefined) return;
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(deadline) ? Date.parse(deadline) : Number.NaN;
  if (Number.isNaN(at)) throw errors.argument('deadline');
  const left = at - exchange.now();
  if (left <= 0) throw errors.tooLate();
  if (left < SOONEST_MS || left > LATEST_MS) throw errors.argument('deadline');
};
