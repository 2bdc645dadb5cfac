/* eslint-disable @typescript-eslint/no-non-null-assertion -- levels are read by indices within their arrays. */
import type { Side } from '@switchyard/model';
import type { Assessment } from './assessment.js';
import type { FeeRate } from './fees.js';
import type { PreparedMarket } from './prepared-market.js';

/** What an order at a venue is expected to come to, exactly; values in units of 10^-(tick places + lot places). */
export interface Expectation {
  readonly quantity: number;
  /** Price times quantity. */
  readonly value: bigint;
  /** Fee and venue cost, in units of 10^-`feePlaces`. */
  readonly fees: bigint;
  readonly feePlaces: number;
  /** What a buyer pays in all, what a seller gets in the end, rounded against the user. */
  readonly total: bigint;
}

/** Undefined where no book says what it would cost. */
export const expectationOf = (side: Side, assessment: Assessment, quantity: number): Expectation | undefined => {
  const { market, fee, rates, takes, rests, limitPrice, stopPrice } = assessment;
  if (market === undefined || fee === undefined || rates === undefined || quantity === 0) return undefined;
  const taken = takes ? walk(side, market, quantity, limitPrice) : { quantity: 0, value: 0n };
  const left = quantity - taken.quantity;
  const price = limitPrice > 0 ? limitPrice : stopPrice;
  if (left > 0 && price === 0) return undefined;
  const kept = BigInt(left) * BigInt(price);
  const keptFee = rests && market.kind !== 'dark' ? rates.maker : fee;
  const { tick, lot, costPerUnit, costPlaces } = market;
  const venueCost = BigInt(costPerUnit) * BigInt(quantity);
  // Fees and venue cost on one denominator, which is finer than a tick by its places.
  const finer = Math.max(fee.places, keptFee.places, costPlaces - tick.places, 0);
  const fees =
    taken.value * unitsAt(fee, finer) +
    kept * unitsAt(keptFee, finer) +
    venueCost * 10n ** BigInt(tick.places + finer - costPlaces);
  const value = taken.value + kept;
  const one = 10n ** BigInt(finer);
  const total = side === 'buy' ? ceilDivide(value * one + fees, one) : (value * one - fees) / one;
  return { quantity, value, fees, feePlaces: tick.places + lot.places + finer, total };
};

const ceilDivide = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;

const unitsAt = ({ units, places }: FeeRate, at: number): bigint => BigInt(units) * 10n ** BigInt(at - places);

/** Takes a quantity from a side of a book, best level first, at the limit (0: none) or better. */
const walk = (
  side: Side,
  { asks, bids, kind }: PreparedMarket,
  quantity: number,
  limit: number,
): { readonly quantity: number; readonly value: bigint } => {
  const { prices, quantities } = side === 'buy' ? asks : bids;
  let from = 0;
  let value = 0n;
  for (let level = 0; level < prices.length && from < quantity; level += 1) {
    const price = prices[level]!;
    if (limit > 0 && (side === 'buy' ? price > limit : price < limit)) break;
    const until = kind === 'wholesaler' ? quantity : Math.min(quantities[level]!, quantity);
    value += BigInt(price) * BigInt(until - from);
    from = until;
  }
  return { quantity: from, value };
};
