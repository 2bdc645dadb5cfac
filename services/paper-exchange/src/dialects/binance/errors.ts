import type { Refusal } from '../../core/refusal.js';
import type { RefusalWords } from '../placing.js';

/**
 * An error of Binance's API, with its code and its very words (https://developers.binance.com/docs/binance-spot-api-docs/errors): clients
 * such as ccxt tell errors apart by both. Thrown inside the dialect only; `handle` turns it into a reply.
 */
export class BinanceError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly status = 400,
  ) {
    super(message);
  }

  get text(): string {
    return `${this.code} ${this.message}`;
  }
}

export const errors = {
  rateLimited: (limit: number) =>
    new BinanceError(
      -1003,
      `Too much request weight used; current limit is ${limit} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.`,
      429,
    ),
  internal: () => new BinanceError(-1001, 'Internal error; unable to process your request. Please try again.', 500),
  timeout: () =>
    new BinanceError(
      -1007,
      'Timeout waiting for response from backend server. Send status unknown; execution status unknown.',
      504,
    ),
  outsideWindow: () => new BinanceError(-1021, 'Timestamp for this request is outside of the recvWindow.'),
  aheadOfServer: () => new BinanceError(-1021, "Timestamp for this request was 1000ms ahead of the server's time."),
  badSignature: () => new BinanceError(-1022, 'Signature for this request is not valid.'),
  badKeyFormat: () => new BinanceError(-2014, 'API-key format invalid.', 401),
  unknownKey: () => new BinanceError(-2015, 'Invalid API-key, IP, or permissions for action.', 401),
  illegal: (name: string, range: string) =>
    new BinanceError(-1100, `Illegal characters found in parameter '${name}'; legal range is '${range}'.`),
  missing: (name: string) =>
    new BinanceError(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`),
  missingEither: (a: string, b: string) =>
    new BinanceError(-1102, `Param '${a}' or '${b}' must be sent, but both were empty/null!`),
  notRequired: (name: string) => new BinanceError(-1106, `Parameter '${name}' sent when not required.`),
  tooPrecise: (name: string) => new BinanceError(-1111, `Parameter '${name}' has too much precision.`),
  badTimeInForce: () => new BinanceError(-1115, 'Invalid timeInForce.'),
  badOrderType: () => new BinanceError(-1116, 'Invalid orderType.'),
  badSide: () => new BinanceError(-1117, 'Invalid side.'),
  badInterval: () => new BinanceError(-1120, 'Invalid interval.'),
  badSymbol: () => new BinanceError(-1121, 'Invalid symbol.'),
  badCombination: () => new BinanceError(-1128, 'Combination of optional parameters invalid.'),
  badRecvWindow: () => new BinanceError(-1131, 'recvWindow must be less than 60000.'),
  unknownOrder: () => new BinanceError(-2013, 'Order does not exist.'),
  unknownOrderSent: () => new BinanceError(-2011, 'Unknown order sent.'),
  notSupportedType: (words: string) => new BinanceError(-2010, `${words} orders are not supported for this symbol.`),
  refusedByFault: () => new BinanceError(-2010, 'This order type is not possible in this trading phase.'),
  noSuchPath: () => new BinanceError(-1000, 'Path not found: the paper exchange does not simulate this endpoint.', 404),
} as const;

/** Binance's answer to each of the core's refusals. */
export const errorOf = ({ refused }: Refusal): BinanceError => {
  switch (refused) {
    case 'UNKNOWN_SYMBOL':
      return errors.badSymbol();
    case 'PRICE_OUT_OF_RANGE':
    case 'PRICE_OFF_GRID':
      return new BinanceError(-1013, 'Filter failure: PRICE_FILTER');
    case 'QUANTITY_OUT_OF_RANGE':
    case 'QUANTITY_OFF_GRID':
      return new BinanceError(-1013, 'Filter failure: LOT_SIZE');
    case 'NOTIONAL_TOO_SMALL':
      return new BinanceError(-1013, 'Filter failure: NOTIONAL');
    case 'TOO_MANY_OPEN_ORDERS':
      return new BinanceError(-1013, 'Filter failure: MAX_NUM_ORDERS');
    case 'DUPLICATE_CLIENT_ORDER_ID':
      return new BinanceError(-2010, 'Duplicate order sent.');
    case 'WOULD_TAKE':
      return new BinanceError(-2010, 'Order would immediately match and take.');
    case 'INSUFFICIENT_BALANCE':
      return new BinanceError(-2010, 'Account has insufficient balance for requested action.');
  }
};

export const refusalWords: RefusalWords<BinanceError> = {
  of: errorOf,
  asked: (code, message) => {
    const standard = errors.refusedByFault();
    return new BinanceError(code === undefined ? standard.code : Number(code), message ?? standard.message);
  },
};
