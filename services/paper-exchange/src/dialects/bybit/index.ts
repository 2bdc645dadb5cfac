import { decimal } from '@switchyard/money';
import { Customer } from '../../core/customer.js';
import type { Exchange } from '../../core/exchange.js';
import { answering, json } from '../answering.js';
import type { Dialect, VenueKind, VenueReply, VenueRequest } from '../dialect.js';
import { routesOf } from '../routes.js';
import { accountRoutes } from './account.js';
import { BybitError, errors } from './errors.js';
import { historyRoutes } from './history.js';
import { ids } from './ids.js';
import { marketData } from './market-data.js';
import { openOrderRoutes } from './open-orders.js';
import { Parameters } from './parameters.js';
import type { PublicContext, Route, SignedContext } from './route.js';
import { apiKeyOf, authenticate, timingError } from './signature.js';

/** Bybit's v5 REST API for spot and a unified account, as ccxt's `bybit` class calls it. */
const routeOf = routesOf<Route>({ ...marketData, ...accountRoutes, ...openOrderRoutes, ...historyRoutes });

const speak = (exchange: Exchange): Dialect => {
  const reply = (status: number, retCode: number, retMsg: string, result: unknown): VenueReply =>
    json(status, { retCode, retMsg, result, retExtInfo: {}, time: exchange.now() });
  const errorReply = ({ status, code, message }: BybitError): VenueReply => reply(status, code, message, {});

  const answer = (route: Route, request: VenueRequest): unknown => {
    const open: PublicContext = { exchange, parameters: new Parameters(request.query, request.body) };
    if (!route.signed) return route.answer(open);
    const customer = new Customer(exchange, authenticate(exchange, request));
    const context: SignedContext = { ...open, customer, fault: request.fault };
    const late = timingError(exchange, request);
    if (late !== undefined) {
      route.noteLate?.(context, late);
      throw late;
    }
    return route.answer(context);
  };

  return {
    identify: (request) => ({
      accountKey: apiKeyOf(request),
      clientOrderId: new Parameters(request.query, request.body).text('orderLinkId'),
    }),

    handle(request) {
      const route = routeOf(request.method, request.path)?.route;
      if (route === undefined) return Promise.resolve(errorReply(errors.noSuchPath()));
      return answering(
        exchange,
        () => reply(200, 0, 'OK', answer(route, request)),
        (error) => (error instanceof BybitError ? errorReply(error) : undefined),
      );
    },

    failure(kind) {
      switch (kind) {
        case 'internal':
          return errorReply(errors.internal());
        case 'rate_limit':
          return errorReply(errors.tooFrequent());
        case 'timeout':
          return errorReply(errors.timeout());
      }
    },
  };
};

/** Base tier (VIP 0), no MNT discount: https://www.bybit.com/en/announcement-info/fee-rate/. Client order ids "always unique". */
export const bybit: VenueKind = {
  rules: {
    fees: { maker: decimal('0.001'), taker: decimal('0.001') },
    feeIn: 'received',
    clientIds: 'forever',
    maxOpenOrders: 500,
    takingPostOnly: 'expires',
  },
  ids,
  speak,
};
