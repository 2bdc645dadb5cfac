import { createHash, timingSafeEqual } from 'node:crypto';
import { decimal } from '@switchyard/money';
import type { Account } from '../../core/account.js';
import { Customer } from '../../core/customer.js';
import type { Exchange } from '../../core/exchange.js';
import { answering, json } from '../answering.js';
import type { Dialect, SpeakOptions, VenueKind, VenueReply, VenueRequest } from '../dialect.js';
import { readParameters } from '../parameters.js';
import { routesOf } from '../routes.js';
import { accountRoutes } from './account.js';
import { AlpacaError, errors } from './errors.js';
import { alpacaIds } from './ids.js';
import { marketData } from './market-data.js';
import { NoContent, type Route } from './route.js';
import { trading } from './trading.js';

/** Alpaca's trading and market data APIs, as far as crypto goes and ccxt's `alpaca` class calls them; each method and path once. */
const routeOf = routesOf<Route>({ ...marketData, ...accountRoutes, ...trading });

const MINUTE_MS = 60_000;

type Headers = Readonly<Record<string, string>>;

const errorReply = ({ status, code, message, more }: AlpacaError, headers: Headers = {}): VenueReply =>
  json(status, { ...more, ...(code === undefined ? {} : { code }), message }, headers);

const headerOf = ({ headers }: VenueRequest, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Whose request this is: key and secret stand in headers, nothing is signed (https://docs.alpaca.markets/docs/authentication-1). */
const authenticate = (exchange: Exchange, request: VenueRequest): Account => {
  const key = headerOf(request, 'apca-api-key-id');
  const secret = headerOf(request, 'apca-api-secret-key');
  const account = key === undefined ? undefined : exchange.state.account(key);
  if (account === undefined || secret === undefined) throw errors.unauthorized();
  if (!timingSafeEqual(digest(secret), digest(account.secret))) throw errors.wrongSecret();
  return account;
};

/** An empty id leaves a slash behind, and many a router drops it: then the path is that of all orders. */
const withoutLastSlash = (path: string): string => (path.length > 1 ? path.replace(/\/$/, '') : path);

const speak = (exchange: Exchange, { weightPerMinute }: SpeakOptions): Dialect => {
  const counted = new Map<string, { minute: number; used: number }>();

  /** Each account's requests, where they are limited: what is left of them, in headers. */
  const count = (accountKey: string): Headers => {
    if (weightPerMinute === undefined) return {};
    const minute = Math.floor(exchange.now() / MINUTE_MS);
    let entry = counted.get(accountKey);
    if (entry?.minute !== minute) counted.set(accountKey, (entry = { minute, used: 0 }));
    entry.used += 1;
    return {
      'x-ratelimit-limit': String(weightPerMinute),
      'x-ratelimit-remaining': String(Math.max(0, weightPerMinute - entry.used)),
      'x-ratelimit-reset': String(((minute + 1) * MINUTE_MS) / 1_000),
      ...(entry.used > weightPerMinute ? { exceeded: 'true' } : {}),
    };
  };

  return {
    identify(request) {
      const parameters = readParameters(request.query, request.body);
      return {
        accountKey: headerOf(request, 'apca-api-key-id'),
        clientOrderId: parameters.get('client_order_id'),
      };
    },

    async handle(request) {
      const found = routeOf(request.method, withoutLastSlash(request.path));
      if (found === undefined) return errorReply(errors.noSuchPath());
      const { route, path } = found;
      let headers: Headers = {};
      const make = (): VenueReply => {
        const open = { exchange, parameters: readParameters(request.query, request.body) };
        if (route.isPublic === true) return json(200, route.answer(open));
        const customer = new Customer(exchange, authenticate(exchange, request));
        const { exceeded, ...limits } = count(customer.key);
        headers = limits;
        if (exceeded !== undefined) throw errors.accountLimit();
        const answer = route.answer({ ...open, customer, path, fault: request.fault });
        return answer instanceof NoContent ? { ...answer.reply, headers } : json(200, answer, headers);
      };
      return answering(exchange, make, (error) =>
        error instanceof AlpacaError ? errorReply(error, headers) : undefined,
      );
    },

    failure(kind) {
      switch (kind) {
        case 'internal':
          return errorReply(errors.internal());
        case 'rate_limit':
          return errorReply(errors.addressLimit());
        case 'timeout':
          return errorReply(errors.timeout());
      }
    },
  };
};

/**
 * Tier 1 (30-day volume up to 100,000 USD), maker and taker: https://docs.alpaca.markets/docs/crypto-fees. Taken from what is received,
 * rounded up to nine places: 0.001254903 BTC bought came in as 0.001251765.
 */
export const alpaca: VenueKind = {
  rules: {
    fees: { maker: decimal('0.0015'), taker: decimal('0.0025') },
    feeIn: 'received',
    feeGrid: { step: decimal('0.000000001'), up: true },
    clientIds: 'forever',
    maxOpenOrders: Number.MAX_SAFE_INTEGER,
  },
  ids: alpacaIds,
  speak,
};
