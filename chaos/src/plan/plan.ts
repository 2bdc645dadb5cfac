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
    return { kind: 'cut', process: pick(this.random, processes), from, how, forMs };
  }

  private venueFault(): Fault {
    const { random } = this;
    const fault = pick(random, VENUE_FAULTS);
    return {
      kind: 'venue',
      fault,
      probability: Math.round(between(random, 0.05, 0.4) * 100) / 100,
      path: random() < 0.7 ? '/api/v3/order' : '/api/v3/*',
      ...(fault === 'slow' ? { ms: Math.round(between(random, 300, 4_000)) } : {}),
      ...(fault === 'hang_after' ? { ms: 20_000 } : {}),
      forMs: this.lasting(4_000, 20_000),
    };
  }

  private lasting(least: number, most: number): number {
    return Math.round(Math.min(this.shape.longestSeconds * 1_000, between(this.random, least, most)));
  }
}

const VENUE_FAULTS = [
  'reset_before',
  'reset_after',
  'hang_after',
  'http_500',
  'http_504_after',
  'empty_200',
  'truncated_200',
  'slow',
] as const;

const kill = (processes: readonly string[]): Fault => ({ kind: 'kill', processes });

export const callsTheVenue = (process: string): boolean =>
  process.startsWith('execution-') || process.startsWith('market-data');

/** Mostly longer than it takes to be given up: an executor's lease is 20 s, a member's session 6 s. */
const pauseOf = (process: string, random: Random): readonly [number, number] => {
  if (random() < 0.25) return [500, 4_000];
  return process.startsWith('execution-') ? [21_000, 27_000] : [7_000, 14_000];
};
