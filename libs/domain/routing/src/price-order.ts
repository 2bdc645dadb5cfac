import { snapDown, textOf, unitsDown } from './grid.js';
import type { AccountCap, RouteInputs } from './inputs.js';
import { farTouch, limitPriceOf, onTick } from './limit-price.js';
import type { MethodChoice } from './method.js';
import type { FeeRate, PreparedMarket } from './prepared-market.js';
import { rejection, type VenueRejection } from './rejections.js';
import { walk } from './walk.js';

/** Prices in units of 10^-`tick.places`. */
export interface Priced {
  readonly limitPrice: bigint | undefined;
  readonly stopPrice: bigint | undefined;
  readonly fee: FeeRate;
  /** Price times quantity expected; undefined where the book says nothing that could be believed. */
  readonly value: bigint | undefined;
}

/**
 * The prices an order would carry at a venue and what it would cost there, within what is reserved: a buy's limit is lowered to what the
 * account's cap affords, as far as the touch and no further; what costs more even so is refused. `book` is false where it can't be believed.
 */
export const priceOrder = (
  { order, settings }: RouteInputs,
  cap: AccountCap,
  market: PreparedMarket,
  quantity: bigint,
  choice: MethodChoice,
  book: boolean,
): Priced | VenueRejection => {
  const { side } = order;
  const { tick, lot, maker, taker } = market;
  const triggered = choice.orderType === 'stop' || choice.orderType === 'stop_limit';
  const stopPrice = triggered && order.stopPrice !== undefined ? onTick(side, order.stopPrice, tick) : undefined;
  let limitPrice = limitPriceOf(order, market, choice.price, settings.collarBps);
  if (limitPrice === 0n || stopPrice === 0n)
    return rejection('PRICE_OUT_OF_GRID', { tick: textOf(tick.step, tick.places) });

  const places = tick.places + lot.places;
  const reserved = side === 'buy' ? unitsDown(cap.reserved, places) : 0n;
  if (side === 'buy' && limitPrice !== undefined) {
    const bound = snapDown(affordable(reserved, quantity, order.postOnly === true ? maker : taker), tick);
    if (bound < limitPrice) {
      const touch = book ? farTouch(order, market) : undefined;
      if (triggered || touch === undefined || bound < touch)
        return rejection('COST_ABOVE_RESERVED', costFacts(limitPrice * quantity, taker, places, cap));
      limitPrice = bound;
    }
  }
  if (triggered) {
    const value = (limitPrice ?? stopPrice ?? 0n) * quantity;
    if (side === 'buy' && withFee(value, taker, 'buy') > reserved)
      return rejection('COST_ABOVE_RESERVED', costFacts(value, taker, places, cap));
    return { limitPrice, stopPrice, fee: taker, value };
  }
  if (!book)
    return { limitPrice, stopPrice, fee: taker, value: limitPrice === undefined ? undefined : limitPrice * quantity };

  const { filled, value } = walk(side, side === 'buy' ? market.asks : market.bids, quantity, limitPrice);
  const resting = filled === 0n && limitPrice !== undefined;
  const fee = resting ? maker : taker;
  const expected = limitPrice === undefined ? value : value + (quantity - filled) * limitPrice;
  if (side === 'buy' && limitPrice === undefined && withFee(expected, fee, 'buy') > reserved)
    return rejection('COST_ABOVE_RESERVED', costFacts(expected, fee, places, cap));
  return { limitPrice, stopPrice, fee, value: expected };
};

/** A value with its fee on top (what a buyer pays) or taken off (what a seller gets), rounded against the user. */
export const withFee = (value: bigint, fee: FeeRate, side: 'buy' | 'sell'): bigint => {
  const one = 10n ** BigInt(fee.places);
  return side === 'buy' ? (value * (one + fee.units) + one - 1n) / one : (value * (one - fee.units)) / one;
};

/** The highest price at which the quantity and its fee still fit what is reserved. */
const affordable = (reserved: bigint, quantity: bigint, fee: FeeRate): bigint => {
  const one = 10n ** BigInt(fee.places);
  return (reserved * one) / (quantity * (one + fee.units));
};

const costFacts = (value: bigint, fee: FeeRate, places: number, cap: AccountCap) => ({
  cost: textOf(withFee(value, fee, 'buy'), places),
  reserved: cap.reserved,
  currency: cap.currency,
});

/**
 * What venues are compared by. An order that trades now counts with the price of its whole size in the book, even where its limit would
 * leave a part resting: the deeper book wins. One that rests counts with its own price.
 */
export const perUnitOf = (
  side: 'buy' | 'sell',
  market: PreparedMarket,
  quantity: bigint,
  { fee, value }: Priced,
  displayed: bigint | undefined,
): number => {
  const compared = fee === market.taker ? (displayed ?? value) : value;
  if (compared === undefined) return side === 'buy' ? Number.POSITIVE_INFINITY : 0;
  return Number(withFee(compared, fee, side)) / Number(quantity) / 10 ** market.tick.places;
};
