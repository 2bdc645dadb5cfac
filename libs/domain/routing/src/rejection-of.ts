import type { Assessment } from './assessment.js';
import { withFee } from './fees.js';
import { textOf } from './grid.js';
import type { RouteInputs } from './inputs.js';
import { rejection, type VenueRejection, type VenueRejectionCode } from './rejections.js';

/** Why a venue was not used, with what was measured against what; undefined where nothing stood against it. */
export const rejectionOf = (inputs: RouteInputs, assessment: Assessment): VenueRejection | undefined => {
  // A flaw that an order which reduces risk put up with stands where a rejection would: the reader sees what was known.
  const code = assessment.rejected ?? assessment.concern;
  return code === undefined ? undefined : rejection(code, factsOf(code, inputs, assessment));
};

const factsOf = (
  code: VenueRejectionCode,
  { order, quantity, now, settings }: RouteInputs,
  { cap, facts, market, most, wanted, limitPrice, stopPrice, rates }: Assessment,
): VenueRejection['facts'] => {
  if (code === 'MODE_MISMATCH') return { order: order.mode, account: cap.mode };
  if (code === 'VENUE_NOT_WANTED') return { only: order.venues?.only };
  if (code === 'VENUE_HALTED') return { state: facts?.state };
  if (market === undefined) return {};
  const { tick, lot, view } = market;
  const { instrument, book } = view;
  const places = tick.places + lot.places;
  const depth = (order.side === 'buy' ? market.asks : market.bids).depth;
  switch (code) {
    case 'QUOTE_MISMATCH':
      return { reserved: cap.currency, pays: instrument.quote };
    case 'BELOW_MINIMUM':
    case 'CAP_USED':
      return {
        quantity: quantity ?? order.quantity,
        cap: cap.quantity,
        minQuantity: textOf(market.minQuantity, lot.places),
        minNotional: instrument.minNotional,
      };
    case 'BOOK_TOO_THIN':
      return {
        quantity: textOf(wanted, lot.places),
        displayed: textOf(depth, lot.places),
        allowed: textOf(most, lot.places),
        minDepthPercent: settings.minDepthPercent,
      };
    case 'ORDER_NOT_WHOLE':
      return { quantity: textOf(wanted, lot.places), atMost: textOf(most, lot.places) };
    case 'BOOK_STALE': {
      const ageMs = now.getTime() - market.receivedAtMs;
      return { ageMs: Number.isFinite(ageMs) ? ageMs : null, maxBookAgeMs: settings.maxBookAgeMs };
    }
    case 'BOOK_EMPTY':
    case 'BOOK_ONE_SIDED':
    case 'BOOK_CROSSED':
    case 'BOOK_ABSURD':
      return { bid: book.bids[0]?.[0] ?? null, ask: book.asks[0]?.[0] ?? null };
    case 'COST_ABOVE_RESERVED': {
      const price = limitPrice > 0 ? limitPrice : stopPrice > 0 ? stopPrice : (market.asks.prices[0] ?? 0);
      const value = BigInt(price) * BigInt(wanted);
      const cost = rates === undefined ? value : withFee(value, rates.taker, 'buy');
      return { cost: textOf(cost, places), reserved: cap.reserved, currency: cap.currency };
    }
    case 'PRICE_OUT_OF_GRID':
      return { tick: textOf(tick.step, tick.places) };
    case 'BOOK_UNKNOWN':
    case 'INSTRUMENT_UNUSABLE':
    case 'METHOD_NOT_OFFERED':
    case 'MIDPOINT_UNKNOWN':
    case 'NOT_COMPARED':
    case 'PAIR_NOT_LISTED':
    case 'VENUE_EXCLUDED':
    case 'VENUE_REMOVED':
    case 'VENUE_TRIED':
    case 'VENUE_UNHEALTHY':
      return {};
  }
};
