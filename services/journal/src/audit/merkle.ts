import { hash } from 'node:crypto';

const SIZE = 32;
const NODE = 1;

/**
 * The root of a Merkle tree over hashes of 32 bytes, with the shape and the inner nodes of RFC 9162 (section 2.1.1): a row's membership
 * can be proven by the log2(n) hashes beside its path. The leaves are the row hashes as they are: what those were made from begins
 * with `[`, an inner node's input with the byte 1, so no row can pass for a node.
 */
export const merkleRoot = (leaves: readonly Uint8Array[]): Buffer => {
  if (leaves.length === 0) return Buffer.from(hash('sha256', '', 'hex'), 'hex');
  const level = Buffer.concat(leaves);
  const pair = Buffer.alloc(1 + 2 * SIZE, NODE);
  // Pairing level by level, an odd one passing up, gives the same tree as splitting at the largest power of two.
  for (let count = leaves.length; count > 1; count = (count + 1) >> 1) {
    for (let i = 0; i < count; i += 2) {
      const at = (i >> 1) * SIZE;
      level.copy(pair, 1, i * SIZE, (i + 2) * SIZE);
      if (i + 1 === count) level.copyWithin(at, i * SIZE, (i + 1) * SIZE);
      // Hex is the fastest way out of node:crypto for so few bytes.
      else level.write(hash('sha256', pair, 'hex'), at, SIZE, 'hex');
    }
  }
  return level.subarray(0, SIZE);
};
