import { beforeAll, describe, expect, it } from '@jest/globals';
import { encodeRecord } from '@switchyard/log';
import { migrate, type Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { Housekeeping, LOG_MIGRATIONS } from './index.js';

const postgres = testDatabase();
let db: Database;

const sweep = (dropWhen: 'consumed' | 'published'): Promise<number> =>
  new Housekeeping({ db, dropWhen, keepMs: 60_000, everyMs: 1_000, onError: () => undefined }).sweep();

const left = async (topic: string): Promise<readonly number[]> => {
  const { rows } = await db.query<{ first_sequence: string }>(
    'SELECT first_sequence FROM log.batches WHERE topic = $1 ORDER BY first_sequence',
    [topic],
  );
  return rows.map(({ first_sequence }) => Number(first_sequence));
};

const store = async (topic: string, first: number, ageMinutes: number): Promise<void> => {
  const record = encodeRecord({ key: 'k', id: String(first), type: 'T', time: '', value: Buffer.from('{}') });
  await db.query(
    `INSERT INTO log.batches (topic, partition, source, first_sequence, last_sequence, batch, created_at, records)
     VALUES ($1, 0, 'risk/0/1', $2, $2, $2, now() - make_interval(mins => $3), $4)`,
    [topic, first, ageMinutes, record],
  );
};

beforeAll(async () => {
  await migrate({ url: postgres.url, schema: 'log', folder: LOG_MIGRATIONS });
  db = await postgres.open('log', { folder: LOG_MIGRATIONS });
});

describe('housekeeping of the log', () => {
  it('drops what every group has read and nothing else', async () => {
    await db.query("INSERT INTO log.subscriptions VALUES ('a', 'Read'), ('b', 'Read')");
    await db.query(
      "INSERT INTO log.watermarks VALUES ('a', 'Read', 0, 'risk/0', 1, 3), ('b', 'Read', 0, 'risk/0', 1, 2)",
    );
    for (const first of [1, 2, 3]) await store('Read', first, 10);
    await store('Read', 4, 0);
    await sweep('consumed');
    expect(await left('Read')).toEqual([3, 4]);
  });

  it('keeps what a group that has read nothing yet will want', async () => {
    await db.query("INSERT INTO log.subscriptions VALUES ('late', 'Unread')");
    await store('Unread', 1, 10);
    await sweep('consumed');
    expect(await left('Unread')).toEqual([1]);
  });

  it('drops what nobody subscribes to', async () => {
    await store('Nobody', 1, 10);
    await sweep('consumed');
    expect(await left('Nobody')).toEqual([]);
  });

  it('keeps the young, whoever has read them', async () => {
    await store('Young', 1, 0);
    await sweep('consumed');
    expect(await left('Young')).toEqual([1]);
  });

  it('over a broker, drops what has been sent on', async () => {
    await db.query("INSERT INTO log.shards (deployment, partition, published_through) VALUES ('risk', 0, 1)");
    await db.query("INSERT INTO log.subscriptions VALUES ('c', 'Sent')");
    for (const first of [1, 2]) await store('Sent', first, 10);
    await sweep('published');
    expect(await left('Sent')).toEqual([2]);
  });
});
