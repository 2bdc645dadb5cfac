/* eslint-disable @typescript-eslint/no-non-null-assertion -- levels are read by indices within their arrays. */
import type { Side } from '@switchyard/model';
import type { Assessment } from './assessment.js';
import { withFee, type FeeRate } from './fees.js';
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
  const venueCost = BigInt(market.costPerUnit) * BigInt(quantity);
  const feePlaces = Math.max(fee.places, keptFee.places);
  const fees =
    taken.value * unitsAt(fee, feePlaces) + kept * unitsAt(keptFee, feePlaces) + venueCost * 10n ** BigInt(feePlaces);
  const total =
    withFee(taken.value, fee, side) + withFee(kept, keptFee, side) + (side === 'buy' ? venueCost : -venueCost);
  const places = market.tick.places + market.lot.places + feePlaces;
  return { quantity, value: taken.value + kept, fees, feePlaces: places, total };
};

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
