import { parseArgs } from 'node:util';
import { decodeRecords } from '@switchyard/log';
import { openDatabase, type Database } from '@switchyard/persistence';
import { atLeast, below, type Benchmark } from '../benchmark.js';
import { setDeepBooks } from '../pipeline/books.js';
import { usedSince } from '../pipeline/load.js';
import { balancesKnown } from '../pipeline/ready.js';
import { startSystem } from '../pipeline/system.js';
import { ensureUsers } from '../pipeline/users.js';
import { median, rounded, spreadPercent } from '../statistics.js';
import { ensureFollowers } from './followers.js';

const STRATEGY = 'bench-strategy';
const VENUE = 'binance';
const PAIRS = ['BTC-USD', 'ETH-USD', 'LTC-USD'] as const;
const PATIENCE_MS = 120_000;
/** Whoever has not had a policy yet would be left out, and the figures would be better than they should. */
const SETTLE_MS = 2_000;

/**
 * One signal of a strategy, so many accounts of as many users. Mode simulated: an order is stored as placed by the executor that would send
 * it, and no venue is called; at a real one its rate budget would set the pace.
 */
export const fanOut: Benchmark = {
  name: 'fan-out',
  what: 'one signal of a strategy for 1,000 accounts: from the first order at the executor to the last, by rounds',
  async run({ directory, arguments: args, log }) {
    const { accounts, rounds, transport } = options(args);
    const system = await startSystem({ directory, transport, apart: false, log, prepare: setDeepBooks });
    try {
      await ensureUsers({ env: system.env, venues: system.venues, users: { simulated: accounts, paper: 0 } });
      const token = await ensureFollowers(system.env, STRATEGY, accounts, VENUE);
      const db = await openDatabase({ url: system.databaseUrl, schema: 'log', applicationName: 'bench', poolSize: 2 });
      try {
        await balancesKnown(db, accounts);
        await followersKnown(db, accounts);
        log.info(`${accounts} accounts follow`);
        const results: Round[] = [];
        for (let round = 0; round <= rounds; round += 1) {
          const before = await system.cpu();
          const result = await copied(db, system.gatewayUrl, token, round, accounts);
          const cpu = [...usedSince(before, await system.cpu()).values()].reduce((sum, used) => sum + used, 0);
          log.info(
            `${round === 0 ? 'warm-up' : `round ${round}`}: ${result.placed} placed, first after ${result.firstMs} ms, last ${result.spreadMs} ms later, ${Math.round(cpu * 1_000)} ms of CPU`,
          );
          if (round > 0) results.push({ ...result, cpuMs: cpu * 1_000 });
          await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
        }
        const spread = median(results.map(({ spreadMs }) => spreadMs));
        const placed = Math.min(...results.map((result) => result.placed));
        return {
          variant: transport,
          figures: {
            'firstToLast.medianMs': Math.round(spread),
            'firstToLast.worstMs': Math.max(...results.map(({ spreadMs }) => spreadMs)),
            'firstToLast.spreadPercent': rounded(spreadPercent(results.map(({ spreadMs }) => spreadMs)), 0),
            'signalToFirst.medianMs': Math.round(median(results.map(({ firstMs }) => firstMs))),
            'signalToLast.medianMs': Math.round(median(results.map(({ firstMs, spreadMs }) => firstMs + spreadMs))),
            'cpuMicrosecondsPerCopy.median': Math.round(median(results.map(({ cpuMs }) => (cpuMs * 1_000) / accounts))),
            'orders.fewest': placed,
          },
          goals: [
            below('first to last order of one signal', spread, 'ms', 2_000),
            atLeast('accounts with their order', placed, 'of ' + String(accounts), accounts),
          ],
          setting: {
            transport,
            processes: 'all services in one',
            accounts,
            users: accounts,
            rounds,
            mode: 'simulated: the order is stored as placed, no venue is called',
            scaling: 'half of 40 USD, market entries',
          },
        };
      } finally {
        await db.close();
      }
    } finally {
      await system.stop();
    }
  },
};

interface Round {
  readonly placed: number;
  /** From the request to the first order. */
  readonly firstMs: number;
  /** From there to the last. */
  readonly spreadMs: number;
  readonly cpuMs: number;
}

const options = (args: readonly string[]) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      accounts: { type: 'string', default: '1000' },
      rounds: { type: 'string', default: '5' },
      transport: { type: 'string', default: 'postgres' },
    },
  });
  const { transport } = values;
  if (transport !== 'postgres' && transport !== 'kafka') throw new Error('--transport takes postgres or kafka');
  const [accounts, rounds] = [Number(values.accounts), Number(values.rounds)];
  if (!(accounts >= 2) || !(rounds >= 1)) throw new Error('--accounts takes 2 or more, --rounds 1 or more');
  return { transport, accounts, rounds } as const;
};

const until = async (what: string, isSo: () => Promise<boolean>): Promise<void> => {
  const end = performance.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`${what}: not so after ${PATIENCE_MS / 1_000} s`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
};

const followersKnown = (db: Database, accounts: number): Promise<void> =>
  until(`signal validation knows ${accounts} followers`, async () => {
    const { rows } = await db.query<{ count: string }>(
      'SELECT count(*) FROM signal_validation.followers WHERE strategy_id = $1',
      [STRATEGY],
    );
    return Number(rows[0]?.count ?? 0) >= accounts;
  });

/** One round: the signal goes through the door, and its copies' orders are timed by their own events. */
const copied = async (
  db: Database,
  gatewayUrl: string,
  token: string,
  round: number,
  accounts: number,
): Promise<Omit<Round, 'cpuMs'>> => {
  const signalId = `fan-${Date.now().toString(36)}`;
  const since = new Date();
  const ended = await ends(db);
  const response = await fetch(`${gatewayUrl}/v1/strategies/${STRATEGY}/signals`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      signalId,
      pair: PAIRS[round % PAIRS.length],
      side: 'buy',
      signalType: 'entry',
      orderType: 'market',
      size: { quote: '40' },
      generatedAt: since.toISOString(),
    }),
  });
  if (response.status !== 202) throw new Error(`the door answered ${response.status}: ${await response.text()}`);
  await until('every copy has come to its end', async () => (await ends(db)) - ended >= accounts);
  const { rows } = await db.query<{ records: Buffer }>(
    "SELECT records FROM log.batches WHERE topic = 'OrderPlaced' AND created_at >= $1",
    [new Date(since.getTime() - 1_000)],
  );
  const times = rows
    .flatMap(({ records }) => decodeRecords(records))
    .filter(({ correlationId }) => correlationId?.startsWith(`${signalId}/`) === true)
    .map(({ value }) => Date.parse((JSON.parse(Buffer.from(value).toString()) as { placedAt: string }).placedAt))
    .sort((a, b) => a - b);
  const [first = Number.NaN, last = Number.NaN] = [times[0], times.at(-1)];
  return { placed: times.length, firstMs: first - since.getTime(), spreadMs: last - first };
};

/** Signals that have come to an end, by the log's own numbers: looking costs next to nothing. */
const ends = async (db: Database): Promise<number> => {
  const { rows } = await db.query<{ ended: number | null }>(
    "SELECT sum(last_sequence)::float8 AS ended FROM log.heads WHERE topic IN ('SignalRejected', 'OrderCompleted')",
  );
  return rows[0]?.ended ?? 0;
};
