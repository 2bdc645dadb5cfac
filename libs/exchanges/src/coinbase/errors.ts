import type { Dialect, VenueError } from '../ccxt/call.js';
import type { ErrorRow } from '../ccxt/classification.js';
import type { Fields } from '../ccxt/fields.js';
import type { RefusalCode } from '../refusals.js';

/**
 * Coinbase's errors whose meaning is certain. Sources: NewOrderFailureReason, PreviewFailureReason and CancelOrderFailureReason in
 * https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/orders/create-order and .../cancel-orders, EditOrderFailureReason in .../edit-order; errors of its gateway
 * as ccxt has recorded them. A code that is missing here is unknown on purpose, `UNKNOWN_FAILURE_REASON` first of all.
 */
export const coinbaseErrors: readonly ErrorRow[] = [
  // In the answer to a new order, `PREVIEW_` in front where the order was stopped by the checks before it.
  ...both('INSUFFICIENT_FUND', 'INSUFFICIENT_FUNDS', 'Insufficient balance in source account'),
  ...both('INSUFFICIENT_FUNDS', 'INSUFFICIENT_FUNDS', 'Insufficient balance in source account'),
  no('PREVIEW_INSUFFICIENT_LEDGER_BALANCE', 'INSUFFICIENT_FUNDS', 'Insufficient ledger balance'),
  ...both('INVALID_LIMIT_PRICE_POST_ONLY', 'POST_ONLY_WOULD_TAKE', 'Limit price would cross on a post-only order'),
  ...both('INVALID_SIZE_PRECISION', 'OFF_LOT', 'Too many decimals in order amount'),
  ...both('INVALID_PRICE_PRECISION', 'OFF_TICK', 'Too many decimals in order price'),
  no('PREVIEW_INVALID_LIMIT_PRICE_PRECISION', 'OFF_TICK', 'Too many decimals in limit price'),
  no('PREVIEW_INVALID_STOP_PRICE_PRECISION', 'OFF_TICK', 'Too many decimals in stop price'),
  no('PREVIEW_INVALID_BASE_SIZE_TOO_SMALL', 'BELOW_MIN_QUANTITY', 'Order size is below the minimum'),
  no('PREVIEW_INVALID_BASE_SIZE_TOO_LARGE', 'ABOVE_MAX_QUANTITY', 'Order size is above the maximum'),
  no('PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL', 'BELOW_MIN_NOTIONAL', 'Order value is below the minimum'),
  no('PREVIEW_INVALID_QUOTE_SIZE_TOO_LARGE', 'ABOVE_MAX_NOTIONAL', 'Order value is above the maximum'),
  ...both('INVALID_LIMIT_PRICE', 'PRICE_OUT_OF_RANGE', 'Limit price is invalid'),
  ...both('LIMIT_PRICE_TOO_FAR_FROM_MARKET', 'PRICE_OUT_OF_RANGE', 'Limit price is too far from the market'),
  ...both('LIMIT_ORDER_PRICE_EXCEEDS_PRICE_BAND_ON_BUY', 'PRICE_OUT_OF_RANGE', 'Limit price is over the price band'),
  ...both('LIMIT_ORDER_PRICE_EXCEEDS_PRICE_BAND_ON_SELL', 'PRICE_OUT_OF_RANGE', 'Limit price is under the price band'),
  no('PREVIEW_INVALID_PRICE_TOO_LARGE', 'PRICE_OUT_OF_RANGE', 'Price is too large'),
  no('PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE', 'STOP_WOULD_TRIGGER', 'Stop price is above the last trade price'),
  no('PREVIEW_STOP_PRICE_BELOW_LAST_TRADE_PRICE', 'STOP_WOULD_TRIGGER', 'Stop price is below the last trade price'),
  no('STOP_ALREADY_TRIGGERED', 'STOP_WOULD_TRIGGER', 'The stop has been triggered'),
  no('PREVIEW_STOP_TRIGGERED', 'STOP_WOULD_TRIGGER', 'The stop has been triggered'),
  ...both('INVALID_PRODUCT_ID', 'PAIR_NOT_LISTED', 'Invalid product_id'),
  no('ORDER_ENTRY_DISABLED', 'PAIR_NOT_TRADING', 'Order entry is disabled'),
  ...both('UNTRADABLE_PRODUCT', 'PAIR_NOT_TRADING', 'The product cannot be traded'),
  ...both('TRADING_DISABLED', 'PAIR_NOT_TRADING', 'Trading is disabled'),
  ...both('PRODUCT_TRADING_HALTED', 'PAIR_NOT_TRADING', 'Trading of the product is halted'),
  no('PREVIEW_NOT_ALLOWED_BY_MARKET_STATE', 'PAIR_NOT_TRADING', 'Not allowed by the market’s state'),
  no('INELIGIBLE_PAIR', 'ACCOUNT_RESTRICTED', 'The account may not trade the pair'),
  ...both('GEOFENCING_RESTRICTION', 'ACCOUNT_RESTRICTED', 'Not available where the account is'),
  no('PREVIEW_COMPLIANCE_PURCHASE_LIMIT_EXCEEDED', 'ACCOUNT_RESTRICTED', 'The account’s purchase limit is exceeded'),
  ...both('FOK_DISABLED', 'UNSUPPORTED_TIME_IN_FORCE', 'Fill-or-kill is disabled'),
  ...both('POST_ONLY_NOT_ALLOWED_WITH_FOK', 'UNSUPPORTED_OPTION', 'Post-only is not allowed with fill-or-kill'),
  no(
    'UNSUPPORTED_ORDER_CONFIGURATION',
    'ACCOUNT_RESTRICTED',
    'source is not enabled for trading',
    /not enabled for trading/i,
  ),
  no('UNSUPPORTED_ORDER_CONFIGURATION', 'UNSUPPORTED_ORDER_TYPE', 'The order configuration is not supported'),
  no('PREVIEW_INVALID_ORDER_CONFIG', 'INVALID_ORDER', 'The order configuration was invalid'),
  ...both('INVALID_SIDE', 'INVALID_ORDER', 'Invalid side'),
  no('INVALID_REQUEST', 'INVALID_ORDER', 'Invalid request'),
  no('PREVIEW_INVALID_STOP_PRICE', 'INVALID_ORDER', 'Invalid stop price'),
  ...both('INVALID_NO_LIQUIDITY', 'VENUE_REFUSED', 'There is no liquidity'),
  no('COMMANDER_REJECTED_NEW_ORDER', 'VENUE_REFUSED', 'The order was rejected'),
  // It also answers with the order that has the id, as if it were new.
  { venueCode: 'DUPLICATE_CLIENT_ORDER_ID', meaning: { unknown: 'duplicate' }, example: 'Duplicate client_order_id' },
  // In the answer to a cancel.
  { venueCode: 'UNKNOWN_CANCEL_ORDER', meaning: { notFound: true }, example: 'UNKNOWN_CANCEL_ORDER' },
  { venueCode: 'ORDER_IS_FULLY_FILLED', meaning: { notFound: true }, example: 'ORDER_IS_FULLY_FILLED' },
  { venueCode: 'DUPLICATE_CANCEL_REQUEST', meaning: { unknown: 'duplicate' }, example: 'DUPLICATE_CANCEL_REQUEST' },
  no('INVALID_CANCEL_REQUEST', 'INVALID_ORDER', 'INVALID_CANCEL_REQUEST'),
  no('INVALID_CANCEL_PRODUCT_ID', 'INVALID_ORDER', 'INVALID_CANCEL_PRODUCT_ID'),
  no('NOT_ALLOWED_TO_CANCEL', 'ACCOUNT_RESTRICTED', 'NOT_ALLOWED_TO_CANCEL'),
  // In the answer to an edit, which may also name what the checks of a new order find.
  { venueCode: 'ORDER_NOT_FOUND', meaning: { notFound: true }, example: 'ORDER_NOT_FOUND' },
  no('ONLY_LIMIT_ORDER_EDITS_SUPPORTED', 'UNSUPPORTED_ORDER_TYPE', 'ONLY_LIMIT_ORDER_EDITS_SUPPORTED'),
  no('CANNOT_EDIT_TO_BELOW_FILLED_SIZE', 'VENUE_REFUSED', 'CANNOT_EDIT_TO_BELOW_FILLED_SIZE'),
  no('INVALID_EDITED_PRICE', 'INVALID_ORDER', 'INVALID_EDITED_PRICE'),
  no('INVALID_EDITED_SIZE', 'INVALID_ORDER', 'INVALID_EDITED_SIZE'),
  no('COMMANDER_REJECTED_EDIT_ORDER', 'VENUE_REFUSED', 'COMMANDER_REJECTED_EDIT_ORDER'),
  // The gateway's. A token that came too late, is not valid yet, is signed wrongly or lacks a permission: all are told in this one word.
  no('HTTP_401', 'BAD_CREDENTIALS', 'Unauthorized'),
  no('rate_limit_exceeded', 'RATE_LIMITED', 'Too many requests'),
  no('RESOURCE_EXHAUSTED', 'RATE_LIMITED', 'Resource has been exhausted'),
  no('PERMISSION_DENIED', 'ACCOUNT_RESTRICTED', 'Missing required scopes'),
  no('unknown', 'ACCOUNT_RESTRICTED', 'Missing required scopes', /missing required scopes/i),
  no('INVALID_ARGUMENT', 'INVALID_ORDER', 'product_id is invalid'),
  noSuchOrder('NOT_FOUND'),
  noSuchOrder('unknown'),
];

export const coinbaseDialect: Dialect = {
  readError: (value, { status, body }) => {
    // The one error that is no JSON.
    if (value === undefined && status === 401 && body === 'Unauthorized') return { code: 'HTTP_401', message: body };
    if (typeof value !== 'object' || value === null) return null;
    const answer = value as Fields;
    return refusedOrder(answer) ?? refusedCancel(answer) ?? gatewayError(answer);
  },
  // A 429 may have counted the address or the account, and does not say which: all stay away.
  limits: {},
  readLimits: () => [],
  // Public answers are up to a second old without it: https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis/rest-api
  publicHeaders: { 'cache-control': 'no-cache' },
};

/**
 * `{success: false, error_response}` under a 200, or of an edit `{success: false, errors}`. The reason stands under one of these names; the
 * others then say UNKNOWN.
 */
const refusedOrder = ({ success, error_response, errors }: Fields): VenueError | null => {
  if (success !== false) return null;
  const why = fieldsOf(error_response ?? (Array.isArray(errors) ? errors[0] : null));
  const reasons = REASONS.map((name) => why[name]).filter(isText);
  const known = reasons.find((reason) => !reason.startsWith('UNKNOWN_'));
  return { code: known ?? 'UNKNOWN_FAILURE_REASON', message: textOf(why['message']) };
};

const REASONS = ['new_order_failure_reason', 'error', 'edit_failure_reason', 'preview_failure_reason'];

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});

/** `{results: [{success: false, failure_reason, order_id}]}` under a 200; we cancel one order at a time. */
const refusedCancel = ({ results }: Fields): VenueError | null => {
  const [only] = (Array.isArray(results) ? results : []) as readonly (Fields | null)[];
  if (only?.['success'] !== false) return null;
  const reason = textOf(only['failure_reason']);
  return { code: reason === '' ? 'UNKNOWN_CANCEL_FAILURE_REASON' : reason, message: reason };
};

/** `{error, error_details, message}`, or in older parts `{errors: [{id, message}]}`. */
const gatewayError = ({ error, message, errors }: Fields): VenueError | null => {
  if (isText(error)) return { code: error, message: textOf(message) };
  const [first] = (Array.isArray(errors) ? errors : []) as readonly (Fields | null)[];
  const id = first?.['id'];
  return isText(id) ? { code: id, message: textOf(first?.['message']) } : null;
};

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const textOf = (value: unknown): string => (isText(value) ? value : '');

function no(venueCode: string, code: RefusalCode, example: string, message?: RegExp): ErrorRow {
  return { venueCode, meaning: { refused: code }, example, ...(message === undefined ? {} : { message }) };
}

function both(venueCode: string, code: RefusalCode, example: string): readonly ErrorRow[] {
  return [no(venueCode, code, example), no(`PREVIEW_${venueCode}`, code, example)];
}

function noSuchOrder(venueCode: string): ErrorRow {
  const example = 'order with this orderID was not found';
  return { venueCode, message: new RegExp(example, 'i'), meaning: { notFound: true }, example };
}
