import { decimal } from '@switchyard/money';
import type { Refusal } from '../../core/refusal.js';
import type { RefusalWords } from '../placing.js';

/**
 * An error of Bybit's v5 API: a code and its words (https://bybit-exchange.github.io/docs/v5/error) in a reply whose HTTP status is 200
 * but for the few that its documentation names. Thrown inside the dialect only; `handle` turns it into a reply.
 */
export class BybitError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly status = 200,
  ) {
    super(message);
  }

  get text(): string {
    return `${this.code} ${this.message}`;
  }
}

export const errors = {
  timeout: () => new BybitError(10000, 'Server Timeout', 504),
  internal: () => new BybitError(10016, 'Server error.', 500),
  tooFrequent: () => new BybitError(10429, 'System level frequency protection', 429),
  noSuchPath: () => new BybitError(10017, 'Route not found.', 404),
  unsigned: (timestamp: string, key: string, signature: string) =>
    new BybitError(
      10001,
      `empty value: apiTimestamp[${timestamp}] apiKey[${key}] apiSignature[${signature}]: openapi sign params error!`,
      401,
    ),
  outsideWindow: (timestamp: number, now: number, window: number) =>
    new BybitError(
      10002,
      `invalid request, please check your server timestamp or recv_window param. req_timestamp[${timestamp}],server_timestamp[${now}],recv_window[${window}]`,
    ),
  unknownKey: () => new BybitError(10003, 'API key is invalid.', 401),
  badSignature: (signed: string) => new BybitError(10004, `error sign! origin_string[${signed}]`),
  illegalCategory: () => new BybitError(10001, 'Illegal category'),
  badParameter: (name: string) => new BybitError(10001, `params error: ${name} invalid`),
  rangeTooLong: () => new BybitError(10001, 'The time range between startTime and endTime cannot exceed 7 days'),
  nothingChanged: () =>
    new BybitError(10001, 'The order remains unchanged as the parameters entered match the existing ones.'),
  empty: (name: string) => new BybitError(170105, `Parameter '${name}' was empty.`),
  badTimeInForce: () => new BybitError(170115, 'Invalid timeInForce.'),
  badOrderType: () => new BybitError(170116, 'Invalid orderType.'),
  badSide: () => new BybitError(170117, 'Invalid side.'),
  badSymbol: () => new BybitError(170121, 'Invalid symbol.'),
  // The misspelling is Bybit's.
  invalid: (name: string) => new BybitError(170130, `Data sent for paramter '${name}' is not valid.`),
  unknownOrder: () => new BybitError(170213, 'Order does not exist.'),
  notSupported: () => new BybitError(170227, 'This feature is not supported.'),
  belowFilled: () =>
    new BybitError(170313, 'The modified contract quantity cannot be less than to the filled quantity'),
  noMargin: () => new BybitError(170344, 'Symbol is not supported on Margin Trading'),
  rejected: () => new BybitError(170210, 'New order rejected.'),
} as const;

const ONE = decimal('1');

/** Bybit's answer to each of the core's refusals. */
export const errorOf = ({ refused, facts }: Refusal): BybitError => {
  switch (refused) {
    case 'UNKNOWN_SYMBOL':
      return errors.badSymbol();
    case 'PRICE_OUT_OF_RANGE':
      // Every tick here is below one.
      return decimal(facts['price'] ?? '0').lt(ONE)
        ? new BybitError(170133, 'Order price lower than the minimum.')
        : new BybitError(170132, 'Order price too high.');
    case 'PRICE_OFF_GRID':
      return new BybitError(170134, 'Order price decimal too long.');
    case 'QUANTITY_OUT_OF_RANGE':
      return decimal(facts['quantity'] ?? '0').lt(decimal(facts['minimum'] ?? '0'))
        ? new BybitError(170136, 'Order quantity lower than the minimum.')
        : new BybitError(170381, 'Order quantity too large.');
    case 'QUANTITY_OFF_GRID':
      return new BybitError(170137, 'Order volume decimal too long');
    case 'NOTIONAL_TOO_SMALL':
      return new BybitError(170140, 'Order value exceeded lower limit.');
    case 'TOO_MANY_OPEN_ORDERS':
      return new BybitError(170810, 'Cannot exceed maximum of 500 conditional, TP/SL and active orders.');
    case 'DUPLICATE_CLIENT_ORDER_ID':
      return new BybitError(170141, 'Duplicate clientOrderId');
    case 'WOULD_TAKE':
      return new BybitError(170218, 'The LIMIT-MAKER order is rejected due to invalid price.');
    case 'INSUFFICIENT_BALANCE':
      return new BybitError(170131, 'Insufficient balance.');
  }
};

export const refusalWords: RefusalWords<BybitError> = {
  of: errorOf,
  asked: (code, message) => {
    const standard = errors.rejected();
    return new BybitError(code === undefined ? standard.code : Number(code), message ?? standard.message);
  },
};
