/** How long to wait before trying again: longer each time, and from the beginning after a time of quiet. */
export class Patience {
  #tries = 0;
  #lastAt = Number.NEGATIVE_INFINITY;

  /** All in milliseconds; `forgetAfter` is how long nothing must have been tried. */
  constructor(
    private readonly first: number,
    private readonly longest: number,
    private readonly forgetAfter: number,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** The first try after a quiet time does not wait; each is up to a fifth shorter than it could be, so that many do not come together. */
  next(): number {
    const now = this.now();
    if (now - this.#lastAt > this.forgetAfter) this.#tries = 0;
    const wait = this.#tries === 0 ? 0 : Math.min(this.first * 2 ** (this.#tries - 1), this.longest);
    this.#tries = Math.min(this.#tries + 1, 20);
    // The waiting itself is no time of quiet.
    this.#lastAt = now + wait;
    return wait * (0.8 + 0.2 * Math.random());
  }
}
