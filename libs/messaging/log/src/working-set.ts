import { deadLetterOf } from './dead-letter.js';
import { deriveId } from './derive-id.js';
import type { LogEvent, OutgoingEvent } from './event.js';
import { partitionOf } from './partition.js';
import type { LogRecord } from './record.js';
import type { Unit } from './stage.js';
import { documentKey, type OutgoingRecord, type StageChanges } from './store.js';

/** The largest value the log takes, in bytes: below Kafka's default of 1 MiB for a record with its headers. */
export const MAX_VALUE_BYTES = 900_000;

export class EventTooLarge extends Error {
  readonly code = 'EVENT_TOO_LARGE';
  constructor(type: string, bytes: number) {
    super(`${type} has ${bytes} bytes; the log takes at most ${MAX_VALUE_BYTES}. Send less metadata.`);
    this.name = 'EventTooLarge';
  }
}

/** Documents and outgoing events of one transaction, as its handlers see and change them. */
export class WorkingSet {
  private readonly values = new Map<string, unknown>();
  private readonly dirty = new Map<
    string,
    { readonly kind: string; readonly key: string; readonly partition: number; readonly value: unknown }
  >();
  readonly outgoing: OutgoingRecord[] = [];
  readonly effects: unknown[] = [];

  constructor(
    readonly now: Date,
    private readonly texts: ReadonlyMap<string, string>,
    private readonly loaded: ReadonlySet<string>,
    private readonly group: string,
    private readonly partitions: number,
  ) {
    this.time = now.toISOString();
  }

  readonly time: string;

  read(kind: string, key: string): unknown {
    const at = documentKey(kind, key);
    if (this.values.has(at)) return this.values.get(at);
    if (!this.loaded.has(at)) throw new Error(`the document ${kind} ${key} was not named by the topic's reads`);
    const text = this.texts.get(at);
    const value: unknown = text === undefined ? undefined : JSON.parse(text);
    this.values.set(at, value);
    return value;
  }

  /** Takes over what one event's handler did: all of it, or nothing if an event is too large. */
  accept(unit: EventUnit): void {
    const records = unit.emitted.map((event) => this.outgoingRecord(unit, event));
    if (unit.dead !== undefined) records.push(this.deadLetter(unit.event, unit.dead.code, unit.dead.message));
    this.outgoing.push(...records);
    this.effects.push(...unit.effects);
    for (const [at, write] of unit.writes ?? []) {
      this.values.set(at, write.value);
      this.dirty.set(at, { ...write, partition: unit.event.partition });
    }
  }

  documents(): StageChanges['documents'] {
    return [...this.dirty.values()].map(({ kind, key, partition, value }) => ({
      kind,
      key,
      partition,
      text: value === undefined ? undefined : JSON.stringify(value),
    }));
  }

  private outgoingRecord({ event: cause, traceparent }: EventUnit, event: OutgoingEvent): OutgoingRecord {
    const partition = event.key === cause.key ? cause.partition : partitionOf(event.key, this.partitions);
    return {
      shard: cause.partition,
      topic: event.topic,
      partition,
      record: recordOf(
        event,
        event.cause ?? { id: cause.id, correlationId: cause.correlationId, traceparent },
        this.time,
      ),
    };
  }

  private deadLetter(event: LogEvent, code: string, message: string): OutgoingRecord {
    return {
      shard: event.partition,
      topic: `${event.topic}.${this.group}.dlt`,
      partition: 0,
      record: deadLetterOf(event, this.group, code, message, this.time),
    };
  }
}

/** A record with its derived id; throws `EventTooLarge`. */
export const recordOf = (
  event: OutgoingEvent,
  cause: {
    readonly id: string;
    readonly correlationId?: string | undefined;
    readonly traceparent?: string | undefined;
  },
  time: string,
): LogRecord => {
  const value = Buffer.from(JSON.stringify(event.payload));
  if (value.length > MAX_VALUE_BYTES) throw new EventTooLarge(event.type, value.length);
  return {
    key: event.key,
    id: deriveId('event', cause.id, event.type, event.role ?? ''),
    type: event.type,
    time,
    causationId: cause.id,
    correlationId: event.correlationId ?? cause.correlationId,
    traceparent: cause.traceparent,
    value,
  };
};

/** One event's own view: nothing reaches the working set until it is accepted. */
export class EventUnit implements Unit {
  writes: Map<string, { readonly kind: string; readonly key: string; readonly value: unknown }> | undefined;
  readonly emitted: OutgoingEvent[] = [];
  readonly effects: unknown[] = [];
  dead: { readonly code: string; readonly message: string } | undefined;

  constructor(
    private readonly set: WorkingSet,
    readonly event: LogEvent,
    /** Of the span around this event's handling: what comes of it belongs there. */
    readonly traceparent: string | undefined,
  ) {}

  get now(): Date {
    return this.set.now;
  }

  get<T>(kind: string, key: string): T | undefined {
    const own = this.writes?.get(documentKey(kind, key));
    return (own === undefined ? this.set.read(kind, key) : own.value) as T | undefined;
  }

  put(kind: string, key: string, value: unknown): void {
    this.writes ??= new Map();
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
