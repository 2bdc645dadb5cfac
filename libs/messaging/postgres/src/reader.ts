import { RecordEvent, parseSource, type LogEvent, type StoredBatch } from '@switchyard/log';
import type { Database } from '@switchyard/persistence';
import { batchOf, type BatchRow } from './stage-store.js';

/**
 * Reads the stored batches of some topics and partitions, source by source, each in the order of its numbers. Batches that this process
 * committed come from memory while they follow on what was read; everything else comes from the table.
 */
export class LogReader {
  private readonly cursors = new Map<string, SourceCursor>();
  private partitions: ReadonlySet<number> = new Set();
  /** Topics to look for in the table: news from elsewhere, or something was missed. */
  private readonly stale: Set<string>;
  private held = 0;

  constructor(
    private readonly db: Database,
    private readonly group: string,
    private readonly topics: ReadonlySet<string>,
    /** Most events kept waiting in memory; beyond it they are left in the table. */
    private readonly maxHeld: number,
  ) {
    this.stale = new Set(topics);
  }

  own(partitions: Iterable<number>): void {
    this.partitions = new Set(partitions);
    for (const [key, cursor] of this.cursors) if (!this.partitions.has(cursor.partition)) this.forget(key, cursor);
    this.lookAgain();
  }

  /** @param topics where there is news; without them, anywhere */
  lookAgain(topics: Iterable<string> = this.topics): void {
    for (const topic of topics) if (this.topics.has(topic)) this.stale.add(topic);
  }

  /** Read these again from what the group has stored as seen. */
  rewind(topic: string, partition: number): void {
    for (const [key, cursor] of this.cursors)
      if (cursor.topic === topic && cursor.partition === partition) this.forget(key, cursor);
    this.stale.add(topic);
  }

  /** Batches fresh from a commit. @returns whether some of them are wanted here */
  offer(batches: readonly StoredBatch[]): boolean {
    let wanted = false;
    for (const batch of batches) {
      if (!this.topics.has(batch.topic) || !this.partitions.has(batch.partition)) continue;
      wanted = true;
      const cursor = this.cursors.get(cursorKey(batch.topic, batch.partition, batch.source));
      if (cursor === undefined || cursor.read + 1 !== batch.firstSequence || this.held > this.maxHeld)
        this.stale.add(batch.topic);
      else this.queue(cursor, batch);
    }
    return wanted;
  }

  /** What waits, by topic and partition, at most about `max` events together; `skip` are not touched. */
  async take(max: number, skip: ReadonlySet<string>): Promise<readonly ReadyEvents[]> {
    if (this.stale.size > 0 && this.held < max) await this.look(max);
    const ready = new Map<string, LogEvent[]>();
    let count = 0;
    for (const [key, cursor] of [...this.cursors]) {
      if (cursor.waiting.length === 0 || skip.has(placeKey(cursor.topic, cursor.partition))) continue;
      if (count >= max) break;
      // To the end of the line: next time others come first.
      this.cursors.delete(key);
      this.cursors.set(key, cursor);
      const place = placeKey(cursor.topic, cursor.partition);
      const events = ready.get(place) ?? [];
      ready.set(place, events);
      while (count < max && cursor.waiting.length > 0) {
        const batch = cursor.waiting.shift();
        if (batch === undefined) break;
        for (const [index, record] of batch.records.entries()) {
          const sequence = batch.firstSequence + index;
          if (sequence <= cursor.taken) continue;
          events.push(
            new RecordEvent(record, { topic: batch.topic, partition: batch.partition, source: batch.source, sequence }),
          );
          cursor.taken = sequence;
        }
        this.held -= batch.records.length;
        count += batch.records.length;
      }
    }
    return [...ready].filter(([, events]) => events.length > 0).map(([place, events]) => ({ place, events }));
  }

  /** Events in memory that nobody has taken. */
  get waitingEvents(): number {
    return this.held;
  }

  get waiting(): boolean {
    return this.stale.size > 0 || this.held > 0;
  }

  /** How many events of each topic the group has not dealt with: one in hand that can't be stored counts. */
  async lag(): Promise<ReadonlyMap<string, number>> {
    const heads = await this.heads(this.topics);
    const seen = await this.seen(heads);
    const lag = new Map<string, number>();
    for (const head of heads)
      lag.set(
        head.topic,
        (lag.get(head.topic) ?? 0) + Math.max(0, Number(head.last_sequence) - (seen(head) ?? Infinity)),
      );
    return lag;
  }

  private async look(max: number): Promise<void> {
    const topics = new Set(this.stale);
    this.stale.clear();
    try {
      const heads = await this.heads(topics);
      await this.introduce(heads);
      const behind: SourceCursor[] = [];
      for (const { topic, partition, source, last_sequence } of heads) {
        const cursor = this.cursors.get(cursorKey(topic, partition, source));
        if (cursor !== undefined && Number(last_sequence) > cursor.read) behind.push(cursor);
      }
      if (behind.length === 0) return;
      const { rows } = await this.db.query<BatchRow>(FETCH, [
        behind.map(({ topic }) => topic),
        behind.map(({ partition }) => partition),
        behind.map(({ source }) => source),
        behind.map(({ read }) => read),
        Math.ceil(max / behind.length),
      ]);
      for (const row of rows) {
        const batch = batchOf(row);
        const cursor = this.cursors.get(cursorKey(batch.topic, batch.partition, batch.source));
        if (cursor !== undefined && batch.firstSequence + batch.records.length - 1 > cursor.read)
          this.queue(cursor, batch);
      }
      // More than was fetched: the rest at the next look.
      if (rows.length > 0)
        for (const { topic, partition, source, last_sequence } of heads) {
          const cursor = this.cursors.get(cursorKey(topic, partition, source));
          if (cursor !== undefined && cursor.read < Number(last_sequence)) this.stale.add(topic);
        }
    } catch (error) {
      this.lookAgain(topics);
      throw error;
    }
  }

  private async heads(topics: ReadonlySet<string>): Promise<readonly HeadRow[]> {
    const { rows } = await this.db.query<HeadRow>(HEADS, [[...topics], [...this.partitions]]);
    return rows;
  }

  /** Sources not met yet begin after what the group has stored of them. */
  private async introduce(heads: readonly HeadRow[]): Promise<void> {
    const strangers = heads.filter(
      ({ topic, partition, source }) => !this.cursors.has(cursorKey(topic, partition, source)),
    );
    if (strangers.length === 0) return;
    const seen = await this.seen(strangers);
    for (const head of strangers) {
      const { topic, partition, source } = head;
      if (parseSource(source) === undefined) continue;
      const last = seen(head) ?? 0;
      this.cursors.set(cursorKey(topic, partition, source), {
        topic,
        partition,
        source,
        read: last,
        taken: last,
        waiting: [],
      });
    }
  }

  /** @returns the last number of a source that the group has dealt with; none of a source that was followed by a newer one */
  private async seen(heads: readonly HeadRow[]): Promise<(head: HeadRow) => number | undefined> {
    const { rows } = await this.db.query<MarkRow>(MARKS, [
      this.group,
      [...new Set(heads.map(({ partition }) => partition))],
    ]);
    const marks = new Map(rows.map((row) => [cursorKey(row.topic, row.partition, row.origin), row]));
    return ({ topic, partition, source }) => {
      const parsed = parseSource(source);
      if (parsed === undefined) return undefined;
      const mark = marks.get(cursorKey(topic, partition, `${parsed.deployment}/${String(parsed.shard)}`));
      if (mark === undefined || mark.generation < parsed.generation) return 0;
      return mark.generation === parsed.generation ? Number(mark.sequence) : undefined;
    };
  }

  private queue(cursor: SourceCursor, batch: StoredBatch): void {
    cursor.waiting.push(batch);
    cursor.read = batch.firstSequence + batch.records.length - 1;
    this.held += batch.records.length;
  }

  private forget(key: string, cursor: SourceCursor): void {
    for (const { records } of cursor.waiting) this.held -= records.length;
    this.cursors.delete(key);
  }
}

export interface ReadyEvents {
  /** `placeKey`. */
  readonly place: string;
  readonly events: readonly LogEvent[];
}

export const placeKey = (topic: string, partition: number): string => `${topic}\n${partition}`;
const cursorKey = (topic: string, partition: number, source: string): string => `${topic}\n${partition}\n${source}`;

interface SourceCursor {
  readonly topic: string;
  readonly partition: number;
  readonly source: string;
  /** Last number brought into memory. */
  read: number;
  /** Last number handed out. */
  taken: number;
  readonly waiting: StoredBatch[];
}

interface HeadRow {
  readonly topic: string;
  readonly partition: number;
  readonly source: string;
  readonly last_sequence: string;
}

interface MarkRow {
  readonly topic: string;
  readonly partition: number;
  readonly origin: string;
  readonly generation: number;
  readonly sequence: string;
}

const HEADS = {
  name: 'log_heads',
  text: 'SELECT topic, partition, source, last_sequence FROM log.heads WHERE topic = ANY ($1) AND partition = ANY ($2)',
};
const MARKS = {
  name: 'log_marks',
  text: 'SELECT topic, partition, origin, generation, sequence FROM log.watermarks WHERE group_name = $1 AND partition = ANY ($2)',
};
// From the batch that holds the next number, or, where that one is missing, the first beyond it; a bounded number of events from there.
const FETCH = {
  name: 'log_fetch',
  text: `
    SELECT b.source, b.batch, b.topic, b.partition, b.first_sequence, b.records
    FROM unnest($1::text[], $2::int[], $3::text[], $4::bigint[]) AS c (topic, partition, source, seen)
    CROSS JOIN LATERAL (
      SELECT
        (SELECT max(o.first_sequence) FROM log.batches o
         WHERE o.topic = c.topic AND o.partition = c.partition AND o.source = c.source AND o.first_sequence <= c.seen) AS open,
        (SELECT min(n.first_sequence) FROM log.batches n
         WHERE n.topic = c.topic AND n.partition = c.partition AND n.source = c.source AND n.first_sequence > c.seen) AS next
    ) place
    CROSS JOIN LATERAL (
      SELECT * FROM log.batches b
      WHERE b.topic = c.topic AND b.partition = c.partition AND b.source = c.source
        AND b.first_sequence >= coalesce(place.open, place.next) AND b.first_sequence < coalesce(place.next, c.seen) + $5
        AND b.last_sequence > c.seen
      ORDER BY b.first_sequence LIMIT $5
    ) b
    ORDER BY b.topic, b.partition, b.source, b.first_sequence`,
};
