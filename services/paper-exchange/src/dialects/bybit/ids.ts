import type { VenueIds } from '../../core/ledger.js';

const FIRST_ORDER = 2_100_000_000_000_000_000n;
/** Bybit's order ids lie apart; the one after an order's is the client id that it gives an order without one. */
const BETWEEN_ORDERS = 256n;
const FIRST_TRADE = 2_290_000_000_000_000_000n;

export const ids: VenueIds = {
  order: (number) => String(FIRST_ORDER + BigInt(number) * BETWEEN_ORDERS),
  trade: (number) => String(FIRST_TRADE + BigInt(number)),
};

/** The core's number of an order that a customer names; `undefined` for what is no order's id. */
export const orderNumberOf = (orderId: string): number | undefined => {
  if (!/^\d{19}$/.test(orderId)) return undefined;
  const offset = BigInt(orderId) - FIRST_ORDER;
  return offset > 0n && offset % BETWEEN_ORDERS === 0n ? Number(offset / BETWEEN_ORDERS) : undefined;
};

export const madeUpClientId = (orderNumber: number): string =>
  String(FIRST_ORDER + BigInt(orderNumber) * BETWEEN_ORDERS + 1n);
