/** Most venues that one order is split over. */
export const MOST_OFFERS = 32;
/** One more: what is not placed stands as an offer, too, while a split is searched. */
export const ROWS = MOST_OFFERS + 1;

/**
 * What each venue offers for one order, in units that all venues of the order share: quantities in one power of ten, the cost of a unit of
 * quantity in another.
 *
 * 1. An offer's levels stand best first. `until` is the quantity up to which a level reaches, `price` what a unit costs there with
 *    everything in it: fee, venue cost; for a sell, how much less a unit brings than the best offer's first.
 * 2. A level of a higher grade is taken only for what no lower grade can take, whatever it costs.
 * 3. A share is 0, or a multiple of `lot` from `min` to `most`; `min` and `most` are multiples of it. The levels reach as far as `most`.
 * 4. `fixed` is paid once where the share is not 0.
 *
 * It is filled anew for every decision and read by nothing after it: a decision allocates no levels.
 */
export class Offers {
  count = 0;
  /** Where the levels of each offer begin; behind the last offer, where the next would. */
  readonly first = new Int32Array(ROWS + 1);
  readonly lot = new Float64Array(ROWS);
  readonly min = new Float64Array(ROWS);
  readonly most = new Float64Array(ROWS);
  readonly fixed = new Float64Array(ROWS);
  /** What each offer got of the order, once it was split (`allocate.ts`). */
  readonly share = new Float64Array(ROWS);
  price = new Float64Array(1_024);
  until = new Float64Array(1_024);
  grade = new Uint8Array(1_024);
  #levels = 0;

  clear(): void {
    this.count = 0;
    this.#levels = 0;
  }

  /** The next level of the offer that is being made. */
  level(grade: number, price: number, until: number): void {
    const at = this.#levels;
    if (at === this.price.length) this.#grow();
    this.price[at] = price;
    this.until[at] = until;
    this.grade[at] = grade;
    this.#levels = at + 1;
  }

  /** Makes an offer of the levels that were added since the last one. */
  add(lot: number, min: number, most: number, fixed: number): void {
    const index = this.count;
    this.lot[index] = lot;
    this.min[index] = min;
    this.most[index] = most;
    this.fixed[index] = fixed;
    this.count = index + 1;
    this.first[this.count] = this.#levels;
  }

  /** Forgets the levels that were added since the last offer. */
  drop(): void {
    this.#levels = this.first[this.count] ?? 0;
  }

  /** Takes the offer back that was added last. */
  pop(): void {
    this.count -= 1;
    this.drop();
  }

  #grow(): void {
    const { price, until, grade } = this;
    this.price = new Float64Array(price.length * 2);
    this.until = new Float64Array(price.length * 2);
    this.grade = new Uint8Array(price.length * 2);
    this.price.set(price);
    this.until.set(until);
    this.grade.set(grade);
  }
}
