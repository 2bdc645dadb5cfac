/**
 * The closed list of codes a venue client refuses with, before sending or on the venue's word. `retriable` says whether the same order
 * may be sent again later as it stands; a code that needs a person or another order is not. The docs are made from this table.
 */
export const REFUSALS = {
  MALFORMED_ORDER: row('A field is missing or is not a plain decimal.', 'Correct the order.'),
  PAIR_NOT_LISTED: row('The venue does not list the pair.', 'Choose another venue or pair.'),
  PAIR_NOT_TRADING: row('The venue lists the pair but takes no orders for it now.', 'Wait, or choose another venue.'),
  USDT_NOT_TAKEN_AS_USD: row(
    'The venue lists the pair in USDT only, and the account does not take USDT as USD.',
    'Set usdtAsUsd on the account, or name the USDT pair.',
  ),
  OFF_TICK: row('A price is not a multiple of the price step.', 'Round the price to the tick.'),
  OFF_LOT: row('The quantity is not a multiple of the quantity step.', 'Round the quantity to the lot.'),
  BELOW_MIN_QUANTITY: row('The quantity is under the minimum.', 'Send more, or choose another venue.'),
  ABOVE_MAX_QUANTITY: row('The quantity is over the maximum of one order.', 'Split the order.'),
  BELOW_MIN_NOTIONAL: row('Price times quantity is under the minimum.', 'Send more, or choose another venue.'),
  ABOVE_MAX_NOTIONAL: row('Price times quantity is over the maximum of one order.', 'Split the order.'),
  PRICE_OUT_OF_RANGE: row('The price is outside the band that the venue accepts.', 'Quote nearer to the market.'),
  UNSUPPORTED_ORDER_TYPE: row('The venue does not have this order type.', 'Choose another type or venue.'),
  UNSUPPORTED_TIME_IN_FORCE: row(
    'The venue does not have this time in force for this order type.',
    'Choose one that its capability table lists.',
  ),
  UNSUPPORTED_OPTION: row(
    'The venue does not have this for such an order: post-only, display quantity, or so short a time window.',
    'Leave it out, or choose another venue.',
  ),
  INSUFFICIENT_FUNDS: row('The account holds too little free balance.', 'Fund the account, or send less.'),
  POST_ONLY_WOULD_TAKE: row('A post-only order would have traded at once.', 'Quote a passive price.', true),
  STOP_WOULD_TRIGGER: row('The stop price has been passed already.', 'Send the order without the stop.'),
  TOO_MANY_OPEN_ORDERS: row('The account has as many open orders as the venue allows.', 'Cancel some.', true),
  RATE_LIMITED: row('The venue counted too many requests or orders and did not take this one.', 'Wait.', true),
  CLOCK_SKEW: row(
    'The request was outside the venue’s time window, or behind a later one of the same key, when it arrived.',
    'Measure the clock again, and let nobody else use the key.',
    true,
  ),
  BAD_CREDENTIALS: row('The venue does not accept the key or the signature.', 'Replace the API key.'),
  ACCOUNT_RESTRICTED: row('The key or account may not trade, or not this pair.', 'Ask the venue.'),
  INVALID_ORDER: row('The venue finds the request malformed.', 'Report it: our checks should have caught it.'),
  VENUE_REFUSED: row('The venue’s matching engine refused the order.', 'See the venue’s code in the facts.'),
} as const;

export type RefusalCode = keyof typeof REFUSALS;

export interface RefusalMeaning {
  readonly cause: string;
  readonly remedy: string;
  readonly retriable: boolean;
}

function row(cause: string, remedy: string, retriable = false): RefusalMeaning {
  return { cause, remedy, retriable };
}
