import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseArgs } from 'node:util';
import { BookPoller } from '@switchyard/market-data-service';
import { openVenue, type VenueName } from '@switchyard/exchanges';
import { atLeast, below, type Benchmark } from '../benchmark.js';
import { median, rounded, spreadPercent } from '../statistics.js';

const KINDS = ['binance', 'kraken', 'binance', 'kraken', 'binance', 'kraken'] as const;
const MEGABYTE = 1_048_576;

/** What came of the books that were kept. */
interface Tally {
  applied: number;
  traded: number;
  lost: number;
  published: number;
  bytes: number;
  /** Why a book was lost last. */
  why: string;
}

/**
 * Books by stream, from the bytes on the socket to the event that would be written: six venues, half of them in Binance's messages and half in
 * Kraken's, fifty pairs each, as fast as this process reads. The venues are another process; the log is one that writes the event's JSON and
 * throws it away.
 */
export const marketData: Benchmark = {
  name: 'market-data',
  what: 'book updates/s and trades/s read, applied and published: six venues of 50 pairs by stream; memory after a million of each',
  async run({ arguments: args, log }) {
    const { values } = parseArgs({
      args: [...args],
      options: {
        pairs: { type: 'string', default: '50' },
        rounds: { type: 'string', default: '5' },
        updates: { type: 'string', default: '200000' },
      },
    });
    const [pairs, rounds, updates] = [Number(values.pairs), Number(values.rounds), Number(values.updates)];
    const feeder = fork(join(import.meta.dirname, 'feeder.js'), [JSON.stringify({ pairs, kinds: KINDS })]);
    const [{ venues }] = (await once(feeder, 'message')) as [
      { readonly venues: readonly { readonly kind: VenueName; readonly url: string }[] },
    ];
    const tally: Tally = { applied: 0, traded: 0, lost: 0, published: 0, bytes: 0, why: 'none' };
    const pollers = await Promise.all(venues.map(({ kind, url }) => pollerOf(kind, url, pairs, tally)));
    await Promise.all(pollers.map((poller) => poller.start()));
    await reached(
      () => tally.applied >= venues.length * pairs,
      () => `the books (${tally.applied}, ${tally.why})`,
    );

    const send = async (count: number): Promise<void> => {
      const before = tally.applied;
      const each = Math.ceil(count / venues.length);
      const sent = once(feeder, 'message');
      feeder.send({ send: each });
      await sent;
      await reached(
        () => tally.applied - before + tally.lost >= each * venues.length,
        () =>
          `the updates (${tally.applied - before} of ${each * venues.length}, ${tally.lost} books lost: ${tally.why})`,
      );
    };
    // Compiled, and grown to its size.
    await send(updates / 2);
    const startRss = rssMegabytes();
    const before = { ...tally };
    const perSecond: number[] = [];
    const perCoreSecond: number[] = [];
    const publishedPerSecond: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const { applied, published } = tally;
      const cpu = process.cpuUsage();
      const startedAt = performance.now();
      await send(updates);
      const seconds = (performance.now() - startedAt) / 1_000;
      const { user, system } = process.cpuUsage(cpu);
      perSecond.push((tally.applied - applied) / seconds);
      perCoreSecond.push((tally.applied - applied) / ((user + system) / 1e6));
      publishedPerSecond.push((tally.published - published) / seconds);
      log.info(`round ${round + 1} of ${rounds}: ${Math.round(perCoreSecond.at(-1) ?? 0)} updates a core second`);
    }
    const endRss = rssMegabytes();
    const flooding = { each: Math.ceil(updates / venues.length), venues: venues.length, rounds: 2 };
    // Until all that is remembered of trades is full.
    await floodOf(feeder, tally, flooding);
    const fullRss = rssMegabytes();
    const flood = await floodOf(feeder, tally, { ...flooding, rounds });
    const floodedRss = rssMegabytes();
    await Promise.all(pollers.map((poller) => poller.stop()));
    await gone(feeder);
    const figures = {
      updatesPerCoreSecond: Math.round(median(perCoreSecond)),
      updatesSpreadPercent: Math.round(spreadPercent(perCoreSecond)),
      updatesPerSecond: Math.round(median(perSecond)),
      microsecondsPerUpdate: rounded(1e6 / median(perCoreSecond)),
      publishedPerSecond: Math.round(median(publishedPerSecond)),
      updates: tally.applied - before.applied,
      published: tally.published - before.published,
      bytesPerPublished: Math.round((tally.bytes - before.bytes) / Math.max(1, tally.published - before.published)),
      booksLost: tally.lost,
      tradesPerCoreSecond: Math.round(median(flood.perCoreSecond)),
      tradesSpreadPercent: Math.round(spreadPercent(flood.perCoreSecond)),
      microsecondsPerTrade: rounded(1e6 / median(flood.perCoreSecond)),
      trades: flood.trades,
      publishedPerSecondOfFlood: Math.round(flood.publishedPerSecond),
      rssMegabytesWithTrades: rounded(floodedRss, 0),
      rssGrowthByTradesMegabytes: rounded(floodedRss - fullRss, 0),
      rssMegabytes: rounded(endRss, 0),
      rssGrowthMegabytes: rounded(endRss - startRss, 0),
    };
    return {
      figures,
      goals: [
        // What 6 venues of 50 pairs tell at most, each 100 ms, is 3,000/s: a tenth of a core.
        atLeast('updates read, applied and published', figures.updatesPerCoreSecond, '/s on one core', 30_000),
        below('memory grown by the updates', figures.rssGrowthMegabytes, 'MB', 64),
        below('books lost', figures.booksLost, '', 1),
        atLeast('trades read and counted', figures.tradesPerCoreSecond, '/s on one core', 20_000),
        below('memory grown by the trades', figures.rssGrowthByTradesMegabytes, 'MB', 64),
      ],
      setting: { venues: venues.length, pairs, rounds, updates, levels: 200, depth: 20, levelsPerUpdate: '4 to 5' },
    };
  },
};

/** Trades as fast as they are read, the books standing still: what they cost, and that they publish nothing. */
const floodOf = async (
  feeder: ChildProcess,
  tally: Tally,
  { each, venues, rounds }: { readonly each: number; readonly venues: number; readonly rounds: number },
): Promise<{
  readonly perCoreSecond: readonly number[];
  readonly publishedPerSecond: number;
  readonly trades: number;
}> => {
  const perCoreSecond: number[] = [];
  const [published, traded] = [tally.published, tally.traded];
  const began = performance.now();
  for (let round = 0; round < rounds; round += 1) {
    const before = tally.traded;
    const cpu = process.cpuUsage();
    const sent = once(feeder, 'message');
    feeder.send({ trade: each });
    await sent;
    await reached(
      () => tally.traded - before >= each * venues,
      () => `the trades (${tally.traded - before} of ${each * venues})`,
    );
    const { user, system } = process.cpuUsage(cpu);
    perCoreSecond.push((tally.traded - before) / ((user + system) / 1e6));
  }
  const seconds = (performance.now() - began) / 1_000;
  return { perCoreSecond, publishedPerSecond: (tally.published - published) / seconds, trades: tally.traded - traded };
};

const pollerOf = async (name: VenueName, origin: string, pairs: number, tally: Tally): Promise<BookPoller> => {
  const quote = name === 'binance' ? 'USDT' : 'USD';
  const silent = { info: () => undefined, warn: () => undefined };
  return new BookPoller({
    venue: await openVenue(name, { origin }),
    pairs: Array.from({ length: pairs }, (_, n) => `P${String(n).padStart(3, '0')}-${quote}`),
    fees: { maker: '0.001', taker: '0.001' },
    streamed: true,
    ...{ pollMs: 1_000, confirmMs: 2_500, publishMs: 1_000, touchMs: 250, republishMs: 5_000, depth: 20 },
    log: {
      put: (records) => {
        for (const { payload } of records) tally.bytes += JSON.stringify(payload).length;
        return Promise.resolve();
      },
    },
    trades: {
      tradesMs: 5_000,
      tickerMs: 60_000,
      onTrades: (count) => {
        tally.traded += count;
      },
    },
    logger: silent,
    onBook: () => (tally.published += 1),
    onFailure: () => undefined,
    onStreamed: () => (tally.applied += 1),
    onLost: (reason) => {
      tally.lost += 1;
      tally.why = reason;
    },
  });
};

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Resident memory after what is garbage was collected. */
const rssMegabytes = (): number => {
  collectGarbage();
  return process.memoryUsage.rss() / MEGABYTE;
};

const reached = async (done: () => boolean, what: () => string): Promise<void> => {
  for (const end = performance.now() + 60_000; !done();) {
    if (performance.now() > end) throw new Error(`${what()} did not come within a minute`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
};

const gone = async (feeder: ChildProcess): Promise<void> => {
  const exit = once(feeder, 'exit');
  feeder.disconnect();
  await exit;
};
