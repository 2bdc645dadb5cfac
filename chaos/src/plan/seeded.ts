import { hash } from 'node:crypto';

/** The next number of a sequence, in [0, 1). */
export type Random = () => number;

/** A sequence of its own for each seed and name: the same on every machine and in every version of Node (sfc32 over sha256). */
export const seeded = (seed: number, ...names: readonly string[]): Random => {
  const digest = Buffer.from(hash('sha256', [seed, ...names].join('/'), 'hex'), 'hex');
  let a = digest.readInt32LE(0);
  let b = digest.readInt32LE(4);
  let c = digest.readInt32LE(8);
  let counter = digest.readInt32LE(12);
  return () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
};

export const between = (random: Random, least: number, most: number): number => least + random() * (most - least);

/** Throws where there is nothing to choose from. */
export const pick = <T>(random: Random, from: readonly T[]): T => {
  const chosen = from[Math.floor(random() * from.length)];
  if (chosen === undefined) throw new Error('there is nothing to choose from');
  return chosen;
};

export const shuffled = <T>(random: Random, items: readonly T[]): readonly T[] =>
  items
    .map((item) => ({ item, at: random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ item }) => item);
