import type { LogEvent } from './event.js';

/** What is stored and sent of one event. Number, topic and partition belong to the batch that it lies in. */
export interface LogRecord {
  readonly key: string;
  readonly id: string;
  readonly type: string;
  readonly time: string;
  readonly causationId?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly traceparent?: string | undefined;
  /** Headers beyond those above. */
  readonly extra?: Readonly<Record<string, string>> | undefined;
  readonly value: Uint8Array;
}

/** Where a record stands. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly source: string | undefined;
  readonly sequence: number;
}

/** CloudEvents binary mode, as it goes on the wire. */
export const headersOf = (record: LogRecord, source: string, sequence: number): Record<string, string> => ({
  'content-type': 'application/json',
  ce_specversion: '1.0',
  ce_id: record.id,
  ce_type: record.type,
  ce_source: source,
  ce_sequence: String(sequence),
  ce_time: record.time,
  ...(record.causationId === undefined ? {} : { ce_causationid: record.causationId }),
  ...(record.correlationId === undefined ? {} : { ce_correlationid: record.correlationId }),
  ...(record.traceparent === undefined ? {} : { traceparent: record.traceparent }),
  ...record.extra,
});

const decoder = new TextDecoder('utf-8', { fatal: true });

/** An event over stored bytes: headers are built and the payload is parsed only when somebody looks. */
export class RecordEvent<Payload = unknown> implements LogEvent<Payload> {
  private parsed: Payload | undefined;
  private allHeaders: Record<string, string> | undefined;

  constructor(
    private readonly record: LogRecord,
    private readonly place: Place,
    /** Headers as they came, where the record came from outside. */
    headers?: Record<string, string>,
  ) {
    this.allHeaders = headers;
  }

  get topic(): string {
    return this.place.topic;
  }
  get partition(): number {
    return this.place.partition;
  }
  get source(): string | undefined {
    return this.place.source;
  }
  get sequence(): number {
    return this.place.sequence;
  }
  get key(): string {
    return this.record.key;
  }
  get id(): string {
    return this.record.id;
  }
  get type(): string {
    return this.record.type;
  }
  get time(): string {
    return this.record.time;
  }
  get causationId(): string | undefined {
    return this.record.causationId;
  }
  get correlationId(): string | undefined {
    return this.record.correlationId;
  }
  get traceparent(): string | undefined {
    return this.record.traceparent;
  }
  get value(): Uint8Array {
    return this.record.value;
  }

  get headers(): Readonly<Record<string, string>> {
    this.allHeaders ??= headersOf(this.record, this.place.source ?? '', this.place.sequence);
    return this.allHeaders;
  }

  get payload(): Payload {
    this.parsed ??= JSON.parse(decoder.decode(this.record.value)) as Payload;
    return this.parsed;
  }
}
