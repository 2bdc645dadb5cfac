import {
  RecordEvent,
  deriveId,
  documentKey,
  partitionOf,
  recordOf,
  type Batch,
  type DocumentRef,
  type LogEvent,
  type OutgoingEvent,
  type Unit,
} from '@switchyard/log';

/** An event for a handler: what isn't given is made up, always the same. */
export interface TestEvent<Payload> {
  readonly key: string;
  readonly payload: Payload;
  /** Default: the topic's name up to its first dot. */
  readonly type?: string;
  /** Default: derived from topic, key and place in the batch. */
  readonly id?: string;
  readonly correlationId?: string;
  readonly traceparent?: string;
  readonly time?: string;
  /** `deployment/shard/generation`. Default: none, as if a stranger had written it. */
  readonly source?: string;
  /** Default: its place in the batch, from 1. */
  readonly sequence?: number;
}

/** Documents by kind and key. */
export type Documents = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface MemoryBatchOptions<Payload> {
  /** What stands in the stage's memory before. */
  readonly documents?: Documents;
  /** The transaction's time. Default 2026-01-01T00:00:00.000Z. */
  readonly now?: Date;
  /** Where given, a document that it doesn't name can't be read: as in a running stage. */
  readonly reads?: (event: LogEvent<Payload>) => readonly DocumentRef[];
  /** Default 24. */
  readonly partitions?: number;
}

/** A batch for the test of one handler, which keeps what the handler does. */
export interface MemoryBatch<Payload> extends Batch<Payload> {
  readonly events: readonly LogEvent<Payload>[];
  /** All documents as they stand now; deleted ones are gone. */
  readonly documents: Documents;
  readonly emitted: readonly OutgoingEvent[];
  readonly effects: readonly unknown[];
  readonly deadLetters: readonly {
    readonly event: LogEvent<Payload>;
    readonly code: string;
    readonly message: string;
  }[];
}

/**
 * A batch for a handler's unit test:
 *
 *     const batch = memoryBatch('SignalValidated', [{ key: 'user-1', payload: signal }], { documents: { user: { 'user-1': state } } });
 *     handler.onSignal(batch);
 *     expect(batch.emitted).toMatchObject([{ topic: 'OrderApproved' }]);
 *
 * As in a running stage, an event sees what those before it wrote, documents are what their JSON says, and an event's writes count all or
 * not at all. Unlike there, what the handler throws reaches the test, and no key is parked.
 */
export const memoryBatch = <Payload>(
  topic: string,
  events: readonly TestEvent<Payload>[],
  options: MemoryBatchOptions<Payload> = {},
): MemoryBatch<Payload> => new KeepingBatch(topic, events, options);

class KeepingBatch<Payload> implements MemoryBatch<Payload> {
  readonly events: readonly LogEvent<Payload>[];
  readonly emitted: OutgoingEvent[] = [];
  readonly effects: unknown[] = [];
  readonly deadLetters: { event: LogEvent<Payload>; code: string; message: string }[] = [];
  private readonly stored = new Map<string, { readonly kind: string; readonly key: string; readonly value: unknown }>();

  constructor(
    readonly topic: string,
    events: readonly TestEvent<Payload>[],
    private readonly options: MemoryBatchOptions<Payload>,
  ) {
    this.events = events.map((event, index) => logEvent(topic, event, index + 1, options.partitions ?? 24));
    for (const [kind, byKey] of Object.entries(options.documents ?? {}))
      for (const [key, value] of Object.entries(byKey))
        this.stored.set(documentKey(kind, key), { kind, key, value: throughJson(value) });
  }

  get size(): number {
    return this.events.length;
  }

  get documents(): Documents {
    const documents: Record<string, Record<string, unknown>> = {};
    for (const { kind, key, value } of this.stored.values()) (documents[kind] ??= {})[key] = throughJson(value);
    return documents;
  }

  each(handle: (event: LogEvent<Payload>, unit: Unit) => void): void {
    const readable = this.readable();
    for (const event of this.events) {
      const unit = new KeepingUnit(this.options.now ?? START, this.stored, readable);
      handle(event, unit);
      // Throws for what the log would refuse: too large, or without a JSON form.
      for (const emitted of unit.emitted) recordOf(emitted, emitted.cause ?? event, unit.now.toISOString());
      this.emitted.push(...unit.emitted);
      this.effects.push(...unit.effects);
      if (unit.dead !== undefined) this.deadLetters.push({ event, ...unit.dead });
      for (const [at, write] of unit.writes)
        if (write.value === undefined) this.stored.delete(at);
        else this.stored.set(at, write);
    }
  }

  /** What the events of this batch name together, as in a running stage. Undefined: everything. */
  private readable(): ReadonlySet<string> | undefined {
    const { reads } = this.options;
    return reads && new Set(this.events.flatMap(reads).map(({ kind, key }) => documentKey(kind, key)));
  }
}

class KeepingUnit implements Unit {
  readonly writes = new Map<string, { readonly kind: string; readonly key: string; readonly value: unknown }>();
  readonly emitted: OutgoingEvent[] = [];
  readonly effects: unknown[] = [];
  dead: { readonly code: string; readonly message: string } | undefined;

  constructor(
    readonly now: Date,
    private readonly stored: ReadonlyMap<string, { readonly value: unknown }>,
    private readonly readable: ReadonlySet<string> | undefined,
  ) {}

  get<T>(kind: string, key: string): T | undefined {
    const at = documentKey(kind, key);
    const own = this.writes.get(at);
    if (own === undefined && this.readable?.has(at) === false)
      throw new Error(`the document ${kind} ${key} was not named by the topic's reads`);
    return (own ?? this.stored.get(at))?.value as T | undefined;
  }

  put(kind: string, key: string, value: unknown): void {
    this.writes.set(documentKey(kind, key), { kind, key, value });
  }

  delete(kind: string, key: string): void {
    this.put(kind, key, undefined);
  }

  emit(event: OutgoingEvent): void {
    this.emitted.push(event);
  }

  effect(effect: unknown): void {
    this.effects.push(effect);
  }

  deadLetter(code: string, message: string): void {
    this.dead = { code, message };
  }
}

const START = new Date('2026-01-01T00:00:00.000Z');

const throughJson = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

const logEvent = <Payload>(
  topic: string,
  event: TestEvent<Payload>,
  place: number,
  partitions: number,
): LogEvent<Payload> =>
  new RecordEvent<Payload>(
    {
      key: event.key,
      id: event.id ?? deriveId('test-event', topic, event.key, String(place)),
      type: event.type ?? topic.split('.')[0] ?? topic,
      time: event.time ?? START.toISOString(),
      correlationId: event.correlationId,
      traceparent: event.traceparent,
      value: Buffer.from(JSON.stringify(event.payload)),
    },
    { topic, partition: partitionOf(event.key, partitions), source: event.source, sequence: event.sequence ?? place },
    event.source === undefined ? {} : undefined,
  );
