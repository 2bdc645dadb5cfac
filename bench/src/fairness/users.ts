import { LogHub } from '@switchyard/log-postgres';
import { openDatabase, type Database } from '@switchyard/persistence';
import { parseArgs } from 'node:util';
import { below, type Benchmark, type BenchmarkContext } from '../benchmark.js';
import { setDeepBooks } from '../pipeline/books.js';
import { AdmitDoor } from '../pipeline/door.js';
import { runLoad, usedSince } from '../pipeline/load.js';
import { startSystem, type System } from '../pipeline/system.js';
import { median, rounded, spreadPercent } from '../statistics.js';
import { BlockMix } from './block-mix.js';
import { loadUsers } from './bulk-users.js';
import { clientKilobytes } from './client-memory.js';

const BOUND = 1_500;
/** Nothing happens for so long, that the collector comes by; the least that is held then counts. */
const REST_MS = 5_000;
const LONGEST_REST_MS = 60_000;
/** Of a core: an idle deployment of six venues uses a few. */
const CALM_PERCENT = 25;
const MEASURED_REST_MS = 8_000;
const WARM_UP_S = 4;

interface Options {
  readonly sizes: readonly number[];
  readonly rounds: number;
  readonly seconds: number;
}

interface Size {
  readonly users: number;
  /** CPU microseconds of services and database a signal, by round. */
  readonly cpu: readonly number[];
  /** Of these, the services'. */
  readonly servicesCpu: readonly number[];
  /** Percent of a core that services and database use while nobody does anything. */
  readonly idle: number;
  /** Resident bytes of the services: with these users loaded and sleeping, and after all who could had traded. */
  readonly loaded: number;
  readonly traded: number;
}

/** What a user costs: at work, and asleep. */
export const users: Benchmark = {
  name: 'users',
  what: 'CPU per signal with 1,000, 10,000 and 100,000 users; memory of one at work, and of one who sleeps',
  async run({ directory, arguments: args, log }) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        sizes: { type: 'string', default: '1000,10000,100000' },
        rounds: { type: 'string', default: '3' },
        seconds: { type: 'string', default: '10' },
      },
    });
    const options = {
      sizes: values.sizes.split(',').map(Number),
      rounds: Number(values.rounds),
      seconds: Number(values.seconds),
    };
    const system = await startSystem({
      ...{ directory, transport: 'postgres', apart: false, log, prepare: setDeepBooks },
      // Looks at accounts that trade cost by the minute and account, not by the signal: they are apart.
      env: { SWITCHYARD_RECONCILE_INTERVAL_S: '3600' },
    });
    const db = await openDatabase({ url: system.databaseUrl, schema: 'log', applicationName: 'bench', poolSize: 4 });
    const hub = new LogHub(db, true, () => undefined);
    await hub.start();
    const door = new AdmitDoor(db, hub);
    try {
      return await measure({ system, db, door, directory, options, log });
    } finally {
      await door.close();
      await db.close();
      await system.stop();
    }
  },
};

interface Bench {
  readonly system: System;
  readonly db: Database;
  readonly door: AdmitDoor;
  readonly directory: string;
  readonly options: Options;
  readonly log: BenchmarkContext['log'];
}

const measure = async (bench: Bench) => {
  const { system, options, log } = bench;
  const found: Size[] = [];
  let before = 0;
  for (const size of options.sizes) {
    const measured = await measureSize(bench, before, size);
    found.push(measured);
    before = size;
    const { cpu, loaded, traded } = measured;
    log.info(
      `${size} users: ${cpu.map((one) => one.toFixed(0)).join(', ')} us a signal; ${megabytes(loaded)} MB loaded, ${megabytes(traded)} MB after their work`,
    );
  }
  const client = await clientKilobytes(system.venues.get('binance') ?? '');
  const medians = found.map(({ cpu }) => median(cpu));
  const flat = (Math.max(...medians) / Math.min(...medians) - 1) * 100;
  const [first, second, last] = [found[0], found[1], found.at(-1)];
  const active = perUser(first?.traded, second?.traded, (second?.users ?? 0) - (first?.users ?? 0));
  // From the second size on, those who sleep are all that was added before anybody traded.
  const sleeping = perUser(second?.traded, last?.loaded, (last?.users ?? 0) - (second?.users ?? 0));
  return {
    figures: {
      cpuSpreadOverSizesPercent: rounded(flat),
      kilobytesPerActiveUser: rounded(active),
      kilobytesPerSleepingUser: rounded(sleeping),
      kilobytesPerExchangeClient: rounded(client),
      ...Object.fromEntries(
        found.flatMap(({ users, cpu, servicesCpu, idle, loaded, traded }) => [
          [`${users}.cpuMicrosecondsPerSignal`, rounded(median(cpu), 0)],
          [`${users}.cpuMicrosecondsPerSignal.services`, rounded(median(servicesCpu), 0)],
          [`${users}.cpuSpreadPercent`, rounded(spreadPercent(cpu))],
          [`${users}.idlePercentOfACore`, rounded(idle)],
          [`${users}.residentMegabytesLoaded`, megabytes(loaded)],
          [`${users}.residentMegabytesAfterWork`, megabytes(traded)],
        ]),
      ),
    },
    goals: [
      below('CPU per signal over sizes, largest above smallest', rounded(flat), '%', 10),
      below('resident memory of an active user', rounded(active), 'KB', 50),
      // A tenth of what a record of a user in memory would take: what is measured is the noise of the collector.
      below('resident memory of a sleeping user', rounded(sleeping), 'KB', 1),
    ],
    setting: {
      sizes: options.sizes.join(', '),
      rounds: options.rounds,
      seconds: options.seconds,
      transport: 'postgres',
      reconciliation: 'first and regular looks at accounts apart',
      mix: 'mode simulated, all services in one process; a thousand users at a time open and close, then the next thousand',
    },
  };
};

const measureSize = async (bench: Bench, from: number, size: number): Promise<Size> => {
  const { system, db, door, directory, options, log } = bench;
  await loadUsers(system, directory, from, size);
  log.info(`${size} users are loaded`);
  const { resident: loaded, cpuPercent: idle } = await atRest(system);
  const mix = new BlockMix(size, `u${size}`);
  const cpu: number[] = [];
  const servicesCpu: number[] = [];
  for (let round = -1; round < options.rounds; round += 1) {
    const seconds = round < 0 ? WARM_UP_S : options.seconds;
    const load = await runLoad({ system, db, door, mix, seconds, bound: BOUND });
    const services = load.cpu.get('services') ?? 0;
    if (round < 0) continue;
    servicesCpu.push((services / load.signals) * 1_000_000);
    cpu.push(((services + (load.cpu.get('postgres') ?? 0)) / load.signals) * 1_000_000);
  }
  return { users: size, cpu, servicesCpu, idle, loaded, traded: (await atRest(system)).resident };
};

const atRest = async (system: System): Promise<{ readonly resident: number; readonly cpuPercent: number }> => {
  // What was stored before is looked after first: the journal, statistics, freed rows.
  const patience = performance.now() + LONGEST_REST_MS;
  while ((await percentOver(system, REST_MS)) > CALM_PERCENT && performance.now() < patience);
  const end = performance.now() + MEASURED_REST_MS;
  let least = Number.POSITIVE_INFINITY;
  let cpuPercent = Number.POSITIVE_INFINITY;
  while (performance.now() < end) {
    cpuPercent = Math.min(cpuPercent, await percentOver(system, 2_000));
    least = Math.min(least, (await system.resident()).get('services') ?? Number.NaN);
  }
  return { resident: least, cpuPercent };
};

/** Of a core, by services and database, over this time. */
const percentOver = async (system: System, forMs: number): Promise<number> => {
  const before = await system.cpu();
  const startedAt = performance.now();
  await new Promise((resolve) => setTimeout(resolve, forMs));
  const used = usedSince(before, await system.cpu());
  const ours = (used.get('services') ?? 0) + (used.get('postgres') ?? 0);
  return (ours / ((performance.now() - startedAt) / 1_000)) * 100;
};

const perUser = (before: number | undefined, after: number | undefined, users: number): number =>
  before === undefined || after === undefined ? Number.NaN : Math.max(0, (after - before) / users / 1_024);

const megabytes = (bytes: number): number => rounded(bytes / 1_048_576, 0);
