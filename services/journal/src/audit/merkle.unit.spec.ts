import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { merkleRoot } from './merkle.js';

/** The definition of RFC 9162, section 2.1.1, word by word, over leaves that are hashes already. */
const defined = (entries: readonly Uint8Array[]): Buffer => {
  const [only] = entries;
  if (only === undefined) return createHash('sha256').digest();
  if (entries.length === 1) return Buffer.from(only);
  let k = 1;
  while (k * 2 < entries.length) k *= 2;
  const [left, right] = [defined(entries.slice(0, k)), defined(entries.slice(k))];
  return createHash('sha256').update(Buffer.of(1)).update(left).update(right).digest();
};

const lists = fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 70 });

describe('the Merkle root of a batch', () => {
  it('is the one that RFC 9162 defines, for every number of rows', () => {
    fc.assert(fc.property(lists, (entries) => merkleRoot(entries).equals(defined(entries))));
  });

  it('differs when one bit of one row does', () => {
    fc.assert(
      fc.property(lists, fc.nat(), fc.nat(7), (entries, which, bit) => {
        fc.pre(entries.length > 0);
        const changed = entries.map((row) => Uint8Array.from(row));
        const victim = changed[which % entries.length]!;
        victim[which % victim.length]! ^= 1 << bit;
        expect(merkleRoot(changed).equals(merkleRoot(entries))).toBe(false);
      }),
    );
  });
});
