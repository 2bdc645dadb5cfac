import { decimal, ZERO } from '@switchyard/money';
import type { AccountBooks, OrderInBooks } from './account-books.js';
import type { Drift, VenueState } from './venue-state.js';

/** Orders that rest on one side only. `beforeMs`: younger acknowledgements are not judged. */
export const orderDifferences = (
  books: AccountBooks,
  { openOrders, fills }: VenueState,
  beforeMs: number,
): readonly Drift[] => {
  if (openOrders === undefined) return [];
  const ours = restingOrders(books);
  const missing = ours.flatMap((order): Drift[] => {
    const { orderId, placed, endedAt, filled, pair } = order;
    if (placed === undefined || endedAt !== undefined || placed.atMs >= beforeMs) return [];
    if (openOrders.some((venue) => isSame(order, venue))) return [];
    const atVenue = (fills ?? [])
      .filter((fill) => isSame(order, fill))
      .reduce((sum, { quantity }) => sum.plus(decimal(quantity)), ZERO);
    if (atVenue.gte(decimal(placed.quantity))) return [];
    return [
      {
        kind: 'open_order_missing',
        signature: `open_order_missing|${orderId}`,
        expected: 'open',
        actual: 'not open',
        facts: { orderId, pair, ...placed, filled },
      },
    ];
  });
  const unexpected = openOrders
    .filter((venue) => !ours.some((order) => isSame(order, venue)))
    .map((venue): Drift => ({
      kind: 'open_order_unexpected',
      signature: `open_order_unexpected|${venue.venueOrderId}`,
      expected: 'no such order',
      actual: 'open',
      facts: { ...venue },
    }));
  return [...missing, ...unexpected];
};

const restingOrders = (books: AccountBooks): readonly (OrderInBooks & { readonly orderId: string })[] =>
  Object.entries(books.orders).map(([orderId, order]) => ({ orderId, ...order }));

export const isSame = (
  order: OrderInBooks,
  venue: { readonly venueOrderId: string; readonly clientOrderId?: string | undefined },
) =>
  order.placed !== undefined &&
  (venue.venueOrderId === order.placed.venueOrderId || venue.clientOrderId === order.placed.clientOrderId);
