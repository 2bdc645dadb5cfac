import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { StoredBatch } from '@switchyard/log';
import { LOG_MIGRATIONS, append, tieLog } from '@switchyard/log-postgres';
import type { Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { until } from '@switchyard/testing';
import { EXIT, run, type Terminal } from './index.js';
import { republish } from './republish.js';

const postgres = testDatabase();
let db: Database;
let sent: StoredBatch[] = [];
const send = (batches: readonly StoredBatch[]): Promise<void> => {
  sent.push(...batches);
  return Promise.resolve();
};

beforeAll(async () => {
  db = await postgres.open('log', { folder: LOG_MIGRATIONS });
});
beforeEach(async () => {
  sent = [];
  for (const table of ['shards', 'heads', 'batches']) await db.query(`DELETE FROM log.${table}`);
  await db.query("INSERT INTO log.shards (deployment, partition) VALUES ('risk', 7)");
});

/** One batch of so many events. */
const stored = (events: number, topic = 'OrderApproved') =>
  db.transaction((tx) =>
    append(
      tx,
      'risk',
      Array.from({ length: events }, (_, n) => ({
        shard: 7,
        topic,
        partition: 7,
        record: { key: 'ann', id: `${topic}-${n}`, type: topic, time: '', value: Buffer.of() },
      })),
    ),
  );
const MISSING = { source: 'risk/7/1', topic: 'OrderApproved', partition: 7, from: 4 };

describe('events that a reader misses', () => {
  it('are sent again from the first of them on, with all that follow, under their numbers', async () => {
    for (const events of [2, 3, 1, 4]) await stored(events);
    await stored(5, 'SignalRejected');
    expect(await republish(db, MISSING, send, 0)).toEqual({ events: 8, through: 10 });
    expect(sent.map(({ firstSequence, records }) => [firstSequence, records.length])).toEqual([
      [3, 3],
      [6, 1],
      [7, 4],
    ]);
    expect(new Set(sent.map(({ source, topic, partition }) => `${source} ${topic} ${partition}`))).toEqual(
      new Set(['risk/7/1 OrderApproved 7']),
    );
  });

  it('are named where they are not stored any more, and nothing is sent that a reader could not take', async () => {
    for (const events of [2, 3, 1, 4]) await stored(events);
    await db.query('DELETE FROM log.batches WHERE first_sequence < 6');
    await expect(republish(db, MISSING, send, 0)).rejects.toMatchObject({ exit: 1, facts: { from: 4, to: 5 } });
    expect(sent).toEqual([]);
    await expect(republish(db, { ...MISSING, from: 11 }, send, 0)).rejects.toMatchObject({ exit: 1 });
    await expect(republish(db, { ...MISSING, source: 'risk/7/2' }, send, 0)).rejects.toMatchObject({ exit: 1 });
    await expect(republish(db, { ...MISSING, source: 'risk' }, send, 0)).rejects.toMatchObject({ exit: 2 });
  });

  it('go before anything new of their source: it waits meanwhile', async () => {
    await stored(4);
    let appending: Promise<unknown> | undefined;
    let appended = false;
    await republish(
      db,
      MISSING,
      async (batches) => {
        appending ??= stored(1).then(() => {
          appended = true;
        });
        await until(async () => {
          const { rows } = await db.query<{ n: number }>('SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted');
          return appended || rows[0]!.n > 0;
        });
        expect(appended).toBe(false);
        await send(batches);
      },
      0,
    );
    await appending;
    expect(sent.flatMap(({ records }) => records)).toHaveLength(4);
  });

  it('sends nothing to brokers that are not this database’s', async () => {
    await tieLog(db, 8, { transport: 'postgres' });
    const said: string[] = [];
    const terminal: Terminal = {
      env: { DATABASE_URL: postgres.url, KAFKA_BROKERS: '127.0.0.1:1' },
      cwd: '/',
      out: () => undefined,
      err: (text) => said.push(text),
      input: () => Promise.resolve(''),
    };
    expect(await run(['republish', 'risk/7/1', 'OrderApproved', '7', '--from', '1'], terminal)).toBe(EXIT.refused);
    expect(said.join('')).toContain('LOG_TRANSPORT_DIFFERS: this database belongs to a log over Postgres alone');
  });
});
