/**
 * When an order that may have been sent can be taken as never arrived.
 *
 *  Q1  Only negative answers count: every place where the venue keeps orders was asked, and answered. A question that failed, or could
 *      not be asked, says nothing.
 *  Q2  They count only when the question was put after the venue's own expiry of the request, by the venue's clock, the clock's error
 *      allowed for: until then the request may still be on its way and be taken.
 *  Q3  Three are needed, so that one lagging replica of the venue's order store can't end an order.
 *  Q4  Where the venue enforces no expiry nothing is ever proven so: the executor makes sure that nothing can come any more, or a person decides.
 */
export const NEGATIVES_NEEDED = 3;

export interface QuietPeriod {
  /** When the venue stops taking the request: milliseconds since the epoch, on the venue's clock. */
  readonly venueExpiryMs: number;
  readonly venueEnforcesExpiry: boolean;
  /** Negative answers that counted so far. */
  readonly negatives: number;
}

export interface NegativeAnswer {
  /** When the question was put, on the venue's clock. */
  readonly askedAtVenueMs: number;
  /** How far that reading may be off. */
  readonly clockErrorMs: number;
}

export type Verdict = 'keepAsking' | 'neverArrived';

/** Counts one negative answer. */
export const afterNegative = (
  period: QuietPeriod,
  answer: NegativeAnswer,
): { readonly negatives: number; readonly verdict: Verdict } => {
  const counts = period.venueEnforcesExpiry && answer.askedAtVenueMs - answer.clockErrorMs > period.venueExpiryMs;
  const negatives = period.negatives + (counts ? 1 : 0);
  return { negatives, verdict: negatives >= NEGATIVES_NEEDED ? 'neverArrived' : 'keepAsking' };
};

/** The venue's expiry of a request: `sendBy` in the venue's time, plus the window it grants, plus what our reading of its clock may be off. */
export const venueExpiryMs = (request: {
  readonly sendByMs: number;
  readonly clockOffsetMs: number;
  readonly clockErrorMs: number;
  readonly windowMs: number;
}): number => request.sendByMs + request.clockOffsetMs + request.windowMs + request.clockErrorMs;
