import { decimal, isMultipleOf, type Decimal } from '@switchyard/money';
import type { Instrument } from './instrument.js';
import type { OrderRequest } from './order.js';
import { refusal, type Refusal } from './refusal.js';

const ZERO = decimal('0');

/**
 * What an order must be for this instrument: on the grid, within its bounds, worth its minimum. In the order in which Binance names
 * them: price, quantity, value. `middle` values a market order; where the book is empty there is none and its value is not checked.
 */
export const checkRules = (
  order: OrderRequest,
  instrument: Instrument,
  middle: Decimal | undefined,
): Refusal | undefined => {
  const { tick, lot, minQuantity, maxQuantity, minNotional, maxPrice } = instrument;
  const price = order.limitPrice === undefined ? undefined : decimal(order.limitPrice);
  const quantity = order.quantity === undefined ? undefined : decimal(order.quantity);
  const quote = order.quoteQuantity === undefined ? undefined : decimal(order.quoteQuantity);
  if (price !== undefined) {
    if (price.lt(tick) || price.gt(maxPrice)) return refusal('PRICE_OUT_OF_RANGE', { price: price.toFixed() });
    if (!isMultipleOf(price, tick)) return refusal('PRICE_OFF_GRID', { price: price.toFixed(), tick: tick.toFixed() });
  }
  if (quantity !== undefined) {
    if (quantity.lt(minQuantity) || quantity.gt(maxQuantity)) {
      return refusal('QUANTITY_OUT_OF_RANGE', { quantity: quantity.toFixed(), minimum: minQuantity.toFixed() });
    }
    if (!isMultipleOf(quantity, lot)) {
      return refusal('QUANTITY_OFF_GRID', { quantity: quantity.toFixed(), lot: lot.toFixed() });
    }
  }
  if (quote?.lte(ZERO)) return refusal('QUANTITY_OUT_OF_RANGE', { quoteQuantity: quote.toFixed(), minimum: '0' });
  const value = quote ?? (price ?? middle)?.times(quantity ?? ZERO);
  if (value?.lt(minNotional)) {
    return refusal('NOTIONAL_TOO_SMALL', { notional: value.toFixed(), minimum: minNotional.toFixed() });
  }
  return undefined;
};
