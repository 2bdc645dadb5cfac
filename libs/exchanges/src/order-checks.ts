import { decimal, isDecimalString, isMultipleOf, ZERO, type Decimal } from '@switchyard/money';
import type { VenueCapabilities } from './capabilities.js';
import type { Instrument } from './instruments.js';
import type { NewOrder, OrderChange } from './orders.js';
import type { Refused } from './outcomes.js';
import { REFUSALS, type RefusalCode } from './refusals.js';

/** Refuses before sending what the venue cannot do or would not take; `null` when the order may go. */
export const checkOrder = (
  order: NewOrder,
  instrument: Instrument | undefined,
  capabilities: VenueCapabilities,
): Refused | null => {
  if (instrument === undefined) return refused('PAIR_NOT_LISTED', { pair: order.pair, venueSymbol: order.venueSymbol });
  return (
    checkShape(order, capabilities) ??
    checkAbility(order, capabilities) ??
    (instrument.trading ? null : refused('PAIR_NOT_TRADING', { venueSymbol: order.venueSymbol })) ??
    checkQuantity(order, instrument) ??
    checkPrices(order, instrument)
  );
};

const checkShape = (order: NewOrder, { clientOrderIdPattern }: VenueCapabilities): Refused | null => {
  const { orderType, limitPrice, stopPrice } = order;
  const wantsLimit = orderType === 'limit' || orderType === 'stop_limit';
  const wantsStop = orderType === 'stop' || orderType === 'stop_limit';
  if (!clientOrderIdPattern.test(order.clientOrderId)) return malformed('clientOrderId');
  if (!isPositive(order.quantity)) return malformed('quantity');
  if (order.displayQuantity !== null && !isPositive(order.displayQuantity)) return malformed('displayQuantity');
  if (wantsLimit !== (limitPrice !== null) || (limitPrice !== null && !isPositive(limitPrice)))
    return malformed('limitPrice');
  if (wantsStop !== (stopPrice !== null) || (stopPrice !== null && !isPositive(stopPrice)))
    return malformed('stopPrice');
  return null;
};

const checkAbility = (order: NewOrder, capabilities: VenueCapabilities): Refused | null => {
  const { orderType, timeInForce, expireAtMs = null, postOnly, displayQuantity } = order;
  const timesInForce = capabilities.orderTypes[orderType];
  if (timesInForce === undefined) return refused('UNSUPPORTED_ORDER_TYPE', { orderType });
  if (!timesInForce.includes(timeInForce)) return refused('UNSUPPORTED_TIME_IN_FORCE', { orderType, timeInForce });
  if ((timeInForce === 'gtd') !== (expireAtMs !== null)) return malformed('expireAtMs');
  if (postOnly && !capabilities.postOnly.includes(orderType))
    return refused('UNSUPPORTED_OPTION', { postOnly: 'true', orderType });
  // An order that must not rest cannot be passive, and has nothing to hide.
  const rests = timeInForce !== 'ioc' && timeInForce !== 'fok';
  if (postOnly && !rests) return refused('UNSUPPORTED_TIME_IN_FORCE', { postOnly: 'true', timeInForce });
  if (displayQuantity !== null && !(capabilities.displayQuantity && orderType === 'limit' && rests))
    return refused('UNSUPPORTED_OPTION', { displayQuantity, orderType });
  return null;
};

/** The same for a change of a resting limit order: its new price and quantity, as far as they are given. */
export const checkChange = (
  of: { readonly pair: string; readonly venueSymbol: string },
  { quantity, limitPrice }: OrderChange,
  instrument: Instrument | undefined,
): Refused | null => {
  if (instrument === undefined) return refused('PAIR_NOT_LISTED', { pair: of.pair, venueSymbol: of.venueSymbol });
  if (quantity === null && limitPrice === null) return malformed('quantity, limitPrice');
  if (quantity !== null && !isPositive(quantity)) return malformed('quantity');
  if (limitPrice !== null && !isPositive(limitPrice)) return malformed('limitPrice');
  const sized = quantity === null ? null : { quantity, displayQuantity: null, orderType: 'limit' as const };
  return (
    (sized && checkQuantity(sized, instrument)) ??
    (limitPrice === null ? null : checkPrices({ limitPrice, stopPrice: null, quantity }, instrument))
  );
};

const checkQuantity = (
  order: Pick<NewOrder, 'quantity' | 'displayQuantity' | 'orderType'>,
  instrument: Instrument,
): Refused | null => {
  const quantity = decimal(order.quantity);
  const facts = { quantity: order.quantity, lot: instrument.lot, minQuantity: instrument.minQuantity };
  if (quantity.lt(decimal(instrument.minQuantity))) return refused('BELOW_MIN_QUANTITY', facts);
  const most =
    order.orderType === 'market' ? (instrument.maxMarketQuantity ?? instrument.maxQuantity) : instrument.maxQuantity;
  if (most !== null && quantity.gt(decimal(most)))
    return refused('ABOVE_MAX_QUANTITY', { ...facts, maxQuantity: most });
  const lot = decimal(instrument.lot);
  if (!isMultipleOf(quantity, lot)) return refused('OFF_LOT', facts);
  if (order.displayQuantity !== null && !isMultipleOf(decimal(order.displayQuantity), lot))
    return refused('OFF_LOT', facts);
  return null;
};

const checkPrices = (
  order: Pick<NewOrder, 'limitPrice' | 'stopPrice'> & { readonly quantity: string | null },
  instrument: Instrument,
): Refused | null => {
  const tick = decimal(instrument.tick);
  for (const price of [order.limitPrice, order.stopPrice]) {
    if (price === null) continue;
    const value = decimal(price);
    if (!isMultipleOf(value, tick)) return refused('OFF_TICK', { price, tick: instrument.tick });
    if (beyond(value, instrument.minPrice, instrument.maxPrice)) return refused('PRICE_OUT_OF_RANGE', { price });
  }
  // A market order's price is not known here: there the venue checks, by its own average price.
  const price = order.limitPrice ?? order.stopPrice;
  if (price === null || order.quantity === null) return null;
  const notional = decimal(price).times(decimal(order.quantity));
  const { minNotional, maxNotional } = instrument;
  if (minNotional !== null && notional.lt(decimal(minNotional)))
    return refused('BELOW_MIN_NOTIONAL', { notional: notional.toFixed(), minNotional });
  if (maxNotional !== null && notional.gt(decimal(maxNotional)))
    return refused('ABOVE_MAX_NOTIONAL', { notional: notional.toFixed(), maxNotional });
  return null;
};

const beyond = (value: Decimal, low: string | null, high: string | null): boolean =>
  (low !== null && value.lt(decimal(low))) || (high !== null && value.gt(decimal(high)));

const isPositive = (text: string): boolean => isDecimalString(text) && decimal(text).gt(ZERO);

const malformed = (field: string): Refused => refused('MALFORMED_ORDER', { field });

/** A refusal of ours, before anything is sent. */
export const refused = (code: RefusalCode, facts: Readonly<Record<string, string>>): Refused => ({
  kind: 'refused',
  code,
  message: REFUSALS[code].cause,
  facts,
  venueCode: null,
  retryAfterMs: null,
  evidence: null,
});
