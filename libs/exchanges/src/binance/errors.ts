import type { Dialect } from '../ccxt/call.js';
import type { ErrorRow } from '../ccxt/classification.js';
import type { LimitUsed } from '../rates.js';
import type { RefusalCode } from '../refusals.js';

/**
 * Binance's errors whose meaning is certain. Source: https://developers.binance.com/docs/binance-spot-api-docs/errors
 * A code that is missing here is unknown on purpose; -1000, -1001, -1006, -1007, -1008 and -1016 say themselves that the request may
 * have been executed, or come with a 5xx, which is unknown whatever it says.
 */
export const binanceErrors: readonly ErrorRow[] = [
  // The matching engine's no (-2010) has many reasons under one code.
  {
    venueCode: '-2010',
    message: /duplicate order/i,
    meaning: { unknown: 'duplicate' },
    example: 'Duplicate order sent.',
  },
  no('-2010', 'INSUFFICIENT_FUNDS', 'Account has insufficient balance for requested action.', /insufficient balance/i),
  no('-2010', 'POST_ONLY_WOULD_TAKE', 'Order would immediately match and take.', /immediately match/i),
  no('-2010', 'STOP_WOULD_TRIGGER', 'Stop price would trigger immediately.', /trigger immediately/i),
  no('-2010', 'PAIR_NOT_TRADING', 'Market is closed.', /market is closed/i),
  no(
    '-2010',
    'ACCOUNT_RESTRICTED',
    'This symbol is not permitted for this account.',
    /not permitted|disabled|not enabled|may not/i,
  ),
  no('-2010', 'BELOW_MIN_QUANTITY', 'Price * QTY is zero or less.', /zero or less/i),
  no('-2010', 'VENUE_REFUSED', 'Market orders are not supported for this symbol.'),
  // Filters (-1013).
  no('-1013', 'BELOW_MIN_NOTIONAL', 'Filter failure: NOTIONAL', /NOTIONAL/),
  no('-1013', 'OFF_LOT', 'Filter failure: LOT_SIZE', /LOT_SIZE/),
  no('-1013', 'PRICE_OUT_OF_RANGE', 'Filter failure: PERCENT_PRICE_BY_SIDE', /PERCENT_PRICE/),
  no('-1013', 'OFF_TICK', 'Filter failure: PRICE_FILTER', /PRICE_FILTER/),
  no('-1013', 'TOO_MANY_OPEN_ORDERS', 'Filter failure: MAX_NUM_ORDERS', /MAX_NUM|EXCHANGE_MAX/),
  no('-1013', 'VENUE_REFUSED', 'Filter failure: MAX_POSITION', /MAX_POSITION/),
  no('-1013', 'INVALID_ORDER', 'Invalid quantity.'),
  // Rates. -1003 counts the address, -1015 the account's orders.
  no('-1003', 'RATE_LIMITED', 'Too many requests; current limit is 6000 request weight per 1 MINUTE.'),
  no('-1015', 'RATE_LIMITED', 'Too many new orders; current limit is 100 orders per 10 SECONDS.'),
  // The window and the key.
  no('-1021', 'CLOCK_SKEW', 'Timestamp for this request is outside of the recvWindow.'),
  no('-1022', 'BAD_CREDENTIALS', 'Signature for this request is not valid.'),
  no('-2014', 'BAD_CREDENTIALS', 'API-key format invalid.'),
  no('-2015', 'BAD_CREDENTIALS', 'Invalid API-key, IP, or permissions for action.'),
  no('-1002', 'ACCOUNT_RESTRICTED', 'You are not authorized to execute this request.'),
  // The request itself.
  no('-1121', 'PAIR_NOT_LISTED', 'Invalid symbol.'),
  no('-1116', 'UNSUPPORTED_ORDER_TYPE', 'Invalid orderType.'),
  no('-1115', 'UNSUPPORTED_TIME_IN_FORCE', 'Invalid timeInForce.'),
  no('-1111', 'OFF_LOT', 'Parameter "quantity" has too much precision.', /quantity/i),
  no('-1111', 'OFF_TICK', 'Parameter "price" has too much precision.', /price/i),
  no('-1111', 'INVALID_ORDER', 'Precision is over the maximum defined for this asset.'),
  no('-1100', 'INVALID_ORDER', "Illegal characters found in parameter 'quantity'."),
  no('-1102', 'INVALID_ORDER', "Mandatory parameter 'price' was not sent, was empty/null, or malformed."),
  no('-1104', 'INVALID_ORDER', 'Not all sent parameters were read.'),
  no('-1105', 'INVALID_ORDER', "Parameter 'price' was empty."),
  no('-1106', 'INVALID_ORDER', "Parameter 'timeInForce' sent when not required."),
  no('-1117', 'INVALID_ORDER', 'Invalid side.'),
  no('-1128', 'INVALID_ORDER', 'Combination of optional parameters invalid.'),
  no('-1130', 'INVALID_ORDER', "Data sent for parameter 'recvWindow' is not valid."),
  no('-1131', 'INVALID_ORDER', 'recvWindow must be less than 60000'),
  // No such order (lookup), none that is open (cancel).
  { venueCode: '-2013', meaning: { notFound: true }, example: 'Order does not exist.' },
  { venueCode: '-2011', message: /unknown order/i, meaning: { notFound: true }, example: 'Unknown order sent.' },
];

export const binanceDialect: Dialect = {
  // Binance's errors are {"code": -1121, "msg": "..."}; its codes are negative, so no order or list looks like one.
  readError: (value) => {
    if (typeof value !== 'object' || value === null) return null;
    const { code, msg } = value as { readonly code?: unknown; readonly msg?: unknown };
    const isError = (typeof code === 'number' || typeof code === 'string') && Number(code) < 0;
    return isError ? { code: String(code), message: typeof msg === 'string' ? msg : '' } : null;
  },
  // -1003 counts the address, as a 429 does under any other code.
  limits: { '-1015': { whom: 'account', forMs: 1_000 } },
  // X-MBX-USED-WEIGHT-1M counts the address, X-MBX-ORDER-COUNT-10S the account; longer windows (1D) are left to the venue's refusals.
  readLimits: (headers) => [
    ...usedOf(headers, 'x-mbx-used-weight-1m', 'weight', 60_000),
    ...usedOf(headers, 'x-mbx-order-count-10s', 'orders', 10_000),
  ],
};

const usedOf = (
  headers: Readonly<Record<string, string | string[] | undefined>>,
  name: string,
  counts: LimitUsed['counts'],
  windowMs: number,
): readonly LimitUsed[] => {
  const value = headers[name];
  return typeof value === 'string' && /^\d{1,9}$/.test(value) ? [{ counts, used: Number(value), windowMs }] : [];
};

function no(venueCode: string, code: RefusalCode, example: string, message?: RegExp): ErrorRow {
  return { venueCode, meaning: { refused: code }, example, ...(message === undefined ? {} : { message }) };
}
