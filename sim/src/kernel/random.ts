/**
 * The only chance in a simulation: sfc32, seeded by text. Streams with different names are independent, so that what one part of the
 * simulation draws moves nothing in another.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(readonly seed: string) {
    const [a, b, c] = seedsOf(seed);
    this.#a = a;
    this.#b = b;
    this.#c = c;
    for (let round = 0; round < 15; round += 1) this.next();
  }

  /** A stream of its own. */
  stream(name: string): Random {
    return new Random(`${this.seed}/${name}`);
  }

  /** In [0, 1). */
  next(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (this.#c << 21) | (this.#c >>> 11);
    this.#c = (this.#c + sum) | 0;
    return (sum >>> 0) / 4_294_967_296;
  }

  chance(probability: number): boolean {
    return probability > 0 && this.next() < probability;
  }

  /** In [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** A whole number in [0, count). */
  below(count: number): number {
    return Math.floor(this.next() * count);
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('there is nothing to choose from');
    return item;
  }
}

/** Three words of a 32-bit FNV-1a hash of the text, each with a basis of its own. */
const seedsOf = (text: string): readonly [number, number, number] => {
  const word = (basis: number): number => {
    let hash = basis;
    for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
    return hash | 0;
  };
  return [word(0x811c9dc5), word(0x2f5a1b37), word(0x6c62272e)];
};
