/* eslint-disable @typescript-eslint/no-non-null-assertion -- indices run over arrays whose length is known, millions of times a second. */
import { restOf } from '../grid.js';
import { ROWS } from './offers.js';
import { Relaxation, USED } from './relaxation.js';

/**
 * The relaxation with every share on its lot, exactly, where each lot divides the next coarser one, as powers of ten do.
 *
 * Offers of one lot together are as good as one offer of the next coarser lot: whatever is to be placed, they must take its remainder by
 * that lot, and beyond it they give whole bundles of it, each dearer than the one before, because they give their cheapest units first. So
 * from the finest lot up: the remainder first, then the cheapest next bundle of the finer offers together or of any offer of this lot.
 */
export class LotRelaxation extends Relaxation {
  /** Offers from the finest lot to the coarsest, and where each class of equal lots begins and ends among them. */
  readonly #sorted = new Int32Array(ROWS);
  readonly #end = new Int32Array(ROWS);
  #classes = 0;
  // Of which offers these are, and whether their lots are a chain.
  #prepared = 0;
  #isChain = false;
  readonly #preparedLots = new Float64Array(ROWS);
  readonly #start = new Float64Array(ROWS);
  // The next bundle of the classes up to one, as it was looked up: its grades and cost, and the shares and levels after it.
  readonly #known = new Uint8Array(ROWS);
  readonly #bundleGrades = new Float64Array(ROWS);
  readonly #bundleCost = new Float64Array(ROWS);
  readonly #sameAgain = new Float64Array(ROWS);
  readonly #nextShare = new Float64Array(ROWS * ROWS);
  readonly #nextLevel = new Int32Array(ROWS * ROWS);
  readonly #keptShare = new Float64Array(ROWS * ROWS);
  readonly #keptLevel = new Int32Array(ROWS * ROWS);

  /** Sorts the offers by their lots. False where they are no chain. Lots change with venues, not with orders: most are those of before. */
  prepareLots(): boolean {
    const { count, lot } = this.offers;
    let same = count === this.#prepared;
    for (let offer = 0; offer < count && same; offer += 1) same = lot[offer] === this.#preparedLots[offer];
    if (same) return this.#isChain;
    this.#prepared = count;
    for (let offer = 0; offer < count; offer += 1) this.#preparedLots[offer] = lot[offer]!;
    this.#isChain = this.#sortLots();
    return this.#isChain;
  }

  #sortLots(): boolean {
    const { count, lot } = this.offers;
    for (let offer = 0; offer < count; offer += 1) {
      let at = offer;
      for (; at > 0 && lot[this.#sorted[at - 1]!]! > lot[offer]!; at -= 1) this.#sorted[at] = this.#sorted[at - 1]!;
      this.#sorted[at] = offer;
    }
    this.#classes = 0;
    for (let at = 1; at <= count; at += 1) {
      const before = lot[this.#sorted[at - 1]!]!;
      if (at < count && lot[this.#sorted[at]!]! === before) continue;
      this.#end[this.#classes] = at;
      this.#classes += 1;
      if (at < count && restOf(lot[this.#sorted[at]!]!, before) !== 0) return false;
    }
    return true;
  }

  /**
   * Shares on their lots, from the node's shares without regard for them (`relax`). Those are near: there are best shares of which none is
   * smaller by more than as many of the coarsest lots as there are offers. For were one, then another would be larger by more than such a
   * lot, and to give the larger of their two lots from that one, where a unit costs at least as much as the last one that was taken without
   * regard for lots, to this one, where it costs at most as much, would cost no more.
   */
  relaxOnLots(row: number): void {
    const { count, lot } = this.offers;
    const near = count * this.#lotOf(this.#classes - 1);
    for (let offer = 0; offer < count; offer += 1) {
      const share = this.share[row + offer]! - near;
      const low = this.state[row + offer] === USED ? this.low[row + offer]! : 0;
      this.#start[offer] = share > low ? share - restOf(share, lot[offer]!) : low;
    }
    const need = this.begin(row, this.#start);
    this.#known.fill(0, 0, this.#classes);
    let taken = 0;
    for (let lots = 0; lots < this.#classes; lots += 1) {
      const until = lots === this.#classes - 1 ? need : restOf(need, this.#lotOf(lots + 1));
      this.#take(row, lots, until - taken);
      taken = until;
    }
  }

  #lotOf(lots: number): number {
    return this.offers.lot[this.#sorted[this.#end[lots]! - 1]!]!;
  }

  /** Gives an amount, a multiple of the class's lot, to its offers and all finer ones. */
  #take(row: number, lots: number, amount: number): void {
    const { price, grade, until } = this.offers;
    const lot = this.#lotOf(lots);
    let left = amount;
    while (left > 0) {
      let best = -1;
      let bestGrades = Infinity;
      let bestCost = Infinity;
      if (lots > 0) {
        if (this.#known[lots] === 0) this.#lookUp(row, lots, lot);
        bestGrades = this.#bundleGrades[lots]!;
        bestCost = this.#bundleCost[lots]!;
      }
      for (let at = lots === 0 ? 0 : this.#end[lots - 1]!; at < this.#end[lots]!; at += 1) {
        const offer = this.#sorted[at]!;
        if (!this.isOpen(row, offer)) continue;
        const level = this.level[offer]!;
        const whole = until[level]! - this.share[row + offer]! >= lot;
        const grades = whole ? lot * grade[level]! : this.#straddle(row, offer, lot, grade);
        const cost =
          (whole ? lot * price[level]! : this.#straddle(row, offer, lot, price)) + lot * this.extra(row, offer);
        if (grades < bestGrades || (grades === bestGrades && cost < bestCost)) {
          best = offer;
          bestGrades = grades;
          bestCost = cost;
        }
      }
      const bundles =
        best < 0 ? this.#takeFiner(row, lots, left / lot, lot) : this.#takeOwn(row, best, left / lot, lot);
      left -= bundles * lot;
      this.grades += bundles * bestGrades;
      this.cost += bundles * bestCost;
    }
  }

  /** What the next lot of an offer comes to that lies in more than one level. */
  #straddle(row: number, offer: number, lot: number, of: Float64Array | Uint8Array): number {
    const { until } = this.offers;
    let sum = 0;
    let from = this.share[row + offer]!;
    const to = from + lot;
    for (let level = this.level[offer]!; from < to; level += 1) {
      const reach = Math.min(to, until[level]!);
      sum += (reach - from) * of[level]!;
      from = reach;
    }
    return sum;
  }

  /** As many lots as lie in one level, or the one that lies in several. @returns how many */
  #takeOwn(row: number, offer: number, most: number, lot: number): number {
    const { until } = this.offers;
    const at = row + offer;
    const level = this.level[offer]!;
    const inLevel = Math.floor((Math.min(until[level]!, this.high[at]!) - this.share[at]!) / lot);
    const lots = Math.min(most, Math.max(1, inLevel));
    const share = this.share[at]! + lots * lot;
    this.share[at] = share;
    let next = level;
    while (share >= until[next]! && share < this.high[at]!) next += 1;
    this.level[offer] = next;
    return lots;
  }

  /** Bundles of the finer offers: the one that was looked up, and as many more as are the same. @returns how many */
  #takeFiner(row: number, lots: number, most: number, bundle: number): number {
    this.#restore(row, lots, this.#nextShare, this.#nextLevel);
    this.#known[lots] = 0;
    const again = this.#sameAgain[lots]!;
    if (again < 0 || most <= 1) return 1;
    return 1 + this.#takeOwnAtMost(row, again, most - 1, bundle);
  }

  #takeOwnAtMost(row: number, offer: number, most: number, bundle: number): number {
    const { until } = this.offers;
    const at = row + offer;
    const inLevel = Math.floor((Math.min(until[this.level[offer]!]!, this.high[at]!) - this.share[at]!) / bundle);
    return inLevel < 1 ? 0 : this.#takeOwn(row, offer, Math.min(most, inLevel), bundle);
  }

  /** What the next bundle of all finer offers comes to, and which single offer gives it, if one does from one level. */
  #lookUp(row: number, lots: number, bundle: number): void {
    const { grades, cost } = this;
    this.#keep(row, lots, this.#keptShare, this.#keptLevel);
    this.grades = 0;
    this.cost = 0;
    this.#take(row, lots - 1, bundle);
    this.#bundleGrades[lots] = this.grades;
    this.#bundleCost[lots] = this.cost;
    this.#keep(row, lots, this.#nextShare, this.#nextLevel);
    this.#sameAgain[lots] = this.#onlyGiver(row, lots, bundle);
    this.#restore(row, lots, this.#keptShare, this.#keptLevel);
    for (let finer = 1; finer < lots; finer += 1) this.#known[finer] = 0;
    this.grades = grades;
    this.cost = cost;
    this.#known[lots] = 1;
  }

  #onlyGiver(row: number, lots: number, bundle: number): number {
    for (let at = 0; at < this.#end[lots - 1]!; at += 1) {
      const offer = this.#sorted[at]!;
      const kept = lots * ROWS + at;
      if (this.share[row + offer]! - this.#keptShare[kept]! !== bundle) continue;
      return this.level[offer] === this.#keptLevel[kept] ? offer : -1;
    }
    return -1;
  }

  #keep(row: number, lots: number, shares: Float64Array, levels: Int32Array): void {
    for (let at = 0; at < this.#end[lots - 1]!; at += 1) {
      shares[lots * ROWS + at] = this.share[row + this.#sorted[at]!]!;
      levels[lots * ROWS + at] = this.level[this.#sorted[at]!]!;
    }
  }

  #restore(row: number, lots: number, shares: Float64Array, levels: Int32Array): void {
    for (let at = 0; at < this.#end[lots - 1]!; at += 1) {
      this.share[row + this.#sorted[at]!] = shares[lots * ROWS + at]!;
      this.level[this.#sorted[at]!] = levels[lots * ROWS + at]!;
    }
  }
}
