/* eslint-disable @typescript-eslint/no-non-null-assertion -- levels are read by indices within their arrays. */
import type { Assessment } from './assessment.js';
import type { FeeRate } from './fees.js';
import { LARGEST, numberOf, snapDown, tenTo, unitsDown } from './grid.js';
import type { AccountCap } from './inputs.js';
import type { Ladder, PreparedMarket } from './prepared-market.js';
import type { Question } from './question.js';

/**
 * What a buy may cost: as much for each unit, fee included, as was reserved for each unit of the cap. A part of the cap never pays a price
 * that the whole was not approved for, and all parts together never cost more than is reserved.
 *
 * Floats tell all but the closest calls; those are made in exact whole numbers.
 */
export interface Budget {
  readonly cap: AccountCap;
  /** What is reserved, units of 10^-(tick places + lot places), as near as a float can tell: with a fee on top it has more places than that. */
  readonly reserved: number;
  /** The part of the cap that this order could use, units of 10^-lot places. */
  readonly quantity: number;
}

/** Far beyond what a few float operations can be off by, far below what anybody could notice. */
const CLOSE = 1e-12;

export const budgetOf = (
  { inputs, order }: Question,
  { cap, wanted, capped }: Assessment,
  { tick, lot }: PreparedMarket,
): Budget => {
  const whole = inputs.quantity === undefined ? wanted : unitsDown(order.quantity, lot.places);
  return {
    cap,
    reserved: numberOf(cap.reserved) * tenTo(tick.places + lot.places),
    quantity: Math.min(capped, whole, LARGEST),
  };
};

/** Whether a value with its fee on top is within the budget for a quantity; undefined where it is too close for floats. */
const clearly = (budget: Budget, fee: FeeRate, value: number, quantity: number): boolean | undefined => {
  const one = tenTo(fee.places);
  const paid = value * (one + fee.units) * budget.quantity;
  const allowed = budget.reserved * one * quantity;
  if (paid <= allowed * (1 - CLOSE)) return true;
  return paid > allowed * (1 + CLOSE) ? false : undefined;
};

/** Value for one unit of quantity, in units of ticks. */
const perUnitOf = ({ reserved, quantity }: Budget): number => reserved / quantity;

const exactlyAffords = (
  budget: Budget,
  { tick, lot }: PreparedMarket,
  fee: FeeRate,
  value: bigint,
  quantity: number,
) => {
  // A limit order is reserved as its limit and the fee come to, to the last place: nothing of that is cut off.
  const reserved = exactly(budget.cap.reserved, tick.places + lot.places + fee.places);
  const one = tenTo(fee.places);
  return value * BigInt(one + fee.units) * BigInt(budget.quantity) <= reserved * BigInt(quantity);
};

/** Whether every unit may cost this price, units of ticks. */
export const affordsPrice = (budget: Budget, market: PreparedMarket, fee: FeeRate, price: number): boolean =>
  clearly(budget, fee, price, 1) ?? exactlyAffords(budget, market, fee, BigInt(price), 1);

/** The highest price on the tick that every unit may cost. */
export const highestPrice = (budget: Budget, market: PreparedMarket, fee: FeeRate): number => {
  const one = tenTo(fee.places);
  const near = (perUnitOf(budget) * one) / (one + fee.units);
  const above = snapDown(Math.floor(near * (1 + CLOSE)), market.tick);
  return affordsPrice(budget, market, fee, above) ? above : Math.max(0, above - market.tick.step);
};

/** The most, on the lot, that the average price of a walk through the book allows; `most` where it allows all of it. */
export const payable = (budget: Budget, market: PreparedMarket, fee: FeeRate, most: number, value: number): number => {
  const { asks, lot } = market;
  if (clearly(budget, fee, value, most) ?? exactlyAffords(budget, market, fee, exactValue(asks, most), most))
    return most;
  const one = tenTo(fee.places);
  const withFee = (one + fee.units) / one;
  const perUnit = perUnitOf(budget);
  let from = 0;
  let paid = 0;
  let share = 0;
  for (let level = 0; level < asks.prices.length && from < most; level += 1) {
    const price = asks.prices[level]! * withFee;
    const until = Math.min(asks.quantities[level]!, most);
    // As deep into the level as the average stays within the budget: paid + (share - from) * price <= share * perUnit.
    const reach = price <= perUnit ? until : Math.min(until, (paid - from * price) / (perUnit - price));
    if (!(reach > from)) break;
    share = reach;
    if (reach < until) break;
    paid += (until - from) * price;
    from = until;
  }
  const down = (units: number): number => snapDown(Math.floor(units), lot);
  const careful = down(share * (1 - CLOSE));
  const up = down(share * (1 + CLOSE));
  const fits = up > careful && exactlyAffords(budget, market, fee, exactValue(asks, up), up);
  return Math.min(most, fits ? up : careful);
};

/** Price times quantity of the best levels, exactly. */
export const exactValue = ({ prices, quantities }: Ladder, quantity: number): bigint => {
  let from = 0;
  let value = 0n;
  for (let level = 0; level < prices.length && from < quantity; level += 1) {
    const until = Math.min(quantities[level]!, quantity);
    value += BigInt(prices[level]!) * BigInt(until - from);
    from = until;
  }
  return value;
};

/** A decimal >= 0 in whole units of 10^-`places`, what is finer cut off, however many they are. */
export const exactly = (text: string, places: number): bigint => {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.slice(0, places).padEnd(places, '0'));
};
