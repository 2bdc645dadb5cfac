import { refuse, type Refusal } from '@switchyard/model';
import type { Taken } from './budget.js';
import type { CallClass } from './bucket.js';
import type { Circuit } from './circuit.js';
import type { Candidate, GateDecision } from './order-gate.js';

/** How the venue is doing, as this replica knows it now. */
export interface Weather {
  readonly circuit: Circuit['state'];
  /** Until the circuit may be probed, or the probe is over, milliseconds. */
  readonly circuitForMs: number;
  /** p95 of the last calls is over the limit; absent: it is not. */
  readonly slow?: { readonly p95Ms: number; readonly limitMs: number };
}

/** What protects a position is not held up for a venue that is only slow. */
export const classOf = ({ priority, reduceOnly }: Pick<Candidate, 'priority' | 'reduceOnly'>): CallClass => {
  if (priority <= 1) return 'stop_loss';
  return priority === 2 || reduceOnly ? 'exit' : 'entry';
};

/** An order that routing can send elsewhere does not wait longer than this for a token; nor at all while the venue keeps us out. */
const HAND_BACK_MS = 1_000;
/** A circuit that is being probed is looked at again after this. */
const PROBE_MS = 250;

/**
 * Whether an order may be sent as things stand; `undefined` where it may as soon as there are tokens for it.
 *
 * While the circuit is open nothing is sent: an order goes back to routing where that has another venue, else it waits within its `sendBy`.
 * A slow venue gets no entries: they would be filled at a price of long ago. Exits and stop-losses go on, for their position is there.
 */
export const heldBack = (candidate: Candidate, weather: Weather): GateDecision | undefined => {
  const { circuit, circuitForMs, slow } = weather;
  if (circuit !== 'closed') {
    const refusal = refuse('VENUE_UNHEALTHY', { reason: 'circuit', circuitState: circuit });
    if (candidate.hasAlternative) return noAndElsewhere(refusal);
    // How long a probe takes is not known; its lease is only for the case that the prober dies.
    return { kind: 'wait', forMs: circuit === 'open' ? Math.max(PROBE_MS, circuitForMs) : PROBE_MS };
  }
  if (candidate.kind === 'order' && slow !== undefined && classOf(candidate) === 'entry')
    return noAndElsewhere(refuse('VENUE_SLOW', { p95Ms: Math.round(slow.p95Ms), limitMs: slow.limitMs }));
  return undefined;
};

/** Whether an order may be sent, given what came of asking for its tokens. One that would wait beyond its `sendBy` is refused now. */
export const admitted = (candidate: Candidate, taken: Taken, nowMs: number): GateDecision => {
  if (taken.granted) return { kind: 'send' };
  const { waitMs, because } = taken;
  const isTooLate = nowMs + waitMs >= candidate.sendByMs;
  const isForElsewhere = candidate.hasAlternative && (because === 'closed' || waitMs > HAND_BACK_MS);
  if (candidate.kind === 'request' || (!isTooLate && !isForElsewhere)) return { kind: 'wait', forMs: waitMs };
  const facts = { reason: because, waitMs: Math.ceil(waitMs), class: classOf(candidate) };
  return noAndElsewhere(refuse(because === 'closed' ? 'VENUE_UNHEALTHY' : 'VENUE_BUDGET_SPENT', facts));
};

/** Nothing was sent, so routing may choose another venue. */
const noAndElsewhere = (refusal: Refusal): GateDecision => ({ kind: 'refuse', refusal, retriable: true });
