import { Judge } from './check/judge.js';
import type { Violation } from './check/judged.js';
import type { Defect } from './defects/defect.js';
import { Climate, FAULT_KINDS, type FaultKind, type ListedEffect, type PlannedCrash } from './faults/climate.js';
import { simulatedGlobals } from './kernel/globals.js';
import { History } from './kernel/history.js';
import { Random } from './kernel/random.js';
import { Scheduler } from './kernel/scheduler.js';
import { World } from './kernel/world.js';
import { askedAccounts } from './system/asked-accounts.js';
import { Cancels } from './system/cancels.js';
import { Deployment } from './system/deployment.js';
import { accountName, fundsOf, runLoad } from './system/load.js';
import { newMarkets, runMarket } from './system/market.js';
import { SimVenue } from './venue/sim-venue.js';

export interface RunOptions {
  readonly seed: number;
  readonly users?: number | undefined;
  readonly signals?: number | undefined;
  readonly kinds?: readonly FaultKind[] | undefined;
  /** No further fault after so many. */
  readonly mostFaults?: number | undefined;
  readonly defect?: Defect | undefined;
  /**
   * One market order of one user and no chance but that of durations, with crashes at these effects: its effects are listed in the result.
   * Without it, as many signals as the seed says.
   */
  readonly crashes?: readonly PlannedCrash[] | undefined;
  /** Keeps every line of the history. */
  readonly story?: boolean | undefined;
}

export interface RunResult {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly digest: string;
  readonly story: readonly string[];
  readonly simulatedMs: number;
  readonly steps: number;
  readonly effects: number;
  readonly faults: number;
  readonly crashes: number;
  readonly crashed?: readonly PlannedCrash[];
  /** Where crashes were planned. */
  readonly listed?: readonly ListedEffect[];
  readonly users: number;
  readonly signals: number;
  readonly completed: number;
  readonly orders: number;
  readonly trades: number;
}

/**
 * How long signals come, and faults happen, from the start; and then a while in which nothing may be told any more. That of many orders
 * covers a report of every account.
 */
const MANY_ORDERS = { loadMs: 30_000, faultsMs: 45_000, quietMs: 20_000 };
const ONE_ORDER = { loadMs: 0, faultsMs: 6_500, quietMs: 3_000 };
/** What is not at its end by then never will be: the longest waits are a circuit's minute and the last look at an order that ended. */
const SETTLED_MS = 420_000;
const LOOK_EVERY_MS = 1_000;
/** Within this a group whose member died has another, and has read what waited. */
const GRACE_MS = 18_000;
const TICK_MS = 1_000;

/** One seed, one run: the same history, bit for bit, each time. */
export const runSeed = async (options: RunOptions): Promise<RunResult> => {
  const { seed } = options;
  const random = new Random(`switchyard/1/${seed}`);
  const shape = random.stream('shape');
  const drawn = { users: 2 + shape.below(4), signals: 8 + shape.below(24) };
  const isOneOrder = options.crashes !== undefined;
  const users = isOneOrder ? 1 : (options.users ?? drawn.users);
  const signals = isOneOrder ? 1 : (options.signals ?? drawn.signals);
  const { loadMs, faultsMs, quietMs } = isOneOrder ? ONE_ORDER : MANY_ORDERS;
  const scheduler = new Scheduler();
  const history = new History(options.story === true);
  const climate = new Climate(
    random,
    new Set(isOneOrder ? [] : (options.kinds ?? FAULT_KINDS)),
    options.mostFaults ?? Infinity,
    options.crashes,
    () => scheduler.now,
  );
  const world = new World(scheduler, history, climate);
  const judge = new Judge((what) => {
    world.note('judge', what);
  });
  const markets = newMarkets();
  const restore = simulatedGlobals(scheduler, random.stream('globals'));
  try {
    const skewMs = Math.round(shape.between(-2_000, 2_000));
    const venue = new SimVenue(world, random.stream('venue'), markets, climate.habits(), skewMs, judge);
    const funds = random.stream('funds');
    for (let user = 0; user < users; user += 1)
      venue.open(accountName(user), { USDT: isOneOrder ? '20000' : fundsOf(funds) });
    const deployment = new Deployment({
      world,
      random: random.stream('deployment'),
      climate,
      judge,
      venue,
      seams: options.defect?.plant() ?? {},
    });
    const tick = (): void => {
      venue.tick();
      scheduler.inWorld(TICK_MS, tick);
    };
    tick();
    runMarket(world, random.stream('market'), markets, deployment.stage('routing').memory);
    const validation = deployment.stage('signal-validation');
    const { broker } = deployment;
    runLoad({
      world,
      cancels: new Cancels(world, random.stream('cancels'), broker),
      random: random.stream('load'),
      judge,
      broker,
      validation,
      markets,
      users,
      signals,
      withinMs: loadMs,
      isOneOrder,
    });
    deployment.start();

    const failed = (): boolean => judge.violations.length > 0;
    await scheduler.run(failed, faultsMs);
    climate.active = false;
    venue.settling = true;
    deployment.resume();
    await settle(scheduler, () => failed() || (judge.isQuiet && standing(deployment) === 0));
    // Positions and completions follow their trades.
    if (!failed()) await scheduler.run(failed, scheduler.now + GRACE_MS);
    const { told } = judge;
    if (!failed()) await scheduler.run(failed, scheduler.now + quietMs);
    if (!failed() && judge.told > told)
      judge.violated('G8', `${judge.lastTold} was told although nothing happened any more`);
    if (!failed()) judge.compareBooks();
    // A trade that was told late is a difference when it is booked, until the next report agrees.
    await settle(scheduler, () => failed() || standing(deployment) === 0);
    const differences = standing(deployment);
    if (!failed() && differences > 0)
      judge.violated('G8', `${differences} differences stand, though nobody traded beside us`);
    return {
      seed,
      violations: judge.violations,
      digest: history.digest(),
      story: history.story,
      simulatedMs: scheduler.now,
      steps: scheduler.steps,
      effects: world.effects,
      faults: climate.count,
      crashes: world.crashes,
      ...(climate.effects === undefined ? {} : { listed: climate.effects, crashed: options.crashes ?? [] }),
      users,
      signals,
      completed: [...judge.ends.values()].filter((end) => end === 'completed').length,
      orders: judge.orders.size,
      trades: venue.rows.reduce((all, { trades }) => all + trades.length, 0),
    };
  } finally {
    restore();
  }
};

/** Until it is quiet, looked at each second; or until it should long have been. */
const settle = async (scheduler: Scheduler, isQuiet: () => boolean): Promise<void> => {
  while (scheduler.now < SETTLED_MS && !isQuiet()) await scheduler.run(() => false, scheduler.now + LOOK_EVERY_MS);
};

/** Differences between our books and the venue that were told and stand. */
const standing = (deployment: Deployment): number =>
  askedAccounts(deployment.stage('reconciliation')).reduce((all, { drifts }) => all + drifts, 0);
