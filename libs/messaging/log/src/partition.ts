/**
 * The partition of a key: Java's murmur2 over the UTF-8 bytes, sign bit cleared, modulo the partition count. Kafka's own default
 * partitioner, so that strategies in any language (librdkafka: `partitioner=murmur2_random`) keep a user in one partition.
 */
export const partitionOf = (key: string, partitions: number): number =>
  (murmur2(Buffer.from(key, 'utf8')) & 0x7fffffff) % partitions;

const M = 0x5bd1e995;

/** The 32-bit murmur2 hash with Kafka's seed, as a signed integer. */
export const murmur2 = (data: Uint8Array): number => {
  const length = data.length;
  let h = 0x9747b28c ^ length;
  const blocks = length & ~3;
  for (let i = 0; i < blocks; i += 4) {
    let k = at(data, i) | (at(data, i + 1) << 8) | (at(data, i + 2) << 16) | (at(data, i + 3) << 24);
    k = Math.imul(k, M);
    k ^= k >>> 24;
    h = Math.imul(h, M) ^ Math.imul(k, M);
  }
  const rest = length - blocks;
  if (rest === 3) h ^= at(data, blocks + 2) << 16;
  if (rest >= 2) h ^= at(data, blocks + 1) << 8;
  if (rest >= 1) h = Math.imul(h ^ at(data, blocks), M);
  h ^= h >>> 13;
  h = Math.imul(h, M);
  return h ^ (h >>> 15);
};

const at = (data: Uint8Array, index: number): number => data[index] ?? 0;
