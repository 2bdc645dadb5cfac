import type { LogEvent, OutgoingEvent } from './event.js';

/** A document of a stage's memory: JSON under a kind and a key, in the stage's own schema. */
export interface DocumentRef {
  readonly kind: string;
  readonly key: string;
}

/**
 * What a handler may read and write for one event; all of it is stored in one transaction with the event's watermark, or none of it.
 *
 * 1. Reads see earlier writes of the same batch. Only documents that the topic's `reads` named can be read.
 * 2. If the handler throws, nothing it wrote for this event is kept, and the event's key is parked.
 * 3. Values are handed over: a document put is not changed afterwards, one got is not changed at all.
 */
export interface Unit {
  /** The transaction's time: the only clock of a decision. */
  readonly now: Date;
  get<T>(kind: string, key: string): T | undefined;
  put(kind: string, key: string, value: unknown): void;
  delete(kind: string, key: string): void;
  emit(event: OutgoingEvent): void;
  /** Work for the service's own tables, applied by its `EffectsPort` in the same transaction, in order. */
  effect(effect: unknown): void;
  /** Puts the event in the topic's dead letters with a code and a sentence, and goes on: for what can't be read or isn't its key's. */
  deadLetter(code: string, message: string): void;
}

/** The events of one topic within one transaction, each with a unit of its own. */
export interface Batch<Payload = unknown> {
  readonly topic: string;
  readonly size: number;
  /** Runs the handler for every event, in order per key. Synchronous: a stage decides, it does not wait. */
  each(handle: (event: LogEvent<Payload>, unit: Unit) => void): void;
}

export interface TopicHandler<Payload = never> {
  readonly topic: string;
  /** The documents this event's decision reads or writes. */
  readonly reads?: (event: LogEvent<Payload>) => readonly DocumentRef[];
  readonly handle: (batch: Batch<Payload>) => void | Promise<void>;
  /**
   * `door`: strangers write here, there is no watermark; the stage itself knows an event by its content.
   * `compacted`: numbers may have gaps; the stage compares versions.
   */
  readonly numbering?: 'dense' | 'door' | 'compacted';
  /**
   * How long an event may wait for company, ms, while nothing else is to be done: a transaction costs nearly the same for one event as for
   * ten. Default 0. For topics on which no order's way to its venue depends.
   */
  readonly patienceMs?: number;
  /**
   * Control events (cancel, amend, halt) are handled although their key is parked, and before what other topics hold for it: they say what is
   * to become of things, whenever these are handled. One that fails itself is parked as any other. Default false.
   */
  readonly overtakes?: boolean;
}

/** Applies a service's own effects within the stage's transaction. `Tx` is the store's: a pg client for Postgres. */
export interface EffectsPort<Tx = unknown> {
  apply(tx: Tx, effects: readonly unknown[]): Promise<void>;
}

export interface Stage {
  /** Named as its service: the consumer group, the source's deployment and the schema. */
  readonly group: string;
  readonly handlers: readonly TopicHandler[];
  readonly effects?: EffectsPort<never>;
}
