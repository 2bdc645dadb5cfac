import type { Dialect, VenueError } from '../ccxt/call.js';
import type { ErrorRow } from '../ccxt/classification.js';
import type { RefusalCode } from '../refusals.js';

/**
 * Bybit's errors whose meaning is certain, "UTA" and "Spot Trade". Source: https://bybit-exchange.github.io/docs/v5/error
 * They come in an answer of status 200. A code that is missing here is unknown on purpose.
 */
export const bybitErrors: readonly ErrorRow[] = [
  // It does not know itself what became of the request.
  unsure('10000', 'Server Timeout'),
  unsure('10016', 'Server error.'),
  unsure('170001', 'Internal error.'),
  unsure('170007', 'Timeout waiting for response from backend server.'),
  unsure('170032', 'Network error. Please try again later'),
  unsure('170146', 'Order creation timeout'),
  unsure('170147', 'Order cancellation timeout'),
  unsure('170310', 'Order modification timeout'),
  unsure('170234', 'System Error'),
  unsure('429', 'The trading service is experiencing a high server load. Please retry if you encounter this issue.'),
  // A client order id that is known already.
  { venueCode: '170141', meaning: { unknown: 'duplicate' }, example: 'Duplicate clientOrderId' },
  { venueCode: '110072', meaning: { unknown: 'duplicate' }, example: 'OrderLinkedID is duplicate' },
  { venueCode: '10014', meaning: { unknown: 'duplicate' }, example: 'Invalid duplicate request.' },
  {
    venueCode: '10001',
    message: /duplicate/i,
    meaning: { unknown: 'duplicate' },
    example: 'OrderLinkedID is duplicate',
  },
  // Rates: of the account, the last three of the address.
  no('10006', 'RATE_LIMITED', 'Too many visits. Exceeded the API Rate Limit.'),
  no('170005', 'RATE_LIMITED', 'Too many new orders; current limit is 20 orders per second.'),
  no('170222', 'RATE_LIMITED', 'Too many requests in this time frame.'),
  no('10018', 'RATE_LIMITED', 'Exceeded the IP Rate Limit.'),
  no('10429', 'RATE_LIMITED', 'System level frequency protection'),
  no('403', 'RATE_LIMITED', '403, access too frequent'),
  // The window and the key.
  no('10002', 'CLOCK_SKEW', 'The request time exceeds the time window range.'),
  no('-1', 'CLOCK_SKEW', 'request expired: o@0, now[] diff[]', /request expired/i),
  no('10003', 'BAD_CREDENTIALS', 'API key is invalid.'),
  no('10004', 'BAD_CREDENTIALS', 'Error sign, please check your signature generation algorithm.'),
  no('10007', 'BAD_CREDENTIALS', 'User authentication failed.'),
  no('401', 'BAD_CREDENTIALS', ''),
  no('10010', 'BAD_CREDENTIALS', "Unmatched IP, please check your API key's bound IP addresses."),
  no('33004', 'BAD_CREDENTIALS', 'Your api key has expired'),
  no('-2015', 'BAD_CREDENTIALS', 'Your api key has expired'),
  no('10005', 'ACCOUNT_RESTRICTED', 'Permission denied, please check your API key permissions.'),
  no('10008', 'ACCOUNT_RESTRICTED', 'Common banned, please check your account mode'),
  no('10009', 'ACCOUNT_RESTRICTED', 'Service Restricted: Access is currently unavailable for your region.'),
  no('10024', 'ACCOUNT_RESTRICTED', 'Compliance rules triggered'),
  no('10027', 'ACCOUNT_RESTRICTED', 'Transactions are banned.'),
  no('10028', 'ACCOUNT_RESTRICTED', 'The API can only be accessed by unified account users.'),
  no('10029', 'ACCOUNT_RESTRICTED', 'The requested symbol is invalid, please check symbol whitelist'),
  no('110066', 'ACCOUNT_RESTRICTED', 'Trading is currently not allowed.'),
  no('110088', 'ACCOUNT_RESTRICTED', 'Please Upgrade to UTA to trade'),
  no('110123', 'ACCOUNT_RESTRICTED', 'You must agree to the Trading Terms'),
  no('110124', 'ACCOUNT_RESTRICTED', 'Trading is temporarily restricted due to an active cooling-off period.'),
  no('170209', 'ACCOUNT_RESTRICTED', 'This trading pair is only available to the xxx, yyyy,etc region.'),
  no('170219', 'ACCOUNT_RESTRICTED', 'UID {{xxx}} is not available to this feature'),
  no('170224', 'ACCOUNT_RESTRICTED', "You're not a user of the Innovation Zone."),
  no(
    '170241',
    'ACCOUNT_RESTRICTED',
    'To proceed with trading, users must read through and confirm the risk disclosure.',
  ),
  no('170348', 'ACCOUNT_RESTRICTED', 'Please go to (https://www.bybit-tr.com) to proceed.'),
  // Money.
  no('170131', 'INSUFFICIENT_FUNDS', 'Insufficient balance.'),
  no('170033', 'INSUFFICIENT_FUNDS', 'margin Insufficient account balance'),
  no('110004', 'INSUFFICIENT_FUNDS', 'Wallet balance is insufficient'),
  no('110007', 'INSUFFICIENT_FUNDS', 'Available balance is insufficient'),
  no('110012', 'INSUFFICIENT_FUNDS', 'Insufficient available balance.'),
  no('110045', 'INSUFFICIENT_FUNDS', 'Wallet balance is insufficient.'),
  // Grid, minimums and bounds.
  no('170134', 'OFF_TICK', 'Order price decimal too long.'),
  no('170137', 'OFF_LOT', 'Order volume decimal too long'),
  no('170148', 'OFF_LOT', 'Market order amount decimal too long'),
  no('170136', 'BELOW_MIN_QUANTITY', 'Order quantity lower than the minimum.'),
  no('170140', 'BELOW_MIN_NOTIONAL', 'Order value exceeded lower limit.'),
  no('110094', 'BELOW_MIN_NOTIONAL', 'Order notional value below the lower limit'),
  no('170124', 'ABOVE_MAX_NOTIONAL', 'Order amount too large.'),
  no('170135', 'ABOVE_MAX_QUANTITY', 'Order quantity too large.'),
  no('170381', 'ABOVE_MAX_QUANTITY', 'Order quantity too large.'),
  no('170382', 'ABOVE_MAX_QUANTITY', 'Order quantity too large.'),
  no('170341', 'ABOVE_MAX_QUANTITY', 'Request order quantity exceeds maximum limit'),
  no('170197', 'ABOVE_MAX_QUANTITY', 'Your order quantity to buy is too large. The filled price may deviate.'),
  no('170198', 'ABOVE_MAX_QUANTITY', 'Your order quantity to sell is too large. The filled price may deviate.'),
  no('170132', 'PRICE_OUT_OF_RANGE', 'Order price too high.'),
  no('170133', 'PRICE_OUT_OF_RANGE', 'Order price lower than the minimum.'),
  no('170192', 'PRICE_OUT_OF_RANGE', 'Order price cannot be higher than %s .'),
  no('170193', 'PRICE_OUT_OF_RANGE', 'Buy order price cannot be higher than %s.'),
  no('170194', 'PRICE_OUT_OF_RANGE', 'Sell order price cannot be lower than %s.'),
  no('170371', 'PRICE_OUT_OF_RANGE', 'Order price cannot be lower than {}, the price limitation'),
  no('170372', 'PRICE_OUT_OF_RANGE', 'Order price cannot be higher than 0, the price limitation'),
  no('110003', 'PRICE_OUT_OF_RANGE', 'Order price exceeds the allowable range.'),
  no('30208', 'PRICE_OUT_OF_RANGE', 'The order price is higher than the maximum buying price'),
  no('30209', 'PRICE_OUT_OF_RANGE', 'The order price is lower than the minimum selling price.'),
  no('170810', 'TOO_MANY_OPEN_ORDERS', 'Cannot exceed maximum of 500 conditional, TP/SL and active orders.'),
  no('110020', 'TOO_MANY_OPEN_ORDERS', 'Not allowed to have more than 500 active orders.'),
  // The pair.
  no('170121', 'PAIR_NOT_LISTED', 'Invalid symbol.'),
  no('170221', 'PAIR_NOT_LISTED', 'This coin does not exist.'),
  no('10001', 'PAIR_NOT_LISTED', 'Not supported symbols', /not supported symbols/i),
  no('170151', 'PAIR_NOT_TRADING', 'The trading pair is not open yet'),
  no('170157', 'PAIR_NOT_TRADING', 'The trading pair is not available for api trading'),
  no('30228', 'PAIR_NOT_TRADING', 'No new positions during delisting'),
  no('110074', 'PAIR_NOT_TRADING', 'This contract is not live'),
  // The order itself.
  no('170218', 'POST_ONLY_WOULD_TAKE', 'The LIMIT-MAKER order is rejected due to invalid price.'),
  no('170217', 'UNSUPPORTED_ORDER_TYPE', 'Only LIMIT-MAKER order is supported for the current pair.'),
  no('170116', 'UNSUPPORTED_ORDER_TYPE', 'Invalid orderType.'),
  no('170115', 'UNSUPPORTED_TIME_IN_FORCE', 'Invalid timeInForce.'),
  no('170159', 'VENUE_REFUSED', 'Market Order is not supported within the first 5 minutes of newly launched pairs.'),
  no('170210', 'VENUE_REFUSED', 'New order rejected.'),
  no('170031', 'VENUE_REFUSED', 'The feature has been suspended'),
  no('170227', 'VENUE_REFUSED', 'This feature is not supported.'),
  no('10001', 'INVALID_ORDER', 'Request parameter error'),
  no('170312', 'VENUE_REFUSED', 'The current order does not support modification'),
  no('170313', 'INVALID_ORDER', 'The modified contract quantity cannot be less than to the filled quantity'),
  no('10017', 'INVALID_ORDER', 'Route not found.'),
  no('170105', 'INVALID_ORDER', "Parameter 'qty' was empty."),
  no('170117', 'INVALID_ORDER', 'Invalid side.'),
  no('170130', 'INVALID_ORDER', "Data sent for paramter 'price' is not valid."),
  // No such order, or none that is open any more (cancel).
  gone('170213', 'Order does not exist.'),
  gone('170139', 'Order has been filled.'),
  gone('170142', 'Order has been cancelled'),
  gone('170143', 'Cannot be found on order book'),
  gone('170190', 'Cancel order has been finished'),
  gone('110001', 'Order does not exist'),
  gone('110008', 'The order has been completed or cancelled.'),
  gone('110010', 'The order has been cancelled'),
];

const MINUTE_MS = 60_000;

export const bybitDialect: Dialect = {
  // Every answer states a code, as a number or (where ccxt writes numbers as text) as text; 0 is none.
  readError: (value, { status, body }) => {
    if (typeof value !== 'object' || value === null) return gatewayError(status, body);
    const { retCode, retMsg } = value as { readonly retCode?: unknown; readonly retMsg?: unknown };
    const isError = (typeof retCode === 'number' || typeof retCode === 'string') && String(retCode) !== '0';
    return isError ? { code: String(retCode), message: typeof retMsg === 'string' ? retMsg : '' } : null;
  },
  // Counted by account, call and rolling second; the address has to end all traffic for ten minutes.
  limits: {
    '10006': { whom: 'account', forMs: 1_000 },
    '170005': { whom: 'account', forMs: 1_000 },
    '170222': { whom: 'account', forMs: 1_000 },
    '10018': { whom: 'address', forMs: 10 * MINUTE_MS },
  },
  // "403, access too frequent", whatever stands in the body.
  limitStatuses: { 403: { whom: 'address', forMs: 10 * MINUTE_MS } },
  // X-Bapi-Limit-Status tells what is left of an endpoint's limit, and not which endpoint that is.
  readLimits: () => [],
};

/** What the gateway says without JSON: HTTP codes of https://bybit-exchange.github.io/docs/v5/error. A 403 may be anybody's. */
const gatewayError = (status: number, body: string): VenueError | null => {
  const isListed = status === 401 || (status === 403 && /access too frequent/i.test(body));
  return isListed ? { code: String(status), message: body } : null;
};

function no(venueCode: string, code: RefusalCode, example: string, message?: RegExp): ErrorRow {
  return { venueCode, meaning: { refused: code }, example, ...(message === undefined ? {} : { message }) };
}

function unsure(venueCode: string, example: string): ErrorRow {
  return { venueCode, meaning: { unknown: 'serverError' }, example };
}

function gone(venueCode: string, example: string): ErrorRow {
  return { venueCode, meaning: { notFound: true }, example };
}
