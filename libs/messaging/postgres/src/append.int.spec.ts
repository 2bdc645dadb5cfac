import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeRecords, recordOf, type OutgoingRecord } from '@switchyard/log';
import { migrate, type Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import fc from 'fast-check';
import { LOG_MIGRATIONS, append } from './index.js';

const SHARDS = 6;
const TOPICS = ['OrderPlaced', 'OrderFilled'];
const postgres = testDatabase();
let db: Database;

beforeAll(async () => {
  await migrate({ url: postgres.url, schema: 'log', folder: LOG_MIGRATIONS });
  db = await postgres.open('log', { folder: LOG_MIGRATIONS, poolSize: 8 });
});
beforeEach(async () => {
  await db.query('TRUNCATE log.shards, log.heads, log.batches');
  await db.query("INSERT INTO log.shards (deployment, partition) SELECT 'risk', generate_series(0, $1 - 1)", [SHARDS]);
});

interface BatchRow {
  readonly topic: string;
  readonly partition: number;
  readonly source: string;
  readonly batch: string;
  readonly first_sequence: string;
  readonly last_sequence: string;
  readonly records: Buffer;
}

const outgoing = (shard: number, topic: string, partition: number, id: string): OutgoingRecord => ({
  shard,
  topic,
  partition,
  record: recordOf({ topic, type: topic, key: `user-${id}`, payload: { id } }, { id }, ''),
});

const stored = async (): Promise<readonly BatchRow[]> =>
  (await db.query<BatchRow>('SELECT * FROM log.batches ORDER BY topic, partition, source, first_sequence')).rows;

describe('appending to the log', () => {
  it('gives dense numbers though eight append at once, some give up, and nobody waits for ever', async () => {
    const place = fc.tuple(fc.nat(SHARDS - 1), fc.constantFrom(...TOPICS), fc.nat(SHARDS - 1));
    const transaction = fc.record({ places: fc.array(place, { minLength: 1, maxLength: 12 }), givesUp: fc.nat(4) });
    let id = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(transaction, { minLength: 6, maxLength: 6 }), { minLength: 8, maxLength: 8 }),
        async (appenders) => {
          await db.query('TRUNCATE log.heads, log.batches');
          await db.query('UPDATE log.shards SET last_batch = 0');
          const kept = new Set<string>();
          await Promise.all(
            appenders.map(async (transactions) => {
              for (const { places, givesUp } of transactions) {
                const records = places.map((at) => outgoing(...at, String((id += 1))));
                await db
                  .transaction(async (tx) => {
                    await append(tx, 'risk', records);
                    if (givesUp === 0) throw new GivenUp();
                    for (const { record } of records) kept.add(record.key);
                  })
                  .catch((error: unknown) => {
                    if (!(error instanceof GivenUp)) throw error;
                  });
              }
            }),
          );
          const rows = await stored();
          const last = new Map<string, number>();
          for (const { topic, partition, source, first_sequence, last_sequence, records } of rows) {
            const line = `${topic}/${String(partition)}/${source}`;
            expect([line, Number(first_sequence)]).toEqual([line, (last.get(line) ?? 0) + 1]);
            expect(decodeRecords(records)).toHaveLength(Number(last_sequence) - Number(first_sequence) + 1);
            last.set(line, Number(last_sequence));
          }
          const keys = rows.flatMap(({ records }) => decodeRecords(records).map(({ key }) => key));
          expect(keys.sort()).toEqual([...kept].sort());
          const batches = new Map<string, Set<number>>();
          for (const { source, batch } of rows)
            batches.set(source, (batches.get(source) ?? new Set()).add(Number(batch)));
          for (const numbers of batches.values()) expect(Math.max(...numbers)).toBe(numbers.size);
        },
      ),
      { numRuns: 8 },
    );
  }, 30_000);

  it('lets a second appender wait for the first, and number after it', async () => {
    const order: string[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let appended = (): void => undefined;
    const first = new Promise<void>((resolve) => {
      appended = resolve;
    });
    const one = db.transaction(async (tx) => {
      await append(tx, 'risk', [outgoing(1, 'OrderPlaced', 1, 'one')]);
      appended();
      await held;
      order.push('one');
    });
    await first;
    const two = db.transaction(async (tx) => {
      const [batch] = await append(tx, 'risk', [outgoing(1, 'OrderPlaced', 1, 'two')]);
      order.push('two');
      return batch;
    });
    release();
    await one;
    expect(await two).toMatchObject({ source: 'risk/1/1', batch: 2, firstSequence: 2 });
    expect(order).toEqual(['one', 'two']);
  });

  it('says the numbers it gave, a line of its own for each shard, topic and partition', async () => {
    const given = await db.transaction((tx) =>
      append(tx, 'risk', [
        outgoing(0, 'OrderPlaced', 0, 'a'),
        outgoing(0, 'OrderFilled', 0, 'b'),
        outgoing(0, 'OrderPlaced', 0, 'c'),
        outgoing(3, 'OrderPlaced', 0, 'd'),
      ]),
    );
    expect(
      given.map(({ source, topic, partition, batch, firstSequence, records }) =>
        [source, topic, partition, batch, firstSequence, records.length].join(' '),
      ),
    ).toEqual(
      expect.arrayContaining([
        'risk/0/1 OrderPlaced 0 1 1 2',
        'risk/0/1 OrderFilled 0 1 1 1',
        'risk/3/1 OrderPlaced 0 1 1 1',
      ]),
    );
    expect(given).toHaveLength(3);
  });

  it('refuses to append for a shard that is not there', async () => {
    await expect(db.transaction((tx) => append(tx, 'risk', [outgoing(SHARDS, 'OrderPlaced', 0, 'x')]))).rejects.toThrow(
      'has not started yet',
    );
    expect(await stored()).toEqual([]);
  });
});

class GivenUp extends Error {}
