import { decimal } from '@switchyard/money';
import { Customer } from '../../core/customer.js';
import type { Exchange } from '../../core/exchange.js';
import { answering, json } from '../answering.js';
import type { Dialect, VenueKind, VenueRequest } from '../dialect.js';
import { routesOf, type Routed } from '../routes.js';
import { accountRoutes } from './account.js';
import { Asked } from './asked.js';
import { CoinbaseError, errors } from './errors.js';
import { ids } from './ids.js';
import { marketData } from './market-data.js';
import type { Route } from './route.js';
import { authenticate, keyNameOf, secretError } from './token.js';
import { trading } from './trading.js';

/** Coinbase's Advanced Trade REST API (v3) as ccxt's `coinbase` class calls it, each method and path once. */
const routeOf = routesOf<Route>({ ...marketData, ...accountRoutes, ...trading });

const speak = (exchange: Exchange): Dialect => {
  const answer = ({ route, path }: Routed<Route>, request: VenueRequest): unknown => {
    if (!route.signed) return route.answer({ exchange, path, asked: new Asked(request) });
    const customer = new Customer(exchange, authenticate(exchange, request));
    return route.answer({ exchange, path, customer, asked: new Asked(request), fault: request.fault });
  };

  return {
    identify(request) {
      return { accountKey: keyNameOf(request), clientOrderId: clientOrderIdIn(request) };
    },

    async handle(request) {
      const routed = routeOf(request.method, request.path);
      if (routed === undefined) return errors.noSuchPath().reply();
      return answering(
        exchange,
        () => json(200, answer(routed, request)),
        (error) => (error instanceof CoinbaseError ? error.reply() : undefined),
      );
    },

    failure(kind) {
      switch (kind) {
        case 'internal':
          return errors.internal().reply();
        case 'rate_limit':
          return errors.tooManyRequests().reply();
        case 'timeout':
          return errors.timeout().reply();
      }
    },
  };
};

const clientOrderIdIn = (request: VenueRequest): string | undefined => {
  try {
    return new Asked(request).said('client_order_id');
  } catch {
    return undefined;
  }
};

/**
 * Advanced 1, the tier of who trades less than 1,000 USD in thirty days (https://www.coinbase.com/advanced-fees, as ccxt 4.5.84 records it);
 * 500 open orders a product.
 */
export const coinbase: VenueKind = {
  rules: {
    fees: { maker: decimal('0.006'), taker: decimal('0.012') },
    feeIn: 'quote',
    clientIds: 'forever',
    maxOpenOrders: 500,
  },
  ids,
  secretError,
  speak,
};
