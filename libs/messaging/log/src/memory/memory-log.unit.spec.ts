import { describe, expect, it } from '@jest/globals';
import { partitionOf } from '../partition.js';
import { StageRunner } from '../runner.js';
import { until } from '../testing/until.js';
import type { OutgoingEvent } from '../event.js';
import type { Chunk, JoinRequest } from '../wire.js';
import { MemoryLog } from './memory-log.js';
import type { MemoryMembership } from './memory-wire.js';

const item = (key: string, n: number, topic = 'Item'): OutgoingEvent => ({
  topic,
  type: 'Item',
  key,
  payload: { n },
  cause: { id: `${topic}-${key}-${String(n)}` },
});
const append = (log: MemoryLog, events: readonly OutgoingEvent[], deployment = 'source'): Promise<void> => {
  const stage = log.stage(deployment);
  return stage.transaction((tx) => stage.append(tx, events));
};
const join = (log: MemoryLog, name: string, more: Partial<JoinRequest> = {}): Promise<MemoryMembership> =>
  log.wire(name).join({
    group: 'sink',
    topics: [{ topic: 'Item', compacted: false, partitions: log.partitions }],
    assigned: () => Promise.resolve(),
    revoked: () => Promise.resolve(),
    broken: () => undefined,
    ...more,
  });
const countOf = (chunks: readonly Chunk[]): number => chunks.reduce((sum, { events }) => sum + events.length, 0);
const forwarding = (log: MemoryLog): StageRunner =>
  new StageRunner({
    stage: {
      group: 'sink',
      handlers: [
        {
          topic: 'Item',
          handle: (batch) => {
            batch.each((event, unit) => {
              unit.put('last', event.key, event.payload);
              unit.emit({ topic: 'Out', type: 'Out', key: event.key, payload: event.payload });
            });
          },
        },
      ],
    },
    store: log.stage('sink'),
    wire: log.wire(),
    partitions: log.partitions,
    isInfrastructure: () => true,
    retryMs: 1,
    now: () => new Date(0),
  });

describe('the log in memory', () => {
  it('gives the same calls the same events: ids, numbers, times, order', async () => {
    const run = async (): Promise<unknown> => {
      const log = new MemoryLog({ partitions: 8, now: () => new Date(0) });
      const runner = forwarding(log);
      await runner.start();
      for (let n = 1; n <= 5; n += 1)
        await append(
          log,
          ['ann', 'bob', 'cem'].map((key) => item(key, n)),
        );
      await until(() => log.events === 30);
      await runner.stop();
      const reader = await join(log, 'reader', {
        group: 'reader',
        topics: [{ topic: 'Out', compacted: false, partitions: 8 }],
      });
      const chunks = await reader.take(100);
      return chunks.map(({ topic, partition, events }) => [
        topic,
        partition,
        events.map(({ headers, id }) => [id, headers]),
      ]);
    };
    expect(await run()).toEqual(await run());
  });

  it('deals partition p to the p-modulo-nth member by name, whoever came first', async () => {
    const log = new MemoryLog({ partitions: 5 });
    const b = await join(log, 'b');
    expect([...b.owned.keys()]).toEqual([0, 1, 2, 3, 4]);
    const a = await join(log, 'a');
    expect([[...a.owned.keys()], [...b.owned.keys()].sort()]).toEqual([
      [0, 2, 4],
      [1, 3],
    ]);
    await b.leave();
    expect([...a.owned.keys()].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it('raises the epoch each time a partition changes hands, and never else', async () => {
    const log = new MemoryLog({ partitions: 2 });
    const epochs: [string, ReadonlyMap<number, number>][] = [];
    const noting = (name: string) =>
      join(log, name, {
        assigned: (given) => {
          epochs.push([name, given]);
          return Promise.resolve();
        },
      });
    await noting('a');
    const b = await noting('b');
    await b.leave();
    expect(epochs.map(([name, given]) => [name, [...given]])).toEqual([
      [
        'a',
        [
          [0, 1],
          [1, 1],
        ],
      ],
      ['b', [[1, 2]]],
      ['a', [[1, 3]]],
    ]);
  });

  it("does not even begin to decide for a member whose partition is another's by now", async () => {
    const log = new MemoryLog({ partitions: 2 });
    const stage = log.stage('sink');
    const epoch = stage.raiseEpoch(1);
    stage.raiseEpoch(1);
    let decided = false;
    const transaction = stage.transact(new Map([[1, epoch]]), () => {
      decided = true;
      return Promise.reject(new Error('decided'));
    });
    await expect(transaction).rejects.toThrow('partitions 1 belong to another member');
    expect(decided).toBe(false);
  });

  it('hands out no more than asked for, within a batch too, and holds nothing else', async () => {
    const log = new MemoryLog({ partitions: 1 });
    await append(
      log,
      Array.from({ length: 100 }, (_, n) => item('ann', n + 1)),
    );
    const member = await join(log, 'a');
    const taken: number[] = [];
    for (let round = 0; round < 15; round += 1) {
      const chunks = await member.take(7);
      expect(countOf(chunks)).toBeLessThanOrEqual(7);
      expect(member.held).toBe(countOf(chunks));
      for (const chunk of chunks) {
        taken.push(...chunk.events.map(({ sequence }) => sequence));
        member.settle(chunk);
      }
    }
    expect(taken).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
  });

  it('serves a place that is waiting before one that was just served', async () => {
    const log = new MemoryLog({ partitions: 4 });
    const keys = ['ann', 'bob', 'cem', 'dee', 'eve', 'fay'];
    await append(
      log,
      keys.flatMap((key) => Array.from({ length: 10 }, (_, n) => item(key, n + 1))),
    );
    const member = await join(log, 'a');
    const places = new Set(keys.map((key) => partitionOf(key, 4)));
    const served: number[] = [];
    for (let round = 0; round < places.size; round += 1)
      for (const chunk of await member.take(5)) {
        served.push(chunk.partition);
        member.settle(chunk);
      }
    expect(new Set(served)).toEqual(places);
  });

  it('counts what waits', async () => {
    const log = new MemoryLog({ partitions: 4 });
    const member = await join(log, 'a');
    await append(
      log,
      ['ann', 'bob', 'cem'].map((key) => item(key, 1)),
    );
    expect(await member.lag()).toEqual(new Map([['Item', 3]]));
    await member.take(100);
    expect(await member.lag()).toEqual(new Map([['Item', 0]]));
  });

  it('forgets the oldest that everybody has, keeps what somebody wants, and refuses more than it may hold', async () => {
    const log = new MemoryLog({ partitions: 1, keepEvents: 10, maxEvents: 20 });
    for (let n = 1; n <= 100; n += 1) await append(log, [item('ann', n)]);
    expect(log.events).toBe(10);
    const runner = forwarding(log);
    // A group that comes now begins with what is left: that the rest is gone is no gap.
    await runner.start();
    await until(() => log.stage('sink').documents('last').get('ann') !== undefined);
    await until(() => (log.stage('sink').documents('last').get('ann') as { n: number }).n === 100);
    await runner.stop();
    for (let n = 101; n <= 120; n += 1) await append(log, [item('ann', n)]);
    await expect(append(log, [item('ann', 999)])).rejects.toThrow('20 events that have not been read');
  });

  it('stores a transaction beside the stage whole or not at all, and shows it to nobody before', async () => {
    const log = new MemoryLog({ partitions: 4 });
    const stage = log.stage('execution');
    const told: string[] = [];
    await expect(
      stage.transaction(async (tx) => {
        tx.put('tasks', '1', { status: 'queued' });
        tx.afterCommit(() => told.push('never'));
        await stage.append(tx, [item('ann', 1)]);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    expect([log.events, stage.table('tasks').size, told]).toEqual([0, 0, []]);
    await stage.transaction(async (tx) => {
      tx.put('tasks', '1', { status: 'queued' });
      expect(tx.get('tasks', '1')).toEqual({ status: 'queued' });
      tx.put('tasks', '2', {});
      tx.delete('tasks', '2');
      tx.afterCommit(() => told.push('stored'));
      await stage.append(tx, [item('ann', 1)]);
      expect([log.events, stage.table('tasks').size, told]).toEqual([0, 0, []]);
    });
    expect([log.events, [...stage.table('tasks')], told]).toEqual([1, [['1', { status: 'queued' }]], ['stored']]);
  });

  it('refuses to append without a cause: the id could not be derived', async () => {
    const uncaused = { topic: 'Item', type: 'Item', key: 'ann', payload: {} };
    await expect(append(new MemoryLog(), [uncaused])).rejects.toThrow('without a cause');
  });

  it('tells a reader of a compacted topic all that stands there, then each newer version', async () => {
    const log = new MemoryLog();
    const put = (version: number) =>
      log.stage('market-data').put([{ topic: 'MarketSnapshot', key: 'kraken/BTC-USD', version, payload: { version } }]);
    await put(2);
    const heard: unknown[] = [];
    await log.stage('risk').tail('MarketSnapshot', ({ payload }) => heard.push(payload));
    expect(heard).toEqual([{ version: 2 }]);
    await put(1);
    await put(3);
    expect(heard).toEqual([{ version: 2 }, { version: 3 }]);
  });

  it('says which groups have not read what a service appended', async () => {
    const log = new MemoryLog({ partitions: 4 });
    await join(log, 'idle', { group: 'idle' });
    await append(log, [item('ann', 1)]);
    expect(await log.stage('source').readByAll('Item', 'ann', 1)).toEqual(['idle']);
    const runner = forwarding(log);
    await runner.start();
    expect(await log.stage('source').readByAll('Item', 'ann', 50)).toEqual(['idle']);
    expect(await log.stage('source').readByAll('Other', 'ann', 1)).toEqual([]);
    await runner.stop();
  });

  it('refuses a topic of another partition count', async () => {
    const log = new MemoryLog({ partitions: 4 });
    await expect(join(log, 'a', { topics: [{ topic: 'Item', compacted: false, partitions: 8 }] })).rejects.toThrow(
      'the log has 4',
    );
  });
});
