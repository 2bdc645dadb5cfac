/* eslint-disable @typescript-eslint/no-non-null-assertion -- rounds are never empty. */
import { decideRoute, describeRoute, prepareMarket, recordedInputs } from '@switchyard/routing-domain';
import { atLeast, below, type Benchmark } from '../benchmark.js';
import { median, percentile, rounded, spreadPercent } from '../statistics.js';
import { inputsOf, LARGE, MIXED, scenario, type Scenario } from './scenario.js';

const ORDERS = 512;
const ROUNDS = 9;
/** Decisions a round and kind of work; a round of all kinds takes about a second. */
const DECISIONS = 100_000;
const WRITTEN = 10_000;

/** Keeps what is measured from being optimised away. */
let seen = 0;

interface Pace {
  /** By CPU time of this process, garbage collection included: what one core does. */
  readonly perCoreSecond: number;
  readonly perSecond: number;
}

const measure = (count: number, work: (index: number) => void): Pace => {
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  for (let index = 0; index < count; index += 1) work(index);
  const seconds = (performance.now() - startedAt) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { perCoreSecond: count / ((user + system) / 1e6), perSecond: count / seconds };
};

const deciding =
  (given: Scenario) =>
  (index: number): void => {
    const decision = decideRoute(inputsOf(given, index));
    seen += 'code' in decision ? 0 : decision.children.length;
  };

/** Each decision's own time, in microseconds. */
const latencies = (given: Scenario, count: number): readonly number[] => {
  const times = new Array<number>(count);
  for (let index = 0; index < count; index += 1) {
    const startedAt = performance.now();
    deciding(given)(index);
    times[index] = (performance.now() - startedAt) * 1_000;
  }
  return times;
};

/** Routing decisions alone, in one thread: five venues, books of 20 levels, mixed sizes. */
export const routing: Benchmark = {
  name: 'routing',
  what: 'routing decisions/s on one core and their p99: five venues, 20-level books, mixed sizes; and with splits over three venues',
  run({ log }) {
    const mixed = scenario(ORDERS, MIXED);
    const split = scenario(ORDERS, { ...LARGE, settings: { maxChildren: 3 } }, 11);
    const children = (given: Scenario): readonly number[] =>
      given.orders.map((_, index) => {
        const decision = decideRoute(inputsOf(given, index));
        return 'code' in decision ? 0 : decision.children.length;
      });
    const counts = { mixed: children(mixed), split: children(split) };
    for (const given of [mixed, split]) for (let warm = 0; warm < 50_000; warm += 1) deciding(given)(warm);

    const paces: Record<'mixed' | 'split' | 'written' | 'prepared', Pace[]> = {
      mixed: [],
      split: [],
      written: [],
      prepared: [],
    };
    const times: Record<'mixed' | 'split', number[]> = { mixed: [], split: [] };
    const markets = mixed.snapshots.flatMap((venues) => Object.values(venues).flatMap((facts) => facts?.market ?? []));
    for (let round = 0; round < ROUNDS; round += 1) {
      paces.mixed.push(measure(DECISIONS, deciding(mixed)));
      paces.split.push(measure(DECISIONS / 4, deciding(split)));
      paces.written.push(
        measure(WRITTEN, (index) => {
          const inputs = inputsOf(mixed, index);
          const decision = decideRoute(inputs);
          if ('code' in decision) return;
          seen += describeRoute(inputs, decision).sentence.length + Object.keys(recordedInputs(inputs)).length;
        }),
      );
      paces.prepared.push(
        measure(WRITTEN, (index) => {
          const { view, terms } = markets[index % markets.length]!;
          seen += prepareMarket(view, terms).asks.depth;
        }),
      );
      times.mixed.push(percentile(latencies(mixed, DECISIONS / 4), 0.99));
      times.split.push(percentile(latencies(split, DECISIONS / 4), 0.99));
      log.info(
        `round ${round + 1} of ${ROUNDS}: ${Math.round(paces.mixed.at(-1)!.perCoreSecond)} decisions a core second`,
      );
    }
    const perCore = (of: keyof typeof paces): number =>
      Math.round(median(paces[of].map(({ perCoreSecond }) => perCoreSecond)));
    const spread = (of: keyof typeof paces): number =>
      Math.round(spreadPercent(paces[of].map(({ perCoreSecond }) => perCoreSecond)));
    const mean = (values: readonly number[]): number =>
      rounded(values.reduce((sum, value) => sum + value, 0) / values.length);
    const figures = {
      decisionsPerCoreSecond: perCore('mixed'),
      decisionsSpreadPercent: spread('mixed'),
      decisionsPerSecond: Math.round(median(paces.mixed.map(({ perSecond }) => perSecond))),
      decisionP99Microseconds: rounded(median(times.mixed)),
      decisionP99SpreadPercent: Math.round(spreadPercent(times.mixed)),
      childrenPerDecision: mean(counts.mixed),
      splitDecisionsPerCoreSecond: perCore('split'),
      splitDecisionsSpreadPercent: spread('split'),
      splitDecisionsPerSecond: Math.round(median(paces.split.map(({ perSecond }) => perSecond))),
      splitDecisionP99Microseconds: rounded(median(times.split)),
      splitChildrenPerDecision: mean(counts.split),
      writtenDecisionsPerCoreSecond: perCore('written'),
      preparedMarketsPerCoreSecond: perCore('prepared'),
      checked: seen > 0 ? 1 : 0,
    };
    return Promise.resolve({
      figures,
      goals: [
        atLeast('decisions, mixed sizes', figures.decisionsPerCoreSecond, '/s on one core', 500_000),
        below('decision, p99', figures.decisionP99Microseconds, 'us', 20),
        atLeast(
          'decisions with a split over three venues',
          figures.splitDecisionsPerCoreSecond,
          '/s on one core',
          100_000,
        ),
      ],
      setting: {
        venues: 5,
        levels: 20,
        orders: ORDERS,
        rounds: ROUNDS,
        mixed: 'half up to 0.1 BTC, a third up to 1, others up to 12',
        split: '4 to 12 BTC, at most three venues',
      },
    });
  },
};
