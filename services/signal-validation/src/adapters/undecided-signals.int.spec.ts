import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeRecords, encodeRecord, partitionOf, type LogRecord } from '@switchyard/log';
import { LOG_MIGRATIONS, STAGE_MIGRATIONS } from '@switchyard/log-postgres';
import { migrate, type Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { signalValidation } from '../index.js';
import { UndecidedSignals } from './undecided-signals.js';

const PARTITIONS = 2;
const TOPIC = 'TradingSignalGenerated';
const postgres = testDatabase();
let db: Database;
let woken = 0;

beforeAll(async () => {
  await migrate({ url: postgres.url, schema: 'log', folder: LOG_MIGRATIONS });
  await migrate({ url: postgres.url, schema: 'signal_validation', folder: STAGE_MIGRATIONS });
  db = await postgres.open('signal_validation', { folder: signalValidation.migrations! });
});
beforeEach(async () => {
  woken = 0;
  for (const table of ['shards', 'heads', 'batches', 'watermarks', 'parked_keys', 'parked_events'])
    await db.query(`DELETE FROM log.${table}`);
  for (const table of ['documents', 'admissions']) await db.query(`DELETE FROM ${table}`);
  await db.query(
    "INSERT INTO log.shards (deployment, partition) SELECT 'signal-validation', generate_series(0, $1 - 1)",
    [PARTITIONS],
  );
});

/** As the gateway asks: one call for all of these, `user|signal`. */
const admit = async (
  keys: readonly string[],
  maxParked: number | null = 1_000,
  hash = 'h',
): Promise<readonly string[]> => {
  const frames = keys.map((key) => {
    const [user = '', signal = ''] = key.split('|');
    return encodeRecord({
      key: user,
      id: `id-${key}`,
      type: TOPIC,
      time: '2026-11-21T02:47:10.000Z',
      correlationId: signal,
      value: Buffer.from(JSON.stringify({ signalId: signal, userId: user })),
    });
  });
  let end = 0;
  const { rows } = await db.query<{ outcome: string }>(
    'SELECT outcome FROM admit($1, $2, $3, $4, $5, $6, $7) ORDER BY ordinal',
    [
      keys,
      keys.map(() => hash),
      keys.map((key) => partitionOf(key.split('|')[0] ?? '', PARTITIONS)),
      frames.map(({ length }) => (end += length) - length),
      frames.map(({ length }) => length),
      Buffer.concat(frames),
      maxParked,
    ],
  );
  return rows.map(({ outcome }) => outcome);
};
const decided = (...keys: readonly string[]) =>
  db.query(`UPDATE documents SET doc = '{"status":"decided","hash":"h","outcome":"validated"}' WHERE key = ANY ($1)`, [
    keys,
  ]);
const secondsLater = (seconds: number) =>
  db.query(
    'UPDATE admissions SET seen_at = seen_at - make_interval(secs => $1), admitted_at = admitted_at - make_interval(secs => $1)',
    [seconds],
  );
/** Over a broker: everything stored so far was sent. */
const published = () => db.query('UPDATE log.shards SET published_through = last_batch');
/** Over the Postgres log: everything stored so far was read. */
const read = () =>
  db.query(
    `INSERT INTO log.watermarks (group_name, topic, partition, origin, generation, sequence)
     SELECT 'signal-validation', topic, partition, 'signal-validation/' || partition, 1, last_sequence FROM log.heads
     ON CONFLICT (group_name, topic, partition, origin) DO UPDATE SET sequence = excluded.sequence`,
  );
const stored = async (): Promise<readonly LogRecord[]> => {
  const { rows } = await db.query<{ records: Buffer }>('SELECT records FROM log.batches ORDER BY batch, partition');
  return rows.flatMap(({ records }) => decodeRecords(records));
};
const admissions = async (): Promise<number> =>
  Number((await db.query<{ n: string }>('SELECT count(*) AS n FROM admissions')).rows[0]!.n);

const undecided = (options = {}) =>
  new UndecidedSignals(
    db,
    () => {
      woken += 1;
    },
    { afterMs: 10_000, maxAgain: 100, maxTries: 6, ...options },
  );

describe('a signal that REST admitted', () => {
  it('is forgotten once it is decided, and nobody is woken', async () => {
    await admit(['ann|1', 'ann|2', 'bob|1']);
    await decided('ann|1', 'ann|2', 'bob|1');
    expect(await undecided().sweep()).toEqual({ decided: 0, again: 0, waiting: 0, stuck: 0 });
    await secondsLater(11);
    expect(await undecided().sweep()).toMatchObject({ decided: expect.any(Number), again: 0, waiting: 0 });
    expect([await admissions(), woken]).toEqual([0, 0]);
  });

  it('and waits in line is not put to the log again: whoever should read or send it is woken', async () => {
    await admit(['ann|1']);
    await secondsLater(11);
    expect(await undecided().sweep()).toEqual({ decided: 0, again: 0, waiting: 1, stuck: 0 });
    expect(woken).toBe(1);
    expect(await stored()).toHaveLength(1);
    expect(await undecided().count()).toBe(0);
    await secondsLater(11);
    expect(await undecided().count()).toBe(1);
  });

  it.each([
    ['was sent and not decided in 10 s', published],
    ['was read and not decided in 10 s', read],
  ])('and %s is put to the log again as it was, under the next number', async (_, reached) => {
    await admit(['ann|1', 'ann|2', 'ann|3']);
    await reached();
    await decided('ann|2');
    await secondsLater(9);
    expect(await undecided().sweep()).toMatchObject({ again: 0 });
    await secondsLater(2);
    expect(await undecided().sweep()).toMatchObject({ again: 2, waiting: 0 });
    expect(woken).toBe(1);
    const [first, second, third, ...copies] = await stored();
    expect(second?.correlationId).toBe('2');
    expect(copies).toEqual([first, third]);
    const { rows } = await db.query('SELECT last_sequence FROM log.heads WHERE topic = $1', [TOPIC]);
    expect(rows).toEqual([{ last_sequence: '5' }]);
  });

  it('is put there again half as often each time, and then left to a person', async () => {
    await admit(['ann|1']);
    await published();
    const sweepAfter = async (seconds: number) => {
      await secondsLater(seconds);
      const { again, stuck } = await undecided({ maxTries: 3 }).sweep();
      return [again, stuck];
    };
    expect(await sweepAfter(11)).toEqual([1, 0]);
    expect(await sweepAfter(11)).toEqual([0, 0]);
    expect(await sweepAfter(10)).toEqual([1, 0]);
    expect(await sweepAfter(30)).toEqual([0, 0]);
    expect(await sweepAfter(11)).toEqual([1, 0]);
    expect(await sweepAfter(81)).toEqual([0, 1]);
    expect(await stored()).toHaveLength(4);
    await decided('ann|1');
    expect(await sweepAfter(81)).toEqual([0, 0]);
    expect(await admissions()).toBe(0);
  });

  it('does not bury a stage that lags under copies: a bounded number at a time, the oldest first', async () => {
    for (let n = 1; n <= 10; n++) {
      await admit([`ann|${n}`]);
      await secondsLater(1);
    }
    await published();
    await secondsLater(10);
    expect(await undecided({ maxAgain: 3 }).sweep()).toMatchObject({ again: 3 });
    expect((await stored()).slice(10).map(({ correlationId }) => correlationId)).toEqual(['1', '2', '3']);
    expect(await undecided({ maxAgain: 3 }).sweep()).toMatchObject({ again: 3 });
    expect((await stored()).slice(13).map(({ correlationId }) => correlationId)).toEqual(['4', '5', '6']);
  });

  it('goes through however many came with it', async () => {
    await admit(Array.from({ length: 20 }, (_, n) => `ann|${n}`));
    await published();
    await secondsLater(11);
    expect(await undecided({ maxAgain: 5 }).sweep()).toMatchObject({ again: 20 });
  });

  it('and whose user is parked waits with the others: a copy would only wait behind it', async () => {
    await admit(['ann|1', 'bob|1']);
    await read();
    await db.query(
      "INSERT INTO log.parked_keys (group_name, partition, key, reason) VALUES ('signal-validation', $1, 'ann', '')",
      [partitionOf('ann', PARTITIONS)],
    );
    await secondsLater(11);
    await undecided().sweep();
    expect((await stored()).slice(2).map(({ key }) => key)).toEqual(['bob']);
  });

  it('and whose event the log has dropped is said to be stuck', async () => {
    await admit(['ann|1']);
    await published();
    await db.query('DELETE FROM log.batches');
    await secondsLater(11);
    expect(await undecided().sweep()).toMatchObject({ again: 0, stuck: 1 });
  });

  it('is looked at by one process at a time', async () => {
    await admit(['ann|1']);
    await published();
    await secondsLater(11);
    // Inside of its transaction, the first one has just put it to the log.
    let other: Awaited<ReturnType<UndecidedSignals['sweep']>> | undefined;
    const first: Database = {
      ...db,
      schema: db.schema,
      transaction: (work) =>
        db.transaction(async (tx) => {
          const result = await work(tx);
          other ??= await undecided().sweep();
          return result;
        }),
    };
    const options = { afterMs: 10_000, maxAgain: 100, maxTries: 6 };
    expect(await new UndecidedSignals(first, () => undefined, options).sweep()).toMatchObject({ again: 1 });
    expect(other).toEqual({ decided: 0, again: 0, waiting: 0, stuck: 0 });
    expect(await stored()).toHaveLength(2);
  });
});

describe('a user whose events wait for an operator', () => {
  const park = async (group: string, events: number): Promise<void> => {
    const partition = partitionOf('ann', PARTITIONS);
    await db.query("INSERT INTO log.parked_keys (group_name, partition, key, reason) VALUES ($1, $2, 'ann', '')", [
      group,
      partition,
    ]);
    await db.query(
      `INSERT INTO log.parked_events (group_name, partition, key, topic, sequence, record)
       SELECT $1, $2, 'ann', 'T', n, '' FROM generate_series(1, $3) n`,
      [group, partition, events],
    );
  };

  it.each(['signal-validation', 'risk', 'routing'])(
    'is not let in once as many as may wait in %s; what was let in before is known',
    async (group) => {
      await admit(['ann|1']);
      await park(group, 3);
      expect(await admit(['ann|1', 'ann|2', 'bob|1', 'ann|2'], 3)).toEqual(['same', 'parked', 'admitted', 'parked']);
      expect(await admit(['ann|1'], 3, 'other')).toEqual(['reused']);
      expect((await stored()).map(({ key, correlationId }) => `${key}|${correlationId ?? ''}`)).toEqual(
        expect.arrayContaining(['ann|1', 'bob|1']),
      );
      expect(await stored()).toHaveLength(2);
      expect(await admit(['ann|2'], 4)).toEqual(['admitted']);
    },
  );

  it('is let in while what waits is the journal’s alone: nobody’s orders wait for it', async () => {
    await park('journal', 10);
    expect(await admit(['ann|1'], 3)).toEqual(['admitted']);
  });
});
