import type { LogEvent } from './event.js';
import type { StageObserver } from './observer.js';
import { partitionOf } from './partition.js';
import { SequenceGate } from './sequence-gate.js';
import type { Batch, DocumentRef, Stage, TopicHandler, Unit } from './stage.js';
import { documentKey, type ParkedEvent, type StageChanges, type StageTransaction } from './store.js';
import type { Chunk } from './wire.js';
import { EventUnit, WorkingSet } from './working-set.js';

/** The work of one transaction: what came from the wire, and what an operator released. */
export interface Work {
  readonly chunks: readonly Chunk[];
  readonly released: readonly ParkedEvent[];
  /** The one event that made its transaction fail, alone, on a healthy database: it is parked without being handled. */
  readonly poison?: {
    readonly event: LogEvent;
    readonly reason: string;
    /** It couldn't even be parked: it becomes a dead letter, so that what comes after it can be read. */
    readonly buried?: boolean;
  };
}

export interface WorkResult {
  readonly changes: StageChanges;
  readonly handled: number;
  /** Chunks in which a number was missing: the place up to which they were read must not be stored. */
  readonly gapped: ReadonlySet<Chunk>;
}

export interface WorkContext {
  readonly stage: Stage;
  readonly partitions: number;
  readonly strangers: boolean;
  readonly observer: StageObserver;
  readonly now: Date;
}

/** Sifts, loads, decides: what a stage does between the opening of its transaction and its commit, for many events of many partitions. */
export async function decide(
  tx: StageTransaction,
  work: Work,
  published: ReadonlyMap<number, number>,
  context: WorkContext,
): Promise<WorkResult> {
  const { stage, observer } = context;
  const gate = new SequenceGate(tx.watermarks, context.strangers);
  const gapped = new Set<Chunk>();
  const fresh = new Map<TopicHandler, LogEvent[]>(stage.handlers.map((handler) => [handler, []]));
  const byTopic = new Map(stage.handlers.map((handler) => [handler.topic, handler]));
  const releasedIds = new Map<LogEvent, string>();

  for (const { id, event } of work.released) {
    const handler = byTopic.get(event.topic);
    if (handler === undefined) continue;
    releasedIds.set(event, id);
    fresh.get(handler)?.push(event);
  }
  for (const chunk of work.chunks) {
    const handler = byTopic.get(chunk.topic);
    if (handler === undefined) continue;
    for (const event of chunk.events) {
      const verdict = gate.admit(event, handler.numbering ?? 'dense');
      if (verdict === 'fresh') fresh.get(handler)?.push(event);
      else if (verdict === 'gap') {
        if (!gapped.has(chunk))
          observer.gap({
            topic: event.topic,
            partition: event.partition,
            source: event.source ?? '',
            found: event.sequence,
          });
        gapped.add(chunk);
      } else observer.dropped(event, verdict);
    }
  }

  const overtaking = new Set(stage.handlers.filter(({ overtakes }) => overtakes === true).map(({ topic }) => topic));
  const parking = new Parking(tx.parkedKeys, releasedIds, observer, overtaking);
  const buried = work.poison?.buried === true ? work.poison : undefined;
  if (work.poison !== undefined && buried === undefined) parking.doom(work.poison.event, work.poison.reason);
  const { refs, loaded } = namedDocuments(fresh, parking);
  const set = new WorkingSet(
    context.now,
    refs.length === 0 ? new Map() : await tx.load(refs),
    loaded,
    stage.group,
    context.partitions,
  );

  let handled = 0;
  for (const [handler, events] of overtakingFirst(fresh)) {
    if (events.length === 0) continue;
    const misplaced = context.strangers && handler.numbering === 'door' ? elsewhere(context.partitions) : nowhere;
    const batch = new StageBatch(handler.topic, events, set, parking, observer, misplaced, buried);
    await handler.handle(batch as unknown as Batch<never>);
    batch.assertHandled();
    handled += events.length;
  }

  const changes: StageChanges = {
    documents: set.documents(),
    watermarks: gate.advanced(),
    positions: work.chunks.flatMap((chunk) =>
      chunk.position === undefined || gapped.has(chunk)
        ? []
        : [{ topic: chunk.topic, partition: chunk.partition, position: chunk.position }],
    ),
    outgoing: set.outgoing,
    effects: set.effects,
    parked: parking.parked,
    unparked: parking.unparked,
    releaseFailed: parking.releaseFailed,
    published,
  };
  return { changes, handled, gapped };
}

const overtakingFirst = (
  fresh: ReadonlyMap<TopicHandler, readonly LogEvent[]>,
): readonly (readonly [TopicHandler, readonly LogEvent[]])[] => {
  const all = [...fresh];
  return [
    ...all.filter(([{ overtakes }]) => overtakes === true),
    ...all.filter(([{ overtakes }]) => overtakes !== true),
  ];
};

/** What its events name, as far as they can be read: some may turn out to be duplicates, or parked. */
export const likelyReads = (stage: Stage, { chunks, released }: Work): readonly DocumentRef[] => {
  const refs = new Map<string, DocumentRef>();
  const readsOf = new Map(stage.handlers.map(({ topic, reads }) => [topic, reads]));
  for (const event of [...chunks.flatMap(({ events }) => events), ...released.map((one) => one.event)]) {
    try {
      for (const ref of readsOf.get(event.topic)?.(event as LogEvent<never>) ?? [])
        refs.set(documentKey(ref.kind, ref.key), ref);
    } catch {
      // It will be parked, or become a dead letter, when it is its turn.
    }
  }
  return [...refs.values()];
};

const namedDocuments = (fresh: ReadonlyMap<TopicHandler, readonly LogEvent[]>, parking: Parking) => {
  const loaded = new Set<string>();
  const refs: { readonly kind: string; readonly key: string }[] = [];
  for (const [{ reads }, events] of fresh) {
    if (reads === undefined) continue;
    for (const event of events) {
      if (parking.waits(event)) continue;
      try {
        for (const ref of reads(event as LogEvent<never>)) {
          const at = documentKey(ref.kind, ref.key);
          if (loaded.has(at)) continue;
          loaded.add(at);
          refs.push(ref);
        }
      } catch (error) {
        parking.doom(event, reasonOf(error));
      }
    }
  }
  return { refs, loaded };
};

class StageBatch implements Batch {
  private taken = false;

  constructor(
    readonly topic: string,
    private readonly events: readonly LogEvent[],
    private readonly set: WorkingSet,
    private readonly parking: Parking,
    private readonly observer: StageObserver,
    private readonly misplaced: (event: LogEvent) => boolean,
    private readonly buried: Work['poison'],
  ) {}

  get size(): number {
    return this.events.length;
  }

  each(handle: (event: LogEvent, unit: Unit) => void): void {
    this.taken = true;
    for (const event of this.events) {
      if (this.parking.holds(event)) continue;
      const span = this.observer.begin?.(event);
      const unit = new EventUnit(this.set, event, span?.traceparent ?? event.traceparent);
      let failure: string | undefined;
      try {
        if (this.buried?.event === event) unit.deadLetter('UNREADABLE', this.buried.reason);
        else if (this.misplaced(event)) unit.deadLetter('KEY_MISMATCH', WRONG_PARTITION);
        else handle(event, unit);
        this.set.accept(unit);
        this.parking.handled(event);
      } catch (error) {
        failure = reasonOf(error);
        this.parking.failed(event, failure);
      }
      span?.end(failure);
    }
  }

  /** A handler that returned without looking at its events would lose them in silence. */
  assertHandled(): void {
    if (!this.taken) throw new Error(`the handler of ${this.topic} did not go through its batch`);
  }
}

/**
 * A stranger with another partitioner puts a user's record where another member may work: two would write that user's documents. Such a
 * record is not handled.
 */
const elsewhere =
  (partitions: number) =>
  (event: LogEvent): boolean =>
    partitionOf(event.key, partitions) !== event.partition;
const nowhere = (): boolean => false;
const WRONG_PARTITION =
  'The record lies in another partition than its key belongs to. Use the partitioner of the Java client (murmur2): partitioner=murmur2_random in librdkafka.';

/** Which keys wait for an operator, and which events join them. */
class Parking {
  readonly parked: { event: LogEvent; reason: string; first: boolean }[] = [];
  readonly unparked: { id: string; key: string; partition: number }[] = [];
  readonly releaseFailed: { id: string; key: string; partition: number; reason: string }[] = [];
  private readonly doomed = new Map<LogEvent, string>();
  private readonly keys: Set<string>;
  private readonly stuckAgain = new Set<string>();

  constructor(
    parkedKeys: ReadonlySet<string>,
    private readonly released: ReadonlyMap<LogEvent, string>,
    private readonly observer: StageObserver,
    /** Topics whose events wait for no others of their key. */
    private readonly overtaking: ReadonlySet<string>,
  ) {
    this.keys = new Set(parkedKeys);
  }

  /** The event cannot be handled: its payload can't be read, or it broke its transaction alone. */
  doom(event: LogEvent, reason: string): void {
    this.doomed.set(event, reason);
  }

  waits(event: LogEvent): boolean {
    return !this.released.has(event) && this.isBehind(event);
  }

  /** True where the event is not to be handled now; it is parked, or stays parked. */
  holds(event: LogEvent): boolean {
    const reason = this.doomed.get(event);
    if (this.released.has(event)) {
      if (this.stuckAgain.has(event.key)) return true;
      if (reason === undefined) return false;
      this.failed(event, reason);
      return true;
    }
    if (this.isBehind(event)) {
      this.parked.push({ event, reason: '', first: false });
      return true;
    }
    if (reason === undefined) return false;
    this.failed(event, reason);
    return true;
  }

  private isBehind({ key, topic }: LogEvent): boolean {
    return this.keys.has(key) && !this.overtaking.has(topic);
  }

  handled(event: LogEvent): void {
    const id = this.released.get(event);
    if (id !== undefined) this.unparked.push({ id, key: event.key, partition: event.partition });
  }

  failed(event: LogEvent, reason: string): void {
    const id = this.released.get(event);
    this.observer.parked(event, reason);
    if (id === undefined) {
      this.parked.push({ event, reason, first: true });
      this.keys.add(event.key);
    } else {
      this.releaseFailed.push({ id, key: event.key, partition: event.partition, reason });
      this.stuckAgain.add(event.key);
    }
  }
}

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, 2_000);
