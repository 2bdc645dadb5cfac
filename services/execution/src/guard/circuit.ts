import type { Standing } from '@switchyard/exchanges';

/**
 * A venue's circuit breaker, as one value that all replicas share. Pure: times come in, milliseconds of the database's clock.
 *
 *  1. Closed, it opens when `failures` calls in a row have failed; an answer begins the count anew; what says nothing does not count.
 *  2. Open, it stays so for `openMs`, whatever calls that were out by then say.
 *  3. Then one prober at a time may ask: its answer closes the circuit, anything else opens it for another `openMs`.
 *  4. A prober that is silent beyond its lease is succeeded by another; what it says later is not heard.
 */
export type Circuit =
  | { readonly state: 'closed'; readonly failures: number }
  | { readonly state: 'open'; readonly untilMs: number }
  | { readonly state: 'half_open'; readonly prober: string; readonly untilMs: number };

export interface CircuitRules {
  /** Failed calls in a row that open it. Default 5. */
  readonly failures: number;
  /** How long it stays open before a probe. Default 60,000. */
  readonly openMs: number;
  /** How long a prober may take; beyond the deadline of a call. Default 15,000. */
  readonly probeMs: number;
}

export const DEFAULT_CIRCUIT: CircuitRules = { failures: 5, openMs: 60_000, probeMs: 15_000 };

export const CLOSED: Circuit = { state: 'closed', failures: 0 };

/** What calls of one replica said since it last told: failures up to the first answer, whether there was one, failures since the last. */
export interface Tally {
  readonly before: number;
  readonly answered: boolean;
  readonly since: number;
}

export const NO_CALLS: Tally = { before: 0, answered: false, since: 0 };

export const tallied = (tally: Tally, standing: Standing): Tally => {
  switch (standing) {
    case 'answered':
      return { ...tally, answered: true, since: 0 };
    case 'failed':
      return tally.answered ? { ...tally, since: tally.since + 1 } : { ...tally, before: tally.before + 1 };
    case 'nothing':
      return tally;
  }
};

/** The circuit after these calls. */
export const counted = (circuit: Circuit, tally: Tally, nowMs: number, rules: CircuitRules): Circuit => {
  if (circuit.state !== 'closed') return circuit;
  const reached = circuit.failures + tally.before;
  const failures = tally.answered ? tally.since : reached;
  return Math.max(reached, failures) >= rules.failures
    ? { state: 'open', untilMs: nowMs + rules.openMs }
    : { state: 'closed', failures };
};

/** Whether somebody may begin to probe: the wait is over, or the last prober's lease. */
export const mayProbe = (circuit: Circuit, nowMs: number): boolean =>
  circuit.state !== 'closed' && nowMs >= circuit.untilMs;

export const probing = (prober: string, nowMs: number, { probeMs }: CircuitRules): Circuit => ({
  state: 'half_open',
  prober,
  untilMs: nowMs + probeMs,
});

/** The circuit after a probe; the same where somebody else is the prober by now. */
export const probed = (
  circuit: Circuit,
  prober: string,
  standing: Standing,
  nowMs: number,
  { openMs }: CircuitRules,
): Circuit => {
  if (circuit.state !== 'half_open' || circuit.prober !== prober) return circuit;
  return standing === 'answered' ? CLOSED : { state: 'open', untilMs: nowMs + openMs };
};
