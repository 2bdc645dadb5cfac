/* eslint-disable @typescript-eslint/no-non-null-assertion -- indices run over arrays whose length is known, millions of times a second. */
import { restOf } from '../grid.js';
import { bestAlone, plainlyAlone } from './alone.js';
import { LotRelaxation } from './lots.js';
import { ROWS, type Offers } from './offers.js';
import { DEEPEST, EXCLUDED, SLACK, UNDECIDED, USED } from './relaxation.js';

export interface AllocationWish {
  /** In the offers' units of quantity. */
  readonly quantity: number;
  /** As much may be left where a venue of its own for it would cost more than it is worth. */
  readonly dust: number;
  /** Most offers that may have a share. */
  readonly mostShares: number;
}

/** The shares stand with the offers (`Offers.share`), in units of quantity. */
export interface Allocation {
  /** What no share takes: finer than the lots, below every minimum, or more than all offers hold. */
  readonly unplaced: number;
  /** False where the search was given up before it was complete (`MOST_WORK`). */
  readonly proven: boolean;
}

/**
 * Nodes of one search times its offers: a thousand nodes for six venues. Real books need some ten nodes; the limit is for what was made to
 * be hard, such as dozens of accounts that are all alike.
 */
const MOST_WORK = 6_000;
/** The grade of what is not placed at all, beyond dust: above every level's. */
const SHORT = 255;

/**
 * Splits a quantity over offers, exactly: levels, fixed costs, each share on its lot and either 0 or from its minimum to its most, no more
 * shares than wished. Of all such splits it is the one with the least sum of grades, where what is not placed has the worst grade; among
 * those, the one of the lowest cost. Dust that is left counts as what the last unit costs where nothing but levels binds, and a little more:
 * it is placed where that is no dearer than the rest of the order.
 *
 * Branch and bound (Land and Doig, 1960) over relaxations (`relaxation.ts`, `lots.ts`): a share below its minimum is nothing or at least the
 * minimum; a fixed cost is paid or its venue not used; where lots are no chain, a share off its lot is a lot's floor at most or the next
 * lot at least. A branch ends where its relaxation is no better than what was found.
 *
 * Exact while costs are whole numbers below 2^53; beyond, sums are rounded to 53 bits, and splits that differ by less are not told apart.
 * Bounded by `MOST_WORK`. The same offers give the same shares; of levels that cost the same, the one that was offered first is taken first.
 */
export const allocate = (offers: Offers, wish: AllocationWish): Allocation => search.run(offers, wish);

/** One object for all searches, for its memory alone: every run writes what it reads. */
class Search {
  readonly #node = new LotRelaxation();
  readonly #best = new Float64Array(ROWS);
  /** Of each node: what it would cost at least without an offer's share. */
  readonly #without = new Float64Array((DEEPEST + 1) * ROWS);
  #offers!: Offers;
  #bestGrades = Infinity;
  #bestCost = Infinity;
  #nodes = 0;
  #proven = true;
  /** Whether the node that was looked at last has more than one share off its lot. */
  #severalOff = false;
  /** Whether each lot divides the next coarser one; looked at where the first share is off its lot. */
  #chain: boolean | undefined;

  run(offers: Offers, { quantity, dust, mostShares }: AllocationWish): Allocation {
    const { count, lot, most, min, fixed } = offers;
    const node = this.#node;
    node.offers = this.#offers = offers;
    node.quantity = quantity;
    node.mostShares = mostShares;
    this.#bestGrades = Infinity;
    this.#bestCost = Infinity;
    this.#nodes = 0;
    this.#proven = true;
    this.#chain = undefined;
    for (let offer = 0; offer < count; offer += 1) {
      node.low[offer] = 0;
      node.high[offer] = most[offer]!;
      const reach = Math.min(most[offer]!, quantity - restOf(quantity, lot[offer]!));
      node.spread[offer] = fixed[offer]! === 0 ? 0 : fixed[offer]! / reach;
      node.state[offer] = min[offer]! > reach ? EXCLUDED : UNDECIDED;
    }
    const plain = plainlyAlone(offers, node, dust);
    if (plain >= 0) return onlyOne(offers, plain, quantity - restOf(quantity, lot[plain]!), quantity);
    // What is not placed is an offer, too. The first look knows no dust: what the last unit costs tells what dust is worth.
    this.#offerSlack(count);
    node.relax(0);
    if (node.lastGrade !== SHORT && dust > 0) {
      offers.pop();
      offers.level(node.lastGrade, Math.ceil(node.lastPrice) + 1, dust);
      this.#offerSlack(count);
      node.lookAhead(0, count);
    }
    // Where nothing was left, dust changes nothing of what was found.
    const relaxed = node.share[count] === 0;
    const alone = relaxed ? bestAlone(offers, node, dust) : undefined;
    if (alone !== undefined) {
      offers.pop();
      return onlyOne(offers, alone.offer, alone.share, quantity);
    }
    this.#explore(0, relaxed);
    offers.pop();
    for (let offer = 0; offer < count; offer += 1) offers.share[offer] = this.#best[offer]!;
    return { unplaced: this.#best[count]!, proven: this.#proven };
  }

  #offerSlack(slack: number): void {
    const node = this.#node;
    this.#offers.level(SHORT, 0, Infinity);
    this.#offers.add(1, 0, Infinity, 0);
    node.low[slack] = 0;
    node.high[slack] = Infinity;
    node.spread[slack] = 0;
    node.state[slack] = SLACK;
  }

  #explore(depth: number, relaxed = false): void {
    if (this.#nodes * this.#offers.count >= MOST_WORK || depth >= DEEPEST) {
      this.#proven = false;
      return;
    }
    this.#nodes += 1;
    const node = this.#node;
    const row = depth * ROWS;
    if (!relaxed && !node.relax(row)) return;
    if (!this.#isBetter(node.grades, node.cost)) return;
    const { grades } = node;
    for (let offer = 0; offer < this.#offers.count; offer += 1)
      this.#without[row + offer] = node.costWithout(row, offer);
    let off = this.#offLot(row);
    if (off >= 0) {
      this.#chain ??= node.prepareLots();
      if (this.#chain) {
        if (this.#severalOff || !node.roundOff(row, off)) node.relaxOnLots(row);
        if (!this.#isBetter(node.grades, node.cost)) return;
        off = -1;
      }
    }
    const { min, lot } = this.#offers;
    const small = this.#belowMinimum(row);
    if (small >= 0) {
      this.#child(depth, small, EXCLUDED, 0, 0);
      this.#child(depth, small, USED, min[small]!, node.high[row + small]!);
    } else if (off >= 0) {
      const state = node.state[row + off]!;
      const low = node.low[row + off]!;
      const high = node.high[row + off]!;
      const down = node.share[row + off]! - restOf(node.share[row + off]!, lot[off]!);
      if (down >= low) this.#child(depth, off, state, low, down);
      if (down + lot[off]! <= high) this.#child(depth, off, USED, down + lot[off]!, high);
    } else {
      const onLots = node.cost;
      this.#consider(row);
      if (this.#isBetter(node.grades, onLots)) this.#settle(depth, grades);
    }
  }

  /** Branches on the shares of which it is open whether they are there: their fixed costs are not all counted, or they are too many. */
  #settle(depth: number, grades: number): void {
    const { count } = this.#offers;
    const { state, share, mostShares } = this.#node;
    const row = depth * ROWS;
    let shares = 0;
    for (let offer = 0; offer < count; offer += 1)
      if (share[row + offer]! > 0 && state[row + offer] !== SLACK) shares += 1;
    const tooMany = shares > mostShares;
    let open = false;
    for (let offer = 0; offer < count && !open; offer += 1) open = this.#isOpen(row, offer, tooMany);
    if (!open) return;
    // All of them used; or all after one of them, and that one not.
    if (!tooMany) this.#settleAfter(depth, -1, tooMany);
    for (let offer = count - 1; offer >= 0; offer -= 1)
      if (this.#isOpen(row, offer, tooMany) && this.#isBetter(grades, this.#without[row + offer]!))
        this.#settleAfter(depth, offer, tooMany);
  }

  #isOpen(row: number, offer: number, tooMany: boolean): boolean {
    const { state, share } = this.#node;
    return state[row + offer] === UNDECIDED && share[row + offer]! > 0 && (tooMany || this.#offers.fixed[offer]! > 0);
  }

  #settleAfter(depth: number, excluded: number, tooMany: boolean): void {
    const { count, min } = this.#offers;
    const { state, low } = this.#node;
    const row = depth * ROWS;
    const next = row + ROWS;
    this.#inherit(depth);
    for (let offer = excluded + 1; offer < count; offer += 1) {
      if (!this.#isOpen(row, offer, tooMany)) continue;
      state[next + offer] = USED;
      low[next + offer] = Math.max(low[next + offer]!, min[offer]!);
    }
    if (excluded >= 0) state[next + excluded] = EXCLUDED;
    this.#explore(depth + 1);
  }

  #child(depth: number, offer: number, state: number, low: number, high: number): void {
    this.#inherit(depth);
    const at = (depth + 1) * ROWS + offer;
    this.#node.state[at] = state;
    this.#node.low[at] = low;
    this.#node.high[at] = high;
    this.#explore(depth + 1);
  }

  #inherit(depth: number): void {
    const { state, low, high } = this.#node;
    const row = depth * ROWS;
    for (let at = row; at < row + this.#offers.count; at += 1) {
      state[at + ROWS] = state[at]!;
      low[at + ROWS] = low[at]!;
      high[at + ROWS] = high[at]!;
    }
  }

  #isBetter(grades: number, cost: number): boolean {
    return grades < this.#bestGrades || (grades === this.#bestGrades && cost < this.#bestCost);
  }

  #belowMinimum(row: number): number {
    const { count, min } = this.#offers;
    const { share } = this.#node;
    for (let offer = 0; offer < count; offer += 1)
      if (share[row + offer]! > 0 && share[row + offer]! < min[offer]!) return offer;
    return -1;
  }

  /** Who is off its lot; of several, who has the coarsest: finer ones make up for it. */
  #offLot(row: number): number {
    const { count, lot } = this.#offers;
    const { share } = this.#node;
    let found = -1;
    this.#severalOff = false;
    for (let offer = 0; offer < count; offer += 1) {
      if (share[row + offer] === 0 || restOf(share[row + offer]!, lot[offer]!) === 0) continue;
      this.#severalOff = found >= 0;
      if (found < 0 || lot[offer]! > lot[found]!) found = offer;
    }
    return found;
  }

  /** Takes a node's shares where they are allowed and better than the best: with their whole fixed costs, and in whole numbers. */
  #consider(row: number): void {
    const { count, first, price, until, grade, fixed } = this.#offers;
    const { share: shares, state, mostShares } = this.#node;
    let grades = 0;
    let cost = 0;
    let used = 0;
    for (let offer = 0; offer < count; offer += 1) {
      const share = shares[row + offer]!;
      if (share === 0) continue;
      if (state[row + offer] !== SLACK) used += 1;
      cost += fixed[offer]!;
      let from = 0;
      for (let level = first[offer]!; from < share; level += 1) {
        const take = Math.min(share, until[level]!) - from;
        cost += take * price[level]!;
        grades += take * grade[level]!;
        from += take;
      }
    }
    if (used > mostShares || !this.#isBetter(grades, cost)) return;
    this.#bestGrades = grades;
    this.#bestCost = cost;
    for (let offer = 0; offer < count; offer += 1) this.#best[offer] = shares[row + offer]!;
  }
}

const onlyOne = ({ count, share: shares }: Offers, offer: number, share: number, quantity: number): Allocation => {
  for (let each = 0; each < count; each += 1) shares[each] = 0;
  shares[offer] = share;
  return { unplaced: quantity - share, proven: true };
};

const search = new Search();
