import { join } from 'node:path';
import { LogHub } from '@switchyard/log-postgres';
import { openDatabase, type Database } from '@switchyard/persistence';
import { parseArgs } from 'node:util';
import { atLeast, below, type Benchmark, type BenchmarkContext } from '../benchmark.js';
import { makePeople } from '../fairness/people.js';
import { setDeepBooks } from '../pipeline/books.js';
import { AdmitDoor } from '../pipeline/door.js';
import { drained } from '../pipeline/load.js';
import { balancesKnown } from '../pipeline/ready.js';
import type { LoadSignal } from '../pipeline/signals.js';
import { startSystem, type System } from '../pipeline/system.js';
import { tally } from '../pipeline/tally.js';
import { listenTo, sweepAnswers, sweepLedger } from './answers.js';
import { markOf, type Mark } from './marks.js';
import { plant, PLANTED } from './plant.js';
import { sweepLines, sweepTables, sweepTopics } from './sweep.js';
import { Violations } from './violations.js';

const A_MILLION = 1_000_000;
const BATCH = 200;
const LISTENERS = 20;
const PAIRS = ['BTC-USD', 'ETH-USD', 'LTC-USD'] as const;

interface Options {
  readonly events: number;
  readonly users: number;
  readonly bound: number;
}

/** Does anything of one user's ever show up at another's? */
export const contamination: Benchmark = {
  name: 'contamination',
  what: 'a million events of 1,000 marked users; then every record, row, log line, ledger entry and answer is looked through for others’ marks',
  async run({ directory, arguments: args, log }) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        events: { type: 'string', default: String(A_MILLION) },
        users: { type: 'string', default: '1000' },
        bound: { type: 'string', default: '1500' },
      },
    });
    const options = { events: Number(values.events), users: Number(values.users), bound: Number(values.bound) };
    const output = join(directory, 'services.log');
    const system = await startSystem({
      ...{ directory, transport: 'postgres', apart: false, log, prepare: setDeepBooks, output },
      env: { SWITCHYARD_LOG_LEVEL: 'info' },
    });
    const db = await openDatabase({ url: system.databaseUrl, schema: 'log', applicationName: 'bench', poolSize: 4 });
    try {
      return await measure(system, db, output, options, log);
    } finally {
      await db.close();
      await system.stop();
    }
  },
};

const measure = async (
  system: System,
  db: Database,
  output: string,
  options: Options,
  log: BenchmarkContext['log'],
) => {
  const { users } = options;
  const marks = Array.from({ length: users }, (_, n) => markOf(n));
  // One in ten at the venue: its ledger is a witness of its own.
  const people = marks.map((userId, n) => ({
    userId,
    mode: n % 10 === 0 ? ('paper' as const) : ('simulated' as const),
  }));
  const { tokens, keys } = await makePeople(system, people);
  await balancesKnown(db, users);
  log.info(`services run; ${users} marked users are there`);
  const violations = new Violations();
  const listeners = marks
    .slice(0, LISTENERS)
    .map((mark) => listenTo(system.gatewayUrl, mark, tokens.get(mark) ?? '', violations));
  const signals = await traded(db, marks, options, log);
  const streamed = await sum(listeners.map((listener) => listener.stop()));
  const looked = {
    topicRecords: await sweepTopics(system.databaseUrl, violations),
    tableRows: await sweepTables(system.databaseUrl, violations),
    ledgerOrders: await sweepLedger(system.venues.get('binance') ?? '', keys, violations),
    logLines: await sweepLines(output, violations),
    streamEvents: streamed,
    answers: await sum(
      marks
        .filter((_, n) => n % 10 < 2)
        .map((mark) => sweepAnswers(system.gatewayUrl, mark, tokens.get(mark) ?? '', violations)),
    ),
  };
  log.info(`looked at ${JSON.stringify(looked)}: ${violations.count} violations`);
  for (const { where, owner, found, text } of violations.all.slice(0, 10))
    log.warn(`${where}: ${found.join(', ')} at ${owner ?? 'once'}: ${text}`);
  const planted = await plant(system.databaseUrl, marks);
  const again = new Violations();
  await sweepTopics(system.databaseUrl, again, PLANTED.topic);
  await sweepTables(system.databaseUrl, again, (table) => PLANTED.tables.includes(table));
  const plantedFound = again.count;
  log.info(`${planted} violations planted, ${plantedFound} found`);
  return {
    kept: options.events >= A_MILLION,
    summary: { events: looked.topicRecords, users, violations: violations.count },
    figures: { signals, ...looked, violations: violations.count, planted, plantedFound },
    goals: [
      below('things of one user at another’s', violations.count, 'violations', 1),
      atLeast('events looked at', looked.topicRecords, 'events', options.events),
      atLeast('planted violations found', plantedFound, 'violations', planted),
    ],
    setting: {
      ...options,
      transport: 'postgres',
      mix: 'each user in turn an entry of 20 USD and its exit; one in ten in mode paper, the others in mode simulated; the mark is the user’s id and stands in every id and in the metadata',
    },
  };
};

/** Until the log has so many events, and everything that was sent has ended. @returns signals sent */
const traded = async (
  db: Database,
  marks: readonly Mark[],
  { events, bound }: Options,
  log: BenchmarkContext['log'],
): Promise<number> => {
  const hub = new LogHub(db, true, () => undefined);
  await hub.start();
  const door = new AdmitDoor(db, hub);
  const base = await tally(db);
  let sent = 0;
  let told = 0;
  try {
    for (;;) {
      const written = await eventsOf(db);
      if (written >= events) break;
      if (written - told > events / 10) log.info(`${(told = written)} events`);
      const { ended, journaled } = await tally(db);
      const room = Math.min(BATCH, bound - (sent - (Math.min(ended, journaled) - base.ended)));
      if (room < Math.min(BATCH, bound) / 2) await new Promise((resolve) => setTimeout(resolve, 20));
      else {
        await door.send(Array.from({ length: room }, (_, n) => signalOf(marks, sent + n)));
        sent += room;
      }
    }
    await drained(db, base.ended + sent);
  } finally {
    await door.close();
  }
  return sent;
};

const eventsOf = async (db: Database): Promise<number> => {
  const { rows } = await db.query<{ events: number | null }>(
    'select sum(last_sequence)::float8 as events from log.heads',
  );
  return rows[0]?.events ?? 0;
};

const signalOf = (marks: readonly Mark[], n: number): LoadSignal => {
  const userId = marks[n % marks.length] ?? '';
  const turn = Math.floor(n / marks.length);
  const entry = turn % 2 === 0;
  const round = Math.floor(turn / 2);
  return {
    signalId: `${userId}-${turn}`,
    userId,
    strategy: `strategy of ${userId}`,
    tradeId: `${userId}-t${round}`,
    pair: PAIRS[round % PAIRS.length] ?? PAIRS[0],
    side: entry ? 'buy' : 'sell',
    signalType: entry ? 'entry' : 'exit',
    ...(entry ? { size: { quote: '20' } } : {}),
    strength: 0.8,
    confluenceScore: 4,
    orderType: 'market',
    generatedAt: new Date().toISOString(),
    metadata: { note: `only ${userId} may see this` },
  };
};

const sum = async (counts: readonly Promise<number>[]): Promise<number> =>
  (await Promise.all(counts)).reduce((total, count) => total + count, 0);
