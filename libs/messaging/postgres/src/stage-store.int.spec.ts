import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Fenced,
  RecordEvent,
  recordOf,
  type LogEvent,
  type StageChanges,
  type StageTransaction,
} from '@switchyard/log';
import { DatabaseUnavailable, isInfrastructureError, migrate, type Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { until } from '@switchyard/testing';
import { Coordinator, LOG_MIGRATIONS, PostgresStageStore, STAGE_MIGRATIONS, append } from './index.js';

const postgres = testDatabase();
let log: Database;
let risk: Database;

beforeAll(async () => {
  await migrate({ url: postgres.url, schema: 'log', folder: LOG_MIGRATIONS });
  log = await postgres.open('log', { folder: LOG_MIGRATIONS });
  risk = await postgres.open('risk', { folder: STAGE_MIGRATIONS });
});
beforeEach(async () => {
  await log.query('TRUNCATE log.shards, log.heads, log.batches, log.members, log.parked_keys, log.parked_events');
  // Stored in descending order, so that nothing is in the right order by accident.
  await log.query(
    "INSERT INTO log.shards (deployment, partition, epoch) SELECT 'risk', p, 1 FROM generate_series(3, 0, -1) p",
  );
});

const nothing: StageChanges = {
  documents: [],
  watermarks: [],
  positions: [],
  outgoing: [],
  effects: [],
  parked: [],
  unparked: [],
  releaseFailed: [],
  published: new Map(),
};
const record = (id: string) => recordOf({ topic: 'Out', type: 'Out', key: 'user-1', payload: {} }, { id }, '');
const event = (n: number): LogEvent =>
  new RecordEvent(record(String(n)), { topic: 'In', partition: 2, source: 'routing/2/1', sequence: n });
const epochs = new Map([[2, 1]]);
const waiting = async (): Promise<number> => {
  const { rows } = await log.query<{ count: string }>('SELECT count(*) FROM pg_locks WHERE NOT granted');
  return Number(rows[0]?.count);
};

describe("a stage's store in Postgres", () => {
  it("does not even begin to decide for a member whose partition is another's by now", async () => {
    await log.query('UPDATE log.shards SET epoch = 2 WHERE partition = 2');
    let decided = false;
    const transaction = new PostgresStageStore(risk, 'risk', undefined).transact(epochs, () => {
      decided = true;
      return Promise.resolve(nothing);
    });
    await expect(transaction).rejects.toThrow(Fenced);
    expect(decided).toBe(false);
  });

  it('lets nobody take a partition over in the middle of a transaction on it', async () => {
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let opened = false;
    const transaction = new PostgresStageStore(risk, 'risk', undefined).transact(epochs, async () => {
      opened = true;
      await finished;
      return { ...nothing, documents: [{ kind: 'user', key: 'user-1', partition: 2, text: '{}' }] };
    });
    await until(() => opened);
    let taken = false;
    const heir = new Coordinator(
      log,
      { group: 'risk', member: 'heir', partitions: 4, heartbeatMs: 60_000, memberTimeoutMs: 60_000 },
      {
        assigned: () => {
          taken = true;
          return Promise.resolve();
        },
        revoked: () => Promise.resolve(),
      },
      () => undefined,
    );
    const started = heir.start();
    await until(async () => taken || (await waiting()) > 0);
    expect(taken).toBe(false);
    finish();
    await transaction;
    await started;
    expect(taken).toBe(true);
    await heir.stop();
  });

  it('cuts off a process that hangs in the middle of its transaction, which then fails, and its heir goes on', async () => {
    const hanging = await postgres.open('risk', { folder: STAGE_MIGRATIONS, idleInTransactionTimeoutMs: 200 });
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let opened = false;
    const transaction = new PostgresStageStore(hanging, 'risk', undefined).transact(epochs, async () => {
      opened = true;
      await finished;
      return { ...nothing, documents: [{ kind: 'user', key: 'hanging', partition: 2, text: '{}' }] };
    });
    await until(() => opened);
    let epoch = 0;
    const heir = new Coordinator(
      log,
      { group: 'risk', member: 'heir', partitions: 4, heartbeatMs: 60_000, memberTimeoutMs: 60_000 },
      {
        assigned: (given) => {
          epoch = given.get(2) ?? 0;
          return Promise.resolve();
        },
        revoked: () => Promise.resolve(),
      },
      () => undefined,
    );
    await heir.start();
    expect(epoch).toBe(2);
    finish();
    const error: unknown = await transaction.catch((thrown: unknown) => thrown);
    expect(isInfrastructureError(error)).toBe(true);
    const { rows } = await risk.query("SELECT * FROM documents WHERE key = 'hanging'");
    expect(rows).toEqual([]);
    await new PostgresStageStore(risk, 'risk', undefined).transact(new Map([[2, epoch]]), () =>
      Promise.resolve(nothing),
    );
    await heir.stop();
  });

  it('while it waits for a shard, holds none that comes after it', async () => {
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let held = false;
    const outgoing = (shard: number, id: string) => ({ shard, topic: 'Out', partition: shard, record: record(id) });
    const first = log.transaction(async (tx) => {
      await append(tx, 'risk', [outgoing(0, 'a')]);
      held = true;
      await finished;
    });
    await until(() => held);
    const second = log.transaction(async (tx) => {
      // Whatever plan the server may pick: here the one that comes to the rows as they lie, 3 first.
      await tx.query('SET LOCAL enable_indexscan = off');
      await tx.query('SET LOCAL enable_bitmapscan = off');
      return append(tx, 'risk', [outgoing(3, 'b'), outgoing(0, 'c')]);
    });
    await until(async () => (await waiting()) > 0);
    const third = await log.transaction(async (tx) => {
      await tx.query("SET LOCAL lock_timeout = '2s'");
      return append(tx, 'risk', [outgoing(3, 'd')]);
    });
    expect(third).toMatchObject([{ source: 'risk/3/1', firstSequence: 1 }]);
    finish();
    await first;
    expect((await second).map(({ source, firstSequence }) => [source, firstSequence]).sort()).toEqual([
      ['risk/0/1', 2],
      ['risk/3/1', 2],
    ]);
  });

  it('stores nothing of a turn whose events can’t be appended', async () => {
    const store = new PostgresStageStore(risk, 'risk', undefined);
    const tooMany = Array.from({ length: 10_001 }, (_, n) => ({
      shard: 2,
      topic: 'Out',
      partition: 2,
      record: record(`out-${n}`),
    }));
    const documents = [{ kind: 'stance', key: 'user-1', partition: 2, text: '{}' }];
    const marks = [{ topic: 'In', partition: 2, origin: 'x/0', generation: 1, sequence: 7 }];
    await expect(
      store.transact(epochs, () => Promise.resolve({ ...nothing, outgoing: tooMany, documents, watermarks: marks })),
    ).rejects.toThrow(/appends more than 10000 events/);
    await store.transact(epochs, async ({ watermarks, load }) => {
      expect([...watermarks.keys()].filter((place) => place.includes('x/0'))).toEqual([]);
      expect([...(await load([{ kind: 'stance', key: 'user-1' }]))]).toEqual([]);
      return nothing;
    });
  });

  describe('and the documents of its partitions', () => {
    const name = { kind: 'user', key: 'ann' };
    const put = (store: PostgresStageStore, text: string, epoch: number) =>
      store.transact(new Map([[2, epoch]]), () =>
        Promise.resolve({ ...nothing, documents: [{ ...name, partition: 2, text }] }),
      );
    const read = async (store: PostgresStageStore, epoch: number): Promise<string | undefined> => {
      let text: string | undefined;
      const work = async ({ load }: StageTransaction): Promise<StageChanges> => {
        text = (await load([name])).get('user\nann');
        return nothing;
      };
      await store.transact(new Map([[2, epoch]]), work, [name]);
      return text;
    };
    const takeOver = (epoch: number) => log.query('UPDATE log.shards SET epoch = $1 WHERE partition = 2', [epoch]);
    beforeEach(async () => {
      await risk.query('TRUNCATE documents');
    });

    it('reads them once: nobody else writes them', async () => {
      const store = new PostgresStageStore(risk, 'risk', undefined);
      await put(store, '{"n":1}', 1);
      await risk.query('UPDATE documents SET doc = $1', ['{"n":9}']);
      expect(await read(store, 1)).toBe('{"n":1}');
      const other = new PostgresStageStore(risk, 'risk', undefined);
      expect(await read(other, 1)).toBe('{"n":9}');
      await risk.query('UPDATE documents SET doc = $1', ['{"n":10}']);
      expect(await read(other, 1)).toBe('{"n":9}');
    });

    it('reads them again after a failure, whether or not it was stored', async () => {
      const store = new PostgresStageStore(risk, 'risk', undefined);
      await put(store, '{"n":1}', 1);
      await risk.query('UPDATE documents SET doc = $1', ['{"n":2}']);
      await expect(store.transact(epochs, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
      expect(await read(store, 1)).toBe('{"n":2}');
    });

    it('reads them again where the database failed, even in the turn of another partition: it may be an older one now', async () => {
      const store = new PostgresStageStore(risk, 'risk', undefined);
      await put(store, '{"n":2}', 1);
      await risk.query('UPDATE documents SET doc = $1', ['{"n":1}']);
      const elsewhere = (error: Error) => store.transact(new Map([[3, 1]]), () => Promise.reject(error));
      await expect(elsewhere(new Error('its own'))).rejects.toThrow('its own');
      expect(await read(store, 1)).toBe('{"n":2}');
      await expect(elsewhere(new DatabaseUnavailable('gone'))).rejects.toThrow('gone');
      expect(await read(store, 1)).toBe('{"n":1}');
    });

    it('reads what another owner stored, when a partition is its own again', async () => {
      const store = new PostgresStageStore(risk, 'risk', undefined);
      await put(store, '{"n":1}', 1);
      await takeOver(2);
      await put(new PostgresStageStore(risk, 'risk', undefined), '{"n":2}', 2);
      await takeOver(3);
      expect(await read(store, 3)).toBe('{"n":2}');
    });

    it('looks for what was not there', async () => {
      const store = new PostgresStageStore(risk, 'risk', undefined);
      expect(await read(store, 1)).toBeUndefined();
      await risk.query("INSERT INTO documents (kind, key, partition, doc) VALUES ('user', 'ann', 2, '{}')");
      expect(await read(store, 1)).toBe('{}');
    });
  });

  it('keeps a key parked until its last event is released', async () => {
    const store = new PostgresStageStore(risk, 'risk', undefined);
    await store.transact(epochs, () =>
      Promise.resolve({
        ...nothing,
        parked: [
          { event: event(1), reason: 'ill', first: true },
          { event: event(2), reason: '', first: false },
        ],
      }),
    );
    await log.query('UPDATE log.parked_keys SET release = true');
    for (const left of [1, 0]) {
      const [released] = await store.releasable([2], 500);
      let parkedBefore: ReadonlySet<string> = new Set();
      await store.transact(epochs, ({ parkedKeys }) => {
        parkedBefore = parkedKeys;
        return Promise.resolve({ ...nothing, unparked: [{ id: released?.id ?? '', key: 'user-1', partition: 2 }] });
      });
      expect([...parkedBefore]).toEqual(['user-1']);
      expect(await store.releasable([2], 500)).toHaveLength(left);
    }
    const { rows } = await log.query('SELECT * FROM log.parked_keys');
    expect(rows).toEqual([]);
  });

  it('knows, when it had to wait for its shard, which keys are parked by then', async () => {
    const store = new PostgresStageStore(risk, 'risk', undefined);
    const parked = [{ event: event(1), reason: 'ill', first: true }];
    await store.transact(epochs, () => Promise.resolve({ ...nothing, parked }));
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let holds = false;
    const discarding = log.transaction(async (tx) => {
      await tx.query("SELECT FROM log.shards WHERE deployment = 'risk' AND partition = 2 FOR UPDATE");
      holds = true;
      await finished;
      await tx.query('DELETE FROM log.parked_events');
      await tx.query('DELETE FROM log.parked_keys');
    });
    await until(() => holds);
    let known: ReadonlySet<string> | undefined;
    const transaction = store.transact(epochs, ({ parkedKeys }) => {
      known = parkedKeys;
      return Promise.resolve(nothing);
    });
    await until(async () => (await waiting()) > 0);
    finish();
    await discarding;
    await transaction;
    expect([...(known ?? ['not asked'])]).toEqual([]);
  });

  it('gives what is not published in the order in which it was stored, shard by shard', async () => {
    const store = new PostgresStageStore(risk, 'risk', undefined);
    for (const id of ['a', 'b', 'c'])
      await log.transaction((tx) => append(tx, 'risk', [{ shard: 1, topic: 'Out', partition: 1, record: record(id) }]));
    const unpublished = async (through: number) =>
      (await store.unpublished(new Map([[1, through]]), 2_000)).map(({ batch, firstSequence }) => [
        batch,
        firstSequence,
      ]);
    expect(await unpublished(0)).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ]);
    expect(await unpublished(2)).toEqual([[3, 3]]);
  });
});
