import type { LogEvent } from './event.js';

/** What a runner tells of itself: metrics, logs and traces are made from it, elsewhere. */
export interface StageObserver {
  /** A transaction was committed and published. */
  committed(info: { readonly events: number; readonly outgoing: number; readonly milliseconds: number }): void;
  /** Opens a span around one event's handling; what it emits carries the span's traceparent. Absent: tracing is off. */
  begin?(event: LogEvent): HandlingSpan;
  /** A number is missing: nothing of this source passes until it comes. Loss is detected, never skipped. */
  gap(info: {
    readonly topic: string;
    readonly partition: number;
    readonly source: string;
    readonly found: number;
  }): void;
  dropped(event: LogEvent, why: 'duplicate' | 'stale_generation'): void;
  parked(event: LogEvent, reason: string): void;
  /** The database or the broker does not answer; the stage waits and tries again. */
  paused(error: unknown, retryInMs: number): void;
  resumed(): void;
  /** Another member has these partitions. */
  fenced(partitions: readonly number[]): void;
}

export interface HandlingSpan {
  readonly traceparent: string | undefined;
  end(failure?: string): void;
}

export const SILENT: StageObserver = {
  committed: () => undefined,
  gap: () => undefined,
  dropped: () => undefined,
  parked: () => undefined,
  paused: () => undefined,
  resumed: () => undefined,
  fenced: () => undefined,
};
