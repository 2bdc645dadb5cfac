/* eslint-disable @typescript-eslint/no-non-null-assertion -- indices run over arrays whose length is known, millions of times a second. */
import { restOf } from '../grid.js';
import { ROWS, type Offers } from './offers.js';

/** What a node of the search says of an offer. `SLACK` is the offer of what is not placed: it costs no share. */
export const UNDECIDED = 0;
export const USED = 1;
export const EXCLUDED = 2;
export const SLACK = 3;

/** Nodes on one path of a search. */
export const DEEPEST = 96;

/**
 * The best shares within what a node of the search allows, where nothing else binds: an undecided offer may have any share, on its lot or off
 * it, and its fixed cost stands at its least, spread over the most that it could take. Nothing that a node allows costs less.
 *
 * Each offer's levels rise, so that to take the cheapest next level of any offer is optimal (Fox, "Discrete optimization via marginal
 * analysis", 1966).
 *
 * A node is a row of `ROWS`. One object serves all searches, for its memory alone.
 */
export class Relaxation {
  readonly state = new Uint8Array((DEEPEST + 1) * ROWS);
  readonly low = new Float64Array((DEEPEST + 1) * ROWS);
  readonly high = new Float64Array((DEEPEST + 1) * ROWS);
  readonly share = new Float64Array((DEEPEST + 1) * ROWS);
  readonly spread = new Float64Array(ROWS);
  /** What the shares cost, a fixed cost's part included where it is spread. */
  readonly paid = new Float64Array((DEEPEST + 1) * ROWS);
  /** Of what is taken: the sum of its grades, and its cost. */
  grades = 0;
  cost = 0;
  /** What was taken last: its grade, and what a unit of it costs, a fixed cost's part included. */
  lastGrade = 0;
  lastPrice = 0;
  offers!: Offers;
  quantity = 0;
  mostShares = 0;
  /** Where each offer's next unit lies. */
  protected readonly level = new Int32Array(ROWS);
  #closed = EXCLUDED;
  /** Of each offer's next unit: its grade, and what it costs. */
  readonly #nextGrade = new Float64Array(ROWS);
  readonly #nextUnit = new Float64Array(ROWS);
  /** Offers that may have more, the cheapest next unit first. */
  readonly #queue = new Int32Array(ROWS);
  /** Who took last. */
  #last = -1;

  /** Shares without regard for lots. False where the least that the node demands is too much. */
  relax(row: number): boolean {
    let need = this.begin(row);
    if (need < 0) return false;
    const { count, until } = this.offers;
    const { paid, share, high, level } = this;
    const queue = this.#queue;
    const nextGrade = this.#nextGrade;
    const nextUnit = this.#nextUnit;
    let waiting = 0;
    for (let offer = 0; offer < count; offer += 1) {
      this.lookAhead(row, offer);
      if (nextGrade[offer] === Infinity) continue;
      queue[waiting] = offer;
      waiting += 1;
      for (let at = waiting - 1; at > 0 && this.#goesBefore(offer, queue[at - 1]!); at -= 1) {
        queue[at] = queue[at - 1]!;
        queue[at - 1] = offer;
      }
    }
    const { price, grade } = this.offers;
    let { grades, cost, lastGrade, lastPrice } = this;
    let best = -1;
    while (need > 0) {
      // There is always one: what is not placed.
      best = queue[0]!;
      const at = row + best;
      const most = high[at]!;
      const extra = this.extra(row, best);
      let from = share[at]!;
      let its = level[best]!;
      let sum = paid[at]!;
      let nextIsFirst = true;
      // Level by level, as long as it is the cheapest.
      while (need > 0 && nextIsFirst) {
        lastGrade = nextGrade[best]!;
        lastPrice = nextUnit[best]!;
        const reach = until[its]!;
        const take = Math.min(need, most - from, reach - from);
        cost += take * lastPrice;
        grades += take * lastGrade;
        sum += take * lastPrice;
        from += take;
        need -= take;
        if (from === reach) its += 1;
        const open = from < most;
        nextGrade[best] = open ? grade[its]! : Infinity;
        nextUnit[best] = open ? price[its]! + extra : Infinity;
        nextIsFirst = waiting === 1 || this.#goesBefore(best, queue[1]!);
      }
      share[at] = from;
      level[best] = its;
      paid[at] = sum;
      if (nextIsFirst) continue;
      // Back among the others; most of them are dearer by far and are not looked at.
      let next = 1;
      for (; next < waiting && this.#goesBefore(queue[next]!, best); next += 1) queue[next - 1] = queue[next]!;
      queue[next - 1] = best;
    }
    this.grades = grades;
    this.cost = cost;
    this.lastGrade = lastGrade;
    this.lastPrice = lastPrice;
    this.#last = best;
    return true;
  }

  /** Whether an offer's next unit is taken before another's: the cheaper one is; of equals, the one that was offered first. */
  #goesBefore(offer: number, other: number): boolean {
    const grade = this.#nextGrade[offer]!;
    const otherGrade = this.#nextGrade[other]!;
    if (grade !== otherGrade) return grade < otherGrade;
    const unit = this.#nextUnit[offer]!;
    const otherUnit = this.#nextUnit[other]!;
    return unit < otherUnit || (unit === otherUnit && offer < other);
  }

  /**
   * Puts the one share of a relaxed node that is off its lot on it, where it is plain how: who took last gives what it has beyond its lot,
   * `left`, to the finer offer whose next unit is the cheapest; or fills its lot up with what the finer offer gives back whose last unit is
   * the dearest.
   *
   * Where lots are a chain, whichever of the two costs less is best. For whatever shares on their lots there are, the finer offers together
   * have `left` more than here, or `lot - left` less, or whole lots beyond either, because all others move by whole lots; each unit more
   * costs at least what the cheapest next one is above the last unit that was taken, each unit less saves at most what the dearest is below.
   *
   * @returns false where it is not plain, or where another way costs the same, and nothing has changed
   */
  roundOff(row: number, off: number): boolean {
    if (off !== this.#last) return false;
    const { count, lot } = this.offers;
    let cheapest = -1;
    let dearest = -1;
    let more = Infinity;
    let less = Infinity;
    for (let offer = 0; offer < count; offer += 1) {
      if (offer === off) continue;
      const finer = lot[offer]! < lot[off]!;
      if (this.#nextGrade[offer] === this.lastGrade) {
        const dearer = this.#nextUnit[offer]! - this.lastPrice;
        if (dearer === 0 || (finer && dearer === more)) return false;
        if (finer && dearer < more) {
          cheapest = offer;
          more = dearer;
        }
      }
      const level = this.#lastLevelOf(row, offer);
      if (level < 0 || this.offers.grade[level] !== this.lastGrade) continue;
      const cheaper = this.lastPrice - this.offers.price[level]! - this.extra(row, offer);
      if (cheaper === 0 || (finer && cheaper === less)) return false;
      if (finer && cheaper < less) {
        dearest = offer;
        less = cheaper;
      }
    }
    const left = restOf(this.share[row + off]!, lot[off]!);
    const missing = lot[off]! - left;
    const above = left * more;
    const below = missing * less;
    if (above < below) {
      if (!this.#move(row, off, cheapest, left)) return false;
      this.cost += above;
      return true;
    }
    // Its own next unit must cost what its last one did.
    if (this.#nextUnit[off] !== this.lastPrice || this.#nextGrade[off] !== this.lastGrade) return false;
    if (!(below < above) || !this.#move(row, dearest, off, missing)) return false;
    this.cost += below;
    return true;
  }

  /** In which level the last unit lies that an offer could give back; -1 where it has none. */
  #lastLevelOf(row: number, offer: number): number {
    const at = row + offer;
    if (this.share[at]! <= (this.state[at] === USED ? this.low[at]! : 0)) return -1;
    const level = this.level[offer]!;
    return level > this.offers.first[offer]! && this.share[at] === this.offers.until[level - 1] ? level - 1 : level;
  }

  /** Moves units from an offer's last level to another's next one, where both hold as many and are on their lots then. */
  #move(row: number, from: number, to: number, units: number): boolean {
    const { first, lot, until } = this.offers;
    const { high, level, low, share, state } = this;
    const gets = share[row + to]! + units;
    const keeps = share[row + from]! - units;
    if (restOf(gets, lot[to]!) !== 0 || restOf(keeps, lot[from]!) !== 0) return false;
    const last = this.#lastLevelOf(row, from);
    const begins = last > first[from]! ? until[last - 1]! : 0;
    if (last < 0 || keeps < begins || (state[row + from] === USED && keeps < low[row + from]!)) return false;
    if (gets > Math.min(high[row + to]!, until[level[to]!]!)) return false;
    share[row + to] = gets;
    share[row + from] = keeps;
    return true;
  }

  /**
   * What a relaxed node would cost at least if an offer had no share: each of its units would be another's that costs no less than the last
   * one that was taken.
   */
  costWithout(row: number, offer: number): number {
    return this.cost + this.lastPrice * this.share[row + offer]! - this.paid[row + offer]!;
  }

  /** What an offer's next unit is. */
  lookAhead(row: number, offer: number): void {
    const level = this.level[offer]!;
    const open = this.isOpen(row, offer);
    this.#nextGrade[offer] = open ? this.offers.grade[level]! : Infinity;
    this.#nextUnit[offer] = open ? this.offers.price[level]! + this.extra(row, offer) : Infinity;
  }

  /**
   * Gives every offer what the node demands of it at least, or the given shares, which are no less. @returns what is left to be placed; less
   * than 0 where that is too much already
   */
  protected begin(row: number, shares?: Float64Array): number {
    const { count, first, price, until, grade, fixed } = this.offers;
    let need = this.quantity;
    let used = 0;
    this.grades = 0;
    this.cost = 0;
    this.lastGrade = 0;
    for (let offer = 0; offer < count; offer += 1) {
      const state = this.state[row + offer]!;
      const to = shares === undefined ? (state === USED ? this.low[row + offer]! : 0) : shares[offer]!;
      const extra = state === UNDECIDED ? this.spread[offer]! : 0;
      let level = first[offer]!;
      let from = 0;
      let paid = 0;
      if (state === USED) {
        used += 1;
        this.cost += fixed[offer]!;
      }
      while (from < to) {
        const take = Math.min(to, until[level]!) - from;
        paid += take * (price[level]! + extra);
        this.grades += take * grade[level]!;
        from += take;
        if (from === until[level]!) level += 1;
      }
      this.cost += paid;
      this.paid[row + offer] = paid;
      this.share[row + offer] = from;
      this.level[offer] = level;
      need -= from;
    }
    this.#closed = used >= this.mostShares ? UNDECIDED : EXCLUDED;
    return used > this.mostShares ? -1 : need;
  }

  /** Whether the node lets an offer have more. */
  protected isOpen(row: number, offer: number): boolean {
    const state = this.state[row + offer]!;
    return state !== EXCLUDED && state !== this.#closed && this.share[row + offer]! < this.high[row + offer]!;
  }

  /** What a unit costs beside its level: an undecided offer's fixed cost, spread. */
  protected extra(row: number, offer: number): number {
    return this.state[row + offer] === UNDECIDED ? this.spread[offer]! : 0;
  }
}
