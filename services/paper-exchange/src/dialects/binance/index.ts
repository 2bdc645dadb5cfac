import type { Exchange } from '../../core/exchange.js';
import type { Dialect, VenueReply, VenueRequest } from '../dialect.js';
import { accountRoutes } from './account.js';
import { BinanceError, errors } from './errors.js';
import { marketData } from './market-data.js';
import { Parameters } from './parameters.js';
import type { PublicContext, Route, SignedContext } from './route.js';
import { apiKeyOf, authenticate, timingError } from './signature.js';
import { CancelReplaceError, trading } from './trading.js';

/** Binance's spot REST API as ccxt's `binance` class calls it, each method and path once. */
const routes: ReadonlyMap<string, Route> = new Map(Object.entries({ ...marketData, ...accountRoutes, ...trading }));

export interface BinanceOptions {
  /** Request weight an IP may use a minute; beyond it, 429 and -1003. No limit where absent. */
  readonly weightPerMinute?: number | undefined;
}

const MINUTE_MS = 60_000;

const reply = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): VenueReply => ({
  status,
  headers,
  body: JSON.stringify(body),
});

const errorReply = (error: BinanceError, headers: Readonly<Record<string, string>> = {}): VenueReply =>
  reply(
    error.status,
    {
      code: error.code,
      msg: error.message,
      ...(error instanceof CancelReplaceError ? { data: error.data } : {}),
    },
    headers,
  );

export const binance = (exchange: Exchange, { weightPerMinute }: BinanceOptions = {}): Dialect => {
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
    const account = authenticate(exchange, request, parameters);
    const context: SignedContext = { ...open, account, fault: request.fault };
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
      const route = routes.get(`${request.method} ${request.path}`);
      if (route === undefined) return errorReply(errors.noSuchPath());
      const parameters = new Parameters(request.query, request.body);
      const used = weigh(request.ip, typeof route.weight === 'number' ? route.weight : route.weight(parameters));
      const headers = { 'x-mbx-used-weight': String(used), 'x-mbx-used-weight-1m': String(used) };
      if (weightPerMinute !== undefined && used > weightPerMinute) {
        const waitS = Math.ceil((MINUTE_MS - (exchange.now() % MINUTE_MS)) / 1_000);
        return errorReply(errors.rateLimited(weightPerMinute), { ...headers, 'retry-after': String(waitS) });
      }
      let answered: VenueReply;
      try {
        answered = reply(200, answer(route, request, parameters), headers);
      } catch (error) {
        if (!(error instanceof BinanceError)) throw error;
        answered = errorReply(error, headers);
      }
      // Also before a refusal or a look-up is told: nobody may hear of what a crash could still undo.
      await exchange.durable();
      return answered;
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
