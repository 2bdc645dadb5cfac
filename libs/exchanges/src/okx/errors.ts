import type { Dialect, VenueError } from '../ccxt/call.js';
import type { ErrorRow } from '../ccxt/classification.js';
import type { RefusalCode } from '../refusals.js';

/**
 * OKX's errors whose meaning is certain. Source: https://www.okx.com/docs-v5/en/#error-code
 * A code that is missing here is unknown on purpose. 50001, 50026, 51054 and 51149 come with a 5xx, which is unknown whatever it says.
 */
export const okxErrors: readonly ErrorRow[] = [
  // It says itself that it does not know, or is too busy to.
  unsure('50004', 'API endpoint request timeout. (does not mean that the request was successful or failed)'),
  unsure('50013', 'Systems are busy. Please try again later.'),
  unsure('51054', 'Request timed out. Please try again.'),
  unsure('51149', 'Order timed out. Please try again.'),
  // An earlier copy may live.
  known('51016', 'Client order ID already exists.'),
  known('51011', 'Order ID already exists.'),
  known('50071', 'clOrdId already exists'),
  known('50042', 'Repeated request'),
  // No such order, or none that is open.
  gone('51603', 'Order does not exist.'),
  gone('51063', 'OrdId does not exist'),
  gone('51400', 'Order cancellation failed as the order has been filled, canceled or does not exist.'),
  gone('51401', 'Cancellation failed as the order is already canceled.'),
  gone('51402', 'Cancellation failed as the order is already completed.'),
  gone('51503', 'Your order has already been filled or canceled.'),
  gone('51405', "Cancellation failed as you don't have any pending orders."),
  // The time of the request: `expTime` (50036, 50037), and the signature's (50102).
  no(
    '50036',
    'CLOCK_SKEW',
    "The expTime can't be earlier than the current system time. Please adjust the expTime and try again.",
  ),
  no('50037', 'CLOCK_SKEW', 'Order expired.'),
  no('50102', 'CLOCK_SKEW', 'Timestamp request expired.'),
  // Money, grid and bounds.
  no('51008', 'INSUFFICIENT_FUNDS', 'Order failed. Insufficient USDT balance in account'),
  no('51502', 'INSUFFICIENT_FUNDS', 'Unable to edit order: insufficient balance or margin.'),
  no('51127', 'INSUFFICIENT_FUNDS', 'Available balance is 0.'),
  no('51131', 'INSUFFICIENT_FUNDS', 'Insufficient balance.'),
  no('51121', 'OFF_LOT', 'Order quantity must be a multiple of the lot size.'),
  no('51020', 'BELOW_MIN_QUANTITY', 'Your order should meet or exceed the minimum order amount.'),
  no('51120', 'BELOW_MIN_QUANTITY', 'Order amount is less than 0.00001, please try again.'),
  no('50122', 'BELOW_MIN_QUANTITY', 'Order amount must exceed minimum amount'),
  no('51005', 'ABOVE_MAX_QUANTITY', 'Your order amount exceeds the max order amount.'),
  no('51202', 'ABOVE_MAX_QUANTITY', 'Market order amount exceeds the maximum amount.'),
  no('51203', 'ABOVE_MAX_QUANTITY', 'Order amount exceeds the limit 9999999999.'),
  no('51033', 'ABOVE_MAX_QUANTITY', 'The total amount per order for this pair has reached the upper limit.'),
  no('51201', 'ABOVE_MAX_NOTIONAL', "The value of a market order can't exceed 1000000 USDT."),
  no(
    '51006',
    'PRICE_OUT_OF_RANGE',
    'Order price is not within the price limit (max buy price: 66000, min sell price: 62000)',
  ),
  no('51031', 'PRICE_OUT_OF_RANGE', 'This order price is not within the closing price range.'),
  no('51116', 'PRICE_OUT_OF_RANGE', 'Order price or trigger price exceeds 1000000.'),
  no('51122', 'PRICE_OUT_OF_RANGE', 'Order price should higher than the min price 0.1'),
  no('51137', 'PRICE_OUT_OF_RANGE', 'The highest price limit for buy orders is 66000.'),
  no('51138', 'PRICE_OUT_OF_RANGE', 'The lowest price limit for sell orders is 62000.'),
  no('51025', 'TOO_MANY_OPEN_ORDERS', 'Order count exceeds the limit.'),
  no(
    '51102',
    'TOO_MANY_OPEN_ORDERS',
    "Order failed, the number of pending orders for this instId can't be more than 500 (orders)",
  ),
  no(
    '51103',
    'TOO_MANY_OPEN_ORDERS',
    "Order failed, the number of pending orders across all instIds can't be more than 4000 (orders)",
  ),
  no(
    '51511',
    'POST_ONLY_WOULD_TAKE',
    'Modification failed as the order price did not meet the requirement for Post Only.',
  ),
  // Rates.
  no(
    '50011',
    'RATE_LIMITED',
    'Rate limit reached. Please refer to API documentation and throttle requests accordingly.',
  ),
  no('50040', 'RATE_LIMITED', 'Too frequent operations, please try again later'),
  no('50061', 'RATE_LIMITED', "You've reached the maximum order rate limit for this account."),
  // The pair.
  no('51001', 'PAIR_NOT_LISTED', "Instrument ID or Spread ID doesn't exist."),
  no('51087', 'PAIR_NOT_LISTED', 'Listing canceled for this crypto'),
  no('51021', 'PAIR_NOT_TRADING', 'The pair or contract is not yet listed'),
  no('51022', 'PAIR_NOT_TRADING', 'Contract suspended.'),
  no('51110', 'PAIR_NOT_TRADING', 'You can only place a limit order after Call Auction has started.'),
  no('51124', 'PAIR_NOT_TRADING', 'You can only place limit orders during call auction.'),
  no('51196', 'PAIR_NOT_TRADING', 'You can only place limit orders during the pre-quote phase.'),
  no('51197', 'PAIR_NOT_TRADING', 'You can only place limit orders after the pre-quote phase begins.'),
  no(
    '51507',
    'PAIR_NOT_TRADING',
    'You can only place market orders for this crypto at least 5 minutes after its listing.',
  ),
  // The key.
  no('50035', 'BAD_CREDENTIALS', 'This endpoint requires that APIKey must be bound to IP'),
  no('50100', 'BAD_CREDENTIALS', 'API frozen, please contact customer service.'),
  no('50101', 'BAD_CREDENTIALS', 'APIKey does not match current environment.'),
  no('50103', 'BAD_CREDENTIALS', 'Request header "OK-ACCESS-KEY" cannot be empty.'),
  no('50104', 'BAD_CREDENTIALS', 'Request header "OK-ACCESS-PASSPHRASE" cannot be empty.'),
  no('50105', 'BAD_CREDENTIALS', 'Request header "OK-ACCESS-PASSPHRASE" incorrect.'),
  no('50106', 'BAD_CREDENTIALS', 'Request header "OK-ACCESS-SIGN" cannot be empty.'),
  no('50110', 'BAD_CREDENTIALS', "Your IP 192.0.2.1 is not included in your API key's IP whitelist."),
  no('50111', 'BAD_CREDENTIALS', 'Invalid OK-ACCESS-KEY.'),
  no('50113', 'BAD_CREDENTIALS', 'Invalid signature.'),
  no('50114', 'BAD_CREDENTIALS', 'Invalid authorization.'),
  no('50119', 'BAD_CREDENTIALS', "API key doesn't exist"),
  // What the key or the account may do. 51010: the account is in a mode that trades spot on margin only.
  no('50007', 'ACCOUNT_RESTRICTED', 'User blocked.'),
  no('50008', 'ACCOUNT_RESTRICTED', "User doesn't exist."),
  no('50009', 'ACCOUNT_RESTRICTED', 'Account is frozen due to stop-out.'),
  no('50012', 'ACCOUNT_RESTRICTED', 'Account status invalid. Check account status'),
  no(
    '50027',
    'ACCOUNT_RESTRICTED',
    'This account is restricted from trading. Please contact customer support for assistance.',
  ),
  no('50028', 'ACCOUNT_RESTRICTED', 'Unable to place the order. Please contact the customer service for details.'),
  no(
    '50029',
    'ACCOUNT_RESTRICTED',
    'Your account has triggered OKX risk control and is temporarily restricted from conducting transactions.',
  ),
  no('50030', 'ACCOUNT_RESTRICTED', "You don't have permission to use this API endpoint"),
  no(
    '50032',
    'ACCOUNT_RESTRICTED',
    'Your account has been set to prohibit transactions in this currency. Please confirm and try again',
  ),
  no(
    '50033',
    'ACCOUNT_RESTRICTED',
    'Instrument blocked. Please verify trading this instrument is allowed under account settings and try again.',
  ),
  no(
    '50051',
    'ACCOUNT_RESTRICTED',
    'Due to compliance restrictions in your country or region, you cannot use this feature.',
  ),
  no('50052', 'ACCOUNT_RESTRICTED', 'Due to local laws and regulations, you cannot trade with your chosen crypto.'),
  no(
    '50059',
    'ACCOUNT_RESTRICTED',
    "Before you continue, you'll need to complete additional steps as required by your local regulators.",
  ),
  no(
    '50060',
    'ACCOUNT_RESTRICTED',
    'For security and compliance purposes, please complete the identity verification process to continue using our services.',
  ),
  no('50120', 'ACCOUNT_RESTRICTED', "This API key doesn't have permission to use this function"),
  no('51009', 'ACCOUNT_RESTRICTED', 'Order blocked. Please contact customer support for assistance.'),
  no('51010', 'ACCOUNT_RESTRICTED', 'Request unsupported under current account mode'),
  no('51024', 'ACCOUNT_RESTRICTED', 'Trading account is blocked.'),
  no(
    '51155',
    'ACCOUNT_RESTRICTED',
    'Trading of this pair or contract is restricted due to local compliance requirements.',
  ),
  // The request itself.
  no('50000', 'INVALID_ORDER', 'Body for POST request cannot be empty.'),
  no('50002', 'INVALID_ORDER', 'JSON syntax error'),
  no('50006', 'INVALID_ORDER', 'Invalid Content-Type. Please use "application/JSON".'),
  no('50014', 'INVALID_ORDER', 'Parameter sz can not be empty.'),
  no('50015', 'INVALID_ORDER', 'Either parameter ordId or clOrdId is required'),
  no('50016', 'INVALID_ORDER', 'Parameter instType does not match parameter instId'),
  no('50024', 'INVALID_ORDER', 'Parameter px and pxUsd can not exist at the same time.'),
  no('50107', 'INVALID_ORDER', 'Request header "OK-ACCESS-TIMESTAMP" cannot be empty.'),
  no('50112', 'INVALID_ORDER', 'Invalid OK-ACCESS-TIMESTAMP.'),
  no('51000', 'INVALID_ORDER', 'Parameter tdMode error'),
  no('51003', 'INVALID_ORDER', 'Either client order ID or order ID is required.'),
  no('51150', 'INVALID_ORDER', 'The precision of the number of trades or the price exceeds the limit.'),
  no('51500', 'INVALID_ORDER', 'You must enter a price, quantity, or TP/SL'),
  no('51204', 'INVALID_ORDER', 'The price for the limit order cannot be empty.'),
];

export const okxDialect: Dialect = {
  /**
   * Every answer has a code, "0" where all is well. What befell an order of a request is told beside it, in `sCode` and `sMsg`, under the
   * codes "1" (all failed) and "2" (some did), and counts before it.
   */
  readError: (value) => {
    const { code, msg, data } = record(value);
    const own = record(Array.isArray(data) ? (data as readonly unknown[])[0] : undefined);
    return stated(own['sCode'], own['sMsg']) ?? stated(code, msg);
  },
  // OKX names no time to wait; its limits count windows of 2 s. 50061 counts an account's orders. 50011 counts the address where nobody is
  // signed in and the account elsewhere, and does not say which: the address stays away.
  limits: { '50011': { whom: 'address', forMs: 2_000 }, '50061': { whom: 'account', forMs: 2_000 } },
  readLimits: () => [],
};

const stated = (code: unknown, message: unknown): VenueError | null => {
  if ((typeof code !== 'string' && typeof code !== 'number') || code === '' || String(code) === '0') return null;
  return { code: String(code), message: typeof message === 'string' ? message : '' };
};

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

function no(venueCode: string, code: RefusalCode, example: string): ErrorRow {
  return { venueCode, meaning: { refused: code }, example };
}

function gone(venueCode: string, example: string): ErrorRow {
  return { venueCode, meaning: { notFound: true }, example };
}

function known(venueCode: string, example: string): ErrorRow {
  return { venueCode, meaning: { unknown: 'duplicate' }, example };
}

function unsure(venueCode: string, example: string): ErrorRow {
  return { venueCode, meaning: { unknown: 'serverError' }, example };
}
