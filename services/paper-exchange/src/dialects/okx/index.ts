import { decimal } from '@switchyard/money';
import { Customer } from '../../core/customer.js';
import type { Exchange } from '../../core/exchange.js';
import { answering, json } from '../answering.js';
import type { Dialect, VenueKind, VenueReply, VenueRequest } from '../dialect.js';
import { routesOf } from '../routes.js';
import { accountRoutes } from './account.js';
import { errors, MAX_OPEN_ORDERS, OkxError, OrderError } from './errors.js';
import { okxIds } from './ids.js';
import { marketData } from './market-data.js';
import { Parameters } from './parameters.js';
import type { Route, SignedContext } from './route.js';
import { apiKeyOf, authenticate, timingError } from './signature.js';
import { trading } from './trading.js';

/** OKX's REST API v5 for spot as ccxt's `okx` class calls it, each method and path once. */
const routeOf = routesOf<Route>({ ...marketData, ...accountRoutes, ...trading });

/** Microseconds, as the gateway counts them. */
const gatewayTimes = (exchange: Exchange): object => {
  const micros = `${exchange.now()}000`;
  return { inTime: micros, outTime: micros };
};

/** What befell an order is told in its row; everything else for the request as a whole. */
const errorReply = (exchange: Exchange, error: OkxError): VenueReply =>
  error instanceof OrderError
    ? json(200, {
        code: '1',
        data: [{ clOrdId: '', ordId: '', sCode: error.code, sMsg: error.message, tag: '', ts: String(exchange.now()) }],
        msg: 'All operations failed',
        ...gatewayTimes(exchange),
      })
    : json(error.status, { code: error.code, data: [], msg: error.message });

const checkBody = ({ method, body, headers }: VenueRequest): void => {
  if (method !== 'POST') return;
  if (body === '') throw errors.noBody();
  if (!/^application\/json/i.test(String(headers['content-type']))) throw errors.badContentType();
  try {
    JSON.parse(body);
  } catch {
    throw errors.badJson();
  }
};

const speak = (exchange: Exchange): Dialect => {
  const answer = (route: Route, request: VenueRequest): object => {
    const parameters = new Parameters(request.query, request.body);
    if (!route.signed) return { code: '0', data: route.answer({ exchange, parameters }), msg: '' };
    const account = authenticate(exchange, request);
    checkBody(request);
    const customer = new Customer(exchange, account);
    const context: SignedContext = { exchange, parameters, customer, fault: request.fault };
    const late = timingError(exchange, request, route.mayExpire === true);
    if (late !== undefined) {
      route.noteLate?.(context, late);
      throw late;
    }
    return { code: '0', data: route.answer(context), msg: '', ...(route.timed && gatewayTimes(exchange)) };
  };

  return {
    identify(request) {
      const parameters = new Parameters(request.query, request.body);
      return { accountKey: apiKeyOf(request), clientOrderId: parameters.text('clOrdId') };
    },

    async handle(request) {
      const route = routeOf(request.method, request.path)?.route;
      if (route === undefined) return errorReply(exchange, errors.noSuchPath());
      return answering(
        exchange,
        () => json(200, answer(route, request)),
        (error) => (error instanceof OkxError ? errorReply(exchange, error) : undefined),
      );
    },

    failure(kind) {
      switch (kind) {
        case 'internal':
          return errorReply(exchange, errors.internal());
        case 'rate_limit':
          return errorReply(exchange, errors.rateLimited());
        case 'timeout':
          return errorReply(exchange, errors.timeout());
      }
    },
  };
};

/** Regular users of the first tier, pairs in USDT: https://www.okx.com/fees */
export const okx: VenueKind = {
  rules: {
    fees: { maker: decimal('0.0008'), taker: decimal('0.001') },
    feeIn: 'received',
    clientIds: 'openOnly',
    maxOpenOrders: MAX_OPEN_ORDERS,
    takingPostOnly: 'expires',
  },
  ids: okxIds,
  speak,
};
