import type { Draft } from './assessment.js';
import { ratesFor } from './fees.js';
import { LARGEST, numberOf, snapDown, unitsDown, type Grid } from './grid.js';
import type { AccountCap, VenueFacts } from './inputs.js';
import type { PreparedMarket } from './prepared-market.js';
import { askedUnits, type Question } from './question.js';
import type { VenueRejectionCode } from './rejections.js';

/**
 * What a venue is to this order, before any price is asked: rejected, or suitable so far, perhaps with a concern that only an order puts up
 * with that reduces risk. Checks run from the cheapest to the dearest; the first that fails counts.
 */
export const assessVenue = (question: Question, cap: AccountCap): Draft => {
  const { inputs } = question;
  const facts = inputs.venues[cap.venue];
  const market = facts?.market;
  const draft: Draft = {
    cap,
    facts,
    market,
    rejected: unwantedBecause(question, cap, facts),
    concern: undefined,
    book: false,
    wanted: 0,
    capped: 0,
    most: 0,
    least: 0,
    bound: 'order',
    rates: undefined,
    fee: undefined,
    worth: 1,
    choice: undefined,
    takes: false,
    rests: false,
    limitPrice: 0,
    stopPrice: 0,
    marks: undefined,
    rank: 0,
    share: 0,
  };
  if (draft.rejected !== undefined || market === undefined) return draft;
  draft.rejected = unusableBecause(question, draft, market);
  if (draft.rejected !== undefined) return draft;

  const flaw = bookFlaw(market, question.nowMs, question.settings.maxBookAgeMs);
  draft.book = flaw === undefined;
  draft.concern = facts?.healthy === false && question.mode !== 'simulated' ? 'VENUE_UNHEALTHY' : flaw;
  if (draft.concern !== undefined && !question.reducesRisk) draft.rejected = draft.concern;
  const volume = inputs.accounts?.[cap.accountId]?.volume;
  draft.rates = ratesFor(market.fees, volume === undefined ? 0 : Number(volume));
  draft.worth = worthOf(question, market);
  return draft;
};

/** A stand-in for the pair's own currency counts at its rate, less a haircut: more is paid in it, and less is got. */
const worthOf = ({ inputs, pair, settings, buys }: Question, { view, ownQuote }: PreparedMarket): number => {
  if (ownQuote && view.pair === pair) return 1;
  const rate = inputs.rates?.[view.instrument.quote];
  const haircut = settings.haircutBps / 10_000;
  return (rate === undefined ? 1 : numberOf(rate)) * (buys ? 1 + haircut : 1 - haircut);
};

const unwantedBecause = (
  { inputs: { tried }, mode, wish, reducesRisk }: Question,
  cap: AccountCap,
  facts: VenueFacts | undefined,
): VenueRejectionCode | undefined => {
  if (tried.length > 0 && tried.includes(cap.accountId)) return 'VENUE_TRIED';
  if (cap.mode !== mode) return 'MODE_MISMATCH';
  if (wish !== undefined) {
    const { only, exclude } = wish;
    if (only !== undefined && only.length > 0 && !only.includes(cap.venue)) return 'VENUE_NOT_WANTED';
    if (exclude?.includes(cap.venue) === true) return 'VENUE_EXCLUDED';
  }
  if (facts?.removed === true) return 'VENUE_REMOVED';
  if (facts?.state !== undefined && !reducesRisk) return 'VENUE_HALTED';
  if (facts?.market === undefined) return facts?.known === true ? 'PAIR_NOT_LISTED' : 'BOOK_UNKNOWN';
  return undefined;
};

/** What grid, currency and cap say; sets how much the venue may take at most. */
const unusableBecause = (question: Question, draft: Draft, market: PreparedMarket): VenueRejectionCode | undefined => {
  const { cap } = draft;
  if (market.flaw === 'INSTRUMENT_UNUSABLE') return 'INSTRUMENT_UNUSABLE';
  const { lot, minQuantity, maxQuantity } = market;
  if (question.buys && cap.currency !== market.view.instrument.quote) return 'QUOTE_MISMATCH';
  const wanted = onLot(askedUnits(question, lot.places), lot);
  draft.wanted = wanted;
  draft.most = wanted;
  if (wanted === 0 || wanted < minQuantity) return 'BELOW_MINIMUM';
  // Most caps are the order itself.
  const capped = cap.quantity === question.quantity ? wanted : onLot(unitsDown(cap.quantity, lot.places), lot);
  draft.capped = capped;
  const free = question.held === undefined ? capped : Math.max(0, capped - heldOf(question, cap, lot));
  if (free < wanted) {
    draft.most = snapDown(free, lot);
    draft.bound = 'cap';
  }
  if (draft.most < minQuantity) return free < capped ? 'CAP_USED' : 'BELOW_MINIMUM';
  if (maxQuantity < draft.most) {
    draft.most = maxQuantity;
    draft.bound = 'largest_order';
    if (maxQuantity < minQuantity) return 'BELOW_MINIMUM';
  }
  return undefined;
};

const heldOf = ({ held = [] }: Question, { accountId }: AccountCap, { places }: Grid): number => {
  let sum = 0;
  for (const part of held) if (part.accountId === accountId) sum += unitsDown(part.quantity, places);
  return sum;
};

/** A quantity on the lot; more than can be counted is as much as can be. */
const onLot = (units: number, lot: Grid): number => snapDown(units > LARGEST ? LARGEST : units, lot);

const bookFlaw = (market: PreparedMarket, nowMs: number, maxBookAgeMs: number): VenueRejectionCode | undefined => {
  if (market.kind === 'dark') return undefined;
  // An unreadable time makes an age that is no number: not known to be fresh is stale.
  if (!(nowMs - market.receivedAtMs <= maxBookAgeMs)) return 'BOOK_STALE';
  return market.flaw;
};
