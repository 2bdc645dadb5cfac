import { beforeEach, describe, expect, it } from '@jest/globals';
import type { VenueStateRequested } from '@switchyard/contracts';
import type { OutgoingEvent } from '@switchyard/log';
import { createMetrics } from '@switchyard/observability';
import type { Database, Tx } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { AccountsTable, type AccountEffect } from './adapters/accounts-table.js';
import { Inquirer, type InquirerParts } from './adapters/inquirer.js';
import { reconciliation } from './index.js';
import { reconciliationMetrics, standingDrifts } from './metrics.js';

const postgres = testDatabase();
let db: Database;

beforeEach(async () => {
  db = await postgres.open('reconciliation', { folder: reconciliation.migrations! });
  await db.query('TRUNCATE accounts');
});

const table = new AccountsTable({ intervalMs: 60_000, activeMs: 600_000, settleMs: 5_000 });
const apply = (...effects: readonly AccountEffect[]) => db.transaction((tx) => table.apply(tx, effects));
const policy = (version: number, accountIds: readonly string[], enabled = true, userId = 'user-1'): AccountEffect => ({
  kind: 'policy',
  userId,
  version,
  accounts: accountIds.map((accountId) => ({ accountId, venue: 'binance', enabled })),
});
const active = (accountId: string, pair: string, at = NOW): AccountEffect => ({
  kind: 'active',
  accountId,
  pair,
  atMs: at.getTime(),
});
const later = (ms: number) => new Date(NOW.getTime() + ms);
/** Ahead of the database's own clock, by which new accounts become due. */
const NOW = new Date(Date.now() + 60_000);

const inquirer = (change: Partial<Pick<InquirerParts, 'venues' | 'log'>> = {}) => {
  const appended: OutgoingEvent[] = [];
  const asker = new Inquirer({
    db,
    log: {
      append: (_tx, events) => {
        appended.push(...events);
        return Promise.resolve();
      },
    },
    logger: { warn: () => undefined },
    metrics: reconciliationMetrics(createMetrics({ service: 'reconciliation', process: false })),
    venues: ['binance'],
    intervalMs: 60_000,
    restIntervalMs: 3_600_000,
    lookbackMs: 900_000,
    ...change,
  });
  const asked = () => appended.splice(0).map(({ payload }) => payload as VenueStateRequested);
  return { asker, asked, appended };
};

describe('asking the venues about accounts', () => {
  it('begins with every enabled account, once', async () => {
    await apply(policy(1, ['acc-1', 'acc-2']), policy(1, ['acc-3'], false, 'user-2'));
    const { asker, asked, appended } = inquirer();
    expect(await asker.ask(NOW)).toBe(2);
    expect(appended[0]).toMatchObject({ topic: 'VenueStateRequested.binance', key: 'user-1' });
    expect(
      asked()
        .map(({ accountId }) => accountId)
        .sort(),
    ).toEqual(['acc-1', 'acc-2']);
    expect(await asker.ask(later(120_000))).toBe(0);
  });

  it('goes on with active accounts, each interval, for the pairs they trade', async () => {
    await apply(policy(1, ['acc-1', 'acc-2']));
    await apply(active('acc-1', 'BTC-USD'), active('acc-1', 'ETH-USD'));
    const { asker, asked } = inquirer();
    await asker.ask(NOW);
    asked();
    expect(await asker.ask(later(50_000))).toBe(0);
    expect(await asker.ask(later(70_000))).toBe(1);
    expect(asked()).toMatchObject([
      { accountId: 'acc-1', pairs: ['BTC-USD', 'ETH-USD'], since: later(-830_000).toISOString() },
    ]);
  });

  it('leaves an account alone after its last look at rest, for an hour or until something happens there', async () => {
    await apply(policy(1, ['acc-1']));
    await apply(active('acc-1', 'BTC-USD'));
    const { asker } = inquirer();
    const asked = [];
    for (const ms of [0, 300_000, 700_000, 900_000]) asked.push(await asker.ask(later(ms)));
    expect(asked).toEqual([1, 1, 1, 0]);
    await apply(active('acc-1', 'LTC-USD', later(1_000_000)));
    expect(await asker.ask(later(1_060_000))).toBe(1);
    expect((await db.query('SELECT pairs FROM accounts')).rows).toEqual([{ pairs: ['LTC-USD'] }]);
  });

  it('keeps looking while orders are open, and soon where a difference waits for a second look', async () => {
    await apply(policy(1, ['acc-1']));
    const { asker } = inquirer();
    await asker.ask(NOW);
    await apply({ kind: 'compared', accountId: 'acc-1', openOrders: 1, pending: true, drifts: 0, atMs: NOW.getTime() });
    expect(await asker.ask(later(4_000))).toBe(0);
    expect(await asker.ask(later(5_000))).toBe(1);
    expect(await asker.ask(later(80_000))).toBe(1);
  });

  it('looks at accounts at rest, too, since others may trade there: in turn, two a second, and never in the way of the rest', async () => {
    const idle = Array.from({ length: 5 }, (_, index) => `idle-${String(index)}`);
    await apply(policy(1, idle), policy(1, ['acc-1'], true, 'user-2'));
    const { asker, asked } = inquirer();
    expect(await asker.ask(NOW)).toBe(6);
    asked();
    expect(await asker.ask(later(3_200_000))).toBe(0);
    await apply(active('acc-1', 'BTC-USD', later(4_100_000)));
    const rounds = [];
    for (const ms of [4_200_000, 4_201_000, 4_202_000, 4_203_000]) {
      rounds.push(await asker.ask(later(ms)));
      if (rounds.length === 1) expect(asked().map(({ accountId }) => accountId)).toContain('acc-1');
    }
    expect(rounds).toEqual([3, 2, 1, 0]);
    expect(asked().map(({ pairs }) => pairs)).toEqual([[], [], []]);
  });

  it('gives an account at rest whose difference waits for a second look no turn to wait for', async () => {
    await apply(
      policy(
        1,
        Array.from({ length: 9 }, (_, index) => `acc-${String(index)}`),
      ),
    );
    const { asker, asked } = inquirer();
    await asker.ask(NOW);
    asked();
    const nowMs = later(4_200_000).getTime();
    for (const accountId of ['acc-3', 'acc-4', 'acc-5'])
      await apply({ kind: 'compared', accountId, openOrders: 0, pending: true, drifts: 0, atMs: nowMs });
    await asker.ask(later(4_205_000));
    expect(asked().map(({ accountId }) => accountId)).toEqual(expect.arrayContaining(['acc-3', 'acc-4', 'acc-5']));
  });

  it('asks about no account of a venue without an executor', async () => {
    await apply(policy(1, ['acc-1']));
    expect(await inquirer({ venues: ['kraken'] }).asker.ask(NOW)).toBe(0);
  });

  it('asks about all enabled accounts anew after a start, spread over time', async () => {
    await apply(
      policy(
        1,
        Array.from({ length: 30 }, (_, index) => `acc-${String(index)}`),
      ),
    );
    const { asker } = inquirer();
    await asker.ask(NOW);
    await asker.begin(later(10_000));
    expect(await asker.ask(later(10_100))).toBe(11);
    expect(await asker.ask(later(11_000))).toBe(19);
  });

  it("stands in no stage's way: no account is locked while the log is waited for", async () => {
    await apply(policy(1, ['acc-1']));
    await db.query('CREATE TABLE IF NOT EXISTS shard AS SELECT 0 AS partition');
    const lockShard = (tx: Tx) => tx.query('SELECT partition FROM shard FOR UPDATE');
    const appending = Promise.withResolvers<undefined>();
    const { asker } = inquirer({
      log: {
        append: async (tx) => {
          appending.resolve(undefined);
          await lockShard(tx);
        },
      },
    });
    let asked: Promise<number> | undefined;
    await db.transaction(async (tx) => {
      await lockShard(tx);
      asked = asker.ask(NOW);
      await appending.promise;
      await table.apply(tx, [active('acc-1', 'BTC-USD')]);
    });
    expect(await asked).toBe(1);
    expect((await db.query('SELECT pairs FROM accounts')).rows).toEqual([{ pairs: ['BTC-USD'] }]);
    expect(await asker.ask(later(50_000))).toBe(0);
    expect(await asker.ask(later(70_000))).toBe(1);
  });

  it('asks again about an account whose request could not be appended', async () => {
    await apply(policy(1, ['acc-1']));
    const broken = { append: () => Promise.reject(new Error('away')) };
    await expect(inquirer({ log: broken }).asker.ask(NOW)).rejects.toThrow('away');
    expect(await inquirer().asker.ask(later(9_000))).toBe(0);
    expect(await inquirer().asker.ask(later(10_000))).toBe(1);
  });

  it('shares the accounts between replicas: each is asked about by one', async () => {
    await apply(
      policy(
        1,
        Array.from({ length: 40 }, (_, index) => `acc-${String(index)}`),
      ),
    );
    const replicas = [inquirer(), inquirer(), inquirer()];
    const counts = await Promise.all(replicas.map(({ asker }) => asker.ask(NOW)));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(40);
  });
});

describe('drifts that stand', () => {
  it('are counted by venue until they are gone', async () => {
    const metrics = createMetrics({ service: 'reconciliation', process: false });
    standingDrifts(metrics, db, ['binance']);
    const compared = (accountId: string, drifts: number): AccountEffect => {
      return { kind: 'compared', accountId, openOrders: 0, pending: false, drifts, atMs: NOW.getTime() };
    };
    await apply(policy(1, ['acc-1', 'acc-2']));
    await apply(compared('acc-1', 2), compared('acc-2', 1));
    expect(await metrics.metrics()).toMatch(/standing_drifts\{venue="binance",service="reconciliation"\} 3/);
    await apply(compared('acc-1', 0), compared('acc-2', 0));
    expect(await metrics.metrics()).toMatch(/standing_drifts\{venue="binance",service="reconciliation"\} 0/);
  });
});

describe('the table of accounts', () => {
  const rows = async () =>
    (await db.query('SELECT account_id, enabled, policy_version FROM accounts ORDER BY account_id')).rows;

  it('follows a policy, and drops accounts that it does not name any more', async () => {
    await apply(policy(1, ['acc-1', 'acc-2']));
    await apply(policy(3, ['acc-2', 'acc-3'], false));
    expect(await rows()).toEqual([
      { account_id: 'acc-2', enabled: false, policy_version: '3' },
      { account_id: 'acc-3', enabled: false, policy_version: '3' },
    ]);
  });

  it('takes the policies of many users in one statement, the last version of each, old news changing nothing', async () => {
    await apply(policy(7, ['acc-0']), policy(1, ['acc-old'], true, 'user-2'));
    await db.transaction(async (tx) => {
      const statements: unknown[] = [];
      const counting = { query: (...query: Parameters<Tx['query']>) => statements.push(query) && tx.query(...query) };
      await table.apply(counting as Tx, [
        policy(6, []),
        policy(2, ['acc-2'], true, 'user-2'),
        policy(3, ['acc-2', 'acc-3'], false, 'user-2'),
        policy(1, [], true, 'user-3'),
      ]);
      expect(statements).toHaveLength(1);
    });
    expect(await rows()).toEqual([
      { account_id: 'acc-0', enabled: true, policy_version: '7' },
      { account_id: 'acc-2', enabled: false, policy_version: '3' },
      { account_id: 'acc-3', enabled: false, policy_version: '3' },
    ]);
  });

  it('asks at once about an account that is enabled again', async () => {
    await apply(policy(1, ['acc-1'], false));
    await apply(policy(2, ['acc-1']));
    expect(await inquirer().asker.ask(NOW)).toBe(1);
  });
});
