import type {
  AmendOutcome,
  Answer,
  CancelOutcome,
  LookupOutcome,
  NotSentReason,
  PlaceOutcome,
  UnknownReason,
} from './outcomes.js';

/** What any call can come to. */
type AnyOutcome = PlaceOutcome | CancelOutcome | AmendOutcome | LookupOutcome | Answer<unknown>;

/** What one call says of the venue: that it works, that it (or the way to it) is broken, or nothing about either. */
export type Standing = 'answered' | 'failed' | 'nothing';

/**
 * What each reason for having no good answer says of the venue. `failed` is infrastructure: five in a row open a circuit. What we held
 * back ourselves says nothing; nor does an answer that somebody gave and we don't understand, for it may be about this one request.
 */
export const STANDINGS: Readonly<Record<NotSentReason | UnknownReason, Standing>> = {
  connect: 'failed',
  noConnection: 'failed',
  notReady: 'failed',
  timeout: 'failed',
  connectionLost: 'failed',
  serverError: 'failed',
  // An empty or half body, or a page: a gateway speaks in the venue's place.
  unreadable: 'failed',
  duplicate: 'answered',
  nonsense: 'nothing',
  unlisted: 'nothing',
  expired: 'nothing',
  withheld: 'nothing',
  rateLimited: 'nothing',
  unsigned: 'nothing',
  foreignOrigin: 'nothing',
};

/** What the outcome of any call says of the venue. A refusal of ours, made before anything was sent, says nothing. */
export const standingOf = (outcome: AnyOutcome): Standing => {
  switch (outcome.kind) {
    case 'accepted':
    case 'answered':
    case 'cancelled':
    case 'amended':
    case 'notOpen':
    case 'found':
    case 'notFound':
      return 'answered';
    case 'refused':
      return outcome.venueCode === null ? 'nothing' : 'answered';
    case 'couldNotAsk':
      return outcome.reason === 'refused' ? 'answered' : STANDINGS[outcome.reason];
    case 'notSent':
    case 'outcomeUnknown':
      return STANDINGS[outcome.reason];
  }
};

const UNSENT: readonly string[] = [
  'connect',
  'noConnection',
  'notReady',
  'expired',
  'withheld',
  'rateLimited',
  'unsigned',
  'foreignOrigin',
] satisfies readonly NotSentReason[];

/** Whether a request left for the venue, so that the time the call took is the venue's. */
export const wasSent = (outcome: AnyOutcome): boolean => {
  switch (outcome.kind) {
    case 'notSent':
      return false;
    case 'couldNotAsk':
      return !UNSENT.includes(outcome.reason);
    case 'refused':
      return outcome.venueCode !== null;
    case 'accepted':
    case 'answered':
    case 'cancelled':
    case 'amended':
    case 'notOpen':
    case 'found':
    case 'notFound':
    case 'outcomeUnknown':
      return true;
  }
};
