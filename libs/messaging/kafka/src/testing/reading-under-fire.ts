import { expect, it, jest } from '@jest/globals';
import { connect, type Socket } from 'node:net';
import { partitionOf } from '@switchyard/log';
import { until } from '@switchyard/testing';
import type { Producer } from 'kafkajs';
import { kafkaClient } from '../client.js';
import type { ClusterUnderTest } from './cluster-under-test.js';
import { KafkaMembership } from '../membership.js';
import { item, listKeeper, type MemberUnderTest, type StagesUnderTest } from './stages-under-test.js';
import { PositionLost, TopicNotThereYet, startingOffsets } from '../starting-offsets.js';

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);

/** Connections that can be held: nothing leaves and nothing arrives, while both ends take each other for alive. */
class HeldConnections {
  private readonly sockets: Socket[] = [];
  private held = false;

  readonly open = ({ host, port, onConnect }: { host: string; port: number; onConnect: () => void }): Socket => {
    const socket = connect({ host, port }, onConnect);
    this.sockets.push(socket);
    if (this.held) this.stop(socket);
    return socket;
  };

  get allClosed(): boolean {
    return this.sockets.every(({ destroyed }) => destroyed);
  }

  hold(): void {
    this.held = true;
    for (const socket of this.sockets) this.stop(socket);
  }

  letGo(): void {
    this.held = false;
    for (const socket of this.sockets) {
      socket.uncork();
      socket.resume();
    }
  }

  private stop(socket: Socket): void {
    socket.cork();
    socket.pause();
  }
}

/** What stages keep while the brokers, or their way to them, fail. */
export const readingUnderFire = (cluster: ClusterUnderTest, stages: StagesUnderTest, partitions: number): void => {
  const onThree = Array.from({ length: partitions }, (_, p) => (p % 3) + 1);
  /** Keys of each partition, two. */
  const keys = ((): readonly string[] => {
    const count = Array.from({ length: partitions }, () => 0);
    const found: string[] = [];
    for (let n = 0; found.length < 2 * partitions; n += 1) {
      const partition = partitionOf(`user-${String(n)}`, partitions);
      if ((count[partition] ?? 2) >= 2) continue;
      count[partition] = (count[partition] ?? 0) + 1;
      found.push(`user-${String(n)}`);
    }
    return found;
  })();
  const oneEach = (topic: string, n: number) => keys.map((key) => item(topic, key, n));
  const complete = async (group: string, count: number): Promise<boolean> => {
    const lists = await stages.lists(group);
    return keys.every((key) => (lists.get(key)?.length ?? 0) >= count);
  };
  const expectEachOnce = async (group: string, count: number): Promise<void> => {
    expect(await stages.lists(group)).toEqual(new Map(keys.map((key) => [key, upTo(count)])));
  };
  const withStranger = async (work: (stranger: Producer) => Promise<void>): Promise<void> => {
    const stranger = kafkaClient({ brokers: cluster.brokers, clientId: 'stranger' }).producer();
    await stranger.connect();
    await work(stranger).finally(() => stranger.disconnect());
  };
  /** Keeps a member from fetching a topic while something happens to it. */
  const unread = async ({ membership }: MemberUnderTest, topic: string, happens: () => Promise<void>) => {
    const consumer = membership?.['consumer'];
    consumer?.pause([{ topic }]);
    await happens();
    consumer?.resume([{ topic }]);
  };

  /** Has a member take nothing before it has so many records, and then all of them at once. */
  const takeOnlyAll = ({ membership }: MemberUnderTest, count: number): void => {
    if (membership === undefined) throw new Error('it reads nothing');
    const take = membership.take.bind(membership);
    let complete = false;
    membership.take = async (max) => {
      complete ||= membership.held >= count;
      if (complete) return take(max);
      await new Promise((resume) => setTimeout(resume, 10));
      return [];
    };
  };

  it('finds where to begin in topics that are made at that moment, and calls a missing one by its name', async () => {
    const kafka = kafkaClient({ brokers: cluster.brokers, clientId: 'early' });
    const topics = upTo(6).map((n) => `Early${String(n)}`);
    const places = topics.map((topic) => ({ topic, partitions: [0, 1, 2] }));
    let found = 0;
    const failures: unknown[] = [];
    const asking = until(async () => {
      try {
        found = (await startingOffsets(kafka, places, [], () => undefined)).length;
      } catch (error) {
        failures.push(error);
      }
      return found > 0;
    });
    for (const topic of topics) await cluster.createTopic(topic, [1, 2, 3]);
    await asking;
    expect(found).toBe(18);
    expect(failures.filter((error) => !(error instanceof TopicNotThereYet))).toEqual([]);
  });

  it('reads on when leaders move: every event once, in order, and no record taken for lost', async () => {
    await cluster.createTopic('Moving', onThree);
    const source = await stages.member({ group: 'moving-source', handlers: [] });
    const member = await stages.member({ group: 'moving', handlers: [listKeeper('Moving')] });
    let count = 0;
    const more = async (): Promise<void> => {
      for (const n of upTo(10)) await stages.append('moving-source', oneEach('Moving', count + n));
      count += 10;
    };
    await more();
    for (const partition of [0, 1]) {
      const moved = cluster.moveLeader('Moving', partition, 3);
      await more();
      await moved;
      await more();
    }
    await until(() => complete('moving', count));
    await expectEachOnce('moving', count);
    expect([...member.errors, ...source.errors].filter((error) => error instanceof PositionLost)).toEqual([]);
  });

  it('reads what kafkajs passed over when it lost its place', async () => {
    await cluster.createTopic('Passed', onThree);
    await stages.member({ group: 'passed-source', handlers: [] });
    const member = await stages.member({ group: 'passed', handlers: [listKeeper('Passed')] });
    await stages.append('passed-source', oneEach('Passed', 1));
    await until(() => complete('passed', 1));
    await unread(member, 'Passed', async () => {
      for (const n of [2, 3, 4]) await stages.append('passed-source', oneEach('Passed', n));
      await until(async () =>
        (await cluster.admin.fetchTopicOffsets('Passed')).every(({ high }) => Number(high) === 8),
      );
      for (const partition of upTo(partitions))
        member.membership?.['consumer'].seek({ topic: 'Passed', partition: partition - 1, offset: '6' });
    });
    await until(() => complete('passed', 4));
    await expectEachOnce('passed', 4);
    expect(member.errors).toEqual([]);
  });

  it('says how many records were deleted before they were read, and goes on at the first that there is', async () => {
    await cluster.createTopic('Deleted', onThree);
    const door = { ...listKeeper('Deleted'), numbering: 'door' as const };
    const member = await stages.member({ group: 'deleted', handlers: [door] });
    const [key = ''] = keys;
    const partition = partitionOf(key, partitions);
    await withStranger(async (stranger) => {
      const send = (numbers: readonly number[]) =>
        stranger.send({ topic: 'Deleted', messages: numbers.map((n) => ({ key, value: JSON.stringify({ n }) })) });
      const list = async () => (await stages.lists('deleted')).get(key) ?? [];
      await send([1, 2]);
      await until(async () => (await list()).length === 2);
      await unread(member, 'Deleted', async () => {
        await send([3, 4, 5, 6, 7]);
        await cluster.admin.deleteTopicRecords({ topic: 'Deleted', partitions: [{ partition, offset: '5' }] });
      });
      await until(async () => (await list()).length === 4);
      expect(await list()).toEqual([1, 2, 6, 7]);
    });
    expect(member.errors.map(String)).toEqual([
      `PositionLost: 3 records of Deleted/${String(partition)} were deleted by Kafka before they were read; reading goes on at 5.`,
    ]);
  });

  it('parks what makes its handler throw a TypeError, and what is no JSON; everybody else goes on', async () => {
    await cluster.createTopic('Broken', onThree);
    const [ill = '', unreadable = '', ...others] = keys;
    const door = {
      ...listKeeper('Broken', ({ key, payload }) => {
        if (key === ill) (payload as unknown as { readonly nothing: { readonly there: string } }).nothing.there.trim();
      }),
      numbering: 'door' as const,
    };
    const member = await stages.member({ group: 'broken', handlers: [door] });
    await withStranger(async (stranger) => {
      for (const n of [1, 2]) {
        const messages = keys.map((key) => ({ key, value: key === unreadable ? '{"n":' : JSON.stringify({ n }) }));
        await stranger.send({ topic: 'Broken', messages });
        await until(async () => {
          const lists = await stages.lists('broken');
          return others.every((key) => lists.get(key)?.length === n);
        });
      }
    });
    expect(member.parked.map((reason) => reason.split(':')[0]).sort()).toEqual(['SyntaxError', 'TypeError']);
    expect([member.runner.problem, member.runner.broken]).toEqual([undefined, false]);
  });

  it('deals partitions anew while a chunk of theirs is out: its former owner is fenced, nothing is doubled', async () => {
    await cluster.createTopic('Dealt', onThree);
    await stages.member({ group: 'dealt-source', handlers: [] });
    let [taken, letGo] = [false, (): void => undefined];
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    const first = await stages.member({
      group: 'dealt',
      name: 'first',
      handlers: [listKeeper('Dealt')],
      beforeTransaction: () => {
        taken = true;
        return held;
      },
    });
    await until(() => first.runner.owned.length === partitions);
    takeOnlyAll(first, keys.length);
    await stages.append('dealt-source', oneEach('Dealt', 1));
    await until(() => taken);
    const second = await stages.member({ group: 'dealt', name: 'second', handlers: [listKeeper('Dealt')] });
    await until(async () => second.runner.owned.length > 0 && (await stages.lists('dealt')).size >= keys.length / 2);
    letGo();
    await until(() => complete('dealt', 1));
    await stages.append('dealt-source', oneEach('Dealt', 2));
    await until(() => complete('dealt', 2));
    await expectEachOnce('dealt', 2);
    expect(first.fenced.length).toBeGreaterThan(0);
  });

  it('takes over from a member that hangs past its session; what that one stores or sends afterwards has no effect', async () => {
    for (const topic of ['Hung', 'HungOut']) await cluster.createTopic(topic, onThree);
    const connections = new HeldConnections();
    const relay = {
      topic: 'Hung',
      handle: (batch) => {
        batch.each((event: { readonly key: string; readonly payload: { readonly n: number } }, unit) => {
          unit.emit(item('HungOut', event.key, event.payload.n));
        });
      },
    } satisfies Parameters<StagesUnderTest['member']>[0]['handlers'][number];
    const reading = { sessionMs: 1_200 };
    let hangs = false;
    await stages.member({ group: 'hung-source', handlers: [] });
    const hung = await stages.member({
      group: 'hung',
      name: 'hung',
      handlers: [relay],
      reading,
      socketFactory: connections.open,
      // From here on nobody hears of it: it decides and stores, and its send reaches nobody.
      beforeTransaction: () => {
        if (hangs) connections.hold();
        return Promise.resolve();
      },
    });
    const dropped: string[] = [];
    await stages.member({
      group: 'hung-sink',
      handlers: [listKeeper('HungOut')],
      observer: { dropped: (_, why) => dropped.push(why) },
    });
    await stages.append('hung-source', oneEach('Hung', 1));
    await until(() => complete('hung-sink', 1));
    hangs = true;
    await stages.append('hung-source', oneEach('Hung', 2));
    const heir = await stages.member({ group: 'hung', name: 'heir', handlers: [relay], reading });
    await until(() => complete('hung-sink', 2));
    await stages.append('hung-source', oneEach('Hung', 3));
    await until(() => complete('hung-sink', 3));
    hangs = false;
    connections.letGo();
    await until(
      () => hung.runner.owned.length > 0 && heir.runner.owned.length + hung.runner.owned.length === partitions,
    );
    await stages.append('hung-source', oneEach('Hung', 4));
    await until(() => complete('hung-sink', 4));
    await expectEachOnce('hung-sink', 4);
    expect(dropped).toContain('duplicate');
    expect(hung.runner.broken).toBe(false);
  });

  it('sets no timer without a reason, none in the past, and leaves no connection behind', async () => {
    await cluster.createTopic('Idle', onThree);
    const connections = new HeldConnections();
    await stages.member({ group: 'idle-source', handlers: [] });
    const member = await stages.member({
      group: 'idle',
      handlers: [listKeeper('Idle')],
      reading: { maxWaitMs: 1_000, heartbeatMs: 1_000 },
      socketFactory: connections.open,
    });
    expect(member.membership).toBeInstanceOf(KafkaMembership);
    await stages.append('idle-source', oneEach('Idle', 1));
    await until(() => complete('idle', 1));
    const timers = jest.spyOn(globalThis, 'setTimeout');
    const since = performance.now();
    await until(() => performance.now() - since > 1_000);
    const delays = timers.mock.calls.map(([, delay]) => delay ?? 0);
    timers.mockRestore();
    expect(delays.filter((delay) => delay < 0)).toEqual([]);
    expect(delays.length).toBeLessThan(250);
    await member.stop();
    await until(() => connections.allClosed);
  });
};
