/* eslint-disable @typescript-eslint/no-non-null-assertion -- indices run over arrays whose length is known, millions of times a second. */
import { restOf } from '../grid.js';
import type { Offers } from './offers.js';
import { EXCLUDED, type Relaxation } from './relaxation.js';

/** Most orders end at one venue: two ways to prove it without a search. Both look at a search's first node. */

/**
 * The offer that takes everything in its first level, where that is plainly the best: no unit of any other is cheaper by itself, and what
 * is left off its lot is worth less than what any other would cost more. -1 where it takes a longer look.
 */
export const plainlyAlone = (offers: Offers, node: Relaxation, dust: number): number => {
  const { count, first, price, until, lot, min, most, fixed } = offers;
  const { quantity, spread, state, mostShares } = node;
  if (mostShares < 1) return -1;
  let best = -1;
  let next = -1;
  for (let offer = 0; offer < count; offer += 1) {
    if (state[offer] === EXCLUDED) continue;
    if (best < 0 || isCheaper(offers, spread, offer, best)) {
      next = best;
      best = offer;
    } else if (next < 0 || isCheaper(offers, spread, offer, next)) next = offer;
  }
  if (best < 0) return -1;
  const left = restOf(quantity, lot[best]!);
  if (until[first[best]!]! < quantity - left || most[best]! < quantity - left) return -1;
  if (left === 0) return best;
  if (next < 0) return best;
  if (left > dust || until[first[next]!]! < left || most[next]! < left) return -1;
  if (gradeOf(offers, next) > gradeOf(offers, best)) return -1;
  const unit = price[first[best]!]! + spread[best]!;
  const kept = left * (Math.ceil(price[first[next]!]! + spread[next]!) + 1 - unit);
  for (let offer = 0; offer < count; offer += 1) {
    if (offer === best || state[offer] === EXCLUDED) continue;
    const dearer = price[first[offer]!]! - unit;
    const reach = Math.min(most[offer]!, quantity - restOf(quantity, lot[offer]!));
    if (dearer * min[offer]! + fixed[offer]! < kept || dearer * reach + fixed[offer]! < kept) return -1;
  }
  return best;
};

/** Whether an offer's first unit is cheaper than another's. */
const isCheaper = ({ first, price, grade }: Offers, spread: Float64Array, offer: number, than: number): boolean => {
  const own = first[offer]!;
  const other = first[than]!;
  if (grade[own]! !== grade[other]!) return grade[own]! < grade[other]!;
  return price[own]! + spread[offer]! < price[other]! + spread[than]!;
};

const gradeOf = ({ grade, first }: Offers, offer: number): number => grade[first[offer]!]!;

/**
 * The offer that serves the order best of all alone, where that is better than any two or more together could be. Those pay what the first
 * node is relaxed to at least, and the two lowest fixed costs, of which it counts no more than the highest spread of all on every unit.
 *
 * Undefined where it is not that clear.
 */
export const bestAlone = (
  offers: Offers,
  node: Relaxation,
  dust: number,
): { readonly offer: number; readonly share: number } | undefined => {
  const { grade, price, until, first, lot, min, most, fixed } = offers;
  const { quantity, state, lastGrade } = node;
  if (node.mostShares < 1 || node.grades !== lastGrade * quantity) return undefined;
  const slack = offers.count - 1;
  const dustPrice = dust > 0 ? price[first[slack]!]! : Infinity;
  const bound = togetherAtLeast(offers, node);
  let best = -1;
  let bestShare = 0;
  let bestCost = Infinity;
  for (let offer = 0; offer < slack; offer += 1) {
    if (state[offer] === EXCLUDED) continue;
    // From all but the dust to all that is on the lot.
    const largest = Math.min(most[offer]!, quantity - restOf(quantity, lot[offer]!));
    const withDust = quantity - dust;
    const off = restOf(withDust, lot[offer]!);
    const smallest = Math.max(min[offer]!, off === 0 ? withDust : withDust - off + lot[offer]!);
    if (smallest > largest) continue;
    if (smallest <= 0) return undefined;
    const enough = Math.min(bound, bestCost + Math.abs(bestCost) * CLOSE);
    let level = first[offer]!;
    let from = 0;
    let cost = fixed[offer]!;
    for (; from < smallest && grade[level] === lastGrade; level += 1) {
      const unit = price[level]!;
      if (cost + (quantity - from) * Math.min(unit, dustPrice) > enough) break;
      const to = Math.min(smallest, until[level]!);
      cost += (to - from) * unit;
      from = to;
      if (to < until[level]!) break;
    }
    if (from < smallest) continue;
    if (smallest < largest) {
      // What dust would hold, too, goes where it is cheaper.
      if (until[level]! < largest || grade[level] !== lastGrade || price[level] === dustPrice) return undefined;
      if (price[level]! < dustPrice) {
        cost += (largest - smallest) * price[level]!;
        from = largest;
      }
    }
    if (from < quantity) cost += (quantity - from) * dustPrice;
    if (Math.abs(cost - bestCost) <= Math.abs(cost) * CLOSE) return undefined;
    if (cost > bestCost) continue;
    best = offer;
    bestShare = from;
    bestCost = cost;
  }
  return bestCost < bound - Math.abs(bestCost) * CLOSE ? { offer: best, share: bestShare } : undefined;
};

/** Sums beyond 2^53 are rounded: what differs by less is left to the search, which always tells it apart the same way. */
const CLOSE = 2 ** -48;

/** What no two or more offers together cost less than, by the first node, relaxed. */
const togetherAtLeast = ({ fixed, count }: Offers, { cost, quantity, spread, state }: Relaxation): number => {
  let [least, second, widest] = [Infinity, Infinity, 0];
  for (let offer = 0; offer < count - 1; offer += 1) {
    if (state[offer] === EXCLUDED) continue;
    const one = fixed[offer]!;
    if (one < least) [least, second] = [one, least];
    else if (one < second) second = one;
    if (spread[offer]! > widest) widest = spread[offer]!;
  }
  return cost + Math.max(0, least + second - widest * quantity);
};
