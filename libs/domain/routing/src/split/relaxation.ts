/* eslint-disable @typescript-eslint/no-non-null-assertion -- indices run over arrays whose length is known, millions of times a second. */
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

  /** Shares without regard for lots. False where the least that the node demands is too much. */
  relax(row: number): boolean {
    let need = this.begin(row);
    if (need < 0) return false;
    const { count, until } = this.offers;
    const { paid, share, high } = this;
    const nextGrade = this.#nextGrade;
    const nextUnit = this.#nextUnit;
    for (let offer = 0; offer < count; offer += 1) this.#lookAhead(row, offer);
    while (need > 0) {
      // There is always one: what is not placed.
      let best = 0;
      for (let offer = 1; offer < count; offer += 1)
        if (
          nextGrade[offer]! < nextGrade[best]! ||
          (nextGrade[offer]! === nextGrade[best]! && nextUnit[offer]! < nextUnit[best]!)
        )
          best = offer;
      const at = row + best;
      const take = Math.min(need, high[at]! - share[at]!, until[this.level[best]!]! - share[at]!);
      const cost = take * nextUnit[best]!;
      this.lastGrade = nextGrade[best]!;
      this.lastPrice = nextUnit[best]!;
      this.cost += cost;
      this.grades += take * this.lastGrade;
      paid[at] = paid[at]! + cost;
      this.advance(row, best, take);
      this.#lookAhead(row, best);
      need -= take;
    }
    return true;
  }

  /**
   * What a relaxed node would cost at least if an offer had no share: each of its units would be another's that costs no less than the last
   * one that was taken.
   */
  costWithout(row: number, offer: number): number {
    return this.cost + this.lastPrice * this.share[row + offer]! - this.paid[row + offer]!;
  }

  #lookAhead(row: number, offer: number): void {
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

  /** Gives an offer more, within its level. */
  protected advance(row: number, offer: number, take: number): void {
    const at = row + offer;
    this.share[at] = this.share[at]! + take;
    if (this.share[at] === this.offers.until[this.level[offer]!]!) this.level[offer] = this.level[offer]! + 1;
  }
}
