import { isExit } from '@switchyard/model';
import type { Draft } from './assessment.js';
import { ratesFor } from './fees.js';
import { LARGEST, snapDown, unitsDown } from './grid.js';
import type { AccountCap, ApprovedOrder, RouteInputs, VenueFacts } from './inputs.js';
import type { PreparedMarket } from './prepared-market.js';
import type { VenueRejectionCode } from './rejections.js';

/**
 * What a venue is to this order, before any price is asked: rejected, or suitable so far, perhaps with a concern that only an order puts up
 * with that reduces risk. Checks run from the cheapest to the dearest; the first that fails counts.
 */
export const assessVenue = (inputs: RouteInputs, cap: AccountCap): Draft => {
  const facts = inputs.venues[cap.venue];
  const draft: Draft = {
    cap,
    market: facts?.market,
    rejected: undefined,
    concern: undefined,
    book: false,
    wanted: 0,
    most: 0,
    least: 0,
    bound: 'order',
    rates: undefined,
    fee: undefined,
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
  draft.rejected = unwantedBecause(inputs, cap, facts) ?? unusableBecause(inputs, draft);
  const { market } = draft;
  if (draft.rejected !== undefined || market === undefined) return draft;

  const flaw = bookFlaw(market, inputs);
  draft.book = flaw === undefined;
  draft.concern = facts?.healthy === false && inputs.order.mode !== 'simulated' ? 'VENUE_UNHEALTHY' : flaw;
  if (draft.concern !== undefined && !reducesRisk(inputs.order)) draft.rejected = draft.concern;
  const volume = inputs.accounts?.[cap.accountId]?.volume;
  draft.rates = ratesFor(market.fees, volume === undefined ? 0 : Number(volume));
  return draft;
};

/** Stale books stop entries; exits go on, in the dark if need be. */
export const reducesRisk = (order: ApprovedOrder): boolean => order.reduceOnly || isExit(order.signalType);

const unwantedBecause = (
  { order, tried }: RouteInputs,
  cap: AccountCap,
  facts: VenueFacts | undefined,
): VenueRejectionCode | undefined => {
  if (tried.includes(cap.accountId)) return 'VENUE_TRIED';
  if (cap.mode !== order.mode) return 'MODE_MISMATCH';
  const { only, exclude } = order.venues ?? {};
  if (only !== undefined && only.length > 0 && !only.includes(cap.venue)) return 'VENUE_NOT_WANTED';
  if (exclude?.includes(cap.venue) === true) return 'VENUE_EXCLUDED';
  if (facts?.removed === true) return 'VENUE_REMOVED';
  if (facts?.market === undefined) return facts?.known === true ? 'PAIR_NOT_LISTED' : 'BOOK_UNKNOWN';
  return undefined;
};

/** What grid, currency and cap say; sets how much the venue may take at most. */
const unusableBecause = (inputs: RouteInputs, draft: Draft): VenueRejectionCode | undefined => {
  const { order, held } = inputs;
  const { cap, market } = draft;
  if (market === undefined || market.flaw === 'INSTRUMENT_UNUSABLE') return 'INSTRUMENT_UNUSABLE';
  const { lot } = market;
  if (order.side === 'buy' && cap.currency !== market.view.instrument.quote) return 'QUOTE_MISMATCH';
  draft.wanted = unitsOf(inputs.quantity ?? order.quantity, market);
  if (draft.wanted === 0 || draft.wanted < market.minQuantity) return 'BELOW_MINIMUM';
  draft.most = draft.wanted;
  let most = unitsOf(cap.quantity, market);
  let isHeld = false;
  if (held !== undefined)
    for (const part of held) {
      if (part.accountId !== cap.accountId) continue;
      isHeld = true;
      most = Math.max(0, most - unitsOf(part.quantity, market));
    }
  if (most < draft.most) {
    draft.most = most - (most % lot.step);
    draft.bound = 'cap';
  }
  if (draft.most < market.minQuantity) return isHeld ? 'CAP_USED' : 'BELOW_MINIMUM';
  if (market.maxQuantity < draft.most) {
    draft.most = market.maxQuantity;
    draft.bound = 'largest_order';
    if (draft.most < market.minQuantity) return 'BELOW_MINIMUM';
  }
  return undefined;
};

/** A quantity on the venue's lot; more than can be counted is as much as can be. */
const unitsOf = (text: string, { lot }: PreparedMarket): number => {
  const units = unitsDown(text, lot.places);
  return snapDown(units > LARGEST ? LARGEST : units, lot);
};

const bookFlaw = (market: PreparedMarket, { now, settings }: RouteInputs): VenueRejectionCode | undefined => {
  if (market.kind === 'dark') return undefined;
  // An unreadable time makes an age that is no number: not known to be fresh is stale.
  if (!(now.getTime() - market.receivedAtMs <= settings.maxBookAgeMs)) return 'BOOK_STALE';
  return market.flaw;
};
