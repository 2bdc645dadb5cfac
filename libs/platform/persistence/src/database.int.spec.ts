import { describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { DatabaseUnavailable, isInfrastructureError, openDatabase, type Database } from './index.js';
import { testDatabase } from './testing.js';

const postgres = testDatabase();

/** A schema of its own for each test. */
const fresh = async (options: Parameters<typeof postgres.open>[1] = {}): Promise<Database> => {
  const db = await postgres.open(`s_${randomUUID().replaceAll('-', '').slice(0, 12)}`, options);
  await db.query('create table entry (id int primary key, amount numeric, big bigint)');
  return db;
};

const idsIn = async (db: Database): Promise<readonly number[]> =>
  (await db.query<{ id: number }>('select id from entry order by id')).rows.map(({ id }) => id);

const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

const until = async (condition: () => boolean): Promise<void> => {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('it did not happen within 10 s');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};

describe('a transaction', () => {
  it('stores everything or nothing, and throws what the work threw', async () => {
    const db = await fresh();
    const thrown = new Error('no');
    await expect(
      db.transaction(async (tx) => {
        await tx.query('insert into entry (id) values (1)');
        throw thrown;
      }),
    ).rejects.toBe(thrown);
    expect(await idsIn(db)).toEqual([]);
    await expect(db.transaction((tx) => tx.query('insert into entry (id) values (2)'))).resolves.toMatchObject({
      rowCount: 1,
    });
    expect(await idsIn(db)).toEqual([2]);
  });

  it('says so when a failure inside it was swallowed, instead of pretending to have stored', async () => {
    const db = await fresh({ poolSize: 1 });
    await expect(
      db.transaction(async (tx) => {
        await tx.query('insert into entry (id) values (1)');
        await tx.query('insert into entry (id) values (1)').catch(() => undefined);
      }),
    ).rejects.toThrow(/duplicate key/);
    expect(await idsIn(db)).toEqual([]);
  });

  it('whose connection dies leaves a pool that works', async () => {
    const db = await fresh({ poolSize: 1 });
    const killed = db.transaction(async (tx) => {
      await tx.query('insert into entry (id) values (1)');
      await tx.query('select pg_terminate_backend(pg_backend_pid())');
    });
    expect(isInfrastructureError(await failureOf(killed))).toBe(true);
    expect(await idsIn(db)).toEqual([]);
  });

  it('runs statements in the order in which they are asked for, awaited or not, and none after its end', async () => {
    const db = await fresh({ poolSize: 1 });
    let late: (() => Promise<unknown>) | undefined;
    await db.transaction(async (tx) => {
      late = () => tx.query('insert into entry (id) values (3)');
      void tx.query('insert into entry (id) values (1)');
      const seen = tx.query('select id from entry');
      void tx.query('insert into entry (id) values (2)');
      expect((await seen).rows).toEqual([{ id: 1 }]);
      void tx.query('insert into entry (id) values (4)');
    });
    await expect(late!()).rejects.toThrow(/over/);
    expect(await idsIn(db)).toEqual([1, 2, 4]);
  });

  it('stores nothing where a statement that nobody awaited failed, and throws its error', async () => {
    const db = await fresh({ poolSize: 1 });
    const failing = (parameters: readonly unknown[]) =>
      failureOf(
        db.transaction(async (tx) => {
          await tx.query('insert into entry (id) values (1)');
          void tx.query('insert into entry (id) values ($1)', parameters);
          void tx.query('insert into entry (id) values (3)');
        }),
      );
    expect(await failing(['no number'])).toMatchObject({ code: '22P02' });
    // Fails before it is sent: the server knows nothing of it, and would commit what came before.
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    expect(String(await failing([loop]))).toMatch(/circular/);
    expect(await idsIn(db)).toEqual([]);
  });

  it('says of a statement that failed after another what went wrong first', async () => {
    const db = await fresh({ poolSize: 1 });
    const failure = await failureOf(
      db.transaction(async (tx) => {
        void tx.query('insert into entry (id) values ($1)', ['no number']);
        await tx.query('select 1');
      }),
    );
    expect(failure).toMatchObject({ code: '22P02' });
    expect(await idsIn(db)).toEqual([]);
  });

  it('refuses a second text under the name of a prepared statement', async () => {
    const db = await fresh({ poolSize: 1 });
    const failure = await failureOf(
      db.transaction(async (tx) => {
        await tx.query({ name: 'one', text: 'insert into entry (id) values (1)' });
        void tx.query({ name: 'one', text: 'insert into entry (id) values (2)' });
      }),
    );
    expect(String(failure)).toMatch(/two different texts/);
    expect(await idsIn(db)).toEqual([]);
  });

  it('that takes too long is cancelled, and its connection serves on', async () => {
    const db = await fresh({ poolSize: 1, statementTimeoutMs: 50 });
    expect(isInfrastructureError(await failureOf(db.query('select pg_sleep(5)')))).toBe(true);
    await expect(db.query('select 1 as one')).resolves.toMatchObject({ rows: [{ one: 1 }] });
  });
});

describe('a database', () => {
  it('gives money and big numbers as strings', async () => {
    const db = await fresh();
    await db.query('insert into entry values ($1, $2, $3)', [1, '0.10', '9007199254740993']);
    expect((await db.query('select amount, big from entry')).rows).toEqual([
      { amount: '0.10', big: '9007199254740993' },
    ]);
  });

  it("is its service's schema and role: another service's tables can't be read", async () => {
    const [mine, other] = [await fresh(), await fresh()];
    const { rows } = await mine.query<{ role: string; path: string }>(
      `select current_user as role, current_setting('search_path') as path`,
    );
    expect(rows).toEqual([{ role: `switchyard_${mine.schema}`, path: `${mine.schema},log` }]);
    await expect(mine.query(`select * from ${other.schema}.entry`)).rejects.toThrow(/permission denied/);
  });

  it('that does not answer is one sentence without the password', async () => {
    const url = 'postgres://user:hidden@127.0.0.1:1/switchyard';
    const opening = openDatabase({ url, schema: 'a', applicationName: 'test' });
    await expect(opening).rejects.toThrow(DatabaseUnavailable);
    await expect(opening).rejects.toThrow(/127\.0\.0\.1:1\/switchyard does not answer/);
    await expect(opening).rejects.not.toThrow(/hidden/);
    const wrong = Object.assign(new URL(postgres.url), { password: 'hidden' }).href;
    await expect(openDatabase({ url: wrong, schema: 'a', applicationName: 'test' })).rejects.toThrow(/refuses/);
  });

  it('tells faults of the database from faults of the data', async () => {
    const db = await fresh();
    await db.query('insert into entry (id) values (1)');
    for (const sql of [
      'insert into entry (id) values (1)',
      'select 1/0',
      "select 'x'::int",
      "select repeat('x', 2000000000)",
    ])
      expect([sql, isInfrastructureError(await failureOf(db.query(sql)))]).toEqual([sql, false]);
    for (const sql of ['select * from nowhere', 'select pg_terminate_backend(pg_backend_pid())'])
      expect([sql, isInfrastructureError(await failureOf(db.query(sql)))]).toEqual([sql, true]);
    expect(isInfrastructureError(Object.assign(new Error('write'), { code: 'EPIPE' }))).toBe(true);
    expect(isInfrastructureError(new Error('outer', { cause: new Error('Connection terminated unexpectedly') }))).toBe(
      true,
    );
    expect(isInfrastructureError(new TypeError('x is undefined'))).toBe(false);
  });
});

describe('what follows a commit', () => {
  it('may fail, and the transaction stands: the rest is told, and so is the failure', async () => {
    const failures: unknown[] = [];
    const db = await fresh({ onHookFailed: (error) => failures.push(error) });
    const told: string[] = [];
    const result = await db.transaction(async (tx) => {
      await tx.query('insert into entry (id) values (7)');
      tx.afterCommit(() => {
        throw new Error('not a number');
      });
      tx.afterCommit(() => told.push('second'));
      return 'committed';
    });
    expect([result, told, failures]).toEqual(['committed', ['second'], [new Error('not a number')]]);
    expect((await db.query('select id from entry')).rows).toEqual([{ id: 7 }]);
  });
});

describe('a listener', () => {
  it('hears every notification of its channel, until it stops', async () => {
    const db = await fresh();
    const heard: string[] = [];
    const stop = await db.listen('Some channel', (payload) => heard.push(payload));
    await db.listen('other', (payload) => heard.push(`other ${payload}`));
    await db.notify('Some channel', 'one');
    await db.notify('other', 'two');
    await until(() => heard.length === 2);
    await stop();
    await db.notify('Some channel', 'three');
    await db.notify('other', 'four');
    await until(() => heard.length === 3);
    expect(heard).toEqual(['one', 'other two', 'other four']);
  });

  it('is called once after a lost connection, and hears again', async () => {
    const lost: string[] = [];
    const db = await fresh({ onConnectionLost: (error) => lost.push(error.message) });
    const heard: string[] = [];
    await db.listen('shard', (payload) => heard.push(payload));
    const operator = await openDatabase({ url: postgres.url, schema: 'public', applicationName: 'operator' });
    await operator.query('select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1', [
      `test ${db.schema} listen`,
    ]);
    await operator.close();
    await until(() => heard.length === 1);
    await db.notify('shard', 'after');
    await until(() => heard.length === 2);
    expect(heard).toEqual(['', 'after']);
    expect(lost).toHaveLength(1);
  });
});
