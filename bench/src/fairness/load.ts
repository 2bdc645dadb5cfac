import { LogHub } from '@switchyard/log-postgres';
import { openDatabase, type Database } from '@switchyard/persistence';
import { parseArgs } from 'node:util';
import { atLeast, below, type Benchmark, type BenchmarkContext } from '../benchmark.js';
import { setDeepBooks } from '../pipeline/books.js';
import { AdmitDoor } from '../pipeline/door.js';
import { runLatency } from '../pipeline/latency.js';
import { runLoad } from '../pipeline/load.js';
import { balancesKnown } from '../pipeline/ready.js';
import { postgresSightings } from '../pipeline/sightings.js';
import { SignalMix } from '../pipeline/signals.js';
import { startSystem, type System } from '../pipeline/system.js';
import { endings } from '../pipeline/tally.js';
import { ensureUsers } from '../pipeline/users.js';
import { rounded } from '../statistics.js';

const WARM_UP_S = 4;
const LATENCY_PER_SECOND = 100;

/** What the project asks of every deployment at least: the table that it began with. */
const SEEDS = {
  users: 1_000,
  tradesPerMinute: 1_000,
  successPercent: 99.9,
  placedP99Ms: 500,
  cpuMillisecondsPerOrder: 1,
  megabytesPerActiveOrder: 1,
} as const;

type Seeds = Readonly<Record<keyof typeof SEEDS, number>>;

interface Options {
  readonly users: number;
  readonly seconds: number;
  readonly latencySeconds: number;
  readonly bound: number;
}

/** A thousand users at once, all trading. */
export const load: Benchmark = {
  name: 'load',
  what: '1,000 users at once, as fast as it goes, then at 100 signals/s: success rate, trades/s, beside what is asked at least',
  async run({ directory, arguments: args, log }) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        users: { type: 'string', default: '1000' },
        seconds: { type: 'string', default: '60' },
        'latency-seconds': { type: 'string', default: '30' },
        bound: { type: 'string', default: '2000' },
      },
    });
    const options = {
      users: Number(values.users),
      seconds: Number(values.seconds),
      latencySeconds: Number(values['latency-seconds']),
      // At most so many a user, that a late exit does not close the position after its own.
      bound: Math.min(Number(values.bound), 4 * Number(values.users)),
    };
    const system = await startSystem({ directory, transport: 'postgres', apart: false, log, prepare: setDeepBooks });
    const db = await openDatabase({ url: system.databaseUrl, schema: 'log', applicationName: 'bench', poolSize: 4 });
    try {
      await ensureUsers({ env: system.env, venues: system.venues, users: { simulated: options.users, paper: 0 } });
      await balancesKnown(db, options.users);
      log.info(`services run; ${options.users} users are there`);
      return await measure(system, db, options, log);
    } finally {
      await db.close();
      await system.stop();
    }
  },
};

const measure = async (system: System, db: Database, options: Options, log: BenchmarkContext['log']) => {
  const hub = new LogHub(db, true, () => undefined);
  await hub.start();
  const door = new AdmitDoor(db, hub);
  const mix = new SignalMix('simulated', options.users, 'load', ['binance']);
  const parts = { system, db, door, mix };
  await runLoad({ ...parts, seconds: WARM_UP_S, bound: options.bound });
  const before = (await system.resident()).get('services') ?? Number.NaN;
  const since = new Date();
  let most = before;
  const watch = setInterval(() => {
    void system.resident().then((held) => (most = Math.max(most, held.get('services') ?? 0)));
  }, 1_000);
  const result = await runLoad({ ...parts, seconds: options.seconds, bound: options.bound }).finally(() => {
    clearInterval(watch);
  });
  const ended = await endings(db, since, (example) => {
    log.warn(example);
  });
  for (const [name, count] of ended) log.info(`${name}: ${count}`);
  const filled = ended.get('filled') ?? 0;
  const sightings = await postgresSightings(db, hub);
  const latency = await runLatency({
    ...{ db, door, mix, sightings },
    seconds: options.latencySeconds,
    perSecond: LATENCY_PER_SECOND,
  });
  await sightings.close();
  await door.close();
  const used = (result.cpu.get('services') ?? 0) + (result.cpu.get('postgres') ?? 0);
  const ours: Seeds = {
    users: options.users,
    tradesPerMinute: rounded((filled / result.seconds) * 60, 0),
    successPercent: rounded((filled / result.signals) * 100, 3),
    placedP99Ms: rounded(latency.get('OrderPlaced')?.p99 ?? Number.NaN, 1),
    cpuMillisecondsPerOrder: rounded((used / result.signals) * 1_000),
    megabytesPerActiveOrder: rounded(Math.max(0, most - before) / options.bound / 1_048_576, 3),
  };
  tellBeside(ours, log);
  return {
    figures: { ...ours, tradesPerSecond: rounded(filled / result.seconds, 1), signals: result.signals },
    goals: [
      atLeast('users at once', ours.users, 'users', SEEDS.users),
      atLeast('trades', ours.tradesPerMinute, 'a minute', SEEDS.tradesPerMinute),
      atLeast('executed of what was accepted', ours.successPercent, '%', SEEDS.successPercent),
      below('signal to acceptance, p99 at 100/s', ours.placedP99Ms, 'ms', SEEDS.placedP99Ms),
      below('CPU time per order', ours.cpuMillisecondsPerOrder, 'ms', SEEDS.cpuMillisecondsPerOrder),
      below('memory per active order', ours.megabytesPerActiveOrder, 'MB', SEEDS.megabytesPerActiveOrder),
    ],
    setting: {
      ...options,
      transport: 'postgres',
      mix: 'every user in turn opens 50 USD and closes it, mode simulated, standing deep books; CPU of services and database',
    },
  };
};

const tellBeside = (ours: Seeds, log: BenchmarkContext['log']): void => {
  log.info(`${''.padEnd(28)}${'at least'.padStart(12)}${'ours'.padStart(12)}`);
  for (const [name, seed] of Object.entries(SEEDS))
    log.info(`${name.padEnd(28)}${String(seed).padStart(12)}${String(ours[name as keyof Seeds]).padStart(12)}`);
};
