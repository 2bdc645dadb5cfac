import { describe, expect, it } from '@jest/globals';
import { admitted, classOf, heldBack, type Weather } from './admission.js';
import type { Candidate } from './order-gate.js';

const NOW = 1_000_000;
const entry: Candidate = {
  kind: 'order',
  accountId: 'acc-1',
  priority: 3,
  reduceOnly: false,
  hasAlternative: false,
  sendByMs: NOW + 30_000,
};
const exit: Candidate = { ...entry, priority: 2, reduceOnly: true };
const stop: Candidate = { ...entry, priority: 1, reduceOnly: true };
const request: Candidate = { ...entry, kind: 'request', priority: 5, sendByMs: Number.POSITIVE_INFINITY };
const elsewhere: Candidate = { ...entry, hasAlternative: true };

const FINE: Weather = { circuit: 'closed', circuitForMs: 0 };
const OPEN: Weather = { circuit: 'open', circuitForMs: 42_000 };
const SLOW: Weather = { ...FINE, slow: { p95Ms: 2_500, limitMs: 2_000 } };
const said = (decision: ReturnType<typeof heldBack>) =>
  decision?.kind === 'wait' ? decision.forMs : decision?.kind === 'refuse' ? decision.refusal.code : decision?.kind;

describe('an order', () => {
  it.each<readonly [string, Candidate, Weather, unknown]>([
    ['may go while all is well', entry, FINE, undefined],
    ['waits for an open circuit', entry, OPEN, 42_000],
    ['waits for an open circuit, stop-losses too', stop, OPEN, 42_000],
    ['goes back at once from an open circuit where there is another venue', elsewhere, OPEN, 'VENUE_UNHEALTHY'],
    ['looks soon again while the circuit is probed', entry, { circuit: 'half_open', circuitForMs: 15_000 }, 250],
    ['looks soon again when the probe is due', entry, { circuit: 'open', circuitForMs: 0 }, 250],
    ['is refused as an entry while the venue is slow', entry, SLOW, 'VENUE_SLOW'],
    ['goes to a slow venue as an exit', exit, SLOW, undefined],
    ['goes to a slow venue as a stop-loss', stop, SLOW, undefined],
    ['of a request for an account’s state waits for the circuit alone', request, SLOW, undefined],
    ['of a request for an account’s state waits for an open circuit', request, OPEN, 42_000],
  ])('%s', (_, candidate, weather, expected) => {
    expect(said(heldBack(candidate, weather))).toBe(expected);
  });

  it.each<readonly [string, Candidate, number, 'budget' | 'closed', unknown]>([
    ['waits for its token', entry, 500, 'budget', 500],
    ['waits longer where there is no other venue', entry, 29_999, 'budget', 29_999],
    ['is refused where its token comes too late', entry, 30_000, 'budget', 'VENUE_BUDGET_SPENT'],
    ['waits a moment where there is another venue', elsewhere, 1_000, 'budget', 1_000],
    ['goes elsewhere rather than wait longer', elsewhere, 1_001, 'budget', 'VENUE_BUDGET_SPENT'],
    ['goes elsewhere at once while the venue keeps us out', elsewhere, 1, 'closed', 'VENUE_UNHEALTHY'],
    ['waits until a venue that keeps us out lets us in again where there is no other', entry, 900, 'closed', 900],
    ['is refused where the venue’s ban is longer than it may wait', stop, 60_000, 'closed', 'VENUE_UNHEALTHY'],
    ['of a request for an account’s state waits as long as it takes', request, 600_000, 'closed', 600_000],
  ])('%s', (_, candidate, waitMs, because, expected) => {
    expect(said(admitted(candidate, { granted: false, waitMs, because }, NOW))).toBe(expected);
  });

  it('is refused so that routing may try another venue: nothing of it was sent', () => {
    for (const decision of [
      heldBack(elsewhere, OPEN),
      heldBack(entry, SLOW),
      admitted(entry, { granted: false, waitMs: 60_000, because: 'budget' }, NOW),
    ])
      expect(decision).toMatchObject({ kind: 'refuse', retriable: true });
  });

  it.each<readonly [number, boolean, string]>([
    [1, true, 'stop_loss'],
    [2, true, 'exit'],
    [2, false, 'exit'],
    [4, true, 'exit'],
    [3, false, 'entry'],
    [5, false, 'entry'],
  ])('of priority %i (reduce-only: %s) draws as %s', (priority, reduceOnly, expected) => {
    expect(classOf({ priority, reduceOnly })).toBe(expected);
  });
});
