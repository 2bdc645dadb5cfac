import type { PartitionAssigner } from 'kafkajs';
import { kafkajs } from './kafkajs-cures.js';

const NAME = 'SwitchyardCoPartitioned';

/**
 * Deals partition p of every topic to the same member: the (p modulo n)th of the n members in the order of their ids. A stage's state
 * of partition p is then changed by one member alone, whatever topic an event came from. (kafkajs's own assigner deals the flattened
 * list of topics and partitions, so that partition 3 of two topics lands on different members.)
 */
export const coPartitionedAssigner: PartitionAssigner = ({ cluster }) => ({
  name: NAME,
  version: 1,

  assign({ members, topics }) {
    const ids = members.map(({ memberId }) => memberId).sort();
    const shares = ids.map((): Record<string, number[]> => ({}));
    for (const topic of topics) {
      for (const { partitionId } of cluster.findTopicPartitionMetadata(topic)) {
        const share = shares[partitionId % ids.length];
        if (share === undefined) continue;
        (share[topic] ??= []).push(partitionId);
      }
    }
    return Promise.resolve(
      ids.map((memberId, index) => ({
        memberId,
        memberAssignment: kafkajs.AssignerProtocol.MemberAssignment.encode({
          version: 1,
          assignment: shares[index] ?? {},
          userData: Buffer.alloc(0),
        }),
      })),
    );
  },

  protocol({ topics }) {
    return {
      name: NAME,
      metadata: kafkajs.AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData: Buffer.alloc(0) }),
    };
  },
});
