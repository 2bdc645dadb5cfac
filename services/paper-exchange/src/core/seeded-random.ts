/** A reproducible stream of numbers in [0, 1), a pure function of its key. Not for secrets. */
export type SeededRandom = () => number;

/** FNV-1a over the UTF-16 code units, finished with murmur3's mixer: nearby keys (tick 1, tick 2) give unrelated values. */
const hashOf = (key: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
};

/** mulberry32, seeded with the hash of `key`: integer arithmetic only, so the same on every machine. */
export const seededRandom = (key: string): SeededRandom => {
  let state = hashOf(key);
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
};

/** One of `items`, each as likely as the other; `undefined` of an empty list. */
export const pick = <T>(random: SeededRandom, items: readonly T[]): T | undefined =>
  items[Math.floor(random() * items.length)];
