import type { EventLog, TailRecord } from '../log.js';
import type { OutgoingEvent } from '../event.js';
import { partitionOf } from '../partition.js';
import { parseSource, sourceName } from '../source.js';
import type { DocumentRef, EffectsPort } from '../stage.js';
import {
  Fenced,
  documentKey,
  watermarkKey,
  type OutgoingRecord,
  type ParkedEvent,
  type StageChanges,
  type StageStore,
  type StageTransaction,
  type Stored,
  type Watermark,
  type WatermarkRow,
} from '../store.js';
import type { StoredBatch } from '../wire.js';
import { recordOf } from '../working-set.js';
import type { MemoryLogCore } from './memory-log-core.js';
import { CollectingTx, type MemoryTx, type Tables } from './memory-transaction.js';
import { ParkedEvents, type ParkedRow } from './parked-events.js';
import { Queue } from './queue.js';
import { lastOf, placeOf, type Shard } from './stored-batches.js';

/**
 * One service's memory and its own part of the log, in memory: what its schema and `log.*` are in Postgres. It outlives its runners, as
 * a database outlives processes.
 *
 * A transaction waits for nobody and locks nothing: it commits in one synchronous step, before which the epochs are compared once more.
 * So a member whose partition was taken while it decided stores nothing.
 */
export class MemoryStage implements StageStore, EventLog<MemoryTx> {
  private readonly shards = new Map<number, Shard>();
  private readonly epochs = new Map<number, number>();
  private readonly marks = new Map<number, Map<string, Watermark>>();
  private readonly texts = new Map<string, { readonly kind: string; readonly key: string; readonly text: string }>();
  private readonly tables: Tables = new Map();
  private readonly parkedEvents = new ParkedEvents();
  private effects: EffectsPort<MemoryTx> | undefined;

  constructor(
    readonly group: string,
    private readonly core: MemoryLogCore,
  ) {
    for (let number = 0; number < core.partitions; number += 1) {
      this.shards.set(number, {
        deployment: group,
        number,
        generation: 1,
        lastBatch: 0,
        publishedThrough: undefined,
        batches: new Queue(),
      });
    }
  }

  /** What applies this service's effects, within its transactions. */
  withEffects(effects: EffectsPort<MemoryTx> | undefined): this {
    this.effects = effects;
    return this;
  }

  async transact(
    epochs: ReadonlyMap<number, number>,
    work: (tx: StageTransaction) => Promise<StageChanges>,
  ): Promise<Stored> {
    this.core.before('open');
    this.assertOwned(epochs);
    const partitions = new Set(epochs.keys());
    const watermarks = new Map<string, Watermark>();
    for (const partition of partitions)
      for (const [key, mark] of this.marks.get(partition) ?? []) watermarks.set(key, mark);
    const parkedKeys = this.parkedEvents.keysOf(partitions);
    const changes = await work({ watermarks, parkedKeys, load: (refs) => Promise.resolve(this.load(refs)) });
    const tx = new CollectingTx(this.tables);
    if (changes.effects.length > 0) {
      if (this.effects === undefined) throw new Error(`${this.group} has effects, but nothing that applies them`);
      await this.effects.apply(tx, changes.effects);
    }
    this.core.before('commit');
    this.assertOwned(epochs);
    const lastBatch = new Map([...partitions].map((partition) => [partition, this.shard(partition).lastBatch]));
    const batches = this.commit(tx, changes.outgoing, changes);
    this.core.before('answer');
    return { batches, lastBatch };
  }

  /** A transaction beside the stage's own: of a worker, a timer, a REST request. Throws what `work` throws, and then nothing is stored. */
  async transaction<T>(work: (tx: MemoryTx) => Promise<T>): Promise<T> {
    this.core.before('open');
    const tx = new CollectingTx(this.tables);
    const result = await work(tx);
    this.core.before('commit');
    const appended = this.commit(tx, tx.outgoing);
    if (appended.length > 0) this.core.wakeOwner(this.group);
    this.core.before('answer');
    return result;
  }

  append(tx: MemoryTx, events: readonly OutgoingEvent[]): Promise<void> {
    return new Promise((resolve) => {
      if (!(tx instanceof CollectingTx)) throw new TypeError('append needs a transaction of the memory log');
      const time = this.core.now().toISOString();
      const outgoing = events.map((event): OutgoingRecord => {
        if (event.cause === undefined)
          throw new Error(`${event.type} is appended without a cause: its id could not be derived`);
        const partition = partitionOf(event.key, this.core.partitions);
        return { shard: partition, topic: event.topic, partition, record: recordOf(event, event.cause, time) };
      });
      tx.outgoing.push(...outgoing);
      resolve();
    });
  }

  readByAll(topic: string, key: string, timeoutMs: number): Promise<readonly string[]> {
    const partition = partitionOf(key, this.core.partitions);
    const { generation } = this.shard(partition);
    const source = sourceName({ deployment: this.group, shard: partition, generation });
    const last = this.core.batches.sources(placeOf(topic, partition)).get(source)?.lastSequence ?? 0;
    const behind = (): readonly string[] =>
      this.core.readersOf(topic).flatMap((stage) => (stage.seen(topic, partition, source) < last ? [stage.group] : []));
    return this.core.until(() => behind().length === 0, timeoutMs).then(behind);
  }

  put(records: Parameters<EventLog['put']>[0]): Promise<void> {
    this.core.latest.put(records);
    return Promise.resolve();
  }

  tail(topic: string, onRecord: (record: TailRecord<never>) => void): Promise<void> {
    this.core.latest.tail(topic, onRecord);
    return Promise.resolve();
  }

  unpublished(shards: ReadonlyMap<number, number>, max: number): Promise<readonly StoredBatch[]> {
    const found: StoredBatch[] = [];
    let records = 0;
    for (const [number, through] of shards) {
      const { batches } = this.shard(number);
      for (let index = 0; index < batches.length && records < max; index += 1) {
        const batch = batches.at(index);
        if (batch === undefined || batch.batch <= through) continue;
        found.push(batch);
        records += batch.records.length;
      }
    }
    return Promise.resolve(found);
  }

  publishedThrough(shards: readonly number[]): Promise<ReadonlyMap<number, number>> {
    return Promise.resolve(new Map(shards.map((number) => [number, (this.shard(number).publishedThrough ??= 0)])));
  }

  notePublished(through: ReadonlyMap<number, number>): Promise<void> {
    for (const [number, batch] of through) {
      const shard = this.shard(number);
      shard.publishedThrough = Math.max(shard.publishedThrough ?? 0, batch);
    }
    return Promise.resolve();
  }

  releasable(partitions: readonly number[], max: number): Promise<readonly ParkedEvent[]> {
    return Promise.resolve(this.parkedEvents.releasable(new Set(partitions), max));
  }

  /** The documents of a kind, by key. */
  documents(kind: string): ReadonlyMap<string, unknown> {
    const found = [...this.texts.values()].filter((document) => document.kind === kind);
    return new Map(found.map(({ key, text }) => [key, JSON.parse(text) as unknown]));
  }

  /** The committed rows of a table that effects or transactions wrote. */
  table(name: string): ReadonlyMap<string, unknown> {
    return this.tables.get(name) ?? new Map<string, unknown>();
  }

  parked(): readonly ParkedRow[] {
    return this.parkedEvents.list();
  }

  /** Asks for the events of a parked key to be handled again, in their order. */
  release(key: string): void {
    this.parkedEvents.release(key);
    this.core.wakeOwner(this.group);
  }

  /** How far this group has read a source; a runner that starts afterwards goes on from there. */
  setWatermark({ topic, partition, origin, generation, sequence }: WatermarkRow): void {
    const marks = this.marks.get(partition) ?? new Map<string, Watermark>();
    this.marks.set(partition, marks.set(watermarkKey(topic, partition, origin), { generation, sequence }));
  }

  /** A group that is new to a topic begins with what the log still holds of each source: what was dropped before is no gap. */
  beginAtHeld(topic: string): void {
    for (let partition = 0; partition < this.core.partitions; partition += 1) {
      for (const { source, lastSequence, batches } of this.core.batches.sources(placeOf(topic, partition)).values()) {
        const { deployment, shard, generation = 0 } = parseSource(source) ?? {};
        const origin = `${String(deployment)}/${String(shard)}`;
        const known = this.marks.get(partition)?.get(watermarkKey(topic, partition, origin));
        const sequence = (batches.at(0)?.firstSequence ?? lastSequence + 1) - 1;
        if (sequence > 0 && (known?.generation ?? 0) < generation)
          this.setWatermark({ topic, partition, origin, generation, sequence });
      }
    }
  }

  /** The generation that this service's sources write from now on: one higher after its memory was restored from a copy. */
  setGeneration(generation: number): void {
    for (const shard of this.shards.values()) shard.generation = generation;
  }

  epochOf(partition: number): number {
    return this.epochs.get(partition) ?? 0;
  }

  raiseEpoch(partition: number): number {
    const epoch = this.epochOf(partition) + 1;
    this.epochs.set(partition, epoch);
    return epoch;
  }

  /** The last number of a source that this group has seen in a topic and partition; `Infinity` where its generation is over. */
  seen(topic: string, partition: number, source: string): number {
    const parsed = parseSource(source);
    if (parsed === undefined) return 0;
    const origin = `${parsed.deployment}/${String(parsed.shard)}`;
    const mark = this.marks.get(partition)?.get(watermarkKey(topic, partition, origin));
    if (mark === undefined || mark.generation < parsed.generation) return 0;
    return mark.generation > parsed.generation ? Infinity : mark.sequence;
  }

  hasSeen(batch: StoredBatch): boolean {
    return this.seen(batch.topic, batch.partition, batch.source) >= lastOf(batch);
  }

  private load(refs: readonly DocumentRef[]): ReadonlyMap<string, string> {
    this.core.before('load');
    const texts = new Map<string, string>();
    for (const { kind, key } of refs) {
      const text = this.texts.get(documentKey(kind, key))?.text;
      if (text !== undefined) texts.set(documentKey(kind, key), text);
    }
    return texts;
  }

  private assertOwned(epochs: ReadonlyMap<number, number>): void {
    const lost = [...epochs].filter(([partition, epoch]) => this.epochs.get(partition) !== epoch);
    if (lost.length > 0) throw new Fenced(lost.map(([partition]) => partition));
  }

  /** One synchronous step; it throws before its first change, or not at all. Parked events take room like those of the log. */
  private commit(
    tx: CollectingTx,
    outgoing: readonly OutgoingRecord[],
    changes?: StageChanges,
  ): readonly StoredBatch[] {
    const sharded = outgoing.map((one) => ({ ...one, shard: this.shard(one.shard) }));
    this.core.batches.makeRoom(outgoing.length + this.parkedEvents.size + (changes?.parked.length ?? 0));
    if (changes !== undefined) this.store(changes);
    tx.apply();
    const batches = this.core.batches.append(sharded);
    this.core.stored(batches);
    tx.tell();
    return batches;
  }

  private store(changes: StageChanges): void {
    for (const { kind, key, text } of changes.documents) {
      if (text === undefined) this.texts.delete(documentKey(kind, key));
      else this.texts.set(documentKey(kind, key), { kind, key, text });
    }
    for (const row of changes.watermarks) this.setWatermark(row);
    this.parkedEvents.store(changes);
    for (const [number, batch] of changes.published) {
      const shard = this.shard(number);
      shard.publishedThrough = Math.max(shard.publishedThrough ?? 0, batch);
    }
  }

  private shard(number: number): Shard {
    const shard = this.shards.get(number);
    if (shard === undefined) throw new Error(`${this.group} has no shard ${String(number)}`);
    return shard;
  }
}
