import { isExit } from '@switchyard/model';
import type { Draft } from './assessment.js';
import { ratesFor } from './fees.js';
import { LARGEST, snapDown, unitsDown, type Grid } from './grid.js';
import type { AccountCap, ApprovedOrder, RouteInputs } from './inputs.js';
import { orderedUnits } from './ordered.js';
import type { PreparedMarket } from './prepared-market.js';
import type { VenueRejectionCode } from './rejections.js';

/**
 * What a venue is to this order, before any price is asked: rejected, or suitable so far, perhaps with a concern that only an order puts up
 * with that reduces risk. Checks run from the cheapest to the dearest; the first that fails counts.
 */
export const assessVenue = (inputs: RouteInputs, cap: AccountCap, nowMs: number): Draft => {
  const facts = inputs.venues[cap.venue];
  const draft: Draft = {
    cap,
    facts,
    market: facts?.market,
    rejected: undefined,
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
    figures: undefined,
    score: 0,
    rank: 0,
    share: 0,
  };
  const { market } = draft;
  draft.rejected = unwantedBecause(inputs, draft) ?? unusableBecause(inputs, draft);
  if (draft.rejected !== undefined || market === undefined) return draft;

  const flaw = bookFlaw(market, nowMs, inputs.settings.maxBookAgeMs);
  draft.book = flaw === undefined;
  draft.concern = facts?.healthy === false && inputs.order.mode !== 'simulated' ? 'VENUE_UNHEALTHY' : flaw;
  if (draft.concern !== undefined && !reducesRisk(inputs.order)) draft.rejected = draft.concern;
  const volume = inputs.accounts?.[cap.accountId]?.volume;
  draft.rates = ratesFor(market.fees, volume === undefined ? 0 : Number(volume));
  draft.worth = worthOf(inputs, market);
  return draft;
};

/** A stand-in for the pair's own currency counts at its rate, less a haircut: more is paid in it, and less is got. */
const worthOf = ({ order, rates, settings }: RouteInputs, { view, ownQuote }: PreparedMarket): number => {
  if (ownQuote && view.pair === order.pair) return 1;
  const { quote } = view.instrument;
  const haircut = settings.haircutBps / 10_000;
  return Number(rates?.[quote] ?? '1') * (order.side === 'buy' ? 1 + haircut : 1 - haircut);
};

/** Stale books stop entries; exits go on, in the dark if need be. */
export const reducesRisk = (order: ApprovedOrder): boolean => order.reduceOnly || isExit(order.signalType);

const unwantedBecause = ({ order, tried }: RouteInputs, { cap, facts }: Draft): VenueRejectionCode | undefined => {
  if (tried.length > 0 && tried.includes(cap.accountId)) return 'VENUE_TRIED';
  if (cap.mode !== order.mode) return 'MODE_MISMATCH';
  if (order.venues !== undefined) {
    const { only, exclude } = order.venues;
    if (only !== undefined && only.length > 0 && !only.includes(cap.venue)) return 'VENUE_NOT_WANTED';
    if (exclude?.includes(cap.venue) === true) return 'VENUE_EXCLUDED';
  }
  if (facts?.removed === true) return 'VENUE_REMOVED';
  if (facts?.state !== undefined && !reducesRisk(order)) return 'VENUE_HALTED';
  if (facts?.market === undefined) return facts?.known === true ? 'PAIR_NOT_LISTED' : 'BOOK_UNKNOWN';
  return undefined;
};

/** What grid, currency and cap say; sets how much the venue may take at most. */
const unusableBecause = (inputs: RouteInputs, draft: Draft): VenueRejectionCode | undefined => {
  const { order, held } = inputs;
  const { cap, market } = draft;
  if (market === undefined || market.flaw === 'INSTRUMENT_UNUSABLE') return 'INSTRUMENT_UNUSABLE';
  const { lot, minQuantity, maxQuantity } = market;
  if (order.side === 'buy' && cap.currency !== market.view.instrument.quote) return 'QUOTE_MISMATCH';
  const text = inputs.quantity ?? order.quantity;
  const wanted = onLot(orderedUnits(text, lot.places), lot);
  draft.wanted = wanted;
  draft.most = wanted;
  if (wanted === 0 || wanted < minQuantity) return 'BELOW_MINIMUM';
  // Most caps are the order itself.
  const capped = cap.quantity === text ? wanted : onLot(unitsDown(cap.quantity, lot.places), lot);
  draft.capped = capped;
  const free = held === undefined || held.length === 0 ? capped : Math.max(0, capped - heldOf(inputs, draft, lot));
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

const heldOf = ({ held = [] }: RouteInputs, { cap }: Draft, { places }: Grid): number => {
  let sum = 0;
  for (const part of held) if (part.accountId === cap.accountId) sum += unitsDown(part.quantity, places);
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
