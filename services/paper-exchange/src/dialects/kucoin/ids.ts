import type { VenueIds } from '../../core/ledger.js';

/** KuCoin's ids of orders are 24 hex characters. */
const HEAD = '67aa0c01e0000000';
const ORDER = new RegExp(`^${HEAD}([0-9a-f]{8})$`);
/** The account's own record of a trade. */
const FIRST_RECORD = 19_814_995_255_000;
/** The market's number of a trade: longer than a float tells apart, but for even ones. */
const FIRST_TRADE = 11_029_373_945_659_392;

export const kucoinIds: VenueIds = {
  order: (number) => HEAD + number.toString(16).padStart(8, '0'),
  trade: (number) => String(recordId(number)),
};

export const recordId = (tradeNumber: number): number => FIRST_RECORD + tradeNumber;
export const marketTradeId = (tradeNumber: number): number => FIRST_TRADE + 2 * tradeNumber;

/** The core's number of an order, `undefined` for an id that no order of this venue has. */
export const orderNumber = (orderId: string): number | undefined => {
  const [, digits] = ORDER.exec(orderId) ?? [];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
};
