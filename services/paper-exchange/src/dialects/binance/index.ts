import { decimal } from '@switchyard/money';
import { Customer } from '../../core/customer.js';
import type { Exchange } from '../../core/exchange.js';
import { answering, json } from '../answering.js';
import type { Dialect, SpeakOptions, VenueKind, VenueReply, VenueRequest } from '../dialect.js';
import { binanceStreams } from '../../streams/binance.js';
import { routesOf } from '../routes.js';
import { accountRoutes } from './account.js';
import { BinanceError, errors } from './errors.js';
import { marketData } from './market-data.js';
import { Parameters } from './parameters.js';
import type { PublicContext, Route, SignedContext } from './route.js';
import { apiKeyOf, authenticate, timingError } from './signature.js';
import { CancelReplaceError, trading } from './trading.js';

/** Binance's spot REST API as ccxt's `binance` class calls it, each method and path once. */
const routeOf = routesOf<Route>({ ...marketData, ...accountRoutes, ...trading });

const MINUTE_MS = 60_000;

const errorReply = (error: BinanceError, headers: Readonly<Record<string, string>> = {}): VenueReply =>
  json(
    error.status,
    {
      code: error.code,
      msg: error.message,
      ...(error instanceof CancelReplaceError ? { data: error.data } : {}),
    },
    headers,
  );

const speak = (exchange: Exchange, { weightPerMinute }: SpeakOptions): Dialect => {
  const weights = new Map<string, { minute: number; used: number }>();

  const weigh = (ip: string, weight: number): number => {
    const minute = Math.floor(exchange.now() / MINUTE_MS);
    let entry = weights.get(ip);
    if (entry?.minute !== minute) weights.set(ip, (entry = { minute, used: 0 }));
    entry.used += weight;
    return entry.used;
  };

  const answer = (route: Route, request: VenueRequest, parameters: Parameters): unknown => {
    const open: PublicContext = { exchange, parameters };
    if (!route.signed) return route.answer(open);
    const customer = new Customer(exchange, authenticate(exchange, request, parameters));
    const context: SignedContext = { ...open, customer, fault: request.fault };
    const late = timingError(exchange, parameters);
    if (late !== undefined) {
      route.noteLate?.(context, late);
      throw late;
    }
    return route.answer(context);
  };

  return {
    identify(request) {
      const parameters = new Parameters(request.query, request.body);
      return {
        accountKey: apiKeyOf(request),
        clientOrderId: parameters.text('newClientOrderId') ?? parameters.text('origClientOrderId'),
      };
    },

    async handle(request) {
      const route = routeOf(request.method, request.path)?.route;
      if (route === undefined) return errorReply(errors.noSuchPath());
      const parameters = new Parameters(request.query, request.body);
      const used = weigh(request.ip, typeof route.weight === 'number' ? route.weight : route.weight(parameters));
      const headers = { 'x-mbx-used-weight': String(used), 'x-mbx-used-weight-1m': String(used) };
      if (weightPerMinute !== undefined && used > weightPerMinute) {
        const waitS = Math.ceil((MINUTE_MS - (exchange.now() % MINUTE_MS)) / 1_000);
        return errorReply(errors.rateLimited(weightPerMinute), { ...headers, 'retry-after': String(waitS) });
      }
      return answering(
        exchange,
        () => json(200, answer(route, request, parameters), headers),
        (error) => (error instanceof BinanceError ? errorReply(error, headers) : undefined),
      );
    },

    failure(kind) {
      switch (kind) {
        case 'internal':
          return errorReply(errors.internal());
        case 'rate_limit':
          return errorReply(errors.rateLimited(weightPerMinute ?? 6_000));
        case 'timeout':
          return errorReply(errors.timeout());
      }
    },
  };
};

/** Base tier, no discounts: Binance spot, regular user without BNB (https://www.binance.com/en/fee/trading). */
export const binance: VenueKind = {
  rules: {
    fees: { maker: decimal('0.001'), taker: decimal('0.001') },
    feeIn: 'received',
    clientIds: 'openOnly',
    maxOpenOrders: 200,
  },
  ids: { order: String, trade: String },
  speak,
  streams: binanceStreams,
};
