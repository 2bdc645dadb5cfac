import { describe, expect, it } from '@jest/globals';
import type { Cluster, GroupMember } from 'kafkajs';
import { coPartitionedAssigner } from './co-partitioned-assigner.js';
import { kafkajs } from './kafkajs-cures.js';

const counts: Readonly<Record<string, number>> = { SignalValidated: 24, OrderFilled: 24, 'A.risk.dlt': 1 };
const cluster = {
  findTopicPartitionMetadata: (topic: string) =>
    Array.from({ length: counts[topic] ?? 0 }, (_, partitionId) => ({ partitionId })),
} as unknown as Cluster;

const deal = async (...ids: readonly string[]) => {
  const assigner = coPartitionedAssigner({ cluster } as never);
  const members = ids.map((memberId): GroupMember => ({ memberId, memberMetadata: Buffer.alloc(0) }));
  const assignments = await assigner.assign({ members, topics: Object.keys(counts) });
  return new Map(
    assignments.map(({ memberId, memberAssignment }) => [
      memberId,
      kafkajs.AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment ?? {},
    ]),
  );
};

describe('the co-partitioning assigner', () => {
  it.each([1, 2, 5, 24, 30])('deals each partition of all topics to one of %i members, evenly', async (count) => {
    const dealt = await deal(...Array.from({ length: count }, (_, i) => `m${String(i)}`));
    const shares = [...dealt.values()].map((assignment) => assignment['SignalValidated'] ?? []);
    expect(shares.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 24 }, (_, partition) => partition));
    const sizes = shares.map((share) => share.length);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    for (const assignment of dealt.values()) expect(assignment['OrderFilled']).toEqual(assignment['SignalValidated']);
  });

  it('deals the same whatever order the members come in', async () => {
    expect(await deal('b', 'a', 'c')).toEqual(await deal('c', 'b', 'a'));
  });

  it('gives the one partition of a dead letter topic to the owner of partition 0', async () => {
    const dealt = await deal('a', 'b');
    expect(dealt.get('a')?.['A.risk.dlt']).toEqual([0]);
    expect(dealt.get('b')?.['A.risk.dlt']).toBeUndefined();
  });
});
