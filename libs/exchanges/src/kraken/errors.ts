import type { Dialect, VenueError } from '../ccxt/call.js';
import type { ErrorRow } from '../ccxt/classification.js';
import type { RefusalCode } from '../refusals.js';

const ARGUMENTS = 'EGeneral:Invalid arguments';

/**
 * Kraken's errors whose meaning is certain, by category and first words: `EGeneral:Invalid arguments:volume` is a row of
 * `EGeneral:Invalid arguments`. Source: https://docs.kraken.com/api/docs/guides/spot-errors
 * What is missing here is unknown on purpose.
 */
export const krakenErrors: readonly ErrorRow[] = [
  {
    venueCode: ARGUMENTS,
    message: /cl_ord_id not unique/i,
    meaning: { unknown: 'duplicate' },
    example: 'EGeneral:Invalid arguments:cl_ord_id not unique',
  },
  // Kraken itself does not know, or an engine that did not answer in time may have the order all the same.
  failed('EService:Unavailable'),
  failed('EService:Busy'),
  failed('EService:Deadline elapsed', 'EService:Deadline elapsed'),
  failed('EGeneral:Internal error', 'EGeneral:Internal error:1689'),
  failed('EDatabase:Internal error'),
  // The order and the account.
  no('EOrder:Insufficient funds', 'INSUFFICIENT_FUNDS'),
  no('EOrder:Order minimum not met', 'BELOW_MIN_QUANTITY'),
  no('EOrder:Cost minimum not met', 'BELOW_MIN_NOTIONAL'),
  no('EOrder:Tick size check failed', 'OFF_TICK'),
  no('EOrder:Post only order', 'POST_ONLY_WOULD_TAKE'),
  no('EOrder:Orders limit exceeded', 'TOO_MANY_OPEN_ORDERS'),
  no('EOrder:Invalid price', 'PRICE_OUT_OF_RANGE'),
  no('EService:Market in cancel_only mode', 'PAIR_NOT_TRADING'),
  no('EService:Market in post_only mode', 'PAIR_NOT_TRADING'),
  no('EQuery:Unknown asset pair', 'PAIR_NOT_LISTED'),
  no('EQuery:Invalid asset pair', 'PAIR_NOT_LISTED'),
  // Rates.
  no('EAPI:Rate limit exceeded', 'RATE_LIMITED'),
  no('EOrder:Rate limit exceeded', 'RATE_LIMITED'),
  no('EOrder:Domain rate limit exceeded', 'RATE_LIMITED'),
  no('EService:Throttled', 'RATE_LIMITED', 'EService: Throttled: 1688406480'),
  no('EGeneral:Too many requests', 'RATE_LIMITED'),
  no('EGeneral:Temporary lockout', 'RATE_LIMITED'),
  // The time and the key.
  no(ARGUMENTS, 'CLOCK_SKEW', 'EGeneral:Invalid arguments:deadline', /deadline/i),
  no('EAPI:Invalid nonce', 'CLOCK_SKEW'),
  no('EAPI:Invalid key', 'BAD_CREDENTIALS'),
  no('EAPI:Invalid signature', 'BAD_CREDENTIALS'),
  no('EGeneral:Permission denied', 'ACCOUNT_RESTRICTED'),
  no(
    'EAccount:Invalid permissions',
    'ACCOUNT_RESTRICTED',
    'EAccount:Invalid permissions:USDT trading restricted for AT.',
  ),
  no('EAuth:Account temporary disabled', 'ACCOUNT_RESTRICTED'),
  no('EAuth:Account unconfirmed', 'ACCOUNT_RESTRICTED'),
  no('ETrade:User Locked', 'ACCOUNT_RESTRICTED'),
  no('EBM:limit exceeded', 'ACCOUNT_RESTRICTED', 'EBM:limit exceeded:CAL'),
  // The request itself.
  no(ARGUMENTS, 'INVALID_ORDER', 'EGeneral:Invalid arguments:volume'),
  // No such order: of the second Kraken knows that there never was one.
  { venueCode: 'EOrder:Unknown order', meaning: { notFound: true }, example: 'EOrder:Unknown order' },
  { venueCode: 'EOrder:Invalid order', meaning: { notFound: true }, example: 'EOrder:Invalid order' },
];

export const krakenDialect: Dialect = {
  // {"error": ["EOrder:Insufficient funds"]}, with HTTP 200; a warning begins with W and is none.
  readError: (value) => {
    if (typeof value !== 'object' || value === null) return null;
    const { error } = value as { readonly error?: unknown };
    const said = typeof error === 'string' ? [error] : Array.isArray(error) ? (error as readonly unknown[]) : [];
    const errors = [...new Set(said.map((one) => (typeof one === 'string' ? one : JSON.stringify(one))))].filter(
      (one) => !one.startsWith('W'),
    );
    return errors.length === 0 ? null : errorOf(errors);
  },
  limits: {
    'EAPI:Rate limit exceeded': { whom: 'account', forMs: 5_000 },
    'EOrder:Rate limit exceeded': { whom: 'account', forMs: 1_000 },
    'EOrder:Domain rate limit exceeded': { whom: 'account', forMs: 1_000 },
    'EService:Throttled': { whom: 'account', forMs: 1_000 },
    // After too many wrong keys or nonces; each further attempt makes it longer.
    'EGeneral:Temporary lockout': { whom: 'account', forMs: 15 * 60_000 },
    'EGeneral:Too many requests': { whom: 'address', forMs: 1_000 },
  },
  // Kraken's headers say nothing of its limits.
  readLimits: () => [],
};

/** Two different errors at once stand in no row: what they mean together is not known. */
const errorOf = (errors: readonly string[]): VenueError => {
  const message = errors.join(', ');
  const [category = '', words = ''] = message.split(':').map((part) => part.trim());
  return { code: errors.length > 1 ? message : `${category}:${words}`, message };
};

function no(venueCode: string, code: RefusalCode, example = venueCode, message?: RegExp): ErrorRow {
  return { venueCode, meaning: { refused: code }, example, ...(message === undefined ? {} : { message }) };
}

function failed(venueCode: string, example = venueCode): ErrorRow {
  return { venueCode, meaning: { unknown: 'serverError' }, example };
}
