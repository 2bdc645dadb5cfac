import { beforeEach, describe, expect, it } from '@jest/globals';
import { LOG_MIGRATIONS } from '@switchyard/log-postgres';
import { LatencyProfiler } from '@switchyard/observability';
import type { Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { until } from '@switchyard/testing';
import { LatencyReports, reportedLatencies } from './latency-reports.js';

const postgres = testDatabase();
let db: Database;

beforeEach(async () => {
  db = await postgres.open('log', { folder: LOG_MIGRATIONS });
  await db.query('TRUNCATE log.latencies');
});

/** A process whose clock is moved by hand. */
const process = (instance: string, database: Pick<Database, 'query'> = db) => {
  const begun = Date.now() - (Date.now() % 60_000);
  const clock = { now: 0 };
  const profiler = new LatencyProfiler({ now: () => clock.now, epochMs: begun });
  const errors: unknown[] = [];
  const reports = new LatencyReports({
    db: database,
    instance,
    profiler,
    onError: (error) => errors.push(error),
    everyMs: 5,
  });
  return { clock, profiler, reports, errors };
};
const counts = async (minutes = 60) =>
  (await reportedLatencies(db, minutes)).map(({ instance, stages }) => [instance, stages['submission']?.count]);

describe('what a process measured', () => {
  it('stands beside what others did, replaced while its minute lasts', async () => {
    const [one, two] = [process('one'), process('two')];
    one.profiler.stage('submission').record(1);
    two.profiler.stage('submission').record(2);
    await one.reports.report();
    await two.reports.report();
    one.profiler.stage('submission').record(3);
    await one.reports.report();
    expect(await counts()).toEqual([
      ['one', 2],
      ['two', 1],
    ]);
    const [first] = await reportedLatencies(db, 60);
    expect(first!.stages['submission']).toMatchObject({ count: 2, sum: 4_000, min: 1_000, max: 3_000 });
    expect(Date.parse(first!.from) % 60_000).toBe(0);
  });

  it('is told to the end of its minute, though that ended since the last time', async () => {
    const { clock, profiler, reports } = process('one');
    profiler.stage('submission').record(1);
    await reports.report();
    clock.now = 59_000;
    profiler.stage('submission').record(1);
    clock.now = 61_000;
    profiler.stage('submission').record(1);
    await reports.report();
    expect(await counts()).toEqual([
      ['one', 1],
      ['one', 2],
    ]);
  });

  it('is not told again where nothing happened', async () => {
    let asked = 0;
    const counting = {
      query: (...args: Parameters<Database['query']>) => {
        asked += 1;
        return db.query(...args);
      },
    } as unknown as Database;
    const { profiler, reports } = process('one', counting);
    await reports.report();
    expect(asked).toBe(0);
    profiler.stage('submission').record(1);
    await reports.report();
    const once = asked;
    await reports.report();
    expect(asked).toBe(once);
  });

  it('is kept for an hour, and told for as many minutes as were asked for', async () => {
    const old = (age: string) =>
      db.query(
        `INSERT INTO log.latencies VALUES ('old', now(), now() - $1::interval, now(), 1, '{"submission":{"count":9}}')`,
        [age],
      );
    await old('61 minutes');
    await old('20 minutes');
    await db.query(`INSERT INTO log.latencies VALUES ('later version', now(), now(), now(), 99, '{}')`);
    const { profiler, reports } = process('one');
    profiler.stage('submission').record(1);
    await reports.report();
    expect(await counts(60)).toEqual([
      ['one', 1],
      ['old', 9],
    ]);
    expect(await counts(10)).toEqual([['one', 1]]);
    expect((await db.query('SELECT 1 FROM log.latencies')).rows).toHaveLength(3);
  });

  it('is told by itself, and goes on being told after the database was away', async () => {
    let away = true;
    const failing = {
      query: (...args: Parameters<Database['query']>) => (away ? Promise.reject(new Error('away')) : db.query(...args)),
    } as unknown as Database;
    const { profiler, reports, errors } = process('one', failing);
    profiler.stage('submission').record(1);
    reports.start();
    await until(() => errors.length > 0);
    away = false;
    await until(async () => (await counts()).length > 0);
    await reports.stop();
  });
});
