import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { killsOf, lengthOf, sentenceOf } from './fault.js';
import { callsTheVenue, planOf, type PlanShape } from './plan.js';

const VENUES = ['binance', 'kraken', 'okx'] as const;
const PROCESSES = [
  ...['gateway', 'accounts', 'market-data', 'risk-1', 'risk-2', 'journal-1'],
  ...['execution-binance-1', 'execution-kraken-1', 'execution-kraken-2', 'execution-okx-1'],
];

const shapes = fc.record({
  seed: fc.integer({ min: 0, max: 1_000_000 }),
  kills: fc.integer({ min: 1, max: 120 }),
  transport: fc.constantFrom('postgres', 'kafka'),
  secondsBetween: fc.integer({ min: 1, max: 30 }),
  longestSeconds: fc.integer({ min: 1, max: 30 }),
  processes: fc.constant(PROCESSES),
  venues: fc.subarray([...VENUES], { minLength: 1 }),
  partitions: fc.constant(24),
}) satisfies fc.Arbitrary<PlanShape>;

describe('a plan of faults', () => {
  it('is the same for the same seed, and another for another', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        expect(planOf(shape)).toEqual(planOf({ ...shape }));
        // One fault may come out the same by chance; a whole plan does not.
        if (shape.kills > 20) expect(planOf(shape)).not.toEqual(planOf({ ...shape, seed: shape.seed + 1 }));
      }),
    );
  });

  it('kills as many processes as were asked for, by known names, in rising order of time', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const plan = planOf(shape);
        expect(plan.reduce((sum, { fault }) => sum + killsOf(fault), 0)).toBe(shape.kills);
        const times = plan.map(({ at }) => at);
        expect(times).toEqual([...times].sort((a, b) => a - b));
        for (const { fault } of plan) {
          if (fault.kind === 'kill') expect(new Set(fault.processes).size).toBe(fault.processes.length);
          const named = fault.kind === 'kill' ? fault.processes : 'process' in fault ? [fault.process] : [];
          for (const process of named) expect(PROCESSES).toContain(process);
          expect(lengthOf(fault)).toBeLessThanOrEqual(shape.longestSeconds * 1_000);
          expect(sentenceOf(fault)).not.toContain('undefined');
        }
      }),
    );
  });

  it('never takes a second broker while one is away, and cuts off only who is connected', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        const plan = planOf(shape);
        const brokers = plan.filter(({ fault }) => fault.kind === 'killBroker');
        if (shape.transport === 'postgres') expect(brokers).toEqual([]);
        for (const [i, { at }] of brokers.entries()) {
          const before = brokers[i - 1];
          if (before !== undefined) expect(at).toBeGreaterThan(before.at + lengthOf(before.fault));
        }
        for (const { fault } of plan)
          if (fault.kind === 'cut') {
            if (fault.from === 'venue') expect(callsTheVenue(fault.process)).toBe(true);
            if (fault.from === 'kafka') expect(shape.transport).toBe('kafka');
          }
      }),
    );
  });

  it('deals every kind of fault within thirty kills', () => {
    for (const transport of ['postgres', 'kafka'] as const) {
      const plan = planOf({
        seed: 7,
        kills: 30,
        transport,
        secondsBetween: 4,
        longestSeconds: 30,
        processes: PROCESSES,
        venues: VENUES,
        partitions: 24,
      });
      const kinds = new Set(plan.map(({ fault }) => (fault.kind === 'cut' ? `cut ${fault.from}` : fault.kind)));
      expect([...kinds].sort()).toEqual(
        [
          ...['cut postgres', 'cut venue', 'kill', 'killPostgres', 'pause', 'venue'],
          ...(transport === 'kafka' ? ['cut kafka', 'killBroker'] : []),
        ].sort(),
      );
      expect(plan.some(({ fault }) => fault.kind === 'kill' && fault.processes.length > 1)).toBe(true);
    }
  });
});
