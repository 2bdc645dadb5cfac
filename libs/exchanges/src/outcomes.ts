import type { Fill, VenueOrder } from './orders.js';
import type { RefusalCode } from './refusals.js';

/** What the venue answered, kept for the execution log: at most 4 KiB of body, secrets blotted out. Never for outsiders. */
export interface Evidence {
  readonly httpStatus: number;
  readonly body: string;
}

/** Why nothing was written to the socket. Provable: the write is one synchronous step, and it was not reached. */
export type NotSentReason =
  | 'expired' // `sendBy` had passed when the socket was ready
  | 'withheld' // the caller's `beforeWrite` said no
  | 'connect' // refused, unreachable, no such host, TLS
  | 'noConnection' // no free connection within the deadline
  | 'rateLimited' // the venue told this address to wait, and the wait is not over
  | 'notReady' // the venue's instruments could not be loaded yet
  | 'unsigned' // the request could not be built or signed
  | 'foreignOrigin'; // the request would have gone to another origin than this venue's

/** Why it is not known what the venue did. */
export type UnknownReason =
  | 'timeout' // no complete answer within the deadline
  | 'connectionLost' // reset or closed after the write, or in mid-answer
  | 'serverError' // 5xx: the venue itself does not know
  | 'unreadable' // success without a readable body: empty, HTML, cut off
  | 'nonsense' // readable, but contradicts itself or the request
  | 'duplicate' // the venue knows this client order id: an earlier copy may live
  | 'unlisted'; // an error that is not on the explicit list

export interface NotSent {
  readonly kind: 'notSent';
  readonly reason: NotSentReason;
  readonly message: string;
  /** For `rateLimited`: how long the venue asked us to stay away. */
  readonly retryAfterMs: number | null;
}

export interface Refused {
  readonly kind: 'refused';
  readonly code: RefusalCode;
  /** A sentence of ours; the venue's words are in the evidence. */
  readonly message: string;
  readonly facts: Readonly<Record<string, string>>;
  /** The venue's own code, `null` where we refused before sending. */
  readonly venueCode: string | null;
  readonly retryAfterMs: number | null;
  readonly evidence: Evidence | null;
}

export interface OutcomeUnknown {
  readonly kind: 'outcomeUnknown';
  readonly reason: UnknownReason;
  readonly message: string;
  readonly evidence: Evidence | null;
}

export interface Accepted {
  readonly kind: 'accepted';
  /** Never empty. */
  readonly venueOrderId: string;
  /** The order's state where the venue's answer holds it, else `null`: ask with `lookup`. */
  readonly order: VenueOrder | null;
  /** Fills that the answer holds; more may exist by now. */
  readonly fills: readonly Fill[];
}

export type PlaceOutcome = Accepted | Refused | NotSent | OutcomeUnknown;

export type CancelOutcome =
  /** The venue took the cancel. `order` is its last state where the answer holds it; fills may have come before. */
  | { readonly kind: 'cancelled'; readonly order: VenueOrder | null }
  /** The venue has no such *open* order: it is finished, or never arrived. Ask with `lookup`. */
  | { readonly kind: 'notOpen' }
  | Refused
  | NotSent
  | OutcomeUnknown;

export type AmendOutcome =
  /**
   * The venue took the change. `venueOrderId` is the order's own, or another where the venue replaces an order to amend it; `order` is its
   * state where the answer holds it, else ask with `lookup`.
   */
  | { readonly kind: 'amended'; readonly venueOrderId: string | null; readonly order: VenueOrder | null }
  /** The venue has no such *open* order. */
  | { readonly kind: 'notOpen' }
  | Refused
  | NotSent
  | OutcomeUnknown;

/** A question without an answer. "Could not ask" never means "not found". */
export interface CouldNotAsk {
  readonly kind: 'couldNotAsk';
  readonly reason: NotSentReason | UnknownReason | 'refused';
  readonly message: string;
  /** Where the venue refused the question itself: bad credentials, rate limit. */
  readonly code: RefusalCode | null;
  readonly retryAfterMs: number | null;
  readonly evidence: Evidence | null;
}

export type LookupOutcome =
  | {
      readonly kind: 'found';
      readonly order: VenueOrder;
      readonly fills: readonly Fill[];
      /** Whether the fills add up to the order's filled quantity; if not, the venue has more to tell. */
      readonly fillsComplete: boolean;
    }
  /** Every place where the venue keeps orders was asked, and answered that it has none. */
  | { readonly kind: 'notFound' }
  | CouldNotAsk;

export type Answer<T> = { readonly kind: 'answered'; readonly value: T } | CouldNotAsk;
