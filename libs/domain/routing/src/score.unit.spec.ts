import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { DEFAULT_LEARNING, learn, lossOf } from './adaptive.js';
import { HISTORY_HALF_LIFE_MS, historyOf, weightOf, withExecution, type Executions } from './pair-history.js';
import { DEFAULT_SCORING, figuresOf, fillRateOf, scoreOf, type PairHistory, type VenueRecord } from './score.js';
import { ranksOf, type Contender } from './strategy.js';

const record = (change: Partial<VenueRecord> = {}): VenueRecord => ({
  executions: 100,
  successRate: 1,
  latencyMs: 0,
  queueDepth: 0,
  ...change,
});
const history = (change: Partial<PairHistory> = {}): PairHistory => ({
  executions: 100,
  successRate: 1,
  latencyMs: 0,
  slippage: 0,
  ...change,
});
const figures = (fee: number, of?: VenueRecord, pair?: PairHistory) => figuresOf(fee, of, pair, DEFAULT_SCORING);

describe('the score of a venue', () => {
  it.each([
    ['a fee of half a percent is 50', figures(0.005)[0], 50],
    ['no fee is 100', figures(0)[0], 100],
    ['a rebate is no more than 100', figures(-0.001)[0], 100],
    ['a fee of a percent or more is 0', figures(0.02)[0], 0],
    ['a success rate of 0.9 is 90', figures(0, record({ successRate: 0.9 }))[1], 90],
    ['no history counts as successful', figures(0, record({ executions: 0, successRate: 0 }))[1], 100],
    ['nothing known at all counts as successful', figures(0)[1], 100],
    ['500 ms are 50', figures(0, record({ latencyMs: 500 }))[2], 50],
    ['a second or more is 0', figures(0, record({ latencyMs: 3_000 }))[2], 0],
    ['a latency that is not known is 50', figures(0, record({ executions: 0 }))[2], 50],
    ['a queue of 100 is 0', figures(0, record({ queueDepth: 100 }))[3], 0],
    ['a queue of 25 is 75', figures(0, record({ queueDepth: 25 }))[3], 75],
    ['a pair without history is 50', figures(0)[4], 50],
    ['a pair that always went well is 100', figures(0, undefined, history())[4], 100],
    [
      'a pair’s history is the mean of success, latency and slippage',
      figures(0, undefined, history({ successRate: 0.8, latencyMs: 500, slippage: 0.005 }))[4],
      60,
    ],
    ['what is no number says nothing good', figures(Number.NaN)[0], 0],
  ])('%s', (_rule, figure, expected) => {
    expect(figure).toBeCloseTo(expected, 10);
  });

  it('weighs fees 30, success 25, latency 20, load 15 and the pair’s history 10', () => {
    const parts = [
      [1, 0, 0, 0, 0],
      [0, 1, 0, 0, 0],
      [0, 0, 1, 0, 0],
      [0, 0, 0, 1, 0],
      [0, 0, 0, 0, 1],
    ] as const;
    expect(parts.map((part) => scoreOf(part, DEFAULT_SCORING))).toEqual([0.3, 0.25, 0.2, 0.15, 0.1]);
  });

  it('is from 0 to 100, whatever is known', () => {
    const any = fc.double();
    fc.assert(
      fc.property(any, any, any, any, any, (fee, successRate, latencyMs, queueDepth, slippage) => {
        const known = record({ successRate, latencyMs, queueDepth });
        const score = scoreOf(figures(fee, known, history({ successRate, latencyMs, slippage })), DEFAULT_SCORING);
        expect(score >= 0 && score <= 100).toBe(true);
      }),
    );
  });
});

const contender = (venue: string, change: Partial<Contender> = {}): Contender => ({
  venue,
  score: 50,
  queueDepth: 0,
  weight: 1,
  ...change,
});
const three = [contender('a'), contender('b'), contender('c')];
const NOTHING = { turn: 0, weights: {} };
const firsts = (strategy: 'weighted' | 'adaptive', of: readonly Contender[], turns: number, weights = {}) => {
  const counts = of.map(() => 0);
  for (let turn = 0; turn < turns; turn += 1) {
    const first = ranksOf(strategy, of, { turn, weights }).indexOf(0);
    counts[first] = counts[first]! + 1;
  }
  return counts;
};

describe('a strategy', () => {
  it('best cost ranks nobody: cost decides', () => {
    expect(ranksOf('best_cost', three, NOTHING)).toEqual([0, 0, 0]);
  });

  it('score ranks the highest first, and equals alike', () => {
    const of = [contender('a', { score: 60 }), contender('b', { score: 80 }), contender('c', { score: 60 })];
    expect(ranksOf('score', of, NOTHING)).toEqual([1, 0, 1]);
  });

  it('least loaded ranks the shortest queue first', () => {
    const of = [
      contender('a', { queueDepth: 5 }),
      contender('b', { queueDepth: 2 }),
      contender('c', { queueDepth: 9 }),
    ];
    expect(ranksOf('least_loaded', of, NOTHING)).toEqual([1, 0, 2]);
  });

  it('round robin goes on by one each turn, and comes round', () => {
    const order = [0, 1, 2, 3].map((turn) => ranksOf('round_robin', three, { turn, weights: {} }));
    expect(order).toEqual([
      [0, 1, 2],
      [2, 0, 1],
      [1, 2, 0],
      [0, 1, 2],
    ]);
  });

  it('weighted draws each venue as often as its weight says, in any stretch of turns', () => {
    const of = [contender('a', { weight: 5 }), contender('b', { weight: 3 }), contender('c', { weight: 2 })];
    const counts = firsts('weighted', of, 1_000);
    expect(counts[0]).toBeGreaterThanOrEqual(497);
    expect(counts[0]).toBeLessThanOrEqual(503);
    expect(counts[1]).toBeGreaterThanOrEqual(297);
    expect(counts[1]).toBeLessThanOrEqual(303);
    expect(firsts('weighted', of, 20)).toEqual([10, 7, 3]);
  });

  it('weighted takes a venue of weight 0 last, and any where all are 0', () => {
    const of = [contender('a', { weight: 0 }), contender('b', { weight: 1 })];
    expect(firsts('weighted', of, 50)).toEqual([0, 50]);
    expect(ranksOf('weighted', [contender('a', { weight: 0 })], NOTHING)).toEqual([0]);
  });

  it('adaptive draws by what was learnt, and by 1 where nothing was', () => {
    expect(firsts('adaptive', [contender('a'), contender('b')], 400, { a: 3 })[0]).toBeGreaterThan(290);
  });

  it('is a function of its inputs alone', () => {
    const given = { turn: 12_345, weights: { b: 2 } };
    for (const strategy of ['weighted', 'adaptive', 'round_robin'] as const)
      expect(ranksOf(strategy, three, given)).toEqual(ranksOf(strategy, three, given));
  });
});

describe('what adaptive learns', () => {
  const good = { failed: false, slippage: 0, latencyMs: 0 };
  const bad = { failed: true, slippage: 0, latencyMs: 0 };

  it('a failure is the worst there is, and a good order costs nothing', () => {
    expect([lossOf(bad), lossOf(good), lossOf({ failed: false, slippage: 0.01, latencyMs: 1_000 })]).toEqual([1, 0, 1]);
  });

  it('turns away from a venue that fails, and comes back when it is good again', () => {
    let weights: Readonly<Record<string, number>> = { a: 1, b: 1 };
    for (let order = 0; order < 100; order += 1)
      weights = learn(learn(weights, { venue: 'a', ...bad }), { venue: 'b', ...good });
    expect(weights['a']! / weights['b']!).toBeLessThan(0.1);
    for (let order = 0; order < 300; order += 1)
      weights = learn(learn(weights, { venue: 'a', ...good }), { venue: 'b', ...good });
    expect(weights['a']! / weights['b']!).toBeGreaterThan(0.8);
  });

  it('weights stay positive, with a mean of 1, and never fall below the share that is given out', () => {
    const outcome = fc.record({
      venue: fc.constantFrom('a', 'b', 'c'),
      failed: fc.boolean(),
      slippage: fc.double({ min: -0.1, max: 0.1, noNaN: true }),
      latencyMs: fc.double({ min: 0, max: 5_000, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(outcome, { maxLength: 200 }), (outcomes) => {
        const weights = outcomes.reduce<Readonly<Record<string, number>>>((before, one) => learn(before, one), {
          a: 1,
          b: 1,
          c: 1,
        });
        const values = Object.values(weights);
        expect(values.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(3, 6);
        for (const weight of values) expect(weight).toBeGreaterThanOrEqual(DEFAULT_LEARNING.share);
      }),
    );
  });
});

describe('a pair’s history', () => {
  const execution = { atMs: 0, succeeded: true, latencyMs: 100, slippage: 0.001 };

  it('is that of the last hundred', () => {
    let executions: Executions = [];
    for (let order = 0; order < 100; order += 1)
      executions = withExecution(executions, { atMs: 0, succeeded: false, latencyMs: 900 });
    for (let order = 0; order < 100; order += 1) executions = withExecution(executions, execution);
    expect(executions).toHaveLength(100);
    const known = historyOf(executions)!;
    expect(known).toMatchObject({ executions: 100, successRate: 1, latencyMs: 100 });
    expect(known.slippage).toBeCloseTo(0.001, 12);
  });

  it('counts slippage of what was filled only, and knows nothing of nothing', () => {
    expect(historyOf([execution, { atMs: 0, succeeded: false, latencyMs: 300 }])).toEqual({
      executions: 2,
      successRate: 0.5,
      latencyMs: 200,
      slippage: 0.001,
    });
    expect(historyOf([])).toBeUndefined();
  });

  it('halves in weight with each half-life: what happened long ago counts less, and in the end nothing', () => {
    const long = { atMs: -2 * HISTORY_HALF_LIFE_MS, succeeded: false, latencyMs: 500 };
    expect(historyOf([long, execution])).toEqual({
      executions: 2,
      successRate: 0.8,
      latencyMs: 180,
      slippage: 0.001,
    });
    const failures = history({ successRate: 0, latencyMs: 1_000, slippage: 0.01 });
    const after = (halves: number) =>
      figures(0, undefined, { ...failures, weight: weightOf(0, halves * HISTORY_HALF_LIFE_MS) })[4];
    expect([after(0), after(1), after(2), Math.round(after(20))]).toEqual([0, 25, 37.5, 50]);
    expect([fillRateOf(failures), fillRateOf({ ...failures, weight: 0.5 })]).toEqual([0, 0.25]);
  });

  it('is no older than now, whatever the clock says', () => {
    expect(weightOf(10_000, 0)).toBe(1);
  });
});
