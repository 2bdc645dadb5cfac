/* eslint-disable @typescript-eslint/no-non-null-assertion -- rounds are never empty. */
import type { Limits } from '@switchyard/model';
import { atLeast, below, type Benchmark } from '../benchmark.js';
import { median, percentile, rounded, spreadPercent } from '../statistics.js';
import { Desk, PAIRS, type Trader } from './scenario.js';

const ROUNDS = 7;
const DECISIONS = { usual: 5_000, busy: 500, old: 5_000 } as const;
const TRADERS = 256;

/** What is measured is work, not refusals. */
const WIDE: Partial<Limits> = {
  tradesPerSecond: 1_000_000,
  burst: 1_000_000,
  maxOpenPositions: 100,
  maxOrdersPerDay: 1_000_000_000,
};

/**
 * - `usual`: three accounts, one position, nothing under way: what most entries meet.
 * - `busy`: six accounts, positions in all pairs, 100 orders under way.
 * - `old`: as `usual`, after 2,000 round trips of the same user: a decision must not know how long its user has been here.
 */
type Kind = 'usual' | 'busy' | 'old';

const tradersOf = (desk: Desk): Readonly<Record<Kind, readonly Trader[]>> => {
  const holding = (trader: Trader, pairs: number): Trader => {
    for (const pair of PAIRS.slice(0, pairs)) {
      desk.tell(trader, desk.signal(trader, 'buy', pair));
      desk.settle(trader, 'buy', pair);
      trader.trades += 1;
    }
    return trader;
  };
  const usual = Array.from({ length: TRADERS }, (_, index) =>
    holding(desk.trader(`usual-${String(index)}`, 3, WIDE), 1),
  );
  const busy = Array.from({ length: TRADERS / 8 }, (_, index) => {
    const trader = holding(desk.trader(`busy-${String(index)}`, 6, WIDE), PAIRS.length);
    for (let open = 0; open < 100; open += 1) {
      desk.tell(trader, desk.signal(trader, 'buy', PAIRS[open % PAIRS.length]!));
      trader.trades += 1;
    }
    return trader;
  });
  const veteran = desk.trader('old', 3, WIDE);
  for (let trade = 0; trade < 2_000; trade += 1) desk.trade(veteran);
  holding(veteran, 1);
  const old = Array.from({ length: TRADERS }, (_, index) => ({ ...veteran, userId: `old-${String(index)}` }));
  return { usual, busy, old };
};

/** Entries decided by themselves, each from the same state: its time in microseconds. */
const decided = (
  desk: Desk,
  traders: readonly Trader[],
  count: number,
): { readonly perCoreSecond: number; readonly p99: number } => {
  const times = new Float64Array(count);
  const cpuBefore = process.cpuUsage();
  for (let index = 0; index < count; index += 1) {
    const trader = { ...traders[index % traders.length]! };
    const signal = desk.signal(trader, 'buy', PAIRS[index % PAIRS.length]!);
    const environment = desk.environment();
    const startedAt = performance.now();
    const approved = desk.tell(trader, signal, environment);
    times[index] = (performance.now() - startedAt) * 1_000;
    if (!approved) throw new Error('an entry of the bench was refused');
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  return { perCoreSecond: count / ((user + system) / 1e6), p99: percentile([...times], 0.99) };
};

/** Risk decisions alone, in one thread, no log and no database. */
export const risk: Benchmark = {
  name: 'risk',
  what: 'risk decisions/s on one core and their p99: entries that are approved, of usual and busy users, and of one with a long history',
  run({ log }) {
    const desk = new Desk();
    const traders = tradersOf(desk);
    const kinds = Object.keys(traders) as readonly Kind[];
    for (const kind of kinds) decided(desk, traders[kind], DECISIONS[kind]);
    const paces: Record<Kind, ReturnType<typeof decided>[]> = { usual: [], busy: [], old: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const kind of kinds) paces[kind].push(decided(desk, traders[kind], DECISIONS[kind]));
      log.info(`round ${round + 1} of ${ROUNDS}: p99 ${rounded(paces.usual.at(-1)!.p99)} us`);
    }
    const trips = new Desk();
    const trader = trips.trader('trips', 3, WIDE);
    const trip = (): number => {
      const cpuBefore = process.cpuUsage();
      for (let trade = 0; trade < 1_000; trade += 1) trips.trade(trader);
      const { user, system } = process.cpuUsage(cpuBefore);
      return (user + system) / 1_000;
    };
    trip();
    const tripCpu = median(Array.from({ length: ROUNDS }, trip));
    const p99 = (kind: Kind): number => rounded(median(paces[kind].map((pace) => pace.p99)));
    const perCore = (kind: Kind): number => Math.round(median(paces[kind].map((pace) => pace.perCoreSecond)));
    const bytes = ({ state }: Trader): number => JSON.stringify({ ...state, policy: undefined }).length;
    const figures = {
      decisionsPerCoreSecond: perCore('usual'),
      decisionsSpreadPercent: Math.round(spreadPercent(paces.usual.map(({ perCoreSecond }) => perCoreSecond))),
      decisionP99Microseconds: p99('usual'),
      decisionP99SpreadPercent: Math.round(spreadPercent(paces.usual.map((pace) => pace.p99))),
      busyDecisionsPerCoreSecond: perCore('busy'),
      busyDecisionP99Microseconds: p99('busy'),
      oldDecisionsPerCoreSecond: perCore('old'),
      oldDecisionP99Microseconds: p99('old'),
      oldOverUsual: rounded(perCore('usual') / perCore('old')),
      roundTripCpuMicroseconds: rounded(tripCpu),
      documentBytes: bytes(traders.usual[0]!),
      oldDocumentBytes: bytes(traders.old[0]!),
    };
    return Promise.resolve({
      figures,
      goals: [
        below('decision, p99', figures.decisionP99Microseconds, 'us', 100),
        below('document of a user', figures.documentBytes, 'bytes', 2_048),
        atLeast('decisions of a user with a long history', rounded(1 / figures.oldOverUsual), 'of a new one’s', 0.8),
      ],
      setting: {
        rounds: ROUNDS,
        decisions: DECISIONS.usual,
        pairs: PAIRS.length,
        usual: '3 accounts, 1 position',
        busy: '6 accounts, 5 positions, 100 orders under way',
        old: '2,000 round trips',
      },
    });
  },
};
