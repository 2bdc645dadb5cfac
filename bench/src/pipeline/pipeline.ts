import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LogHub } from '@switchyard/log-postgres';
import { openDatabase } from '@switchyard/persistence';
import { atLeast, below, type Benchmark, type Goal } from '../benchmark.js';
import { median, rounded, spreadPercent } from '../statistics.js';
import { openCeiling } from './ceiling.js';
import { AdmitDoor, kafkaDoor } from './door.js';
import { runLatency } from './latency.js';
import { runLoad, usedSince, type LoadResult } from './load.js';
import { pipelineOptions, type Mode, type PipelineOptions } from './options.js';
import { balancesKnown } from './ready.js';
import { kafkaSightings, postgresSightings } from './sightings.js';
import { SignalMix } from './signals.js';
import { countStatements, writeStatements } from './statements.js';
import { describeWork, workSince } from './stage-work.js';
import { startSystem, type System } from './system.js';
import { endings, eventBytes } from './tally.js';
import { setDeepBooks } from './books.js';
import { ensureUsers } from './users.js';

/** Users in mode paper: their number decides nothing but how many connections' worth of state the venue holds. */
const PAPER_USERS = 200;
const WARM_UP_SECONDS = 4;
const LATENCY_PER_SECOND = 100;
const HOPS = 5;

/** The whole of it: every service, real database, real broker, from the door to the journal's last row. */
export const pipeline: Benchmark = {
  name: 'pipeline',
  what: 'all services, signal to fill to journal: signals/s, latency at 100/s, CPU per signal by process, beside a bare relay',
  async run({ directory, arguments: args, log }) {
    const options = pipelineOptions(args);
    const { transport, modes, apart } = options;
    const users = {
      simulated: modes.includes('simulated') ? options.users : 0,
      paper: modes.includes('paper') ? Math.min(options.users, PAPER_USERS) : 0,
    };
    const system = await startSystem({
      directory,
      transport,
      apart,
      venues: options.venues,
      profile: options.profile,
      log,
      prepare: setDeepBooks,
    });
    try {
      await ensureUsers({ env: system.env, venues: system.venues, users });
      log.info(`services run; ${users.simulated + users.paper} users are there`);
      const bench = await openBench(system);
      try {
        return await measure({ ...bench, options, system, users, log });
      } finally {
        await bench.close();
      }
    } finally {
      await system.stop();
    }
  },
};

type Bench = Awaited<ReturnType<typeof openBench>>;

const openBench = async (system: System) => {
  const url = system.databaseUrl;
  const db = await openDatabase({ url, schema: 'log', applicationName: 'bench', poolSize: 6 });
  const hub = new LogHub(db, true, () => undefined);
  await hub.start();
  const door = system.brokers === undefined ? new AdmitDoor(db, hub) : await kafkaDoor(system.brokers);
  return {
    db,
    hub,
    door,
    close: async () => {
      await door.close();
      await hub.stop();
      await db.close();
    },
  };
};

interface Measuring extends Bench {
  readonly options: PipelineOptions;
  readonly system: System;
  readonly users: Readonly<Record<Mode, number>>;
  readonly log: { info(message: string): void };
}

const measure = async (measuring: Measuring) => {
  const { options, system, users, db, log } = measuring;
  const { transport, modes, apart, seconds, rounds } = options;
  await balancesKnown(db, (users.simulated + users.paper) * options.venues.length);
  const figures: Record<string, number> = {};
  const goals: Goal[] = [];
  const run = Date.now().toString(36);
  for (const mode of modes) {
    const mix = new SignalMix(mode, users[mode], run, options.venues);
    // With more than a round of three pairs under way a user's late exit would close the next position of its pair too.
    const bound = Math.min(options.bound[mode], users[mode] * 5);
    const load = (forSeconds: number): Promise<LoadResult> =>
      runLoad({ ...measuring, mix, seconds: forSeconds, bound });
    await load(WARM_UP_SECONDS);
    const since = new Date();
    const ceiling =
      options.ceiling && mode === 'simulated' ? await openCeiling(system, await hopBytes(db), HOPS) : undefined;
    const results: LoadResult[] = [];
    const relayed: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const before = await system.work();
      const result = await profiled(measuring, `${mode}-${round}`, async () => load(seconds / rounds));
      log.info(`  events a transaction: ${describeWork(workSince(before, await system.work()))}`);
      results.push(result);
      log.info(
        `${mode}: ${Math.round(result.signals / result.seconds)} signals/s, ${Math.round(cpuOfAll(result))} us of CPU a signal`,
      );
      if (ceiling !== undefined) relayed.push(await ceiling.run(Math.min(6, seconds / rounds)));
    }
    await ceiling?.close();
    const rates = results.map((result) => result.signals / result.seconds);
    figures[`${mode}.signalsPerSecond`] = Math.round(median(rates));
    figures[`${mode}.signalsPerSecondSpreadPercent`] = rounded(spreadPercent(rates), 0);
    if (relayed.length > 0) {
      figures['ceiling.signalsPerSecond'] = Math.round(median(relayed));
      figures[`${mode}.shareOfCeiling`] = rounded(median(rates) / median(relayed));
    }
    figures[`${mode}.cpuMicrosecondsPerSignal`] = Math.round(median(results.map(cpuOfAll)));
    for (const name of results[0]?.cpu.keys() ?? [])
      figures[`${mode}.cpuMicrosecondsPerSignal.${name}`] = Math.round(
        median(results.map(({ cpu, signals }) => ((cpu.get(name) ?? 0) * 1e6) / signals)),
      );
    const ends = await endings(db, since, (example) => {
      log.info(`  for example ${example}`);
    });
    log.info(`${mode}: ${[...ends].map(([name, count]) => `${name} ${count}`).join(', ')}`);
    const sent = results.reduce((sum, { signals }) => sum + signals, 0);
    figures[`${mode}.filledPercent`] = rounded(((ends.get('filled') ?? 0) / sent) * 100);
    goals.push(atLeast(`${mode}: filled of what was sent`, figures[`${mode}.filledPercent`] ?? 0, '%', 95));
    if (mode === 'simulated')
      goals.push(atLeast('simulated: signals per second', figures['simulated.signalsPerSecond'] ?? 0, '1/s', 1_000));
    if (options.latencySeconds > 0) {
      Object.assign(figures, await latencyFigures(measuring, mode, mix));
      goals.push(
        below(`${mode}: signal to OrderPlaced, p99 at 100/s`, figures[`${mode}.placedP99Ms`] ?? Number.NaN, 'ms', 100),
      );
    }
  }
  return {
    variant: `${transport}${options.venues.length === 1 ? '' : `-${options.venues.length}-venues`}${apart ? '-apart' : ''}${modes.length === 1 ? `-${modes.join('')}` : ''}`,
    figures,
    goals,
    setting: {
      transport,
      processes: apart ? 'one a service' : 'all services in one',
      mix: 'half market entries of 50 USD, half exits that close them; BTC, ETH, LTC in turn; deep standing books',
      seconds,
      rounds,
      venues: options.venues.join(', '),
      users: users.simulated,
      paperUsers: users.paper,
      underWay: options.bound.simulated,
      paperUnderWay: options.bound.paper,
    },
  };
};

/** Runs this part of the work, with a CPU profile of the services and the database's statements kept if that was asked for. */
const profiled = async <T extends { readonly signals: number }>(
  { options: { profile }, system, db, log }: Measuring,
  part: string,
  run: () => Promise<T>,
): Promise<T> => {
  if (profile === undefined) return run();
  await mkdir(profile, { recursive: true });
  await countStatements(db);
  await system.profile({});
  const result = await run();
  log.info(`statements: ${await writeStatements(db, join(profile, `statements-${part}.txt`), result.signals)}`);
  await system.profile({ file: join(profile, `services-${part}.cpuprofile`) });
  return result;
};

const latencyFigures = async (measuring: Measuring, mode: Mode, mix: SignalMix): Promise<Record<string, number>> => {
  const { system, db, hub, options, log } = measuring;
  const sightings =
    system.brokers === undefined ? await postgresSightings(db, hub) : await kafkaSightings(system.brokers);
  try {
    const before = await system.cpu();
    const workBefore = await system.work();
    const startedAt = performance.now();
    const { latencySeconds } = options;
    const { latency } = await profiled(measuring, `${mode}-latency`, async () => ({
      latency: await runLatency({
        ...measuring,
        mix,
        sightings,
        seconds: latencySeconds,
        perSecond: LATENCY_PER_SECOND,
      }),
      signals: latencySeconds * LATENCY_PER_SECOND,
    }));
    const byProcess = usedSince(before, await system.cpu());
    const seconds = (performance.now() - startedAt) / 1_000;
    const used = [...byProcess.values()].reduce((sum, cpu) => sum + cpu, 0);
    log.info(`  events a transaction: ${describeWork(workSince(workBefore, await system.work()))}`);
    const names = { OrderPlaced: 'placed', OrderFilled: 'filled', OrderCompleted: 'completed' } as const;
    const figures: Record<string, number> = {};
    for (const [topic, { p50, p99, max, seen }] of latency) {
      log.info(`${mode}: ${topic} p50 ${rounded(p50)} p99 ${rounded(p99)} max ${rounded(max)} ms of ${seen}`);
      figures[`${mode}.${names[topic]}P50Ms`] = rounded(p50, 1);
      figures[`${mode}.${names[topic]}P99Ms`] = rounded(p99, 1);
    }
    figures[`${mode}.coresAt100PerSecond`] = rounded(used / seconds);
    for (const [name, cpu] of byProcess) figures[`${mode}.coresAt100PerSecond.${name}`] = rounded(cpu / seconds);
    return figures;
  } finally {
    await sightings.close();
  }
};

const cpuOfAll = ({ cpu, signals }: LoadResult): number =>
  ([...cpu.values()].reduce((sum, one) => sum + one, 0) * 1e6) / signals;

/** Mean bytes of what goes from hop to hop. */
const hopBytes = async (db: Measuring['db']): Promise<number> => {
  const bytes = await eventBytes(db);
  const path = ['SignalValidated', 'OrderApproved', 'OrderRouted.binance', 'OrderFilled'].flatMap(
    (topic) => bytes.get(topic) ?? [],
  );
  return Math.round(path.reduce((sum, one) => sum + one, 0) / Math.max(1, path.length));
};
