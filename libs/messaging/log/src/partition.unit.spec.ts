import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { murmur2, partitionOf } from './partition.js';

describe('the partition of a key', () => {
  // org.apache.kafka.common.utils.UtilsTest.testMurmur2: strategies in any language must land in the same partition.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])("hashes %s as Kafka's own tests do", (text, hash) => {
    expect(murmur2(Buffer.from(text))).toBe(hash);
  });

  it('is one of those there are, the same at each call, for any key', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 1_000 }), (key, partitions) => {
        const partition = partitionOf(key, partitions);
        expect(Number.isInteger(partition) && partition >= 0 && partition < partitions).toBe(true);
        expect(partitionOf(key, partitions)).toBe(partition);
      }),
    );
  });

  it('is never negative, whatever the sign of the hash', () => {
    expect(partitionOf('21', 24)).toBe((-973932308 & 0x7fffffff) % 24);
  });

  it('spreads users evenly', () => {
    const counts = new Map<number, number>();
    for (let user = 0; user < 24_000; user += 1) {
      const partition = partitionOf(`user-${String(user)}`, 24);
      counts.set(partition, (counts.get(partition) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expect(Math.max(...counts.values())).toBeLessThan(1_200);
    expect(Math.min(...counts.values())).toBeGreaterThan(800);
  });
});
