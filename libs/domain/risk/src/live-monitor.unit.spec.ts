import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ALERT_CODES, CLEARED_AT, judge, type AlertCode, type MonitorCounts } from './live-monitor.js';

const SETTINGS = {
  windowS: 300,
  minSamples: 20,
  limits: { HIGH_REJECTION_RATE: 0.05, HIGH_EXECUTION_LATENCY: 100, HIGH_IMPLEMENTATION_SHORTFALL: 0.01 },
};
const QUIET: MonitorCounts = {
  ...{ signals: 100, refused: 0, refusals: {} },
  ...{ placed: 100, placedMs: 2_000, answers: 100, answersMs: 1_000 },
  ...{ fills: 100, notional: 1_000_000, shortfall: 500 },
};
const raisedBy = (counts: Partial<MonitorCounts>, standing: readonly AlertCode[] = []): readonly AlertCode[] =>
  judge({ ...QUIET, ...counts }, new Set(standing), SETTINGS)
    .filter(({ raised }) => raised)
    .map(({ code }) => code);

describe('the live monitor', () => {
  it.each<[string, Partial<MonitorCounts>, readonly AlertCode[]]>([
    ['nothing while all is well', {}, []],
    ['nothing of 5 % refused', { refused: 5 }, []],
    ['more than 5 % refused', { refused: 6 }, ['HIGH_REJECTION_RATE']],
    ['nothing of a slow venue', { placedMs: 500_000, answersMs: 495_000 }, []],
    ['more than 100 ms of our own on average', { placedMs: 11_100 }, ['HIGH_EXECUTION_LATENCY']],
    ['no shortfall of 1 %', { shortfall: 10_000 }, []],
    ['more than 1 % of shortfall', { shortfall: 10_001 }, ['HIGH_IMPLEMENTATION_SHORTFALL']],
    ['no gain', { shortfall: -50_000 }, []],
    ['nothing of 19 signals, all refused', { signals: 19, refused: 19 }, []],
    ['20 signals, all refused', { signals: 20, refused: 20 }, ['HIGH_REJECTION_RATE']],
    [
      'nothing where nothing happened',
      { signals: 0, placed: 0, placedMs: 0, answers: 0, answersMs: 0, fills: 0, notional: 0, shortfall: 0 },
      [],
    ],
    ['each by itself', { refused: 50, placedMs: 99_000, shortfall: 99_000 }, [...ALERT_CODES]],
  ])('raises an alert for %s', (_, counts, codes) => {
    expect(raisedBy(counts)).toEqual(codes);
  });

  it('keeps an alert until the value has come well below its limit, or the samples are gone', () => {
    const standing: readonly AlertCode[] = ['HIGH_REJECTION_RATE'];
    expect(raisedBy({ refused: 5 }, standing)).toEqual(standing);
    expect(raisedBy({ refused: 4 }, standing)).toEqual([]);
    expect(raisedBy({ signals: 10, refused: 10 }, standing)).toEqual(standing);
    expect(raisedBy({ signals: 9, refused: 9 }, standing)).toEqual([]);
  });

  it('says what was seen, what the limit is, and what it was mostly for', () => {
    const [rejections, latency] = judge(
      { ...QUIET, refused: 30, refusals: { SIGNAL_STALE: 10, USER_RATE_LIMITED: 20 } },
      new Set(),
      SETTINGS,
    );
    expect(rejections).toMatchObject({ severity: 'high', value: 0.3, limit: 0.05, samples: 100 });
    expect(rejections!.message).toBe(
      '30.00 % of 100 signals in the last 300 s were refused or failed (30), most of them by USER_RATE_LIMITED (20); the limit is 5.00 %.',
    );
    expect(latency).toMatchObject({ severity: 'medium', value: 10, limit: 100, raised: false });
  });

  it('raises once and clears once however a value swings about its limit', () => {
    const swing = fc.double({ min: CLEARED_AT * 100 + 0.001, max: 140, noNaN: true });
    fc.assert(
      fc.property(fc.array(swing, { maxLength: 50 }), (values) => {
        const standing = new Set<AlertCode>();
        let changes = 0;
        for (const value of [...values, 0]) {
          const [, latency] = judge({ ...QUIET, placedMs: value * 100, answersMs: 0 }, standing, SETTINGS);
          if (latency!.raised === standing.has('HIGH_EXECUTION_LATENCY')) continue;
          changes += 1;
          if (latency!.raised) standing.add('HIGH_EXECUTION_LATENCY');
          else standing.delete('HIGH_EXECUTION_LATENCY');
        }
        expect(changes).toBe(values.some((value) => value > 100) ? 2 : 0);
      }),
    );
  });
});
