import type { VenueName } from '@switchyard/exchanges';
import { CUTS, killsOf, lengthOf, type Fault, type Peer, type PlannedFault } from './fault.js';
import { between, pick, seeded, shuffled, type Random } from './seeded.js';

export interface PlanShape {
  readonly seed: number;
  /** Processes killed in all: services, Postgres and brokers. */
  readonly kills: number;
  readonly transport: 'postgres' | 'kafka';
  /** Mean time between two faults. */
  readonly secondsBetween: number;
  /** No fault lasts longer. */
  readonly longestSeconds: number;
  /** The services' processes, by the supervisor's names. */
  readonly processes: readonly string[];
  readonly venues: readonly VenueName[];
  /** Of every topic. */
  readonly partitions: number;
}

/**
 * The faults of a run: a function of its shape alone, so that a seed names a run.
 *
 * 1. Times rise; the kills add up to what was asked for.
 * 2. Kinds are dealt from a shuffled pack, so that a short run meets most of them too.
 * 3. Postgres dies again only after it was up for a while, and so do brokers: one of three at a time, or nothing could be stored at all.
 */
export const planOf = (shape: PlanShape): readonly PlannedFault[] => {
  const random = seeded(shape.seed, 'plan', shape.transport);
  const hand = new Hand(shape, random);
  const plan: PlannedFault[] = [];
  let left = shape.kills;
  let at = FIRST_AT_MS;
  while (left > 0) {
    const fault = hand.deal(at, left);
    plan.push({ at: Math.round(at), fault });
    left -= killsOf(fault);
    at += gap(shape.secondsBetween * 1_000, random);
  }
  return plan;
};

/** Before it the load shows that everything works. */
const FIRST_AT_MS = 3_000;
/** From the end of one to the beginning of the next. */
const POSTGRES_REST_MS = 15_000;
const BROKER_REST_MS = 20_000;

/** Times between faults are as between calls at an exchange: mostly short, now and then long; never five times the mean. */
const gap = (meanMs: number, random: Random): number => Math.min(5, -Math.log(1 - random())) * meanMs;

type Card =
  | 'one'
  | 'several'
  | 'again'
  | 'pause'
  | 'cutPostgres'
  | 'cutKafka'
  | 'cutVenue'
  | 'killPostgres'
  | 'killBroker'
  | 'venue';

const PACK: readonly Card[] = [
  ...Array.from({ length: 4 }, () => 'one' as const),
  ...(['several', 'several', 'again', 'pause', 'cutPostgres', 'cutVenue', 'killPostgres', 'venue', 'venue'] as const),
];
const KAFKA_PACK: readonly Card[] = [...PACK, 'killBroker', 'cutKafka'];

/** Deals faults, and remembers what must not come too soon again. */
class Hand {
  private pack: Card[] = [];
  private lastKilled: string | undefined;
  private postgresAt = Number.NEGATIVE_INFINITY;
  private brokerAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly shape: PlanShape,
    private readonly random: Random,
  ) {}

  deal(at: number, left: number): Fault {
    if (this.pack.length === 0)
      this.pack.push(...shuffled(this.random, this.shape.transport === 'kafka' ? KAFKA_PACK : PACK));
    const card = this.pack.pop() ?? 'one';
    const fault = this.faultOf(card, at, left);
    if (fault.kind === 'kill') this.lastKilled = fault.processes.at(-1);
    if (fault.kind === 'killPostgres') this.postgresAt = at + lengthOf(fault);
    if (fault.kind === 'killBroker') this.brokerAt = at + lengthOf(fault);
    return fault;
  }

  private faultOf(card: Card, at: number, left: number): Fault {
    const { random, shape } = this;
    switch (card) {
      case 'one':
        return kill([pick(random, shape.processes)]);
      case 'several': {
        const count = Math.min(left, shape.processes.length, 2 + Math.floor(random() * 3));
        return kill(shuffled(random, shape.processes).slice(0, count));
      }
      case 'again':
        // Most likely while it starts.
        return kill([this.lastKilled ?? pick(random, shape.processes)]);
      case 'pause': {
        const process = pick(random, shape.processes);
        return { kind: 'pause', process, forMs: this.lasting(...pauseOf(process, random)) };
      }
      case 'cutPostgres':
        return this.cut('postgres', shape.processes);
      case 'cutKafka':
        return this.cut('kafka', shape.processes);
      case 'cutVenue':
        return this.cut('venue', shape.processes.filter(callsTheVenue));
      case 'killPostgres':
        if (at < this.postgresAt + POSTGRES_REST_MS) return kill([pick(random, shape.processes)]);
        return { kind: 'killPostgres', forMs: this.lasting(0, 4_000) };
      case 'killBroker':
        if (at < this.brokerAt + BROKER_REST_MS) return kill([pick(random, shape.processes)]);
        return {
          kind: 'killBroker',
          partition: Math.floor(random() * shape.partitions),
          forMs: this.lasting(2_000, 12_000),
        };
      case 'venue':
        return this.venueFault();
    }
  }

  private cut(from: Peer, processes: readonly string[]): Fault {
    const how = pick(this.random, CUTS);
    // What was sent late must find the rest at work again.
    const forMs = how === 'late' ? this.lasting(300, 3_000) : this.lasting(500, 12_000);
    const process = pick(this.random, processes);
    // Who calls several venues loses the way to one of them.
    const venue = from === 'venue' && !isExecutor(process) ? { venue: pick(this.random, this.shape.venues) } : {};
    return { kind: 'cut', process, from, ...venue, how, forMs };
  }

  private venueFault(): Fault {
    const { random } = this;
    const venues = shuffled(random, this.shape.venues).slice(0, howMany(random()));
    const fault = pick(random, VENUE_FAULTS);
    const forMs = this.lasting(4_000, 20_000);
    if (fault === 'down') return { kind: 'venue', venues, fault, probability: 1, reach: 'all', forMs };
    return {
      kind: 'venue',
      venues,
      fault,
      probability: Math.round(between(random, 0.05, 0.4) * 100) / 100,
      reach: random() < 0.7 ? 'orders' : 'all',
      ...(fault === 'slow' ? { ms: Math.round(between(random, 300, 4_000)) } : {}),
      ...(fault === 'hang_after' || fault === 'stall_200' ? { ms: 20_000 } : {}),
      ...(fault === 'late_fill' ? { ms: Math.round(between(random, 300, 4_000)) } : {}),
      forMs,
    };
  }

  private lasting(least: number, most: number): number {
    return Math.round(Math.min(this.shape.longestSeconds * 1_000, between(this.random, least, most)));
  }
}

/** All that a simulated venue can be told to do wrong. */
const VENUE_FAULTS = [
  'reset_before',
  'reset_after',
  'hang_after',
  'http_500',
  'http_429',
  'http_504_after',
  'empty_200',
  'html_200',
  'truncated_200',
  'cut_200',
  'stall_200',
  'slow',
  'refuse',
  'duplicate_fill',
  'late_fill',
  'down',
] as const;

/** Mostly one venue is in trouble, now and then several, or all of them at once. */
const howMany = (drawn: number): number => {
  if (drawn < 0.7) return 1;
  return drawn < 0.9 ? 2 : Number.POSITIVE_INFINITY;
};

const kill = (processes: readonly string[]): Fault => ({ kind: 'kill', processes });

const isExecutor = (process: string): boolean => process.startsWith('execution-');

export const callsTheVenue = (process: string): boolean => isExecutor(process) || process.startsWith('market-data');

/** Mostly longer than it takes to be given up: an executor's lease is 20 s, a member's session 6 s. */
const pauseOf = (process: string, random: Random): readonly [number, number] => {
  if (random() < 0.25) return [500, 4_000];
  return isExecutor(process) ? [21_000, 27_000] : [7_000, 14_000];
};
