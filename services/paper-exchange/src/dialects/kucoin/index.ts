import { decimal } from '@switchyard/money';
import { Customer } from '../../core/customer.js';
import type { Exchange } from '../../core/exchange.js';
import { answering, json } from '../answering.js';
import type { Dialect, VenueKind, VenueReply, VenueRequest } from '../dialect.js';
import { routesOf, type Routed } from '../routes.js';
import { errors, KucoinError } from './errors.js';
import { kucoinIds } from './ids.js';
import { marketData } from './market-data.js';
import { Parameters } from './parameters.js';
import type { Route, SignedContext } from './route.js';
import { apiKeyOf, authenticate, timingError } from './signature.js';
import { trading } from './trading.js';

/** KuCoin's spot REST API, orders by the `hf` service, as ccxt's `kucoin` class calls it. */
const routeOf = routesOf<Route>({ ...marketData, ...trading });

const errorReply = ({ status, code, message }: KucoinError): VenueReply => json(status, { code, msg: message });

/** Cloudflare stands in front of KuCoin and counts addresses. https://www.kucoin.com/docs/basic-info/request-rate-limit/rest-api */
const CLOUDFLARE: VenueReply = { status: 429, body: 'error code: 1015' };

const checkBody = ({ method, body, headers }: VenueRequest): void => {
  if (method !== 'POST') return;
  if (!/^application\/json/i.test(String(headers['content-type']))) throw errors.badContentType();
  try {
    JSON.parse(body);
  } catch {
    throw errors.badJson();
  }
};

const speak = (exchange: Exchange): Dialect => {
  const answer = ({ route, path }: Routed<Route>, request: VenueRequest): unknown => {
    const parameters = new Parameters(request.query, request.body, path);
    if (!route.signed) return route.answer({ exchange, parameters });
    const { account, timestamp } = authenticate(exchange, request);
    checkBody(request);
    const customer = new Customer(exchange, account);
    const context: SignedContext = { exchange, parameters, customer, timestamp, fault: request.fault };
    const late = timingError(exchange, timestamp);
    if (late !== undefined) {
      route.noteLate?.(context, late);
      throw late;
    }
    return route.answer(context);
  };

  return {
    identify(request) {
      const path = routeOf(request.method, request.path)?.path;
      const parameters = new Parameters(request.query, request.body, path);
      return { accountKey: apiKeyOf(request), clientOrderId: parameters.text('clientOid') };
    },

    async handle(request) {
      const routed = routeOf(request.method, request.path);
      if (routed === undefined) return errorReply(errors.noSuchPath());
      return answering(
        exchange,
        () => json(200, { code: '200000', data: answer(routed, request) }),
        (error) => (error instanceof KucoinError ? errorReply(error) : undefined),
      );
    },

    failure(kind) {
      switch (kind) {
        case 'internal':
          return errorReply(errors.internal());
        case 'rate_limit':
          return CLOUDFLARE;
        case 'timeout':
          return errorReply(errors.timeout());
      }
    },
  };
};

/**
 * VIP 0, pairs of class A, without KCS: https://www.kucoin.com/vip/privilege. Fees come in quote, of a buy too. Whether an id may be used
 * again is not documented; here it may, once its order is over, as was seen of the older order service.
 */
export const kucoin: VenueKind = {
  rules: {
    fees: { maker: decimal('0.001'), taker: decimal('0.001') },
    feeIn: 'quote',
    clientIds: 'openOnly',
    // "a maximum of 200 active orders per trading pair"
    maxOpenOrders: 200,
    takingPostOnly: 'expires',
  },
  ids: kucoinIds,
  speak,
};
