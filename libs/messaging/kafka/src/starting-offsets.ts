import type { Admin, Kafka } from 'kafkajs';
import { originOf } from './client.js';
import type { Position } from './ownership.js';

/** Partitions of one topic that are read together. */
export interface Places {
  readonly topic: string;
  readonly partitions: number[];
}

export interface Offset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

/** The group stopped at a place that the log does not have any more: records were deleted unread, or the topic was made anew. */
export class PositionLost extends Error {
  constructor(topic: string, partition: number, at: bigint, low: bigint, high: bigint) {
    super(
      at < low
        ? `${low - at} records of ${topic}/${partition} were deleted by Kafka before they were read; reading goes on at ${low}.`
        : `${topic}/${partition} ends at ${high}, and was read up to ${at}: the topic was made anew. It is read from ${low}.`,
    );
    this.name = 'PositionLost';
  }
}

/** A topic that has just been made, or has lost a leader: not every broker has heard of it. It passes within seconds, and nobody need hear of it. */
export class TopicNotThereYet extends Error {
  constructor(topic: string, cause: unknown) {
    super(`Kafka's topic ${topic} does not answer on all of its partitions yet.`, { cause });
    this.name = 'TopicNotThereYet';
  }
}

/** Where to go on: where the group stopped, as far as the log still has it (else `onLost` is told); else at the log's first record. */
export async function startingOffsets(
  kafka: Kafka,
  places: readonly Places[],
  positions: readonly Position[],
  onLost: (error: PositionLost) => void,
): Promise<readonly Offset[]> {
  const stored = new Map(positions.map((row) => [`${row.topic}\n${row.partition}`, BigInt(row.position)]));
  const extents = await extentsOf(
    kafka,
    places.map(({ topic }) => topic),
  );
  return places.flatMap(({ topic, partitions }) =>
    partitions.map((partition) => {
      const at = stored.get(`${topic}\n${partition}`);
      const { low, high } = extents.get(`${topic}\n${partition}`) ?? { low: 0n, high: 0n };
      if (at !== undefined && at >= low && at <= high) return { topic, partition, offset: at };
      if (at !== undefined) onLost(new PositionLost(topic, partition, at, low, high));
      return { topic, partition, offset: low };
    }),
  );
}

/**
 * The first offset and the one after the last of every partition. One topic after the other: asked for several at once, kafkajs gives them
 * one common answer about where partitions are, which may be from before one of them was named, and fails on it with a TypeError.
 */
async function extentsOf(kafka: Kafka, topics: readonly string[]): Promise<ReadonlyMap<string, Extent>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const found = new Map<string, Extent>();
    for (const topic of topics) {
      for (const { partition, low, high } of await offsetsOf(admin, topic))
        found.set(`${topic}\n${partition}`, { low: BigInt(low), high: BigInt(high) });
    }
    return found;
  } finally {
    await admin.disconnect();
  }
}

const offsetsOf = async (admin: Admin, topic: string): ReturnType<Admin['fetchTopicOffsets']> => {
  try {
    return await admin.fetchTopicOffsets(topic);
  } catch (error) {
    const origin = originOf(error);
    throw origin instanceof Error && 'type' in origin && NOT_YET.has(String(origin.type))
      ? new TopicNotThereYet(topic, error)
      : error;
  }
};

const NOT_YET = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION']);

interface Extent {
  readonly low: bigint;
  readonly high: bigint;
}
