import type { OrderBook } from '@switchyard/exchanges';

type Sides = Pick<OrderBook, 'bids' | 'asks'>;

/** A decimal without the zeros behind it: venues write them by request and leave them out in streams. */
export const trimmed = (text: string): string => {
  if (!text.includes('.')) return text;
  let end = text.length;
  while (text.charCodeAt(end - 1) === ZERO) end -= 1;
  if (text.charCodeAt(end - 1) === POINT) end -= 1;
  return text.slice(0, end);
};

const ZERO = 48;
const POINT = 46;

const sameSide = (one: Sides['bids'], other: Sides['bids']): boolean =>
  one.length === other.length &&
  one.every(([price, quantity], at) => {
    const [otherPrice = '', otherQuantity = ''] = other[at] ?? [];
    return trimmed(price) === trimmed(otherPrice) && trimmed(quantity) === trimmed(otherQuantity);
  });

/** Whether two books hold the same prices and quantities, however these are written. */
export const samePrices = (one: Sides, other: Sides): boolean =>
  sameSide(one.bids, other.bids) && sameSide(one.asks, other.asks);
