import { beforeEach, describe, expect, it } from '@jest/globals';
import { parseEvent, type HeldExitDue } from '@switchyard/contracts';
import type { OutgoingEvent } from '@switchyard/log';
import { createMetrics } from '@switchyard/observability';
import type { Database, Tx } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import type { WaitingExit } from '@switchyard/risk-domain';
import { HeldExitAlarm, type HeldExitAlarmParts } from './adapters/held-exit-alarm.js';
import { HeldExitsTable } from './adapters/held-exits-table.js';
import { risk } from './index.js';
import { waitingMetrics } from './metrics.js';

const postgres = testDatabase();
const table = new HeldExitsTable();
let db: Database;

beforeEach(async () => {
  db = await postgres.open('risk', { folder: risk.migrations! });
  await db.query('TRUNCATE held_exits');
});

const NOW = Date.parse('2026-11-21T10:00:00.000Z');
const at = (ms: number): Date => new Date(NOW + ms);
const exit = (parentOrderId: string, dueInMs?: number): WaitingExit => ({
  parentOrderId,
  signalId: `signal-of-${parentOrderId}`,
  ...(dueInMs === undefined ? {} : { dueMs: NOW + dueInMs }),
});
const waiting = (userId: string, ...exits: readonly WaitingExit[]) =>
  db.transaction((tx) => table.apply(tx, [{ userId, atMs: NOW, exits }]));
const rows = async () =>
  (await db.query('SELECT user_id, parent_order_id, held_at FROM held_exits ORDER BY 1, 2')).rows;

const alarm = (change: Partial<HeldExitAlarmParts> = {}) => {
  const appended: OutgoingEvent[] = [];
  const log: HeldExitAlarmParts['log'] = {
    append: (_tx, events) => {
      appended.push(...events);
      return Promise.resolve();
    },
  };
  const bell = new HeldExitAlarm({ db, log, logger: { warn: () => undefined }, ...change });
  return {
    bell,
    appended,
    woken: () => appended.splice(0).map(({ payload }) => (payload as HeldExitDue).parentOrderId),
  };
};

describe('an exit that waits', () => {
  it('is woken when it is due, once, with an event that its contract accepts', async () => {
    await waiting('user-1', exit('x', 5_000), exit('y', 7_000), exit('z'));
    const { bell, appended, woken } = alarm();
    expect(await bell.ring(at(4_999))).toBe(0);
    expect(await bell.ring(at(5_000))).toBe(1);
    expect(appended).toMatchObject([
      { topic: 'HeldExitDue', key: 'user-1', cause: { correlationId: 'signal-of-x' }, payload: { parentOrderId: 'x' } },
    ]);
    expect(parseEvent('HeldExitDue', appended[0]?.payload).ok).toBe(true);
    woken();
    expect(await bell.ring(at(60_000))).toBe(1);
    expect(woken()).toEqual(['y']);
    expect(await bell.ring(at(3_600_000))).toBe(0);
  });

  it('is woken again by whoever comes after a process that ended between its claim and its event', async () => {
    await waiting('user-1', exit('x', 0));
    const broken = { append: () => Promise.reject(new Error('gone')) };
    await expect(alarm({ log: broken }).bell.ring(at(0))).rejects.toThrow('gone');
    const { bell, appended } = alarm();
    expect(await bell.ring(at(1_999))).toBe(0);
    expect(await bell.ring(at(2_000))).toBe(1);
    expect(appended).toHaveLength(1);
  });

  it('is woken at the later time that the stage sets while it is being woken', async () => {
    await waiting('user-1', exit('x', 0));
    const { bell, appended, woken } = alarm({
      log: {
        append: async (_tx: Tx, events) => {
          appended.push(...events);
          await waiting('user-1', exit('x', 9_000));
        },
      },
    });
    expect(await bell.ring(at(0))).toBe(1);
    expect(woken()).toEqual(['x']);
    expect(await alarm().bell.ring(at(9_000))).toBe(1);
  });

  it('is forgotten when it is decided, and keeps since when it waits until then', async () => {
    await waiting('user-1', exit('x', 5_000), exit('y', 5_000));
    await waiting('user-2', exit('z'));
    const later = [{ userId: 'user-1', atMs: NOW + 60_000, exits: [exit('y', 65_000)] }];
    await db.transaction((tx) => table.apply(tx, later));
    expect(await rows()).toEqual([
      { user_id: 'user-1', parent_order_id: 'y', held_at: at(0) },
      { user_id: 'user-2', parent_order_id: 'z', held_at: at(0) },
    ]);
    await waiting('user-1');
    expect(await rows()).toMatchObject([{ user_id: 'user-2' }]);
  });

  it('is counted for as long as it waits, with the age of the oldest', async () => {
    const metrics = createMetrics({ service: 'risk', process: false });
    waitingMetrics(metrics, db);
    expect(await metrics.metrics()).toMatch(/exits_waiting\{service="risk"\} 0\n/);
    await waiting('user-1', exit('x', 5_000), exit('y'));
    await db.query("UPDATE held_exits SET held_at = now() - interval '90 seconds' WHERE parent_order_id = 'y'");
    const text = await metrics.metrics();
    expect(text).toMatch(/exits_waiting\{service="risk"\} 2\n/);
    expect(Number(/exit_waiting_seconds\{service="risk"\} (\S+)/.exec(text)?.[1])).toBeGreaterThanOrEqual(90);
  });

  it('of several events of a user in one transaction has the last one count', async () => {
    await db.transaction((tx) =>
      table.apply(tx, [
        { userId: 'user-1', atMs: NOW, exits: [exit('x', 0)] },
        { userId: 'user-1', atMs: NOW, exits: [exit('y', 0)] },
      ]),
    );
    expect(await rows()).toMatchObject([{ parent_order_id: 'y' }]);
  });

  it('is woken by one of several replicas', async () => {
    await waiting('user-1', ...Array.from({ length: 40 }, (_, index) => exit(`x${index}`, 0)));
    const rung = await Promise.all([alarm(), alarm(), alarm()].map(({ bell }) => bell.ring(at(0))));
    expect(rung.reduce((sum, count) => sum + count, 0)).toBe(40);
  });

  it("stands in no stage's way: no row is locked while the log is waited for", async () => {
    await waiting('user-1', exit('x', 0));
    await db.query('CREATE TABLE IF NOT EXISTS shard AS SELECT 0 AS partition');
    const lockShard = (tx: Tx) => tx.query('SELECT partition FROM shard FOR UPDATE');
    const appending = Promise.withResolvers<undefined>();
    const { bell } = alarm({
      log: {
        append: async (tx) => {
          appending.resolve(undefined);
          await lockShard(tx);
        },
      },
    });
    let rung: Promise<number> | undefined;
    await db.transaction(async (tx) => {
      await lockShard(tx);
      rung = bell.ring(at(0));
      await appending.promise;
      await table.apply(tx, [{ userId: 'user-1', atMs: NOW, exits: [] }]);
    });
    expect(await rung).toBe(1);
    expect(await rows()).toEqual([]);
  });
});
