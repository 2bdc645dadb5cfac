import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RecordEvent, recordOf, type LogEvent, type StageChanges } from '@switchyard/log';
import { migrate, type Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { until } from '@switchyard/testing';
import {
  LOG_MIGRATIONS,
  PostgresStageStore,
  STAGE_MIGRATIONS,
  countParked,
  discardParked,
  findParked,
  listParked,
  releaseParked,
  type ParkedKey,
} from './index.js';

const postgres = testDatabase();
let operator: Database;
let risk: Database;
const epochs = new Map([[2, 1]]);

beforeAll(async () => {
  await migrate({ url: postgres.url, schema: 'log', folder: LOG_MIGRATIONS });
  operator = await postgres.open('gateway', { folder: STAGE_MIGRATIONS });
  risk = await postgres.open('risk', { folder: STAGE_MIGRATIONS });
});
beforeEach(async () => {
  for (const table of ['shards', 'parked_keys', 'parked_events']) await operator.query(`DELETE FROM log.${table}`);
  await operator.query("INSERT INTO log.shards (deployment, partition, epoch) VALUES ('risk', 2, 1)");
});

const event = (key: string, n: number): LogEvent =>
  new RecordEvent(recordOf({ topic: 'In', type: 'In', key, payload: { n } }, { id: `${key}-${n}` }, ''), {
    topic: 'In',
    partition: 2,
    source: 'routing/2/1',
    sequence: n,
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
const store = () => new PostgresStageStore(risk, 'risk', undefined);
/** The first can't be handled, the others wait behind it. */
const park = async (key: string, ...numbers: readonly number[]): Promise<void> => {
  const parked = numbers.map((n, i) => ({ event: event(key, n), reason: i === 0 ? `bad ${n}` : '', first: i === 0 }));
  await store().transact(epochs, () => Promise.resolve({ ...nothing, parked }));
};
const only = async (): Promise<ParkedKey> => (await listParked(operator, { limit: 10 }))[0]!;
const waiting = async (): Promise<readonly number[]> =>
  (await operator.query<{ sequence: string }>('SELECT sequence FROM log.parked_events ORDER BY id')).rows.map((row) =>
    Number(row.sequence),
  );

describe('what is parked', () => {
  it('is listed with why, how much waits, and where its first event stands', async () => {
    await park('ann', 1, 2, 3);
    expect((await only()).id).toMatch(/^parked-[0-9a-f]{32}$/);
    expect(await only()).toMatchObject({
      group: 'risk',
      partition: 2,
      key: 'ann',
      reason: 'bad 1',
      events: 3,
      attempts: 0,
      releasing: false,
      first: { topic: 'In', source: 'routing/2/1', sequence: 1 },
    });
    expect(await countParked(operator, ['risk', 'routing'])).toEqual(new Map([['risk', { keys: 1, events: 3 }]]));
  });

  it('is paged without losing or repeating a key, also of keys that were parked together', async () => {
    for (const key of ['ann', 'bob', 'cleo', 'dora', 'erik']) await park(key, 1);
    await operator.query("UPDATE log.parked_keys SET parked_at = '2026-11-21T10:00:00.123456Z' WHERE key <> 'ann'");
    const whole = await listParked(operator, { limit: 10 });
    const paged: ParkedKey[] = [];
    for (let page = await listParked(operator, { limit: 2 }); page.length > 0;) {
      paged.push(...page);
      const { since: at, id } = page.at(-1)!;
      page = await listParked(operator, { limit: 2, after: { at, id } });
    }
    expect(paged).toEqual(whole);
    expect(whole).toHaveLength(5);
    expect((await listParked(operator, { limit: 10, key: 'bob' })).map(({ key }) => key)).toEqual(['bob']);
  });

  it('is released in its order, once the operator says so', async () => {
    await park('ann', 1, 2);
    expect(await store().releasable([2], 10)).toEqual([]);
    expect(await operator.transaction(async (tx) => releaseParked(tx, await only()))).toBe(true);
    expect((await store().releasable([2], 10)).map(({ event: { sequence } }) => sequence)).toEqual([1, 2]);
    expect((await only()).releasing).toBe(true);
  });

  it('has another name when it is parked again: an operator acts on what they saw', async () => {
    await park('ann', 1);
    const before = await only();
    await operator.query('DELETE FROM log.parked_events');
    await operator.query('DELETE FROM log.parked_keys');
    await park('ann', 7);
    expect(await findParked(operator, before.id)).toBeUndefined();
    expect((await only()).id).not.toBe(before.id);
  });
});

describe('an event that is discarded', () => {
  const discard = (key: ParkedKey, which: 'first' | 'all' = 'first') =>
    operator.transaction((tx) => discardParked(tx, key, which));

  it('is the one that cannot be handled; those behind it are released', async () => {
    await park('ann', 1, 2, 3);
    expect(await discard(await only())).toEqual({
      count: 1,
      left: 2,
      refs: [{ topic: 'In', eventId: event('ann', 1).id, source: 'routing/2/1', sequence: 1 }],
    });
    expect(await waiting()).toEqual([2, 3]);
    expect((await only()).releasing).toBe(true);
  });

  it('takes all others with it where that is asked, and the key is free', async () => {
    await park('ann', 1, 2, 3);
    await park('bob', 4);
    expect(await discard((await listParked(operator, { key: 'ann', limit: 1 }))[0]!, 'all')).toMatchObject({
      count: 3,
    });
    expect(await waiting()).toEqual([4]);
    expect((await only()).key).toBe('bob');
  });

  it('is left alone while its release is under way: it may be handled at this moment', async () => {
    await park('ann', 1, 2);
    const seen = await only();
    await operator.transaction((tx) => releaseParked(tx, seen));
    expect(await discard(seen)).toBeUndefined();
    expect(await waiting()).toEqual([1, 2]);
  });

  it('is not dropped behind the back of a transaction of its stage', async () => {
    await park('ann', 1, 2);
    const seen = await only();
    let finish = (): void => undefined;
    const finished = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let opened = false;
    const stage = store().transact(epochs, async () => {
      opened = true;
      await finished;
      return { ...nothing, parked: [{ event: event('ann', 3), reason: '', first: false }] };
    });
    await until(() => opened);
    let done = false;
    const discarding = discard(seen, 'all').finally(() => {
      done = true;
    });
    await until(async () => {
      const { rows } = await operator.query<{ n: number }>('SELECT count(*)::int AS n FROM pg_locks WHERE NOT granted');
      return done || rows[0]!.n > 0;
    });
    expect(done).toBe(false);
    finish();
    await stage;
    expect(await discarding).toMatchObject({ count: 3, left: 0 });
    expect(await waiting()).toEqual([]);
  });
});
