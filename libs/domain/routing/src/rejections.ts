import type { Facts } from '@switchyard/model';

/**
 * Why a venue was not used, each with its cause and its remedy: a closed list, beside the codes that a refusal of the whole order
 * carries (`CODES` of @switchyard/model).
 */
export const VENUE_REJECTIONS = {
  VENUE_TRIED: ['The venue failed for this order before.', 'Nothing: another venue is tried.'],
  MODE_MISMATCH: ["The account's mode is not the order's.", 'A parent order never spans modes.'],
  VENUE_NOT_WANTED: ['The signal names the only venues it wants, and this is none of them.', 'Widen venues.only.'],
  VENUE_EXCLUDED: ['The signal excludes this venue.', 'Shorten venues.exclude.'],
  VENUE_REMOVED: [
    'The deployment trades at this venue no more.',
    'Nothing: another venue is tried. Orders that rest there are followed to their end.',
  ],
  VENUE_HALTED: [
    'Nothing may be opened at the venue: an operator stopped trading there.',
    'Nothing: another venue is tried. Exits go on.',
  ],
  BOOK_UNKNOWN: [
    'No market data of this venue has come in yet.',
    'Wait for it; /execution/venues shows the state of market data.',
  ],
  PAIR_NOT_LISTED: ['The venue does not list the pair.', 'Trade the pair elsewhere.'],
  INSTRUMENT_UNUSABLE: ["The venue's tick, lot or minimum can't be read.", "Check the venue's adapter."],
  QUOTE_MISMATCH: [
    'The venue pays in another currency than the one reserved.',
    'USDT stands in for USD only in accounts that allow it (usdtAsUsd).',
  ],
  VENUE_UNHEALTHY: ['The venue does not work as it should.', 'Wait, or allow other venues.'],
  BOOK_STALE: ["The venue's book is too old to decide by.", 'Wait for market data to return.'],
  BOOK_EMPTY: ["The venue's book holds no level with a size.", 'Wait, or use another venue.'],
  BOOK_ONE_SIDED: ["One side of the venue's book is empty.", 'Wait, or use another venue.'],
  BOOK_CROSSED: ["The venue's best bid is not below its best ask.", 'Wait for a sound book.'],
  BOOK_ABSURD: [
    "The venue's book can't be true: unsorted, unreadable, or far from any sane price.",
    'Wait for a sound book.',
  ],
  BOOK_TOO_THIN: [
    'The book holds too little for the size.',
    'Send a smaller size, or use a limit order that may rest.',
  ],
  BELOW_MINIMUM: ['What the venue would get is below its minimum, in its own lots.', 'Send a larger size.'],
  ORDER_NOT_WHOLE: [
    'The order is to be filled whole or not at all, and the venue could take a part only.',
    'Send a smaller size, or another time in force.',
  ],
  CAP_USED: ["Other children of the order hold all of the account's cap.", 'Nothing: another venue is tried.'],
  MIDPOINT_UNKNOWN: [
    'A dark venue trades at the midpoint of the others, and no other has a sound book.',
    'Connect an account at a venue that shows its book.',
  ],
  METHOD_NOT_OFFERED: [
    'The venue offers nothing that this order could be: a dark venue takes no resting and no stop orders.',
    'Allow other venues.',
  ],
  COST_ABOVE_RESERVED: [
    'The order would cost more than is reserved in this account.',
    'The market moved since the approval: send a new signal.',
  ],
  NOT_COMPARED: [
    'One decision compares 32 accounts; this one comes after them.',
    'Name the account, or its venue, in the signal.',
  ],
  PRICE_OUT_OF_GRID: ["The price rounds to zero on the venue's grid.", 'Choose a price the venue can express.'],
} as const satisfies Record<string, readonly [cause: string, remedy: string]>;

export type VenueRejectionCode = keyof typeof VENUE_REJECTIONS;

export interface VenueRejection {
  readonly code: VenueRejectionCode;
  readonly message: string;
  readonly facts: Facts;
}

export const rejection = (code: VenueRejectionCode, facts: Facts = {}): VenueRejection => ({
  code,
  message: VENUE_REJECTIONS[code][0],
  facts,
});
