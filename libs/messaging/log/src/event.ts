/**
 * An event as a stage sees it. Headers follow CloudEvents' binary mode: `ce_id`, `ce_type`, `ce_source`, `ce_sequence`, `ce_time`,
 * `ce_causationid`, `ce_correlationid`, `traceparent`. The bytes of the value are kept; the payload is parsed once, on first use.
 */
export interface LogEvent<Payload = unknown> {
  readonly topic: string;
  readonly partition: number;
  readonly key: string;
  /** A function of what caused the event; strangers' events have one made from their place in the log. */
  readonly id: string;
  readonly type: string;
  /** `deployment/shard/generation` of a stage of ours, undefined where a stranger wrote. */
  readonly source: string | undefined;
  /** Dense from 1 per source, topic and partition; 0 where there is no source. */
  readonly sequence: number;
  readonly time: string;
  readonly causationId: string | undefined;
  readonly correlationId: string | undefined;
  readonly traceparent: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: Uint8Array;
  /** The value as JSON. Throws where the bytes are not JSON: that parks the key (strangers' topics look at `value` first). */
  readonly payload: Payload;
}

/** What a handler wants appended. Partition, id and number are given by the log. */
export interface OutgoingEvent {
  readonly topic: string;
  readonly type: string;
  readonly key: string;
  readonly payload: unknown;
  /** Tells several events of one type and cause apart: `child/0`. The event's id is derived from cause, type and role. */
  readonly role?: string;
  /** Where the causing event had none: a stranger's signal. */
  readonly correlationId?: string;
  /** Given where there is no causing event: what the id is derived from instead. */
  readonly cause?: {
    readonly id: string;
    readonly correlationId?: string | undefined;
    readonly traceparent?: string | undefined;
  };
}
