import type { Dialect } from '../ccxt/call.js';
import type { ErrorRow } from '../ccxt/classification.js';
import type { LimitUsed } from '../rates.js';
import type { RefusalCode } from '../refusals.js';

/** What a gateway in front of Alpaca answers carries no code: `{"message": "forbidden."}`. */
const NO_CODE = 'none';

/**
 * Whatever speaks of the client order id, of something that exists or has to be unique: an earlier copy may live. It goes before all else,
 * for one code stands for this and for plain refusals, and the words "can change without notice": they have been "client_order_id must be
 * unique" as well as "client order id must be unique".
 */
const DUPLICATE = /client[ _-]?order[ _-]?id|unique|duplicate|already (exists|used|taken)/i;

/**
 * Alpaca's errors whose meaning is certain. Codes and statuses are its contract, the words are not
 * (https://docs.alpaca.markets/docs/working-with-orders): 40310000 (403) is a business refusal, 42210000 (422) an input that is not
 * processed. 40010001 is anything from a bad field to a known id, so only the words that are listed count; so does no code of tomorrow.
 */
export const alpacaErrors: readonly ErrorRow[] = [
  duplicate('40010001', 'client_order_id must be unique'),
  duplicate('42210000', 'client order id must be unique'),
  duplicate('40310000', 'client_order_id already exists'),
  // 403: the account, its money, its permissions.
  no(
    '40310000',
    'INSUFFICIENT_FUNDS',
    'insufficient balance for USD (requested: 150000, available: 91.26)',
    /insufficient/i,
  ),
  no('40310000', 'BELOW_MIN_NOTIONAL', 'cost basis must be >= minimal amount of order 10', /cost basis must be/i),
  no(
    '40310000',
    'ACCOUNT_RESTRICTED',
    'new orders are rejected by user request',
    /by user request|not (authorized|allowed|eligible|permitted)|restricted|blocked|suspended|disabled/i,
  ),
  no('40310000', 'VENUE_REFUSED', 'potential wash trade detected. use complex orders'),
  // 422: the request. What is over cannot be cancelled.
  {
    venueCode: '42210000',
    message: /already in/i,
    meaning: { notFound: true },
    example: 'order is already in "filled" state',
  },
  no('42210000', 'UNSUPPORTED_TIME_IN_FORCE', 'invalid crypto time_in_force', /time.in.force/i),
  no('42210000', 'UNSUPPORTED_ORDER_TYPE', 'invalid order type', /order.type/i),
  no('42210000', 'PAIR_NOT_TRADING', 'asset "BTC/USD" is not tradable', /not (active|tradable)/i),
  no('42210000', 'PAIR_NOT_LISTED', 'asset not found for BTC/XYZ', /not found/i),
  no('42210000', 'INVALID_ORDER', 'invalid limit price'),
  no('40010001', 'ACCOUNT_RESTRICTED', 'crypto orders not allowed for account', /not (allowed|authorized|permitted)/i),
  no('40010001', 'UNSUPPORTED_TIME_IN_FORCE', 'invalid time_in_force for crypto order', /time.in.force/i),
  no('40010001', 'UNSUPPORTED_ORDER_TYPE', 'invalid order type for crypto order', /order.type/i),
  no('40010001', 'PAIR_NOT_LISTED', 'could not find asset "BTC/XYZ"', /could not find|not found|invalid symbol/i),
  no('40010001', 'INVALID_ORDER', 'qty must be > 0', /^(qty|limit.price|stop.price|side|notional|symbol) /i),
  // 404: no such order.
  no('40410000', 'PAIR_NOT_LISTED', 'asset not found for BTC/XYZ', /asset/i),
  { venueCode: '40410000', message: /order/i, meaning: { notFound: true }, example: 'order not found for 904837e3' },
  // The key, and how often it may ask.
  no('40110000', 'BAD_CREDENTIALS', 'request is not authorized'),
  no('42910000', 'RATE_LIMITED', 'rate limit exceeded'),
  no(NO_CODE, 'BAD_CREDENTIALS', 'forbidden.', /^(forbidden|unauthorized)\.?$/i),
  no(NO_CODE, 'RATE_LIMITED', 'too many requests.', /^too many requests\.?$/i),
];

export const alpacaDialect: Dialect = {
  // {"code": 40310000, "message": "..."}, or the message alone. Nothing else that Alpaca says has a message.
  readError: (value) => {
    if (typeof value !== 'object' || value === null) return null;
    const { code, message } = value as { readonly code?: unknown; readonly message?: unknown };
    if (typeof message !== 'string') return null;
    return { code: typeof code === 'string' || typeof code === 'number' ? String(code) : NO_CODE, message };
  },
  // 42910000 counts one account; a 429 of the gateway's keeps the address away.
  limits: { '42910000': { whom: 'account', forMs: 1_000 } },
  readLimits: (headers) => {
    const [limit, remaining] = ['x-ratelimit-limit', 'x-ratelimit-remaining'].map((name) => count(headers[name]));
    if (limit === undefined || remaining === undefined || remaining > limit) return [];
    return [{ counts: 'orders', used: limit - remaining, windowMs: 60_000 } satisfies LimitUsed];
  },
  numbersAsText: true,
};

const count = (header: string | string[] | undefined): number | undefined =>
  typeof header === 'string' && /^\d{1,9}$/.test(header) ? Number(header) : undefined;

function no(venueCode: string, code: RefusalCode, example: string, message?: RegExp): ErrorRow {
  return { venueCode, meaning: { refused: code }, example, ...(message === undefined ? {} : { message }) };
}

function duplicate(venueCode: string, example: string): ErrorRow {
  return { venueCode, message: DUPLICATE, meaning: { unknown: 'duplicate' }, example };
}
