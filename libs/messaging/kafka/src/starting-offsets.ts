import type { Kafka } from 'kafkajs';
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

/** The first offset and the one after the last of every partition. */
async function extentsOf(kafka: Kafka, topics: readonly string[]): Promise<ReadonlyMap<string, Extent>> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const found = await Promise.all(
      topics.map(async (topic) =>
        (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }): [string, Extent] => [
          `${topic}\n${partition}`,
          { low: BigInt(low), high: BigInt(high) },
        ]),
      ),
    );
    return new Map(found.flat());
  } finally {
    await admin.disconnect();
  }
}

interface Extent {
  readonly low: bigint;
  readonly high: bigint;
}
