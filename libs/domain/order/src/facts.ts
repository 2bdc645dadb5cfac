import type { Liquidity, Refusal, VenueOrderId, VenueTradeId } from '@switchyard/model';
import type { DecimalString } from '@switchyard/money';

/**
 * What can become known of a child order, by whichever way: the answer to the request, a lookup, a poll, a sweep. The same fact may come
 * twice, late, and in any order. `at` is when it happened, RFC 3339.
 */
export type OrderFact =
  /** It stands in the queue. */
  | { readonly kind: 'queued'; readonly at: string }
  /** The intent is stored: from here on a request may be out. */
  | { readonly kind: 'claimed'; readonly at: string }
  /** The venue's answer to the request: it has the order. */
  | { readonly kind: 'accepted'; readonly venueOrderId: VenueOrderId; readonly at: string }
  /** The venue's no, or our own check's in its name; nothing of the order is at the venue. */
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly at: string }
  /** Proven: this attempt's request was never written. */
  | { readonly kind: 'notSent'; readonly at: string }
  /** We stop trying, and no request is out. */
  | { readonly kind: 'gaveUp'; readonly refusal: Refusal; readonly retriable: boolean; readonly at: string }
  /** A request may have arrived. */
  | { readonly kind: 'outcomeUnknown'; readonly at: string }
  /** A lookup found it. */
  | { readonly kind: 'foundAtVenue'; readonly venueOrderId: VenueOrderId; readonly at: string }
  /** The quiet period's proof (`quiet-period.ts`). */
  | { readonly kind: 'provenNeverArrived'; readonly refusal: Refusal; readonly at: string }
  | FillSeen
  | { readonly kind: 'cancelRequested'; readonly at: string }
  /** The venue would not cancel it: it is live as before. */
  | { readonly kind: 'cancelRefused'; readonly at: string }
  | Ended<'cancelled'>
  | Ended<'expired'>;

/** A trade of the order, by the venue's own trade id. */
export interface FillSeen {
  readonly kind: 'fillSeen';
  readonly venueOrderId: VenueOrderId;
  readonly tradeId: VenueTradeId;
  /** Base currency. */
  readonly quantity: DecimalString;
  /** Quote currency for one unit of base. */
  readonly price: DecimalString;
  /** Negative for a rebate. */
  readonly fee: { readonly amount: DecimalString; readonly currency: string };
  readonly liquidity: Liquidity;
  readonly at: string;
}

/** The venue keeps no rest of the order any more. To be stated once every fill before it was seen. */
interface Ended<Kind extends 'cancelled' | 'expired'> {
  readonly kind: Kind;
  /** Absent where the order ended before it was sent. */
  readonly venueOrderId?: VenueOrderId | undefined;
  readonly reason: string;
  readonly at: string;
}

export type FactKind = OrderFact['kind'];
