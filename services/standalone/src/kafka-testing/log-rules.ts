import type { TopicRecord } from './topic-log.js';

/** What the topics promise to whoever reads them (docs/reference/events.md; G3). Each rule answers with what breaks it: nothing, if it holds. */

/** A key has one partition, the same on every topic. */
export const keysInSeveralPartitions = (records: readonly TopicRecord[]): readonly string[] => {
  const places = new Map<string, Set<number>>();
  for (const { key, partition } of records) places.set(key, (places.get(key) ?? new Set()).add(partition));
  return [...places].filter(([, partitions]) => partitions.size > 1).map(([key]) => key);
};

/**
 * A source's numbers rise by one in each topic and partition, from 1. A batch that was published again (its confirmation was lost with a
 * process) repeats numbers that were there, with the same ids.
 */
export const brokenNumbering = (records: readonly TopicRecord[]): readonly string[] => {
  const sources = Map.groupBy(numbered(records), ({ topic, partition, headers }) =>
    [headers['ce_source'], topic, String(partition)].join(' '),
  );
  return [...sources].flatMap(([source, some]) => {
    const ids = new Map<number, string | undefined>();
    for (const { headers } of inOrder(some)) {
      const sequence = Number(headers['ce_sequence']);
      if (ids.has(sequence) ? ids.get(sequence) !== headers['ce_id'] : sequence !== ids.size + 1)
        return [`${source}: ${sequence} after ${ids.size}`];
      ids.set(sequence, headers['ce_id']);
    }
    return [];
  });
};

/** How many records are on their topic for a second time. */
export const repeated = (records: readonly TopicRecord[]): number => {
  const own = numbered(records);
  return own.length - new Set(own.map(({ topic, headers }) => `${topic} ${headers['ce_id'] ?? ''}`)).size;
};

/** An order's versions rise by one over all of its events' topics: 1 to as many as there are. */
export const brokenVersions = (
  events: readonly { readonly orderId: string; readonly orderVersion?: number }[],
): readonly string[] => {
  const versions = new Map<string, Set<number>>();
  for (const { orderId, orderVersion } of events)
    if (orderVersion !== undefined) versions.set(orderId, (versions.get(orderId) ?? new Set()).add(orderVersion));
  return [...versions]
    .filter(([, seen]) => Math.max(...seen) !== seen.size || !seen.has(1))
    .map(([orderId]) => orderId);
};

const numbered = (records: readonly TopicRecord[]): readonly TopicRecord[] =>
  records.filter(({ headers }) => headers['ce_source'] !== undefined && headers['ce_sequence'] !== undefined);

const inOrder = (records: readonly TopicRecord[]): readonly TopicRecord[] =>
  [...records].sort((a, b) => Number(BigInt(a.offset) - BigInt(b.offset)));
