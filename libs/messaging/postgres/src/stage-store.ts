import {
  Fenced,
  RecordEvent,
  decodeRecords,
  documentKey,
  encodeRecord,
  watermarkKey,
  type DocumentRef,
  type EffectsPort,
  type LogEvent,
  type LogRecord,
  type ParkedEvent,
  type StageChanges,
  type StageStore,
  type StageTransaction,
  type Stored,
  type StoredBatch,
  type Watermark,
} from '@switchyard/log';
import { isInfrastructureError, type Database, type Tx } from '@switchyard/persistence';
import { append } from './append.js';
import { OwnedDocuments } from './owned-documents.js';

/**
 * A stage's memory in Postgres. Two round trips a transaction of any size: what it begins with (the shards' locks, the documents that its
 * events name), and what it stores, up to the commit. Watermarks and documents are kept in memory while a partition's epoch lasts: only
 * its owner changes them.
 */
export class PostgresStageStore implements StageStore {
  private readonly marks = new Map<number, { readonly epoch: number; readonly marks: Map<string, Watermark> }>();
  private readonly documents = new OwnedDocuments();

  constructor(
    private readonly db: Database,
    private readonly group: string,
    private readonly effects: EffectsPort<Tx> | undefined,
  ) {}

  async transact(
    epochs: ReadonlyMap<number, number>,
    work: (tx: StageTransaction) => Promise<StageChanges>,
    likely: readonly DocumentRef[] = [],
  ): Promise<Stored> {
    try {
      const { changes, lastBatch, appended } = await this.db.transaction((tx) => this.within(tx, epochs, work, likely));
      for (const { topic, partition, origin, generation, sequence } of changes.watermarks) {
        this.marks.get(partition)?.marks.set(watermarkKey(topic, partition, origin), { generation, sequence });
      }
      this.documents.keep(changes.documents, epochs);
      return { batches: await appended, lastBatch };
    } catch (error) {
      // What is in memory may be ahead of the database now, or behind it; and where the database itself failed, all of it may be.
      this.forget(isInfrastructureError(error) ? undefined : epochs);
      throw error;
    }
  }

  /** Of these partitions, or of all. */
  private forget(epochs: ReadonlyMap<number, number> | undefined): void {
    for (const partition of [...(epochs ?? this.marks).keys()]) this.marks.delete(partition);
    this.documents.forget(epochs);
  }

  private async within(
    tx: Tx,
    epochs: ReadonlyMap<number, number>,
    work: (tx: StageTransaction) => Promise<StageChanges>,
    likely: readonly DocumentRef[],
  ) {
    const [{ parkedKeys, lastBatch }, watermarks, loaded] = await Promise.all([
      this.open(tx, epochs),
      this.watermarks(tx, epochs),
      this.load(tx, epochs, likely),
    ]);
    const named = new Set(likely.map(({ kind, key }) => documentKey(kind, key)));
    const changes = await work({
      watermarks,
      parkedKeys,
      load: async (refs) => {
        const others = refs.filter(({ kind, key }) => !named.has(documentKey(kind, key)));
        return others.length === 0 ? loaded : new Map([...loaded, ...(await this.load(tx, epochs, others))]);
      },
    });
    this.store(tx, changes);
    if (changes.effects.length > 0) await this.applyEffects(tx, changes.effects);
    const appended = append(tx, this.group, changes.outgoing);
    // Its failure is the transaction's: the commit throws it.
    appended.catch(() => undefined);
    return { changes, lastBatch, appended };
  }

  private async open(tx: Tx, epochs: ReadonlyMap<number, number>) {
    const { rows } = await tx.query<OpenedRow>(OPEN, [this.group, [...epochs.keys()]]);
    const lastBatch = new Map<number, number>();
    const parkedKeys = new Set<string>();
    for (const { partition, epoch, last_batch, parked } of rows) {
      if (Number(epoch) === epochs.get(partition)) lastBatch.set(partition, Number(last_batch));
      for (const key of parked ?? []) parkedKeys.add(key);
    }
    const lost = [...epochs.keys()].filter((partition) => !lastBatch.has(partition));
    if (lost.length > 0) throw new Fenced(lost);
    return { lastBatch, parkedKeys };
  }

  private async watermarks(tx: Tx, epochs: ReadonlyMap<number, number>): Promise<ReadonlyMap<string, Watermark>> {
    const missing = [...epochs].filter(([partition, epoch]) => this.marks.get(partition)?.epoch !== epoch);
    if (missing.length > 0) {
      for (const [partition, epoch] of missing) this.marks.set(partition, { epoch, marks: new Map() });
      const { rows } = await tx.query<WatermarkColumns>(WATERMARKS, [
        this.group,
        missing.map(([partition]) => partition),
      ]);
      for (const { topic, partition, origin, generation, sequence } of rows) {
        this.marks
          .get(partition)
          ?.marks.set(watermarkKey(topic, partition, origin), { generation, sequence: Number(sequence) });
      }
    }
    const all = new Map<string, Watermark>();
    for (const partition of epochs.keys())
      for (const [key, mark] of this.marks.get(partition)?.marks ?? []) all.set(key, mark);
    return all;
  }

  private async load(
    tx: Tx,
    epochs: ReadonlyMap<number, number>,
    refs: readonly DocumentRef[],
  ): Promise<ReadonlyMap<string, string>> {
    const texts = this.documents.known(refs, epochs);
    const others = texts.size === 0 ? refs : refs.filter(({ kind, key }) => !texts.has(documentKey(kind, key)));
    if (others.length === 0) return texts;
    const { rows } = await tx.query<DocumentColumns>(LOAD, [
      others.map(({ kind }) => kind),
      others.map(({ key }) => key),
    ]);
    this.documents.keep(rows, epochs);
    for (const { kind, key, text } of rows) texts.set(documentKey(kind, key), text);
    return texts;
  }

  /** Nothing here needs an answer: it all leaves with the commit. */
  private store(tx: Tx, changes: StageChanges): void {
    const { watermarks, positions, parked, unparked, releaseFailed, published } = changes;
    const kept = changes.documents.filter(({ text }) => text !== undefined);
    const gone = changes.documents.filter(({ text }) => text === undefined);
    if (kept.length > 0 || watermarks.length > 0) {
      const texts = kept.map(({ text = '' }) => Buffer.from(text));
      let end = 0;
      void tx.query(STORE, [
        kept.map(({ kind }) => kind),
        kept.map(({ key }) => key),
        kept.map(({ partition }) => partition),
        texts.map(({ length }) => (end += length) - length),
        texts.map(({ length }) => length),
        Buffer.concat(texts, end),
        this.group,
        watermarks.map(({ topic }) => topic),
        watermarks.map(({ partition }) => partition),
        watermarks.map(({ origin }) => origin),
        watermarks.map(({ generation }) => generation),
        watermarks.map(({ sequence }) => sequence),
      ]);
    }
    if (gone.length > 0) void tx.query(DELETE, [gone.map(({ kind }) => kind), gone.map(({ key }) => key)]);
    if (positions.length > 0) {
      void tx.query(POSITIONS, [
        this.group,
        positions.map(({ topic }) => topic),
        positions.map(({ partition }) => partition),
        positions.map(({ position }) => position),
      ]);
    }
    if (published.size > 0) void tx.query(NOTE_PUBLISHED, [this.group, [...published.keys()], [...published.values()]]);
    for (const { event, reason, first } of parked) this.park(tx, event, reason, first);
    for (const { id, key, partition } of unparked) void tx.query(UNPARK, [this.group, partition, key, id]);
    for (const { id, key, partition, reason } of releaseFailed)
      void tx.query(RELEASE_FAILED, [this.group, partition, key, id, reason]);
  }

  private park(tx: Tx, event: LogEvent, reason: string, first: boolean): void {
    if (first) void tx.query(PARK_KEY, [this.group, event.partition, event.key, reason]);
    void tx.query(PARK_EVENT, [
      this.group,
      event.partition,
      event.key,
      event.topic,
      event.source ?? null,
      event.sequence,
      first ? reason : null,
      encodeRecord(asRecord(event)),
      JSON.stringify(event.headers),
    ]);
  }

  private async applyEffects(tx: Tx, effects: readonly unknown[]): Promise<void> {
    if (this.effects === undefined) throw new Error(`${this.group} has effects, but nothing that applies them`);
    await this.effects.apply(tx, effects);
  }

  async unpublished(shards: ReadonlyMap<number, number>, max: number): Promise<readonly StoredBatch[]> {
    const { rows } = await this.db.query<BatchRow>(UNPUBLISHED, [
      this.group,
      [...shards.keys()],
      [...shards.values()],
      max,
    ]);
    return rows.map(batchOf);
  }

  async publishedThrough(shards: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const { rows } = await this.db.query<{ partition: number; published_through: string }>(
      'SELECT partition, published_through FROM log.shards WHERE deployment = $1 AND partition = ANY ($2)',
      [this.group, shards],
    );
    return new Map(rows.map(({ partition, published_through }) => [partition, Number(published_through)]));
  }

  async notePublished(through: ReadonlyMap<number, number>): Promise<void> {
    await this.db.query(NOTE_PUBLISHED, [this.group, [...through.keys()], [...through.values()]]);
  }

  async releasable(partitions: readonly number[], max: number): Promise<readonly ParkedEvent[]> {
    const { rows } = await this.db.query<ParkedRow>(RELEASABLE, [this.group, partitions, max]);
    return rows.map((row) => ({ id: row.id, event: parkedEvent(row) }));
  }
}

/** A stored batch's row, decoded. */
export const batchOf = (row: BatchRow): StoredBatch => ({
  source: row.source,
  batch: Number(row.batch),
  topic: row.topic,
  partition: row.partition,
  firstSequence: Number(row.first_sequence),
  records: decodeRecords(row.records),
});

export interface BatchRow {
  readonly source: string;
  readonly batch: string;
  readonly topic: string;
  readonly partition: number;
  readonly first_sequence: string;
  readonly records: Buffer;
}

const asRecord = (event: LogEvent): LogRecord => ({
  key: event.key,
  id: event.id,
  type: event.type,
  time: event.time,
  causationId: event.causationId,
  correlationId: event.correlationId,
  traceparent: event.traceparent,
  value: event.value,
});

const parkedEvent = ({ topic, partition, source, sequence, record, headers }: ParkedRow): LogEvent => {
  const [decoded] = decodeRecords(record);
  if (decoded === undefined) throw new Error('a parked event has no bytes');
  const place = { topic, partition, source: source ?? undefined, sequence: Number(sequence) };
  return new RecordEvent(
    decoded,
    place,
    headers === null ? undefined : (JSON.parse(headers) as Record<string, string>),
  );
};

interface OpenedRow {
  readonly partition: number;
  readonly epoch: string;
  readonly last_batch: string;
  readonly parked: readonly string[] | null;
}

interface DocumentColumns {
  readonly kind: string;
  readonly key: string;
  readonly partition: number;
  readonly text: string;
}

interface WatermarkColumns {
  readonly topic: string;
  readonly partition: number;
  readonly origin: string;
  readonly generation: number;
  readonly sequence: string;
}

interface ParkedRow {
  readonly id: string;
  readonly topic: string;
  readonly partition: number;
  readonly source: string | null;
  readonly sequence: string;
  readonly record: Buffer;
  readonly headers: string | null;
}

const OPEN = { name: 'log_open', text: 'SELECT * FROM log.open_transaction($1, $2)' };
const WATERMARKS = {
  name: 'log_watermarks',
  text: 'SELECT topic, partition, origin, generation, sequence FROM log.watermarks WHERE group_name = $1 AND partition = ANY ($2)',
};
const LOAD = {
  name: 'log_load',
  text: 'SELECT d.kind, d.key, d.partition, d.doc AS text FROM unnest($1::text[], $2::text[]) AS r (kind, key) JOIN documents d ON d.kind = r.kind AND d.key = r.key',
};
// All texts are one parameter that the server cuts up: as elements of an array, every quote of the JSON would be escaped here and undone there.
const STORE = {
  name: 'log_store',
  text: `
    WITH stored AS (
      INSERT INTO documents (kind, key, partition, doc)
      SELECT r.kind, r.key, r.partition, convert_from(substring($6::bytea FROM r.at + 1 FOR r.length), 'UTF8')
      FROM unnest($1::text[], $2::text[], $3::int[], $4::int[], $5::int[]) AS r (kind, key, partition, at, length)
      ON CONFLICT (kind, key) DO UPDATE SET doc = excluded.doc, partition = excluded.partition
    )
    INSERT INTO log.watermarks (group_name, topic, partition, origin, generation, sequence)
    SELECT $7, * FROM unnest($8::text[], $9::int[], $10::text[], $11::int[], $12::bigint[])
    ON CONFLICT (group_name, topic, partition, origin) DO UPDATE SET generation = excluded.generation, sequence = excluded.sequence`,
};
const DELETE = {
  name: 'log_delete',
  text: 'DELETE FROM documents d USING unnest($1::text[], $2::text[]) AS r (kind, key) WHERE d.kind = r.kind AND d.key = r.key',
};
const POSITIONS = {
  name: 'log_positions',
  text: `INSERT INTO log.positions (group_name, topic, partition, position) SELECT $1, * FROM unnest($2::text[], $3::int[], $4::text[])
         ON CONFLICT (group_name, topic, partition) DO UPDATE SET position = excluded.position`,
};
const NOTE_PUBLISHED = {
  name: 'log_note_published',
  text: `WITH locked AS (
           SELECT partition FROM log.shards WHERE deployment = $1 AND partition = ANY ($2) ORDER BY partition FOR UPDATE
         )
         UPDATE log.shards s SET published_through = greatest(s.published_through, p.through)
         FROM unnest($2::int[], $3::bigint[]) AS p (partition, through) JOIN locked USING (partition)
         WHERE s.deployment = $1 AND s.partition = p.partition`,
};
const UNPUBLISHED = {
  name: 'log_unpublished',
  text: `
    SELECT b.source, b.batch, b.topic, b.partition, b.first_sequence, b.records
    FROM unnest($2::int[], $3::bigint[]) AS p (shard, through)
    JOIN log.shards s ON s.deployment = $1 AND s.partition = p.shard AND s.last_batch > p.through
    JOIN log.batches b ON b.source = s.deployment || '/' || s.partition || '/' || s.generation AND b.batch > p.through
    ORDER BY b.batch, b.source
    FETCH FIRST $4 ROWS WITH TIES`,
};
const PARK_KEY = `INSERT INTO log.parked_keys (group_name, partition, key, reason) VALUES ($1, $2, $3, $4)
  ON CONFLICT (group_name, partition, key) DO NOTHING`;
const PARK_EVENT = `INSERT INTO log.parked_events (group_name, partition, key, topic, source, sequence, reason, record, headers)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`;
const UNPARK = `
  WITH gone AS (DELETE FROM log.parked_events WHERE id = $4 AND group_name = $1)
  DELETE FROM log.parked_keys k WHERE k.group_name = $1 AND k.partition = $2 AND k.key = $3
    AND NOT EXISTS (SELECT FROM log.parked_events e WHERE e.group_name = $1 AND e.partition = $2 AND e.key = $3 AND e.id <> $4)`;
const RELEASE_FAILED = `
  WITH failed AS (UPDATE log.parked_events SET attempts = attempts + 1, reason = $5 WHERE id = $4 AND group_name = $1)
  UPDATE log.parked_keys SET release = false, reason = $5 WHERE group_name = $1 AND partition = $2 AND key = $3`;
const RELEASABLE = `
  SELECT e.id, e.topic, e.partition, e.source, e.sequence, e.record, e.headers
  FROM log.parked_keys k JOIN log.parked_events e USING (group_name, partition, key)
  WHERE k.group_name = $1 AND k.release AND k.partition = ANY ($2)
  ORDER BY e.id LIMIT $3`;
