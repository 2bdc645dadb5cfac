import type { SignalIdentity } from '@switchyard/signal';
import type { Signal } from '@switchyard/model';

/** A signal that has the right shape, owner, pair and time. */
export interface AdmissibleSignal {
  readonly signal: Signal;
  /** Whose: the user's id; the strategy's for a signal of its own. Events are keyed by it. */
  readonly owner: string;
  /** sha-256 of the canonical content, hex. */
  readonly contentHash: string;
  readonly eventId: string;
  readonly value: Uint8Array;
  readonly receivedAt: Date;
  readonly traceparent: string | undefined;
}

/**
 * `same`: known already, with this content. `reused`: known with other content; nothing was done. `parked`: not known, and so many of its
 * user's events wait for an operator that it is not taken in; nothing was done.
 */
export type AdmissionOutcome = 'admitted' | 'same' | 'reused' | 'parked';

/**
 * The door of signal validation, which alone owns a signal's identity.
 *
 * 1. `admit` claims the ids and appends the events in one commit: when it resolves, what was admitted can't be lost.
 * 2. Outcomes come in the order of the signals. The same signal twice in one call: the first is admitted, the other the same.
 * 3. If it throws, nobody knows what was stored; sending the same signals again finds out, and changes nothing.
 */
export interface SignalAdmission {
  admit(signals: readonly AdmissibleSignal[]): Promise<readonly AdmissionOutcome[]>;
  /** What is remembered of an id. */
  identityOf(signal: Pick<Signal, 'userId' | 'strategyId' | 'signalId'>): Promise<SignalIdentity | undefined>;
}

/** Injection token. */
export const SIGNAL_ADMISSION = Symbol('switchyard:signal-admission');
