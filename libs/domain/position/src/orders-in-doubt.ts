import type { OrderId } from '@switchyard/model';
import type { AccountBooks, OrderInBooks } from './account-books.js';
import { isSame } from './order-differences.js';
import type { VenueState } from './venue-state.js';

/** Orders in doubt kept per account until the venue's next report. */
export const DOUBTS_KEPT = 16;

/**
 * Acknowledgements and ends are two topics. Where acknowledgements lag so far behind that the end was forgotten meanwhile, nobody can
 * tell from the books whether the order is open: it is in doubt, and the venue's next list of open orders decides.
 */
export const withDoubt = (
  orders: AccountBooks['orders'],
  orderId: OrderId,
  order: OrderInBooks,
): AccountBooks['orders'] => {
  const doubted = Object.keys(orders).filter((known) => isInDoubt(orders[known]));
  const given = doubted.length >= DOUBTS_KEPT ? doubted[0] : undefined;
  const kept = given === undefined ? orders : Object.fromEntries(Object.entries(orders).filter(([id]) => id !== given));
  return { ...kept, [orderId]: order };
};

/** What the venue lists is open; what it doesn't has ended. `beforeMs`: younger acknowledgements are not judged. */
export const withoutDoubts = (books: AccountBooks, { openOrders }: VenueState, beforeMs: number): AccountBooks => {
  if (openOrders === undefined || !Object.values(books.orders).some(isInDoubt)) return books;
  const orders = Object.entries(books.orders).flatMap(([orderId, order]): [OrderId, OrderInBooks][] => {
    if (!isInDoubt(order)) return [[orderId, order]];
    if (openOrders.some((venue) => isSame(order, venue))) return [[orderId, sure(order)]];
    return (order.placed?.atMs ?? 0) < beforeMs ? [] : [[orderId, order]];
  });
  return { ...books, orders: Object.fromEntries(orders) };
};

/** A fill or an end of its own shows that an order's end was not forgotten. */
const isInDoubt = (order: OrderInBooks | undefined): boolean =>
  order?.doubtful === true && order.filled === '0' && order.endedAt === undefined;

const sure = ({ pair, filled, placed }: OrderInBooks): OrderInBooks => ({
  pair,
  filled,
  ...(placed === undefined ? {} : { placed }),
});
