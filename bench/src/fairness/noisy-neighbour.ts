import { deriveId, partitionOf } from '@switchyard/log';
import { LogHub } from '@switchyard/log-postgres';
import { openDatabase, type Database } from '@switchyard/persistence';
import { parseArgs } from 'node:util';
import { atLeast, below, type Benchmark, type BenchmarkContext, type Figures } from '../benchmark.js';
import { setDeepBooks } from '../pipeline/books.js';
import { balancesKnown } from '../pipeline/ready.js';
import { postgresSightings, type Sightings } from '../pipeline/sightings.js';
import { PARTITIONS, startSystem, type System } from '../pipeline/system.js';
import { post } from '../pipeline/venue-accounts.js';
import { median, percentile, rounded, spreadPercent } from '../statistics.js';
import { EvenFlow } from './quiet-flow.js';
import { makePeople } from './people.js';
import { RestDoor } from './rest-door.js';

interface Options {
  /** Of each kind, in turns. */
  readonly rounds: number;
  readonly seconds: number;
  readonly quietUsers: number;
  /** Signals a second of all quiet users together. */
  readonly quietRate: number;
  readonly times: number;
}

interface Round {
  readonly p50: number;
  readonly p99: number;
  readonly unseen: number;
}

/** After the signals of a round, until the next: what is under way comes to its end. */
const SETTLE_MS = 4_000;
const HUNG_MS = 3_000;

/** Quiet people beside one who shouts, one whose venue account hangs, and one whose events nobody can handle. */
export const noisyNeighbour: Benchmark = {
  name: 'noisy-neighbour',
  what: 'quiet users’ time from signal to acceptance with and without a user of 100 times their volume, a hanging account and poisoned events',
  async run({ directory, arguments: args, log }) {
    const options = optionsOf(args);
    const system = await startSystem({ directory, transport: 'postgres', apart: false, log, prepare: setDeepBooks });
    const db = await openDatabase({ url: system.databaseUrl, schema: 'log', applicationName: 'bench', poolSize: 4 });
    const hub = new LogHub(db, true, () => undefined);
    await hub.start();
    const sightings = await postgresSightings(db, hub);
    try {
      return await measure({ system, db, sightings, options, log });
    } finally {
      await sightings.close();
      await hub.stop();
      await db.close();
      await system.stop();
    }
  },
};

const optionsOf = (args: readonly string[]): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string', default: '7' },
      seconds: { type: 'string', default: '20' },
      users: { type: 'string', default: '60' },
      rate: { type: 'string', default: '30' },
      times: { type: 'string', default: '100' },
    },
  });
  const [rounds, seconds, quietUsers, quietRate, times] = [
    values.rounds,
    values.seconds,
    values.users,
    values.rate,
    values.times,
  ].map(Number) as [number, number, number, number, number];
  return { rounds, seconds, quietUsers, quietRate, times };
};

interface Bench {
  readonly system: System;
  readonly db: Database;
  readonly sightings: Sightings;
  readonly options: Options;
  readonly log: BenchmarkContext['log'];
}

const measure = async ({ system, db, sightings, options, log }: Bench) => {
  const { rounds, quietUsers, quietRate, times } = options;
  const quiet = Array.from({ length: quietUsers }, (_, n) => `quiet-${String(n).padStart(3, '0')}`);
  const poisoned = Array.from({ length: rounds }, (_, n) => `poisoned-${n}`);
  const people = [...quiet, 'noisy', 'hung', ...poisoned];
  const { tokens, keys } = await makePeople(
    system,
    people.map((userId) => ({ userId, mode: 'paper' as const })),
  );
  await balancesKnown(db, people.length);
  const door = new RestDoor(system.gatewayUrl, tokens);
  const each = quietRate / quietUsers;
  const found: Record<'calm' | 'troubled', Round[]> = { calm: [], troubled: [] };
  const round = async (kind: 'calm' | 'troubled' | 'warm', n: number): Promise<void> => {
    const troubles = kind === 'troubled' ? await trouble(system, db, door, keys, n, each * times) : [];
    const result = await quietRound({
      door,
      quiet,
      quietRate,
      sightings,
      seconds: options.seconds,
      run: `${kind}-${n}`,
    });
    for (const flow of troubles) await flow.stop();
    await fetch(`${system.venues.get('binance') ?? ''}/_faults`, { method: 'DELETE' });
    await pause(SETTLE_MS);
    const answers = [...door.counted()].map(([status, count]) => `${status}: ${count}`).join(', ');
    log.info(
      `${kind} ${n}: p50 ${result.p50.toFixed(0)} ms, p99 ${result.p99.toFixed(0)} ms, unseen ${result.unseen}; answers ${answers}`,
    );
    if (kind !== 'warm') found[kind].push(result);
  };
  await round('warm', 0);
  for (let n = 0; n < rounds; n += 1)
    // Who comes first changes, so that what grows with time is nobody's.
    for (const kind of n % 2 === 0 ? (['calm', 'troubled'] as const) : (['troubled', 'calm'] as const))
      await round(kind, n);
  await door.close();
  const parked = await db.query<{ keys: string }>('select count(*) as keys from log.parked_keys');
  log.info(`keys parked: ${parked.rows[0]?.keys ?? '?'}`);
  const figures = figuresOf(found, Number(parked.rows[0]?.keys));
  const rise = figures['p99RisePercent'] ?? Number.NaN;
  return {
    figures,
    goals: [
      below('rise of the quiet users’ p99', rise, '%', 10),
      below('quiet signals without acceptance', figures['unseen'] ?? Number.NaN, 'signals', 1),
      // Else nothing was poisoned, and the figures mean nothing.
      atLeast('poisoned users parked', figures['parkedKeys'] ?? Number.NaN, 'users', rounds),
    ],
    setting: {
      ...options,
      transport: 'postgres',
      mix: 'quiet: an entry of 20 USD, then its exit, by REST, mode paper, standing deep books; noisy: entries at so many times a quiet user’s pace; hung: its venue takes orders and does not answer; poisoned: a user of each round whose approved orders routing can’t handle',
    },
  };
};

const figuresOf = (found: Readonly<Record<'calm' | 'troubled', readonly Round[]>>, parkedKeys: number): Figures => {
  const of = (kind: 'calm' | 'troubled', what: 'p50' | 'p99') => found[kind].map((round) => round[what]);
  const [calm, troubled] = [median(of('calm', 'p99')), median(of('troubled', 'p99'))];
  return {
    p99RisePercent: rounded((troubled / calm - 1) * 100),
    ...Object.fromEntries(
      (['calm', 'troubled'] as const).flatMap((kind) => [
        [`${kind}.p50Ms`, rounded(median(of(kind, 'p50')))],
        [`${kind}.p99Ms`, rounded(median(of(kind, 'p99')))],
        [`${kind}.p99SpreadPercent`, rounded(spreadPercent(of(kind, 'p99')))],
      ]),
    ),
    unseen: [...found.calm, ...found.troubled].reduce((sum, { unseen }) => sum + unseen, 0),
    parkedKeys,
  };
};

/** The three of them, each with its flow. */
const trouble = async (
  system: System,
  db: Database,
  door: RestDoor,
  keys: ReadonlyMap<string, string>,
  n: number,
  noisyRate: number,
): Promise<readonly EvenFlow[]> => {
  const poisoned = `poisoned-${n}`;
  await spoil(db, poisoned, `${poisoned}-${n}`);
  await post(`${system.venues.get('binance') ?? ''}/_faults`, {
    fault: 'hang_after',
    ms: HUNG_MS,
    match: { accountKey: keys.get('hung') },
  });
  const flow = (user: string, signalsPerSecond: number): EvenFlow =>
    new EvenFlow({ door, users: [user], signalsPerSecond, run: `${user}-${n}`, closes: false }).start();
  return [flow('noisy', noisyRate), flow('hung', 1), flow(poisoned, 2)];
};

/** Routing finds what nobody can read where the parent orders of a user's next signals will be: each is a poisoned event to it. */
const spoil = async (db: Database, userId: string, run: string): Promise<void> => {
  const parents = Array.from({ length: 500 }, (_, signal) => deriveId('parent-order', userId, `${run}-${signal}`));
  await db.query(
    `insert into routing.documents (kind, key, partition, doc) select 'parent', key, $2, '{spoilt' from unnest($1::text[]) as key`,
    [parents, partitionOf(userId, PARTITIONS)],
  );
};

const quietRound = async (of: {
  readonly door: RestDoor;
  readonly quiet: readonly string[];
  readonly quietRate: number;
  readonly sightings: Sightings;
  readonly seconds: number;
  readonly run: string;
}): Promise<Round> => {
  const { door, quiet, quietRate, sightings, seconds, run } = of;
  const flow = new EvenFlow({ door, users: quiet, signalsPerSecond: quietRate, run, closes: true }).start();
  await pause(seconds * 1_000);
  await flow.stop();
  const seen = sightings.first.OrderPlaced;
  const end = performance.now() + 20_000;
  while ([...flow.dueAt.keys()].some((signalId) => !seen.has(signalId)) && performance.now() < end) await pause(100);
  const waits = [...flow.dueAt].flatMap(([signalId, due]) => {
    const at = seen.get(signalId);
    return at === undefined ? [] : [at - due];
  });
  return { p50: percentile(waits, 0.5), p99: percentile(waits, 0.99), unseen: flow.sent - waits.length };
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
