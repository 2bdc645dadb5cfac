/* eslint-disable @typescript-eslint/no-non-null-assertion -- indices run over arrays whose length is known, millions of times a second. */
import { MOST_OFFERS, type Offers } from './offers.js';

export interface AllocationWish {
  /** In the offers' units of quantity. */
  readonly quantity: number;
  /** As much may be left where a venue of its own for it would cost more than it is worth. */
  readonly dust: number;
  /** Most offers that may have a share. */
  readonly mostShares: number;
}

export interface Allocation {
  /** By offer, in units of quantity. */
  readonly shares: readonly number[];
  /** What no share takes: finer than the lots, below every minimum, or more than all offers hold. */
  readonly unplaced: number;
  /** False where the search was given up before it was complete (`MOST_NODES`). */
  readonly proven: boolean;
}

/** Nodes of one search. Real books need one to some twenty; the limit is for grids that were made to be hard. */
const MOST_NODES = 2_000;
const DEEPEST = 96;
/** The grade of what is not placed at all, beyond dust: above every level's. */
const SHORT = 255;

const UNDECIDED = 0;
const USED = 1;
const EXCLUDED = 2;

/**
 * Splits a quantity over offers, exactly: levels, fixed costs, each share on its lot and either 0 or from its minimum to its most, no more
 * shares than wished. Of all such splits it is the one with the least sum of grades, where what is not placed has the worst grade; among
 * those, the one of the lowest cost. Dust that is left counts as if it were placed at the dearest price of the last grade that is needed.
 *
 * Without lots, minimums and fixed costs, to take the cheapest next level of any venue is optimal, because each venue's levels rise
 * (Fox, "Discrete optimization via marginal analysis", 1966). That is the relaxation, and branch and bound (Land and Doig, 1960) closes what
 * it leaves open: a share below its minimum is nothing or at least the minimum; a share off its lot is a lot's floor at most or the next lot
 * at least; a fixed cost is paid or its venue not used. In the relaxation a fixed cost is spread over the most that the venue could take,
 * which is never more than it is. A branch ends where its relaxation is no better than what was found.
 *
 * Exact while costs are whole numbers below 2^53; beyond, sums are rounded to 53 bits, and splits that differ by less are not told apart.
 * Bounded by `MOST_NODES`. The same offers give the same shares; of equal ones the venue that was offered first gets more.
 */
export const allocate = (offers: Offers, wish: AllocationWish): Allocation => search.run(offers, wish);

/** One object for all searches, for its memory alone: every run writes what it reads. A node of the tree is a row of `MOST_OFFERS`. */
class Search {
  #offers!: Offers;
  #wish!: AllocationWish;
  readonly #state = new Uint8Array((DEEPEST + 1) * MOST_OFFERS);
  readonly #low = new Float64Array((DEEPEST + 1) * MOST_OFFERS);
  readonly #high = new Float64Array((DEEPEST + 1) * MOST_OFFERS);
  readonly #share = new Float64Array((DEEPEST + 1) * MOST_OFFERS);
  readonly #level = new Int32Array(MOST_OFFERS);
  readonly #spread = new Float64Array(MOST_OFFERS);
  readonly #best = new Float64Array(MOST_OFFERS);
  #bestGrades = Infinity;
  #bestCost = Infinity;
  #nodes = 0;
  #proven = true;
  #dust = 0;
  #dustGrade = SHORT;
  #dustPrice = 0;
  // What the last relaxation came to.
  #grades = 0;
  #cost = 0;
  #lastGrade = 0;

  run(offers: Offers, wish: AllocationWish): Allocation {
    this.#offers = offers;
    this.#wish = wish;
    this.#bestGrades = Infinity;
    this.#bestCost = Infinity;
    this.#nodes = 0;
    this.#proven = true;
    this.#dust = 0;
    const { count, most, min, fixed } = offers;
    for (let offer = 0; offer < count; offer += 1) {
      this.#best[offer] = 0;
      this.#low[offer] = 0;
      this.#high[offer] = most[offer]!;
      this.#spread[offer] = fixed[offer]! === 0 ? 0 : fixed[offer]! / Math.min(most[offer]!, wish.quantity);
      this.#state[offer] = min[offer]! > most[offer]! || min[offer]! > wish.quantity ? EXCLUDED : UNDECIDED;
    }
    this.#relax(0);
    this.#priceDust();
    this.#explore(0);
    const shares: number[] = [];
    let unplaced = wish.quantity;
    for (let offer = 0; offer < count; offer += 1) {
      shares.push(this.#best[offer]!);
      unplaced -= this.#best[offer]!;
    }
    return { shares, unplaced, proven: this.#proven };
  }

  /** Dust is worth what its placing would cost at most, where the quantity can be placed; where it can't, nothing is dust. */
  #priceDust(): void {
    if (this.#lastGrade === SHORT) return;
    const { count, first, price, grade } = this.#offers;
    let dearest = -Infinity;
    for (let offer = 0; offer < count; offer += 1) {
      if (this.#state[offer] === EXCLUDED) continue;
      let level = first[offer + 1]! - 1;
      while (level >= first[offer]! && grade[level]! > this.#lastGrade) level -= 1;
      if (level >= first[offer]! && price[level]! > dearest) dearest = price[level]!;
    }
    this.#dust = this.#wish.dust;
    this.#dustGrade = this.#lastGrade;
    this.#dustPrice = dearest + 1;
  }

  #explore(depth: number): void {
    if (this.#nodes >= MOST_NODES || depth >= DEEPEST) {
      this.#proven = false;
      return;
    }
    this.#nodes += 1;
    if (!this.#relax(depth) || !this.#isBetter(this.#grades, this.#cost)) return;
    const { min, lot } = this.#offers;
    const small = this.#belowMinimum(depth);
    if (small >= 0) {
      this.#child(depth, small, EXCLUDED, 0, 0);
      this.#child(depth, small, USED, min[small]!, this.#high[depth * MOST_OFFERS + small]!);
      return;
    }
    const off = this.#offLot(depth);
    if (off >= 0) {
      const at = depth * MOST_OFFERS + off;
      const down = this.#share[at]! - (this.#share[at]! % lot[off]!);
      const up = down + lot[off]!;
      const high = this.#high[at]!;
      if (down >= this.#low[at]!) this.#child(depth, off, this.#state[at]!, this.#low[at]!, down);
      if (up <= high) this.#child(depth, off, USED, up, high);
      return;
    }
    this.#consider(depth);
    this.#closeOpen(depth);
  }

  /** A share of a venue of which it isn't settled whether it is used: its fixed cost is not all in the relaxation, or there are too many. */
  #closeOpen(depth: number): void {
    const { count, fixed, min } = this.#offers;
    const row = depth * MOST_OFFERS;
    let shares = 0;
    for (let offer = 0; offer < count; offer += 1) if (this.#share[row + offer]! > 0) shares += 1;
    const tooMany = shares > this.#wish.mostShares;
    const isOpen = (offer: number): boolean =>
      this.#state[row + offer] === UNDECIDED && this.#share[row + offer]! > 0 && (tooMany || fixed[offer]! > 0);
    const settle = (until: number): void => {
      this.#inherit(depth);
      const next = row + MOST_OFFERS;
      for (let offer = 0; offer < until; offer += 1) {
        if (!isOpen(offer)) continue;
        this.#state[next + offer] = USED;
        this.#low[next + offer] = Math.max(this.#low[next + offer]!, min[offer]!);
      }
      if (until < count) this.#state[next + until] = EXCLUDED;
      this.#explore(depth + 1);
    };
    let open = false;
    for (let offer = 0; offer < count && !open; offer += 1) open = isOpen(offer);
    if (!open || !this.#isBetter(this.#grades, this.#cost)) return;
    if (!tooMany) settle(count);
    for (let offer = 0; offer < count; offer += 1) if (isOpen(offer)) settle(offer);
  }

  #child(depth: number, offer: number, state: number, low: number, high: number): void {
    this.#inherit(depth);
    const at = (depth + 1) * MOST_OFFERS + offer;
    this.#state[at] = state;
    this.#low[at] = low;
    this.#high[at] = high;
    this.#explore(depth + 1);
  }

  #inherit(depth: number): void {
    const row = depth * MOST_OFFERS;
    for (let at = row; at < row + this.#offers.count; at += 1) {
      this.#state[at + MOST_OFFERS] = this.#state[at]!;
      this.#low[at + MOST_OFFERS] = this.#low[at]!;
      this.#high[at + MOST_OFFERS] = this.#high[at]!;
    }
  }

  #isBetter(grades: number, cost: number): boolean {
    return grades < this.#bestGrades || (grades === this.#bestGrades && cost < this.#bestCost);
  }

  #belowMinimum(depth: number): number {
    const { count, min } = this.#offers;
    for (let offer = 0, at = depth * MOST_OFFERS; offer < count; offer += 1, at += 1)
      if (this.#share[at]! > 0 && this.#share[at]! < min[offer]!) return offer;
    return -1;
  }

  /** The coarsest of the lots that shares are off: finer ones make up for it. */
  #offLot(depth: number): number {
    const { count, lot } = this.#offers;
    let found = -1;
    for (let offer = 0, at = depth * MOST_OFFERS; offer < count; offer += 1, at += 1)
      if (this.#share[at]! % lot[offer]! !== 0 && (found < 0 || lot[offer]! > lot[found]!)) found = offer;
    return found;
  }

  /** Cheapest level next, from the least that a node allows each venue to the most. False where the least is too much already. */
  #relax(depth: number): boolean {
    const { count, first, price, until, grade, fixed } = this.#offers;
    const row = depth * MOST_OFFERS;
    let need = this.#wish.quantity;
    let grades = 0;
    let cost = 0;
    let used = 0;
    for (let offer = 0; offer < count; offer += 1) {
      const low = this.#state[row + offer] === EXCLUDED ? 0 : this.#low[row + offer]!;
      let level = first[offer]!;
      let from = 0;
      if (this.#state[row + offer] === USED) {
        used += 1;
        cost += fixed[offer]!;
      }
      while (from < low) {
        const take = Math.min(low, until[level]!) - from;
        cost += take * price[level]!;
        grades += take * grade[level]!;
        from += take;
        if (from === until[level]!) level += 1;
      }
      this.#share[row + offer] = from;
      this.#level[offer] = level;
      need -= from;
    }
    if (need < 0 || used > this.#wish.mostShares) return false;
    const closed = used === this.#wish.mostShares ? UNDECIDED : EXCLUDED;
    let dust = this.#dust;
    this.#lastGrade = 0;
    while (need > 0) {
      let best = -1;
      let bestGrade = SHORT;
      let bestPrice = Infinity;
      for (let offer = 0; offer < count; offer += 1) {
        const state = this.#state[row + offer]!;
        const level = this.#level[offer]!;
        if (state === EXCLUDED || state === closed || level === first[offer + 1]!) continue;
        if (this.#share[row + offer]! >= this.#high[row + offer]!) continue;
        const next = grade[level]!;
        const unit = state === USED ? price[level]! : price[level]! + this.#spread[offer]!;
        if (next < bestGrade || (next === bestGrade && unit < bestPrice)) {
          best = offer;
          bestGrade = next;
          bestPrice = unit;
        }
      }
      if (dust > 0 && (this.#dustGrade < bestGrade || (this.#dustGrade === bestGrade && this.#dustPrice < bestPrice))) {
        const left = Math.min(need, dust);
        dust -= left;
        need -= left;
        cost += left * this.#dustPrice;
        grades += left * this.#dustGrade;
        continue;
      }
      this.#lastGrade = bestGrade;
      if (best < 0) {
        grades += need * SHORT;
        break;
      }
      const at = row + best;
      const level = this.#level[best]!;
      const take = Math.min(need, this.#high[at]! - this.#share[at]!, until[level]! - this.#share[at]!);
      this.#share[at] = this.#share[at]! + take;
      if (this.#share[at] === until[level]!) this.#level[best] = level + 1;
      need -= take;
      cost += take * bestPrice;
      grades += take * bestGrade;
    }
    this.#grades = grades;
    this.#cost = cost;
    return true;
  }

  /** Takes a node's shares where they are allowed and better than the best: with their whole fixed costs, and in whole numbers. */
  #consider(depth: number): void {
    const { count, first, price, until, grade, fixed } = this.#offers;
    const row = depth * MOST_OFFERS;
    let need = this.#wish.quantity;
    let grades = 0;
    let cost = 0;
    let shares = 0;
    for (let offer = 0; offer < count; offer += 1) {
      const share = this.#share[row + offer]!;
      if (share === 0) continue;
      shares += 1;
      cost += fixed[offer]!;
      need -= share;
      let from = 0;
      for (let level = first[offer]!; from < share; level += 1) {
        const take = Math.min(share, until[level]!) - from;
        cost += take * price[level]!;
        grades += take * grade[level]!;
        from += take;
      }
    }
    if (shares > this.#wish.mostShares) return;
    const dust = Math.min(need, this.#dust);
    cost += dust * this.#dustPrice;
    grades += dust * this.#dustGrade + (need - dust) * SHORT;
    if (!this.#isBetter(grades, cost)) return;
    this.#bestGrades = grades;
    this.#bestCost = cost;
    for (let offer = 0; offer < count; offer += 1) this.#best[offer] = this.#share[row + offer]!;
  }
}

const search = new Search();
