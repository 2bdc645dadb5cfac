import { decimal } from '@switchyard/money';
import { Customer } from '../../core/customer.js';
import type { Exchange } from '../../core/exchange.js';
import { answering, json } from '../answering.js';
import type { Dialect, VenueKind, VenueReply, VenueRequest } from '../dialect.js';
import { krakenStreams } from '../../streams/kraken.js';
import { routesOf } from '../routes.js';
import { accountRoutes } from './account.js';
import { errors, KrakenError } from './errors.js';
import { ids } from './ids.js';
import { marketData } from './market-data.js';
import { Parameters } from './parameters.js';
import type { PrivateContext, Route } from './route.js';
import { apiKeyOf, authenticate, Nonces } from './signature.js';
import { trading } from './trading.js';

/** Kraken's spot REST API as ccxt's `kraken` class calls it, each method and path once. */
const routeOf = routesOf<Route>({ ...marketData, ...trading, ...accountRoutes });

/** Kraken tells errors in the body, and with HTTP 200; other statuses are of what stands before it. */
const errorReply = (error: KrakenError, status = 200): VenueReply => json(status, { error: [error.text] });

const speak = (exchange: Exchange): Dialect => {
  const nonces = new Nonces();

  const answer = (route: Route, request: VenueRequest, parameters: Parameters): unknown => {
    if (!route.signed) return route.answer({ exchange, parameters });
    const account = authenticate(exchange, request, parameters);
    const context: PrivateContext = {
      exchange,
      parameters,
      customer: new Customer(exchange, account),
      fault: request.fault,
    };
    if (!nonces.isNext(account, parameters)) {
      const error = errors.badNonce();
      route.note?.(context, error.text);
      throw error;
    }
    return route.answer(context);
  };

  return {
    identify(request) {
      const parameters = new Parameters(request.query, request.body);
      return { accountKey: apiKeyOf(request), clientOrderId: parameters.text('cl_ord_id') };
    },

    handle(request) {
      return answering(
        exchange,
        () => {
          const route = routeOf(request.method, request.path)?.route;
          if (route === undefined) throw errors.unknownMethod();
          const parameters = new Parameters(request.query, request.body);
          return json(200, { error: [], result: answer(route, request, parameters) });
        },
        (error) => (error instanceof KrakenError ? errorReply(error) : undefined),
      );
    },

    failure(kind) {
      switch (kind) {
        case 'internal':
          return errorReply(new KrakenError('EGeneral:Internal error'), 500);
        case 'rate_limit':
          return errorReply(new KrakenError('EGeneral:Too many requests'), 429);
        case 'timeout':
          return errorReply(new KrakenError('EService:Unavailable'), 504);
      }
    },
  };
};

/** The lowest tier since July 2026 (https://www.kraken.com/features/fee-schedule); open orders a pair of the intermediate tier. */
export const kraken: VenueKind = {
  rules: {
    fees: { maker: decimal('0.004'), taker: decimal('0.008') },
    feeIn: 'quote',
    clientIds: 'openOnly',
    maxOpenOrders: 80,
  },
  ids,
  speak,
  streams: krakenStreams,
};
