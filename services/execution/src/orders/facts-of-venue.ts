import { isFinal, type Fill, type VenueOrder } from '@switchyard/exchanges';
import { refuse } from '@switchyard/model';
import { decimal } from '@switchyard/money';
import type { FillSeen, OrderFact } from '@switchyard/order-domain';
import { plainFee, plainNumber } from '../venue/venue-number.js';

const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();

export const fillFact = (fill: Fill): FillSeen => ({
  kind: 'fillSeen',
  venueOrderId: fill.venueOrderId,
  tradeId: fill.tradeId,
  quantity: plainNumber(fill.quantity),
  price: plainNumber(fill.price),
  fee: plainFee(fill.fee),
  liquidity: fill.liquidity,
  at: iso(fill.filledAtMs),
});

/**
 * What an order's report says, as facts in the order in which they happened. Its end is stated only when the fills add up to what it
 * says was filled: until then the venue has more to tell, and the order is asked about again.
 */
export const factsOfReport = (
  order: VenueOrder,
  fills: readonly Fill[],
  fillsComplete: boolean,
): readonly OrderFact[] => {
  const { venueOrderId } = order;
  if (order.state === 'rejected' && fills.length === 0) {
    const refusal = refuse('VENUE_REFUSED', { venueOrderId, reason: 'rejected after it was taken' });
    return [{ kind: 'refused', refusal, at: iso(order.updatedAtMs) }];
  }
  return [
    { kind: 'foundAtVenue', venueOrderId, at: iso(order.placedAtMs) },
    ...fills.map(fillFact),
    ...(isFinal(order.state) && fillsComplete ? endOf(order) : []),
  ];
};

/** Whether all fills of the report are there, where the report itself holds some. */
export const addUp = (order: VenueOrder, fills: readonly Fill[]): boolean =>
  fills.reduce((sum, fill) => sum.plus(decimal(fill.quantity)), decimal('0')).gte(decimal(order.filledQuantity));

const endOf = ({ state, venueOrderId, updatedAtMs }: VenueOrder): readonly OrderFact[] => {
  const at = iso(updatedAtMs);
  switch (state) {
    case 'cancelled':
      return [{ kind: 'cancelled', venueOrderId, reason: 'cancelled at the venue', at }];
    case 'expired':
    case 'rejected':
      return [{ kind: 'expired', venueOrderId, reason: 'the venue left the rest unfilled', at }];
    case 'filled':
    case 'placed':
    case 'partially_filled':
    case 'cancel_pending':
      return [];
  }
};
