import { describe, expect, it } from '@jest/globals';
import type { Standing } from '@switchyard/exchanges';
import fc from 'fast-check';
import {
  CLOSED,
  counted,
  DEFAULT_CIRCUIT as RULES,
  mayProbe,
  NO_CALLS,
  probed,
  probing,
  tallied,
  type Circuit,
} from './circuit.js';

const T = 1_000_000;
const tell = (circuit: Circuit, calls: readonly Standing[], nowMs = T): Circuit =>
  counted(circuit, calls.reduce(tallied, NO_CALLS), nowMs, RULES);
const times = (count: number, standing: Standing): readonly Standing[] => Array<Standing>(count).fill(standing);
const OPEN: Circuit = { state: 'open', untilMs: T + 60_000 };

describe('a circuit', () => {
  it('opens for a minute with the fifth failure in a row, told one by one or together', () => {
    let circuit = CLOSED;
    for (let failure = 1; failure <= 4; failure += 1) {
      circuit = tell(circuit, ['failed']);
      expect(circuit).toEqual({ state: 'closed', failures: failure });
    }
    expect(tell(circuit, ['failed'])).toEqual(OPEN);
    expect(tell(CLOSED, times(5, 'failed'))).toEqual(OPEN);
  });

  it('counts anew after an answer, and what says nothing neither counts nor helps', () => {
    expect(tell({ state: 'closed', failures: 4 }, ['answered', 'failed'])).toEqual({ state: 'closed', failures: 1 });
    expect(tell({ state: 'closed', failures: 4 }, ['nothing'])).toEqual({ state: 'closed', failures: 4 });
    expect(tell({ state: 'closed', failures: 4 }, ['nothing', 'failed'])).toEqual(OPEN);
  });

  it('opens with the fifth although an answer came after it, told together', () => {
    expect(tell({ state: 'closed', failures: 3 }, ['failed', 'failed', 'answered'])).toEqual(OPEN);
  });

  it('stays open whatever late calls say, and until its time is over nobody probes', () => {
    expect(tell(OPEN, ['answered', 'answered'])).toBe(OPEN);
    expect(tell(OPEN, times(9, 'failed'))).toBe(OPEN);
    expect(mayProbe(OPEN, T + 59_999)).toBe(false);
    expect(mayProbe(OPEN, T + 60_000)).toBe(true);
  });

  it('lets one probe: an answer closes it, a failure or silence opens it for another minute', () => {
    const half = probing('a', T, RULES);
    expect(mayProbe(half, T + 14_999)).toBe(false);
    expect(probed(half, 'a', 'answered', T + 5, RULES)).toEqual(CLOSED);
    for (const standing of ['failed', 'nothing'] as const)
      expect(probed(half, 'a', standing, T + 5, RULES)).toEqual({ state: 'open', untilMs: T + 60_005 });
  });

  it('does not hear a prober whose lease passed on', () => {
    const next = probing('b', T + 15_000, RULES);
    expect(mayProbe(probing('a', T, RULES), T + 15_000)).toBe(true);
    expect(probed(next, 'a', 'answered', T + 15_001, RULES)).toBe(next);
    expect(probed(CLOSED, 'a', 'failed', T, RULES)).toBe(CLOSED);
  });

  const standings = fc.array(fc.constantFrom<Standing>('answered', 'failed', 'nothing'), { maxLength: 40 });

  const fiveInARow = (calls: readonly Standing[]): boolean => {
    let row = 0;
    return calls.some((call) => {
      if (call !== 'nothing') row = call === 'failed' ? row + 1 : 0;
      return row >= RULES.failures;
    });
  };

  it('is open after any calls exactly if five in a row failed', () => {
    fc.assert(
      fc.property(standings, (calls) => {
        const circuit = calls.reduce((before: Circuit, call) => tell(before, [call]), CLOSED);
        expect(circuit.state === 'open').toBe(fiveInARow(calls));
      }),
    );
  });

  it('is never opened by fewer, however calls are told together', () => {
    fc.assert(
      fc.property(
        standings,
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 40, maxLength: 40 }),
        (calls, cuts) => {
          const left = [...calls];
          const circuit = cuts.reduce((before: Circuit, cut) => tell(before, left.splice(0, cut)), CLOSED);
          if (circuit.state === 'open') expect(fiveInARow(calls)).toBe(true);
        },
      ),
    );
  });

  it('has one prober at a time at most, and closes by a probe alone, whatever replicas do and when', () => {
    const steps = fc.array(
      fc.record({
        who: fc.constantFrom('a', 'b', 'c'),
        what: fc.constantFrom<'probe' | Standing>('probe', 'answered', 'failed', 'nothing'),
        afterMs: fc.integer({ min: 0, max: 30_000 }),
      }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (sequence) => {
        let circuit: Circuit = OPEN;
        let now = T;
        const asking = new Set<string>();
        for (const { who, what, afterMs } of sequence) {
          now += afterMs;
          if (what === 'probe') {
            if (!mayProbe(circuit, now)) continue;
            // A prober whose lease ran out is not asking any more.
            asking.clear();
            asking.add(who);
            circuit = probing(who, now, RULES);
            expect(asking.size).toBe(1);
          } else {
            const before = circuit;
            circuit = probed(circuit, who, what, now, RULES);
            if (circuit.state === 'closed') {
              expect(before).toMatchObject({ state: 'half_open', prober: who });
              expect(what).toBe('answered');
              return;
            }
          }
        }
      }),
    );
  });
});
