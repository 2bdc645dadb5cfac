import type { Dialect } from '../ccxt/call.js';
import type { ErrorRow } from '../ccxt/classification.js';
import type { RefusalCode } from '../refusals.js';

/** 400100 is "Parameter Error", and stands for many things: its message tells which. */
const PARAMETER = '400100';
/** Cloudflare's words, in front of KuCoin, for an address that asks too often. */
const CLOUDFLARE = '1015';

/**
 * KuCoin's errors whose meaning is certain. Source: https://www.kucoin.com/docs/basic-info/errors-code/spot-errors-code, the gateway's at
 * https://www.kucoin.com/docs-new/error-code/websocket, and messages that ccxt has met (the comments of its `exceptions`). What is missing is
 * unknown on purpose: KuCoin documents no words for an order whose window has passed, nor for an id that an order has already.
 */
export const kucoinErrors: readonly ErrorRow[] = [
  // It says itself that it does not know.
  unsure('408000', 'Network timeout, please try again later'),
  // An earlier copy may live.
  known('validation.createOrder.clientOidDuplicated', /clientOid.*(duplicat|repeat|exist)/i),
  // No such order, or none that is open. Once the code was the message.
  { venueCode: 'order_not_exist', meaning: { notFound: true }, example: 'order_not_exist' },
  gone('order_not_exist_or_not_allow_to_cancel', /^order[_ ]not[_ ]exist/i),
  gone('The order does not exist.', /^the order does not exist/i),
  // The time of the request.
  no('400002', 'CLOCK_SKEW', 'KC-API-TIMESTAMP Invalid'),
  // Money, grid and bounds.
  no('200004', 'INSUFFICIENT_FUNDS', 'Balance insufficient!'),
  no(PARAMETER, 'INSUFFICIENT_FUNDS', 'account.available.amount', /^account\.available\.amount/),
  no(
    PARAMETER,
    'BELOW_MIN_QUANTITY',
    'Order size below the minimum requirement.',
    /(size|quantity).*below the minimum/i,
  ),
  no('600100', 'BELOW_MIN_NOTIONAL', 'Funds below the minimum requirement.', /^funds below the minimum/i),
  no('600101', 'BELOW_MIN_NOTIONAL', 'The order funds should more then 0.1 USDT.'),
  no(PARAMETER, 'OFF_TICK', 'Price increment invalid.', /^price increment/i),
  no('600100', 'OFF_TICK', 'Price increment invalid.', /^price increment/i),
  no(PARAMETER, 'OFF_LOT', 'Order size increment invalid.', /(size|amount|quantity) increment/i),
  no('600100', 'OFF_LOT', 'Order size increment invalid.', /(size|amount|quantity) increment/i),
  no(PARAMETER, 'PRICE_OUT_OF_RANGE', 'price not in the given range!', /^price not in the given range/i),
  no('400330', 'PRICE_OUT_OF_RANGE', "Order price can't deviate from NAV by 50%"),
  no('400370', 'PRICE_OUT_OF_RANGE', 'Max. price: 0.02500000000000000000'),
  no('400760', 'PRICE_OUT_OF_RANGE', 'order price should be more than 0.01'),
  no('200003', 'TOO_MANY_OPEN_ORDERS', 'Number of orders breached the limit'),
  // Rates.
  no('429000', 'RATE_LIMITED', 'Too Many Requests'),
  no('200002', 'RATE_LIMITED', 'Too many requests in a short period of time, please retry later', /too many requests/i),
  no(CLOUDFLARE, 'RATE_LIMITED', 'error code: 1015'),
  // The pair.
  no(PARAMETER, 'PAIR_NOT_LISTED', 'Unsupported trading pair.', /^unsupported trading pair/i),
  no('200001', 'PAIR_NOT_TRADING', 'Order creation for this pair suspended'),
  no('200002', 'PAIR_NOT_TRADING', 'Order cancel for this pair suspended', /suspended/i),
  no('400600', 'PAIR_NOT_TRADING', 'validation.createOrder.symbolNotAvailable'),
  no('600203', 'PAIR_NOT_TRADING', "Symbol XXX-XXX can't be traded"),
  // The key.
  no(
    '400001',
    'BAD_CREDENTIALS',
    'Any of KC-API-KEY, KC-API-SIGN, KC-API-TIMESTAMP, KC-API-PASSPHRASE is missing in your request header',
  ),
  no('400003', 'BAD_CREDENTIALS', 'KC-API-KEY not exists'),
  no('400004', 'BAD_CREDENTIALS', 'KC-API-PASSPHRASE error'),
  no('400005', 'BAD_CREDENTIALS', 'Signature error'),
  no('400006', 'BAD_CREDENTIALS', 'The requested ip address is not in the api whitelist'),
  no('400008', 'BAD_CREDENTIALS', 'V1 & V2 API keys are no longer supported by this API. Please create a V3 API key.'),
  no('400009', 'BAD_CREDENTIALS', 'Invalid KC-API-KEY-VERSION.'),
  // What the key or the account may do.
  no('200009', 'ACCOUNT_RESTRICTED', 'Please complete the KYC verification before you trade XX'),
  no('400007', 'ACCOUNT_RESTRICTED', 'Access denied, requires more permission.'),
  no('400010', 'ACCOUNT_RESTRICTED', 'UID access denied, requires more permission.'),
  no('400200', 'ACCOUNT_RESTRICTED', 'Forbidden to place an order'),
  no('400301', 'ACCOUNT_RESTRICTED', 'Operation restricted due to local laws, regulations, or policies'),
  no('400303', 'ACCOUNT_RESTRICTED', 'we kindly request you complete the identity verification process.'),
  no(
    '400350',
    'ACCOUNT_RESTRICTED',
    'Upper limit for holding: 10,000USDT, you can still buy 10,000USDT worth of coin.',
  ),
  no(
    '400500',
    'ACCOUNT_RESTRICTED',
    'Your located country/region is currently not supported for the trading of this token',
  ),
  no('400700', 'ACCOUNT_RESTRICTED', "Transaction restricted, there's a risk problem in your account"),
  no('411100', 'ACCOUNT_RESTRICTED', 'User are frozen'),
  // The request itself.
  no('415000', 'INVALID_ORDER', 'Unsupported Media Type'),
  no(PARAMETER, 'INVALID_ORDER', 'validation.createOrder.clientOidIsRequired', /^validation\.createOrder\./),
];

export const kucoinDialect: Dialect = {
  /** Every answer has a code, "200000" where all is well. What stands in front of KuCoin answers in a text of its own. */
  readError: (value, { body }) => {
    if (value === undefined) return /^error code: 1015\b/.test(body) ? { code: CLOUDFLARE, message: body } : null;
    if (typeof value !== 'object' || value === null) return null;
    const { code, msg } = value as { readonly code?: unknown; readonly msg?: unknown };
    if (typeof code !== 'string' || code === '' || code === '200000') return null;
    return { code, message: typeof msg === 'string' ? msg : '' };
  },
  // Of a signed request KuCoin counts the account, of any other the address; Cloudflare counts addresses, and blocks for half a minute.
  limits: { '429000': { whom: 'asker', forMs: 3_000 }, [CLOUDFLARE]: { whom: 'address', forMs: 30_000 } },
  // https://www.kucoin.com/docs-new/rate-limit: milliseconds until the pool is full again.
  readWait: (headers) => {
    const reset = headers['gw-ratelimit-reset'];
    return typeof reset === 'string' && /^\d{1,9}$/.test(reset) ? Number(reset) : null;
  },
  readLimits: () => [],
  // Ids of trades are longer than a float holds.
  numbersAsText: true,
};

function no(venueCode: string, code: RefusalCode, example: string, message?: RegExp): ErrorRow {
  return { venueCode, meaning: { refused: code }, example, ...(message === undefined ? {} : { message }) };
}

function gone(example: string, message: RegExp): ErrorRow {
  return { venueCode: PARAMETER, message, meaning: { notFound: true }, example };
}

function known(example: string, message: RegExp): ErrorRow {
  return { venueCode: PARAMETER, message, meaning: { unknown: 'duplicate' }, example };
}

function unsure(venueCode: string, example: string): ErrorRow {
  return { venueCode, meaning: { unknown: 'serverError' }, example };
}
