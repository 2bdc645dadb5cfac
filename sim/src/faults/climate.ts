import type { Random } from '../kernel/random.js';
import type { Faults, SimProcess, Verdict } from '../kernel/world.js';
import type { VenueHabits } from '../venue/sim-venue.js';
import type { Peril, Weather } from '../venue/sim-client.js';

/** Kinds of faults: a failing seed is shrunk by leaving some out. */
export const FAULT_KINDS = ['crash', 'connection', 'stop', 'rebalance', 'delay', 'network', 'venue'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** A crash at one effect, by its number in the run. */
export interface PlannedCrash {
  readonly effect: number;
  readonly when: 'before' | 'after';
}

export interface ListedEffect {
  readonly name: string;
  readonly process: string;
  /** Simulated milliseconds. */
  readonly at: number;
}

/**
 * What a seed makes go wrong. Each run has a climate of its own: some kinds of faults often, some seldom, some not at all, so that what
 * follows from one kind is not always hidden behind another.
 */
export class Climate implements Faults {
  /** While it lasts. */
  active = true;
  /** Faults so far, and the most that there may be. */
  count = 0;
  readonly byKind: Record<FaultKind, number> = {
    crash: 0,
    connection: 0,
    stop: 0,
    rebalance: 0,
    delay: 0,
    network: 0,
    venue: 0,
  };
  readonly rates: Readonly<Record<FaultKind, number>>;
  /** Every effect in its order, where somebody enumerates them. */
  readonly effects: ListedEffect[] | undefined;
  readonly #random: Random;
  readonly #planned: ReadonlyMap<number, PlannedCrash['when']>;
  /** How often single orders are in peril: drawn apart from the weather, so that some are in a calm one, where nothing else hides what follows. */
  readonly #perils: number;
  #number = 0;
  #outageUntil = 0;
  #downUntil = 0;

  constructor(
    random: Random,
    private readonly kinds: ReadonlySet<FaultKind>,
    private readonly most: number,
    planned: readonly PlannedCrash[] | undefined,
    private readonly now: () => number,
  ) {
    this.effects = planned && [];
    this.#planned = new Map(planned?.map(({ effect, when }) => [effect, when]));
    this.#random = random.stream('effects');
    const climate = random.stream('climate');
    const level = (): number => climate.pick([0, 0.2, 1, 1, 3]);
    this.rates = {
      crash: 0.004 * level(),
      connection: 0.006 * level(),
      stop: 0.02 * level(),
      rebalance: 0.05 * level(),
      delay: 0.01 * level(),
      network: 0.5 * level(),
      venue: 0.5 * level(),
    };
    this.#perils = level();
  }

  /** Whether a fault of this kind, with this probability, happens now. Draws in any case, so that leaving a kind out moves no other. */
  strikes(kind: FaultKind, probability: number, random = this.#random): boolean {
    const drawn = random.next() < probability;
    if (!drawn || !this.active || !this.kinds.has(kind) || this.count >= this.most) return false;
    this.count += 1;
    this.byKind[kind] += 1;
    return true;
  }

  at(process: SimProcess, effect: string): Verdict {
    this.#number += 1;
    this.effects?.push({ name: effect, process: process.name, at: this.now() });
    const planned = this.#planned.get(this.#number);
    const random = this.#random;
    const slow = this.strikes('delay', this.rates.delay * (effect === 'place: signs' ? 8 : 1))
      ? random.between(20, 3_000)
      : 0;
    const thereMs = random.between(0.05, 1.5) + slow;
    const backMs = random.between(0.05, 1.5);
    const crash = this.strikes('crash', this.rates.crash * weightOf(effect));
    const fails = this.strikes('connection', this.rates.connection);
    const before = random.next() < 0.5;
    // The dangerous moment to stand still is the one before the bytes leave.
    const stops = effect === 'place: signs' && this.strikes('stop', this.rates.stop);
    const stopMs = stops ? random.between(2_000, 40_000) : undefined;
    const wrong = crash
      ? before
        ? 'crashBefore'
        : 'crashAfter'
      : fails
        ? before
          ? 'failsBefore'
          : 'failsAfter'
        : undefined;
    if (planned !== undefined) return { thereMs, backMs, wrong: planned === 'before' ? 'crashBefore' : 'crashAfter' };
    return { thereMs, backMs, stopMs, wrong };
  }

  /** For so long hardly anything comes through to the venue, or back. */
  outage(forMs: number): void {
    this.#outageUntil = this.now() + forMs;
  }

  /** What becomes of an order that is about to be sent, other than by the weather: the moments at which a single safeguard decides. */
  peril(random: Random): Peril | undefined {
    const barely = this.strikes('network', 0.06 * this.#perils, random);
    const severed = this.strikes('network', 0.02 * this.#perils, random);
    const downMs = random.between(2_000, 30_000);
    if (barely) return 'barely in time';
    if (!severed) return undefined;
    this.#downUntil = this.now() + downMs;
    return 'severed';
  }

  weather(): Weather {
    const level = this.#on('network') ? this.rates.network : 0;
    if (this.#on('network') && this.now() < this.#downUntil) return DOWN;
    if (this.#on('network') && this.now() < this.#outageUntil) return OUTAGE;
    return {
      lostThere: 0.05 * level,
      late: 0.15 * level,
      lostBack: 0.1 * level,
      refused: 0.03 * level,
      doubled: 0.2 * level,
      limited: 0.02 * level,
    };
  }

  habits(): VenueHabits {
    const level = this.#on('venue') ? this.rates.venue : 0;
    return {
      partial: Math.min(0.8, 0.3 * level),
      lateFills: Math.min(0.8, 0.2 * level),
      lags: Math.min(0.9, 1.2 * level),
      restingTrades: 0.15,
      restingEnds: 0.05,
    };
  }

  #on(kind: FaultKind): boolean {
    return this.active && this.kinds.has(kind);
  }
}

const OUTAGE: Weather = { lostThere: 0.3, late: 0.2, lostBack: 0.6, refused: 0.2, doubled: 0, limited: 0 };
/** Whoever asks hears at once that nobody listens. */
const DOWN: Weather = { lostThere: 0, late: 0, lostBack: 0, refused: 1, doubled: 0, limited: 0 };

/** Orders are where a crash costs most: they are tried more often than idle looks. */
const weightOf = (effect: string): number =>
  effect.startsWith('place') || effect.includes('commit') || effect.startsWith('send') ? 2 : 0.5;
