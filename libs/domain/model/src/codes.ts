/**
 * Every code that leaves Switchyard, with its cause and its remedy: a closed list. `docs/reference/codes.md` is made from it.
 * A code never changes its meaning and is never used again for another.
 */
export const CODES = {
  // The door: shape, identity, ownership.
  BAD_REQUEST: ['The request could not be read.', 'Send what the OpenAPI document at /v1/openapi.json describes.'],
  MALFORMED: [
    'A field is missing, of the wrong type or out of its range.',
    'Mend each field that the answer lists and send again.',
  ],
  TOO_LARGE: ['The body is larger than is accepted.', 'Send less: metadata is for notes, not for files.'],
  UNAUTHENTICATED: ['No valid token came with the request.', 'Send "Authorization: Bearer <token>".'],
  FORBIDDEN: ['The token does not allow this.', 'Use a token of the user, or of a role that may do it.'],
  NOT_FOUND: ['There is no such thing, or it is not yours.', 'Check the id.'],
  STATE_HELD: [
    'An operator has set the trading state, and only an operator lifts it.',
    'The facts say what was set, and why; ask an operator. A stricter state may always be set.',
  ],
  CONFLICT: [
    'Something with this id exists already, and differs.',
    'Choose another id, or change the one that exists.',
  ],
  ACTION_NOT_POSSIBLE: [
    'This cannot be done with this piece of failed work.',
    'The answer says why; GET /v1/failed lists what can be done with each.',
  ],
  ORDER_FINISHED: [
    'The order has ended: nothing of it is left to be cancelled.',
    'GET /v1/orders/{id} tells how it ended.',
  ],
  APPROVAL_REQUIRED: [
    'It has no effect before a second person approved it.',
    'Another operator or admin decides: GET /v1/approvals, POST /v1/approvals/{id}/approve.',
  ],
  SECOND_PERSON_NEEDED: [
    'Who asked, whom it concerns, or a token that one of them made can not decide this.',
    'Another operator or admin decides, with a token of their own.',
  ],
  APPROVAL_OVER: ['The request was decided, withdrawn, or waited for too long.', 'Ask again where it is still wanted.'],
  INTAKE_BUSY: [
    'More signals come in than may be admitted at once.',
    'Wait the seconds that Retry-After names and send again with the same signalId.',
  ],
  UNAVAILABLE: ['A part that is needed does not answer.', 'Try again; /ready names the part.'],
  KEY_MISMATCH: [
    "The record's key is not its userId (strategyId where there is no userId).",
    'Key the record by its userId.',
  ],
  UNREADABLE: [
    "The record can't be read, not even its ids.",
    'Send JSON or the protobuf message of the topic, with its content-type.',
  ],
  SIGNAL_ID_REUSED: ['This signalId was used before with other content.', 'Give each signal an id of its own.'],
  // Validation.
  SIGNAL_STALE: [
    'The signal is older than is accepted.',
    'Send signals when they are generated; check the clock of the strategy.',
  ],
  SIGNAL_FROM_FUTURE: ["The signal's time lies ahead of ours.", 'Check the clock of the strategy.'],
  UNKNOWN_PAIR: [
    'No venue lists this pair.',
    'Use a canonical pair such as BTC-USD; /execution/venues lists what is known.',
  ],
  UNKNOWN_VENUE: ['A venue named in the signal is not known here.', 'Use a venue that /execution/venues lists.'],
  STRENGTH_TOO_LOW: [
    'The strength is below the limit.',
    'Nothing to do: the signal is too weak by the rules in force.',
  ],
  CONFLUENCE_TOO_LOW: [
    'The confluence score is below the limit.',
    'Nothing to do: the signal is too weak by the rules in force.',
  ],
  STOP_LOSS_WRONG_SIDE: [
    'The stop-loss is not on the losing side of the entry price.',
    'Below the entry for a buy, above it for a sell.',
  ],
  TAKE_PROFIT_WRONG_SIDE: [
    'The take-profit is not on the winning side of the entry price.',
    'Above the entry for a buy, below it for a sell.',
  ],
  PRICE_NOT_SANE: ['A price is too far from the market.', 'Check the price and the pair.'],
  PRICE_MISSING: [
    'The order type needs a price that is not there.',
    'Give limitPrice (limit, stop_limit) and stopPrice (stop, stop_limit).',
  ],
  EXPIRY_MISSING: ['Good till date needs expireAt, in the future.', 'Give expireAt, or another time in force.'],
  SIZE_OUT_OF_RANGE: ['The size is outside what is allowed.', 'Choose a size within the limits named in the facts.'],
  USER_UNKNOWN: ['There is no such user.', 'Create the user first.'],
  USER_DISABLED: ['The user is disabled.', 'An operator can enable the user.'],
  USER_PARKED: [
    'Events of this user wait for an operator.',
    'An operator looks at the failed work, retries or discards it, and releases the user.',
  ],
  NO_ACCOUNT: [
    'The user has no enabled account that this signal could use.',
    'Connect an account in the mode and at a venue the signal allows.',
  ],
  PAIR_NOT_ALLOWED: ['The user may not trade this pair.', 'An operator can extend the list of pairs.'],
  NO_SUBSCRIBERS: ['No user follows this strategy.', 'Subscribe a user, or send the signal with a userId.'],
  SHORT_NOT_POSSIBLE: [
    'On spot, what is not held cannot be sold.',
    'Sell no more than is held and not already on sale.',
  ],
  UNSUPPORTED: ['This wish is understood but not offered here yet.', 'See the facts for what is possible.'],
  // Risk.
  NOTHING_TO_CLOSE: ['There is no position that this exit could close.', 'Check tradeId, pair and account.'],
  ENTRY_UNDER_WAY: [
    'The exit waits until it is known what its entry bought.',
    'Nothing to do: it is decided as soon as the entry is over, or has not moved for some seconds.',
  ],
  ENTRY_RESTS: [
    'The exit waits: its entry rests in the book and has bought nothing that could be sold.',
    'Cancel the entry, or let it end.',
  ],
  MAX_OPEN_POSITIONS: ['The user has as many open positions as allowed.', 'Close one, or raise maxOpenPositions.'],
  REWARD_RISK_TOO_LOW: ['The reward is too small for the risk.', 'Move the take-profit or the stop-loss.'],
  STOP_LOSS_TOO_FAR: [
    'The stop-loss is further from the entry than allowed.',
    'Move the stop-loss, or raise maxStopDistancePercent.',
  ],
  ORDER_TOO_LARGE: ['The order is larger than a limit allows.', 'See the facts for the limit.'],
  POSITION_TOO_LARGE: ['The position would be larger than allowed.', 'See the facts for the limit.'],
  ORDER_VALUE_TOO_LARGE: [
    'The order is worth more than allowed.',
    'Send a smaller size, or raise maxParentNotional; maxChildNotional is what one account may trade of it.',
  ],
  MAX_NOTIONAL_PER_DAY: [
    'With this order more would be traded today than allowed; orders under way count.',
    'Wait for the next trading day, or raise maxNotionalPerDay.',
  ],
  MAX_LOSS_PER_DAY: [
    'As much was lost today as allowed, realised and marked, or would be at the stop-loss of this order.',
    'Wait for the next trading day; exits go on.',
  ],
  MAX_DRAWDOWN: [
    'Profit and loss lie as far below their high as allowed, or would at the stop-loss of this order.',
    'Close positions or wait for them to recover; exits go on.',
  ],
  EQUITY_TOO_LOW: [
    'All that is held is worth less than the limit, or would be at the stop-loss of this order.',
    'Add funds, or lower minEquity.',
  ],
  SECTOR_EXPOSURE_TOO_HIGH: [
    'With this order more of the equity would lie in one sector than allowed.',
    'Send a smaller size, close something in the sector, or raise sectorPercents or maxSectorPercent.',
  ],
  CONCENTRATION_TOO_HIGH: [
    'With this order more of the equity would lie in one asset than allowed.',
    'Send a smaller size, or raise maxConcentrationPercent.',
  ],
  LEVERAGE_TOO_HIGH: [
    'With this order positions would be worth more, against the equity, than allowed.',
    'Send a smaller size, close something, or raise maxLeverage.',
  ],
  EXPOSURE_TOO_HIGH: [
    'Positions in the account, or at the venue, would be worth more than allowed.',
    'Close something there, use another account, or raise maxExposure.',
  ],
  PAIR_RESTRICTED: [
    'Nothing may be opened in this pair, by the limits of the user, of the account or of the venue.',
    'Trade another pair, or change restrictedPairs; exits pass.',
  ],
  INSUFFICIENT_FUNDS: [
    'What is free in the account does not cover the order, its fees and its collar.',
    'Add funds or send a smaller size.',
  ],
  BALANCE_UNKNOWN: [
    'The balance of the account is not known yet.',
    'Try again in some seconds; if it stays, check the keys of the account.',
  ],
  USER_RATE_LIMITED: [
    'The user sends more entries per second than allowed.',
    'Slow down, or raise tradesPerSecond and burst.',
  ],
  MAX_ORDERS_PER_DAY: [
    'The user has sent as many orders today as allowed.',
    'Wait for the next trading day, or raise maxOrdersPerDay.',
  ],
  TRADING_HALTED: ['Trading is halted for this user, this venue or everyone.', 'An operator can resume it.'],
  PRICE_UNKNOWN: [
    'No fresh price is known for this pair.',
    'Wait for market data to return; /execution/venues shows its state.',
  ],
  // Routing.
  NO_SUITABLE_VENUE: ['No venue can take this order.', 'See the facts for each venue and why it was refused.'],
  BELOW_MINIMUM: ["The order is below the venue's minimum.", 'Send a larger size.'],
  // Execution.
  VENUE_UNHEALTHY: ['The venue does not work as it should.', 'Wait, or allow other venues.'],
  VENUE_SLOW: [
    'The venue answers so slowly that an entry would be filled at a price of long ago; nothing was sent.',
    'It is tried elsewhere where possible; exits and stop-losses go on.',
  ],
  VENUE_BUDGET_SPENT: [
    'The calls that the venue allows are used up for longer than the order may wait; nothing was sent.',
    'It is tried elsewhere where possible; send less at once, or raise the budget of the venue if it allows more.',
  ],
  VENUE_REFUSED: ['The venue refused the order.', "The facts hold the venue's code."],
  VENUE_UNREACHABLE: ['The venue could not be reached; nothing was sent.', 'It is tried elsewhere where possible.'],
  CREDENTIALS_REFUSED: ['The venue refused the keys of the account.', 'Renew the keys of the account.'],
  CREDENTIALS_MISSING: ['The account has no keys.', 'Give the account its keys.'],
  KEYS_UNAVAILABLE: [
    'What holds the key-encryption key does not answer, so that keys can be neither opened nor sealed; nothing was sent.',
    'Try again; an operator looks after Vault. Accounts whose keys are open already go on meanwhile.',
  ],
  ORDER_EXPIRED_UNSENT: [
    'The order became too old before it could be sent; nothing was sent.',
    'Send a new signal if it is still wanted.',
  ],
  NEVER_ARRIVED: [
    'The venue never received the order: proven by lookups after its expiry.',
    'Send a new signal if it is still wanted.',
  ],
  MODE_MISMATCH: [
    "The order's mode is not the account's, or not allowed in this deployment.",
    'See the facts; live needs both switches.',
  ],
  DUPLICATE_CLIENT_ORDER_ID: [
    'The venue already knows an order with this client order id.',
    'Nothing: it is looked up.',
  ],
  NO_LIQUIDITY: ['The book held nothing that the order could trade with.', 'Use a limit order that may rest, or wait.'],
  QUEUE_FULL: ['The queue of the venue, or the share of the user in it, is full.', 'Slow down.'],
  EVENT_TOO_LARGE: ['The event is larger than the log accepts.', 'Send less metadata.'],
  INTERNAL: ['Something here went wrong.', 'The error is recorded with the id of the request; report it.'],
} as const satisfies Record<string, readonly [cause: string, remedy: string]>;

export type Code = keyof typeof CODES;

/**
 * Why an order failed at its venue through no fault of its own: the cause lies with us, the venue or the account's keys, and a person can
 * do something about it. All other codes say something of the order, and are for its user alone.
 */
export const OPERATORS_CODES: ReadonlySet<string> = new Set<Code>([
  'VENUE_UNREACHABLE',
  'VENUE_UNHEALTHY',
  'CREDENTIALS_REFUSED',
  'CREDENTIALS_MISSING',
  'KEYS_UNAVAILABLE',
  'MODE_MISMATCH',
  'ORDER_EXPIRED_UNSENT',
  'NEVER_ARRIVED',
]);

/** Numbers and names behind a refusal, ready for JSON. */
export type Facts = Readonly<Record<string, unknown>>;

/** An expected "no": a stable code, a sentence a person can act on, and the facts. A value, never an exception. */
export interface Refusal {
  readonly code: Code;
  readonly message: string;
  readonly facts: Facts;
}

/** A refusal with the code's own sentences, or a more exact one. */
export const refuse = (code: Code, facts: Facts = {}, message = `${CODES[code][0]} ${CODES[code][1]}`): Refusal => ({
  code,
  message,
  facts,
});
