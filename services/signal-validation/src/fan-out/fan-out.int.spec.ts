import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import type { StrategySignalDecided } from '@switchyard/contracts';
import { decodeRecords, partitionOf, recordOf, type LogRecord, type OutgoingEvent } from '@switchyard/log';
import { append, LOG_MIGRATIONS, STAGE_MIGRATIONS } from '@switchyard/log-postgres';
import { createLogger, createMetrics } from '@switchyard/observability';
import { migrate, type Database, type Tx } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { until } from '@switchyard/testing';
import type { Follower } from '@switchyard/signal';
import type { Signal, Subscription } from '@switchyard/model';
import { signalValidation } from '../index.js';
import { FanOutEffects, type FanOutEffect } from './fan-out-effects.js';
import { FanOutPages, PageFailed } from './fan-out-pages.js';
import { FanOutWorker } from './fan-out-worker.js';
import { orderSeedOf, type FanOut } from './fan-out.js';

const PARTITIONS = 4;
const STRATEGY = 'momentum-1';
const AT = '2026-11-23T09:30:00.000Z';
const postgres = testDatabase();
let db: Database;

beforeAll(async () => {
  await migrate({ url: postgres.url, schema: 'log', folder: LOG_MIGRATIONS });
  await migrate({ url: postgres.url, schema: 'signal_validation', folder: STAGE_MIGRATIONS });
  db = await postgres.open('signal_validation', { folder: signalValidation.migrations! });
});
beforeEach(async () => {
  for (const table of ['shards', 'heads', 'batches']) await db.query(`DELETE FROM log.${table}`);
  for (const table of ['fan_outs', 'followers', 'entered']) await db.query(`DELETE FROM ${table}`);
  await db.query(
    "INSERT INTO log.shards (deployment, partition) SELECT 'signal-validation', generate_series(0, $1 - 1)",
    [PARTITIONS],
  );
});

const aFollower = (user: number, change: Partial<Subscription> = {}, accountId = `acc-${user}`): Follower => ({
  userId: `user-${user}`,
  accountId,
  mode: 'paper',
  timeZone: 'UTC',
  defaultBalancePercent: 2,
  subscription: {
    strategyId: STRATEGY,
    accountId,
    paused: false,
    scaling: { kind: 'multiplier', factor: '2' },
    ...change,
  },
});
const aFanOut = (signalId: string, change: Partial<Signal> = {}, strategyId = STRATEGY): FanOut => ({
  strategyId,
  signal: {
    signalId,
    strategyId,
    pair: 'BTC-USD',
    side: 'buy',
    signalType: 'entry',
    size: { quote: '100' },
    generatedAt: AT,
    ...change,
  },
  contentHash: 'h',
  price: '50000',
  orderSeed: orderSeedOf(strategyId, signalId, AT),
  decidedAt: AT,
  cause: { id: `event-${signalId}`, traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
});

const leave = (...effects: readonly FanOutEffect[]): Promise<void> =>
  db.transaction((tx) => new FanOutEffects(() => undefined).apply(tx, effects));
const follow = (...followers: readonly Follower[]): Promise<void> =>
  leave(...followers.map((one) => ({ type: 'followers', userId: one.userId, followers: [one] }) as const));
const begin = (...fanOuts: readonly FanOut[]): Promise<void> =>
  leave(...fanOuts.map((fanOut) => ({ type: 'fanOut', fanOut }) as const));

/** The log's part of a service; a crash is an append that never commits. */
const logWith = (crash: (events: readonly OutgoingEvent[]) => boolean = () => false) => ({
  append: async (tx: Tx, events: readonly OutgoingEvent[]): Promise<void> => {
    const outgoing = events.map((event) => {
      const partition = partitionOf(event.key, PARTITIONS);
      return { shard: partition, topic: event.topic, partition, record: recordOf(event, event.cause!, AT) };
    });
    await append(tx, 'signal-validation', outgoing);
    if (crash(events)) throw new Error('killed');
  },
});
const pages = (size: number, log = logWith()): FanOutPages => new FanOutPages(db, log, size);
const all = async (work: FanOutPages): Promise<number> => {
  for (let done = 0; ; done++) if ((await work.work()) === undefined) return done;
};

const records = async (topic: string): Promise<readonly LogRecord[]> => {
  const { rows } = await db.query<{ records: Buffer }>(
    'SELECT records FROM log.batches WHERE topic = $1 ORDER BY batch, partition',
    [topic],
  );
  return rows.flatMap((row) => decodeRecords(row.records));
};
const valueOf = <T>({ value }: LogRecord): T => JSON.parse(Buffer.from(value).toString()) as T;
const copies = () => records('TradingSignalGenerated');
const told = async () => (await records('StrategySignalDecided')).map(valueOf<StrategySignalDecided>);

describe("a strategy's signal", () => {
  it('becomes one signal of each account that follows, keyed by its user, in an order that anybody can check', async () => {
    const followers = Array.from({ length: 7 }, (_, i) => aFollower(i));
    await follow(...followers);
    await begin(aFanOut('sig-1'));
    expect(await all(pages(3))).toBe(3);
    const sent = await copies();
    expect(sent.map(({ key }) => key).sort()).toEqual(followers.map(({ userId }) => userId).sort());
    for (const record of sent) {
      const copy = valueOf<Signal>(record);
      expect(copy).toMatchObject({ userId: record.key, copyOf: 'sig-1', size: { quote: '200' } });
      expect(record).toMatchObject({
        correlationId: `sig-1/${copy.accountId}`,
        causationId: 'event-sig-1',
        traceparent: aFanOut('sig-1').cause.traceparent,
      });
    }
    const story = await told();
    expect(story.map(({ page, last, subscribers }) => [page, last, subscribers])).toEqual([
      [1, false, 7],
      [2, false, 7],
      [3, true, 7],
    ]);
    const order = story.flatMap((page) => page.copies).map(({ accountId }) => accountId);
    const hashOf = (accountId: string): string =>
      createHash('sha256').update(`${story[0]!.orderSeed!}/${accountId}`).digest('hex');
    expect(order).toEqual([...order].sort((a, b) => (hashOf(a) < hashOf(b) ? -1 : 1)));
    expect(story.flatMap((page) => page.copies).map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('reaches each account exactly once, whichever page is killed at its commit, however often', async () => {
    await follow(...Array.from({ length: 9 }, (_, i) => aFollower(i)));
    await begin(aFanOut('sig-1'));
    for (let page = 0; page < 5; page++) {
      const dying = pages(
        2,
        logWith(() => true),
      );
      await expect(dying.work()).rejects.toThrow(PageFailed);
      await expect(dying.work()).rejects.toThrow(PageFailed);
      await pages(2).work();
    }
    expect(await pages(2).work()).toBeUndefined();
    const ids = (await copies()).map((record) => valueOf<Signal>(record).signalId);
    expect(ids).toHaveLength(9);
    expect(new Set(ids).size).toBe(9);
    expect((await db.query('SELECT FROM fan_out_ranks')).rowCount).toBe(0);
  });

  it('reaches each account exactly once, though several processes copy at once', async () => {
    await follow(...Array.from({ length: 40 }, (_, i) => aFollower(i)));
    await begin(aFanOut('sig-1'), aFanOut('sig-1', {}, 'other'), aFanOut('sig-2'));
    await Promise.all([all(pages(3)), all(pages(5)), all(pages(7))]);
    await all(pages(5));
    const ids = (await copies()).map((record) => valueOf<Signal>(record).signalId);
    expect(ids).toHaveLength(80);
    expect(new Set(ids).size).toBe(80);
  });

  it('goes to all before the next one of the strategy begins: nobody is sent an exit before its entry', async () => {
    await follow(...Array.from({ length: 6 }, (_, i) => aFollower(i)));
    await begin(aFanOut('sig-1'), aFanOut('sig-2', { signalType: 'exit', side: 'sell' }));
    await Promise.all([all(pages(2)), all(pages(2))]);
    await all(pages(2));
    const byUser = Map.groupBy(await copies(), ({ key }) => key);
    expect(byUser.size).toBe(6);
    for (const sent of byUser.values())
      expect(sent.map((record) => valueOf<Signal>(record).copyOf)).toEqual(['sig-1', 'sig-2']);
  });

  it("is not held up by another strategy's followers for longer than a page", async () => {
    await follow(...Array.from({ length: 20 }, (_, i) => aFollower(i)), aFollower(99, { strategyId: 'small' }));
    await begin(aFanOut('sig-1'), aFanOut('sig-1', {}, 'small'));
    const work = pages(2);
    await work.work();
    await work.work();
    expect((await told()).map(({ strategyId }) => strategyId)).toContain('small');
    expect(await all(work)).toBe(9);
  });

  it('finds those who follow when its fan-out begins: who comes later is out, who leaves before their turn is skipped', async () => {
    const followers = Array.from({ length: 4 }, (_, i) => aFollower(i));
    await follow(...followers);
    await begin(aFanOut('sig-1'));
    const work = pages(2);
    await work.work();
    const early = new Set((await copies()).map(({ key }) => key));
    const leaving = followers.find(({ userId }) => !early.has(userId))!;
    await follow(aFollower(50));
    await leave({ type: 'followers', userId: leaving.userId, followers: [] });
    await all(work);
    const users = (await copies()).map(({ key }) => key);
    expect(users.sort()).toEqual(followers.map(({ userId }) => userId).filter((id) => id !== leaving.userId));
    expect((await told()).flatMap(({ skipped }) => skipped)).toMatchObject([
      { userId: leaving.userId, accountId: leaving.accountId, reason: 'unsubscribed' },
    ]);
  });

  it('says who got no copy and why; exits go to those who were sent an entry in the pair', async () => {
    await follow(aFollower(1), aFollower(2, { filter: { pairs: ['ETH-USD'] } }), aFollower(3, { paused: true }));
    const exit = { signalType: 'exit', side: 'sell' } as const;
    await begin(aFanOut('sig-1'), aFanOut('sig-2', exit), aFanOut('sig-3', { ...exit, pair: 'ETH-USD' }));
    await all(pages(10));
    const story = (await told()).map(({ copies: sent, skipped }) => [
      sent.map(({ accountId }) => accountId),
      Object.fromEntries(skipped.map(({ accountId, reason }) => [accountId, reason])),
    ]);
    const nothing = 'nothing_entered';
    expect(story).toEqual([
      [['acc-1'], { 'acc-2': 'pair_filtered', 'acc-3': 'paused' }],
      [['acc-1'], { 'acc-2': nothing, 'acc-3': nothing }],
      [[], { 'acc-1': nothing, 'acc-2': nothing, 'acc-3': nothing }],
    ]);
    // Paused after the entry: the way out stays open.
    await follow(aFollower(1, { paused: true }));
    await begin(aFanOut('sig-4', exit));
    await all(pages(10));
    expect((await copies()).map((record) => valueOf<Signal>(record).signalId)).toContain('sig-4/acc-1');
  });

  it('that nobody follows is refused, told to the strategy', async () => {
    await begin(aFanOut('sig-1'));
    expect(await all(pages(10))).toBe(1);
    expect(await told()).toMatchObject([
      { outcome: 'rejected', failedChecks: [{ code: 'NO_SUBSCRIBERS' }], subscribers: 0, last: true },
    ]);
  });

  it('whose page fails again and again waits, longer each time, and holds up its own strategy alone', async () => {
    await follow(aFollower(1), aFollower(2, { strategyId: 'small' }));
    await begin(aFanOut('sig-1'), aFanOut('sig-2'), aFanOut('sig-1', {}, 'small'));
    const bad = (events: readonly OutgoingEvent[]): boolean => events.at(-1)?.key === STRATEGY;
    const metrics = createMetrics({ service: 'spec', process: false });
    const logger = createLogger({ service: 'spec', level: 'silent' });
    const worker = new FanOutWorker(pages(10, logWith(bad)), logger, metrics);
    worker.onApplicationBootstrap();
    await until(async () => (await copies()).length === 1);
    await until(async () => (await db.query('SELECT FROM fan_outs WHERE attempts > 0')).rowCount === 1);
    await worker.onApplicationShutdown();
    expect(valueOf<Signal>((await copies())[0]!)).toMatchObject({ strategyId: 'small' });
    expect(await metrics.metrics()).toMatch(/^switchyard_fan_outs_waiting\{.*\} 2$/m);
    await db.query("UPDATE fan_outs SET retry_at = '-infinity'");
    await all(pages(10));
    expect(await copies()).toHaveLength(3);
  });
});

it('nobody is always first or last: over many signals every account stands at every place as often as chance has it', async () => {
  const [accounts, signals] = [24, 1_500];
  const ids = Array.from({ length: accounts }, (_, i) => `acc-${i}`);
  // The statement's own order, for fixed seeds: what it finds today it finds tomorrow.
  const { rows } = await db.query<{ account: string; mean: number; first: string; last: string }>(
    `SELECT account, avg(rank)::float8 AS mean, count(*) FILTER (WHERE rank = 1) AS first,
            count(*) FILTER (WHERE rank = $3) AS last
     FROM (
       SELECT a AS account,
              row_number() OVER (
                PARTITION BY s ORDER BY sha256(convert_to('momentum-1/sig-' || s || '/${AT}' || '/' || a, 'UTF8'))
              ) AS rank
       FROM unnest($1::text[]) a, generate_series(1, $2::int) s
     ) ranked GROUP BY account`,
    [ids, signals, accounts],
  );
  expect(rows).toHaveLength(accounts);
  // The mean of a uniform rank over 1..n has the deviation sqrt((n^2 - 1) / 12 / signals); four of those is 1 in 16,000.
  const deviation = Math.sqrt((accounts ** 2 - 1) / 12 / signals);
  for (const { mean, first, last } of rows) {
    expect(Math.abs(mean - (accounts + 1) / 2)).toBeLessThan(4 * deviation);
    for (const count of [Number(first), Number(last)]) {
      const expected = signals / accounts;
      expect(Math.abs(count - expected)).toBeLessThan(4 * Math.sqrt(expected));
    }
  }
});
