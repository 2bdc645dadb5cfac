import { watermarkKey, type Watermark } from '@switchyard/log';
import { tieLog } from '@switchyard/log-postgres';
import type { Database } from '@switchyard/persistence';

/**
 * What a group's membership needs of the database, beside the broker: the shards' rows, their epochs, and how far the group has read.
 * Kafka says who should have a partition; the epoch in the database says who has it.
 */
export class Ownership {
  constructor(
    private readonly db: Database,
    private readonly group: string,
    private readonly member: string,
    private readonly partitions: number,
  ) {}

  /** Creates the shards' rows; throws `OtherLog` where the deployment has another number of partitions. */
  async prepare(topics: readonly string[]): Promise<void> {
    await tieLog(this.db, this.partitions);
    await this.db.query(
      'INSERT INTO log.shards (deployment, partition) SELECT $1, generate_series(0, $2 - 1) ON CONFLICT DO NOTHING',
      [this.group, this.partitions],
    );
    await this.db.query(
      'INSERT INTO log.subscriptions (group_name, topic) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING',
      [this.group, topics],
    );
  }

  /** Raises the partitions' epochs: whoever had them can store nothing from then on. Waits for the transaction that may hold them. */
  async claim(partitions: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const { rows } = await this.db.query<{ partition: number; epoch: string }>(CLAIM, [
      this.group,
      partitions,
      this.member,
    ]);
    return new Map(rows.map(({ partition, epoch }) => [partition, Number(epoch)]));
  }

  /** The next offset to read of each topic and partition that the group has read before. */
  async positions(partitions: readonly number[]): Promise<readonly Position[]> {
    const { rows } = await this.db.query<Position>(POSITIONS, [this.group, partitions]);
    return rows;
  }

  /** The same, once nobody's transaction on these partitions is under way: a commit whose answer got lost may still be at work. */
  settledPositions(partitions: readonly number[]): Promise<readonly Position[]> {
    return this.db.transaction(async (tx) => {
      await tx.query(SETTLE, [this.group, partitions]);
      const { rows } = await tx.query<Position>(POSITIONS, [this.group, partitions]);
      return rows;
    });
  }

  async epochs(partitions: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const { rows } = await this.db.query<{ partition: number; epoch: string }>(
      'SELECT partition, epoch FROM log.shards WHERE deployment = $1 AND partition = ANY ($2)',
      [this.group, partitions],
    );
    return new Map(rows.map(({ partition, epoch }) => [partition, Number(epoch)]));
  }

  /** What the group has seen of each source, by `watermarkKey`. */
  async watermarks(partitions: readonly number[]): Promise<ReadonlyMap<string, Watermark>> {
    const { rows } = await this.db.query<WatermarkColumns>(WATERMARKS, [this.group, partitions]);
    return new Map(
      rows.map(({ topic, partition, origin, generation, sequence }) => [
        watermarkKey(topic, partition, origin),
        { generation, sequence: Number(sequence) },
      ]),
    );
  }
}

interface WatermarkColumns {
  readonly topic: string;
  readonly partition: number;
  readonly origin: string;
  readonly generation: number;
  readonly sequence: string;
}

export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly position: string;
}

const CLAIM = {
  name: 'log_kafka_claim',
  text: `
    WITH locked AS (
      SELECT deployment, partition FROM log.shards WHERE deployment = $1 AND partition = ANY ($2) ORDER BY partition FOR UPDATE
    )
    UPDATE log.shards s SET owner = $3, epoch = s.epoch + 1 FROM locked l
    WHERE s.deployment = l.deployment AND s.partition = l.partition
    RETURNING s.partition, s.epoch`,
};
const SETTLE = {
  name: 'log_kafka_settle',
  text: 'SELECT FROM log.shards WHERE deployment = $1 AND partition = ANY ($2) ORDER BY partition FOR SHARE',
};
const POSITIONS = {
  name: 'log_kafka_positions',
  text: 'SELECT topic, partition, position FROM log.positions WHERE group_name = $1 AND partition = ANY ($2)',
};
const WATERMARKS = {
  name: 'log_kafka_watermarks',
  text: 'SELECT topic, partition, origin, generation, sequence FROM log.watermarks WHERE group_name = $1 AND partition = ANY ($2)',
};
