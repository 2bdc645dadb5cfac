import type { VenueIds } from '../../core/ledger.js';

/** OKX's ids of orders and bills are numbers of 19 digits, too long for a float to hold. */
const ORDERS_FROM = 2_896_576_259_728_695_296n;
const BILLS_FROM = 2_900_000_000_000_000_000n;

export const okxIds: VenueIds = {
  order: (number) => (ORDERS_FROM + BigInt(number)).toString(),
  trade: String,
};

/** Each trade has a bill, and lists of trades are paged by it. */
export const billId = (tradeId: number): string => (BILLS_FROM + BigInt(tradeId)).toString();

/** The core's number of an order, `undefined` for an id that no order of this venue has. */
export const orderNumber = (ordId: string): number | undefined => {
  if (!/^\d{19}$/.test(ordId)) return undefined;
  const number = BigInt(ordId) - ORDERS_FROM;
  return number > 0n && number <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(number) : undefined;
};
