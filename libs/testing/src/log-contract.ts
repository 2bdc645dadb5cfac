import { describe, expect, it, jest } from '@jest/globals';
import { partitionOf, type LogEvent, type OutgoingEvent, type StageObserver, type TopicHandler } from '@switchyard/log';
import { until } from './until.js';

/** One member of a group under test. */
export interface TestMember {
  readonly owned: readonly number[];
  readonly problem: string | undefined;
  /** Events in its process's memory, waiting or in its handlers' hands. */
  readonly held: number;
  /** Ends as a process should. */
  stop(): Promise<void>;
  /**
   * From now on its partitions go to others while it still works: a process that hangs, or whose heartbeats are lost.
   * @returns what makes it heard of again
   */
  isolate(): Promise<() => Promise<void>>;
}

export interface MemberOptions {
  readonly group: string;
  readonly name?: string;
  readonly handlers: readonly TopicHandler[];
  readonly observer?: Partial<StageObserver>;
  /** Waited for between taking a chunk from the wire and opening its transaction. */
  readonly beforeTransaction?: () => Promise<void>;
}

/** A transport with its store, as the suite drives it. Each test gets groups and topics of its own names. */
export interface LogFixture {
  readonly partitions: number;
  /** Whether taking a partition over waits for its owner's open transaction (locks do), or makes it fail. */
  readonly takeover: 'waits' | 'fails';
  member(options: MemberOptions): Promise<TestMember>;
  /** Makes the topics, where the transport needs that. */
  createTopics(topics: readonly string[]): Promise<void>;
  /** Appends as `deployment` in one transaction; a member of the group `deployment` publishes, where the transport needs that. */
  append(deployment: string, events: readonly OutgoingEvent[]): Promise<void>;
  /** A stage's documents by key. */
  documents(group: string, kind: string): Promise<ReadonlyMap<string, unknown>>;
  /** Puts what a source has stored once more on the wire, from a number on: members that have it already really get it again. */
  republish(source: {
    readonly deployment: string;
    readonly topic: string;
    readonly partition: number;
    readonly from: number;
  }): Promise<void>;
  /** Takes one stored and delivered event out of the log as if it had been lost, or hides it until `republish`. */
  lose(source: {
    readonly deployment: string;
    readonly topic: string;
    readonly partition: number;
    readonly sequence: number;
  }): Promise<void>;
  /** A group that does not run will go on after this number of a source: back in time, or before it ever ran. */
  startFrom(
    group: string,
    mark: {
      readonly deployment: string;
      readonly topic: string;
      readonly partition: number;
      readonly sequence: number;
    },
  ): Promise<void>;
  /** What the deployment appends from now on is of this generation; its first is 1. */
  setGeneration(deployment: string, generation: number): Promise<void>;
  parked(
    group: string,
  ): Promise<readonly { readonly key: string; readonly topic: string; readonly reason: string | null }[]>;
  release(group: string, key: string): Promise<void>;
  /** The database refuses everything until it is called back. */
  cutDatabase(): Promise<() => Promise<void>>;
}

let serial = 0;
const fresh = (name: string): string => `${name}${(serial += 1).toString(36)}x${process.pid.toString(36)}`;

interface Item {
  readonly n: number;
}

const item = (topic: string, key: string, n: number): OutgoingEvent => ({
  topic,
  type: 'Item',
  key,
  payload: { n },
  cause: {
    id: `${topic}-${key}-${String(n)}`,
    correlationId: 'c-1',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  },
});

/** Keeps, per key, the list of numbers seen: what a stage "did". */
const recorder = (topic: string, extra: (event: LogEvent<Item>) => void = () => undefined): TopicHandler => ({
  topic,
  reads: (event: LogEvent<never>) => [{ kind: 'seen', key: event.key }],
  handle: (batch) => {
    batch.each((event: LogEvent<Item>, unit) => {
      extra(event);
      unit.put('seen', event.key, [...(unit.get<number[]>('seen', event.key) ?? []), event.payload.n]);
    });
  },
});

/** Counts events by key; one out of its order fails, and so is parked and not counted. */
const counter = (topic: string): TopicHandler => ({
  topic,
  reads: (event: LogEvent<never>) => [{ kind: 'count', key: event.key }],
  handle: (batch) => {
    batch.each((event: LogEvent<Item>, unit) => {
      const count = unit.get<number>('count', event.key) ?? 0;
      if (event.payload.n !== count + 1) throw new Error(`${event.key}: ${event.payload.n} after ${count}`);
      unit.put('count', event.key, event.payload.n);
    });
  },
});

/** Something to wait for. */
const gate = (): { readonly opened: Promise<void>; readonly open: () => void } => {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
};

const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n + 1);

/** The rules that every transport of the event log keeps. Run it in a spec: `logContract('postgres', () => fixture)`. */
export function logContract(name: string, fixture: () => LogFixture): void {
  // Beyond the deadline of `until`, which says what it waited for.
  jest.setTimeout(30_000);
  describe(`the event log over ${name}`, () => {
    const setup = async (...names: readonly string[]) => {
      const source = fresh('source');
      const group = fresh('group');
      const topic = fresh('Topic');
      await fixture().createTopics([topic, ...names]);
      const publisher = await fixture().member({ group: source, handlers: [] });
      return { source, group, topic, publisher };
    };
    const partitionFor = (key: string): number => partitionOf(key, fixture().partitions);
    const seen = async (group: string): Promise<Record<string, number[]>> =>
      Object.fromEntries(await fixture().documents(group, 'seen')) as Record<string, number[]>;

    it('hands over every event once, in order per key', async () => {
      const { source, group, topic, publisher } = await setup();
      const member = await fixture().member({ group, handlers: [recorder(topic)] });
      const keys = upTo(20).map((n) => `user-${String(n)}`);
      for (const n of upTo(10))
        await fixture().append(
          source,
          keys.map((key) => item(topic, key, n)),
        );
      await until(async () => Object.values(await seen(group)).flat().length >= 200);
      expect(await seen(group)).toEqual(Object.fromEntries(keys.map((key) => [key, upTo(10)])));
      await member.stop();
      await publisher.stop();
    });

    it('goes on where the group stopped', async () => {
      const { source, group, topic, publisher } = await setup();
      const first = await fixture().member({ group, handlers: [recorder(topic)] });
      await fixture().append(
        source,
        upTo(5).map((n) => item(topic, 'user-1', n)),
      );
      await until(async () => (await seen(group))['user-1']?.length === 5);
      await first.stop();
      await fixture().append(
        source,
        [6, 7].map((n) => item(topic, 'user-1', n)),
      );
      const second = await fixture().member({ group, handlers: [recorder(topic)] });
      await until(async () => (await seen(group))['user-1']?.length === 7);
      expect(await seen(group)).toEqual({ 'user-1': upTo(7) });
      await second.stop();
      await publisher.stop();
    });

    it('gives groups the same events, independent of each other', async () => {
      const { source, group, topic, publisher } = await setup();
      const other = fresh('group');
      const a = await fixture().member({ group, handlers: [recorder(topic)] });
      const b = await fixture().member({ group: other, handlers: [recorder(topic)] });
      await fixture().append(
        source,
        upTo(3).map((n) => item(topic, 'user-1', n)),
      );
      await until(
        async () => (await seen(group))['user-1']?.length === 3 && (await seen(other))['user-1']?.length === 3,
      );
      await a.stop();
      await b.stop();
      await publisher.stop();
    });

    it('brings headers through untouched', async () => {
      const { source, group, topic, publisher } = await setup();
      const events: LogEvent[] = [];
      const member = await fixture().member({ group, handlers: [recorder(topic, (event) => events.push(event))] });
      await fixture().append(source, [item(topic, 'user-1', 1)]);
      await until(() => events.length > 0);
      expect(events[0]?.headers).toMatchObject({
        ce_type: 'Item',
        ce_sequence: '1',
        ce_causationid: `${topic}-user-1-1`,
        ce_correlationid: 'c-1',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      });
      expect(events[0]?.headers['ce_source']).toMatch(new RegExp(`^${source}/\\d+/1$`));
      expect(events[0]?.key).toBe('user-1');
      await member.stop();
      await publisher.stop();
    });

    it('shares partitions between members, the same partition of every topic with one of them, and hands them over', async () => {
      const second = fresh('Topic');
      const { source, group, topic, publisher } = await setup(second);
      const handledBy = new Map<string, Set<string>>();
      const noting = (member: string) => (event: LogEvent) => {
        const place = `${event.topic}/${String(event.partition)}`;
        handledBy.set(place, (handledBy.get(place) ?? new Set()).add(member));
      };
      const handlers = (member: string) => [recorder(topic, noting(member)), recorder(second, noting(member))];
      const a = await fixture().member({ group, name: 'a', handlers: handlers('a') });
      const b = await fixture().member({ group, name: 'b', handlers: handlers('b') });
      await until(
        () => a.owned.length > 0 && b.owned.length > 0 && a.owned.length + b.owned.length === fixture().partitions,
      );
      const keys = upTo(40).map((n) => `user-${String(n)}`);
      await fixture().append(
        source,
        keys.flatMap((key) => [item(topic, key, 1), item(second, key, 2)]),
      );
      await until(async () => Object.values(await seen(group)).flat().length >= 80);
      for (const [place, members] of handledBy) {
        const partition = place.split('/')[1];
        expect([place, [...members]]).toEqual([
          place,
          [...(handledBy.get(`${topic}/${String(partition)}`) ?? members)],
        ]);
      }
      await b.stop();
      await until(() => a.owned.length === fixture().partitions);
      await fixture().append(
        source,
        keys.map((key) => item(topic, key, 3)),
      );
      await until(async () => Object.values(await seen(group)).filter((numbers) => numbers.includes(3)).length === 40);
      expect(Object.values(await seen(group)).flat()).toHaveLength(120);
      await a.stop();
      await publisher.stop();
    });

    it('lets a former owner store nothing, though it still works', async () => {
      const { source, group, topic, publisher } = await setup();
      const zombie = await fixture().member({ group, name: 'zombie', handlers: [recorder(topic)] });
      await fixture().append(source, [item(topic, 'user-1', 1)]);
      await until(async () => (await seen(group))['user-1']?.length === 1);
      await zombie.isolate();
      const heir = await fixture().member({ group, name: 'heir', handlers: [recorder(topic)] });
      await until(() => heir.owned.length === fixture().partitions);
      await fixture().append(
        source,
        upTo(9).map((n) => item(topic, 'user-1', n + 1)),
      );
      await until(async () => (await seen(group))['user-1']?.length === 10);
      expect(await seen(group)).toEqual({ 'user-1': upTo(10) });
      await heir.stop();
      await zombie.stop();
      await publisher.stop();
    });

    it('lets a former owner store nothing of what it took before, though its transaction begins later', async () => {
      const { source, group, topic, publisher } = await setup();
      const taken = gate();
      const go = gate();
      const fenced: number[] = [];
      const zombie = await fixture().member({
        group,
        name: 'zombie',
        handlers: [recorder(topic)],
        observer: { fenced: (partitions) => fenced.push(...partitions) },
        beforeTransaction: () => {
          taken.open();
          return go.opened;
        },
      });
      await fixture().append(source, [item(topic, 'user-1', 1)]);
      await taken.opened;
      await zombie.isolate();
      const heir = await fixture().member({ group, name: 'heir', handlers: [recorder(topic)] });
      await until(() => heir.owned.length === fixture().partitions);
      await until(async () => (await seen(group))['user-1']?.length === 1);
      go.open();
      await until(() => fenced.length > 0);
      await fixture().append(source, [item(topic, 'user-1', 2)]);
      await until(async () => (await seen(group))['user-1']?.length === 2);
      expect(await seen(group)).toEqual({ 'user-1': [1, 2] });
      expect(fenced).toEqual([partitionFor('user-1')]);
      await heir.stop();
      await zombie.stop();
      await publisher.stop();
    });

    it('takes a partition over from a member in the middle of its transaction: it fails, or it is waited for', async () => {
      const { source, group, topic, publisher } = await setup();
      const entered = gate();
      const end = gate();
      const fenced: number[] = [];
      const handler = recorder(topic);
      const zombie = await fixture().member({
        group,
        name: 'zombie',
        handlers: [
          {
            ...handler,
            handle: async (batch) => {
              entered.open();
              await end.opened;
              await handler.handle(batch);
            },
          },
        ],
        observer: { fenced: (partitions) => fenced.push(...partitions) },
      });
      await fixture().append(source, [item(topic, 'user-1', 1)]);
      await entered.opened;
      await zombie.isolate();
      const coming = fixture().member({ group, name: 'heir', handlers: [recorder(topic)] });
      if (fixture().takeover === 'waits') {
        end.open();
        await coming;
      } else {
        await coming;
        await until(async () => (await seen(group))['user-1']?.length === 1);
        end.open();
        await until(() => fenced.length > 0);
      }
      const heir = await coming;
      await until(() => heir.owned.length === fixture().partitions);
      await fixture().append(source, [item(topic, 'user-1', 2)]);
      await until(async () => (await seen(group))['user-1']?.length === 2);
      expect(await seen(group)).toEqual({ 'user-1': [1, 2] });
      await heir.stop();
      await zombie.stop();
      await publisher.stop();
    });

    it('gives a member its share again that was taken for dead and is back', async () => {
      const { source, group, topic, publisher } = await setup();
      const a = await fixture().member({ group, name: 'a', handlers: [recorder(topic)] });
      const comeBack = await a.isolate();
      const b = await fixture().member({ group, name: 'b', handlers: [recorder(topic)] });
      await until(() => b.owned.length === fixture().partitions);
      const keys = upTo(40).map((n) => `user-${String(n)}`);
      await fixture().append(
        source,
        keys.map((key) => item(topic, key, 1)),
      );
      await until(async () => Object.values(await seen(group)).flat().length === 40);
      await comeBack();
      await until(() => b.owned.length <= Math.ceil(fixture().partitions / 2));
      await fixture().append(
        source,
        keys.map((key) => item(topic, key, 2)),
      );
      await until(async () => Object.values(await seen(group)).flat().length === 80);
      expect(await seen(group)).toEqual(Object.fromEntries(keys.map((key) => [key, [1, 2]])));
      expect([...a.owned, ...b.owned].sort((p, q) => p - q)).toEqual(upTo(fixture().partitions).map((n) => n - 1));
      await a.stop();
      await b.stop();
      await publisher.stop();
    });

    it('deals partitions evenly, each to one member only, whoever comes and goes', async () => {
      const { group, topic, publisher } = await setup();
      const members: TestMember[] = [];
      const dealt = (): boolean => {
        const owned = members.flatMap((member) => member.owned);
        const sizes = members.map((member) => member.owned.length);
        return (
          owned.length === fixture().partitions &&
          new Set(owned).size === fixture().partitions &&
          Math.max(...sizes) - Math.min(...sizes) <= 1
        );
      };
      for (const name of ['a', 'b', 'c']) {
        members.push(await fixture().member({ group, name, handlers: [recorder(topic)] }));
        await until(dealt);
      }
      await members.shift()?.stop();
      await until(dealt);
      for (const member of members) await member.stop();
      await publisher.stop();
    });

    it('drops what comes again', async () => {
      const { source, group, topic, publisher } = await setup();
      const dropped: string[] = [];
      const member = await fixture().member({
        group,
        handlers: [recorder(topic)],
        observer: { dropped: (_, why) => dropped.push(why) },
      });
      await fixture().append(
        source,
        upTo(3).map((n) => item(topic, 'user-1', n)),
      );
      await until(async () => (await seen(group))['user-1']?.length === 3);
      await fixture().republish({ deployment: source, topic, partition: partitionFor('user-1'), from: 2 });
      await until(() => dropped.length >= 2);
      await fixture().append(source, [item(topic, 'user-1', 4)]);
      await until(async () => (await seen(group))['user-1']?.length === 4);
      expect(await seen(group)).toEqual({ 'user-1': upTo(4) });
      expect([...new Set(dropped)]).toEqual(['duplicate']);
      await member.stop();
      await publisher.stop();
    });

    it('notices a missing event, waits, and goes on when it is published again', async () => {
      const { source, group, topic, publisher } = await setup();
      const gaps: unknown[] = [];
      const member = await fixture().member({
        group,
        handlers: [recorder(topic)],
        observer: { gap: (info) => gaps.push(info) },
      });
      await fixture().append(source, [item(topic, 'user-1', 1)]);
      await until(async () => (await seen(group))['user-1']?.length === 1);
      const partition = partitionFor('user-1');
      await fixture().lose({ deployment: source, topic, partition, sequence: 2 });
      await fixture().append(source, [item(topic, 'user-1', 2)]);
      await fixture().append(source, [item(topic, 'user-1', 3)]);
      await until(() => gaps.length > 0);
      expect(await seen(group)).toEqual({ 'user-1': [1] });
      await fixture().republish({ deployment: source, topic, partition, from: 2 });
      await until(async () => (await seen(group))['user-1']?.length === 3);
      expect(await seen(group)).toEqual({ 'user-1': upTo(3) });
      await member.stop();
      await publisher.stop();
    });

    it('takes the numbers of a restored source from the start, and refuses those of the one before', async () => {
      const { source, group, topic, publisher } = await setup();
      const dropped: string[] = [];
      const member = await fixture().member({
        group,
        handlers: [recorder(topic)],
        observer: {
          dropped: (event, why) => dropped.push(`${event.source ?? ''} ${event.headers['ce_sequence'] ?? ''} ${why}`),
        },
      });
      for (const n of upTo(2)) await fixture().append(source, [item(topic, 'user-1', n)]);
      await until(async () => (await seen(group))['user-1']?.length === 2);
      await fixture().setGeneration(source, 2);
      await fixture().append(source, [item(topic, 'user-1', 3)]);
      await until(async () => (await seen(group))['user-1']?.length === 3);
      await fixture().setGeneration(source, 1);
      await fixture().append(source, [item(topic, 'user-1', 99)]);
      await until(() => dropped.length > 0);
      await fixture().setGeneration(source, 2);
      await fixture().append(source, [item(topic, 'user-1', 4)]);
      await until(async () => (await seen(group))['user-1']?.length === 4);
      expect(await seen(group)).toEqual({ 'user-1': upTo(4) });
      expect(dropped).toEqual([`${source}/${String(partitionFor('user-1'))}/1 3 stale_generation`]);
      await member.stop();
      await publisher.stop();
    });

    it("parks a poisoned event and its own key's later ones only, and releases them in order", async () => {
      const { source, group, topic, publisher } = await setup();
      let cured = false;
      const poisoned = recorder(topic, (event) => {
        if (event.key === 'ill' && event.payload.n === 2 && !cured)
          throw new TypeError('cannot read what is not there');
      });
      let failures = 0;
      const member = await fixture().member({
        group,
        handlers: [poisoned],
        observer: { parked: () => (failures += 1) },
      });
      await fixture().append(
        source,
        upTo(4).flatMap((n) => [item(topic, 'ill', n), item(topic, 'well', n)]),
      );
      await until(
        async () => (await seen(group))['well']?.length === 4 && (await fixture().parked(group)).length === 3,
      );
      await fixture().append(source, [item(topic, 'ill', 5), item(topic, 'well', 5)]);
      await until(
        async () => (await seen(group))['well']?.length === 5 && (await fixture().parked(group)).length === 4,
      );
      expect(await seen(group)).toEqual({ ill: [1], well: upTo(5) });
      expect((await fixture().parked(group))[0]?.reason).toContain('cannot read what is not there');

      // Not cured yet: it fails again, and the later ones go on waiting behind it.
      expect(failures).toBe(1);
      await fixture().release(group, 'ill');
      await until(() => failures === 2);
      await fixture().append(source, [item(topic, 'well', 6)]);
      await until(async () => (await seen(group))['well']?.length === 6);
      expect(await seen(group)).toEqual({ ill: [1], well: upTo(6) });
      expect(await fixture().parked(group)).toHaveLength(4);

      cured = true;
      await fixture().release(group, 'ill');
      await until(async () => (await fixture().parked(group)).length === 0);
      await fixture().append(source, [item(topic, 'ill', 6)]);
      await until(async () => (await seen(group))['ill']?.length === 6);
      expect(await seen(group)).toEqual({ ill: upTo(6), well: upTo(6) });
      await member.stop();
      await publisher.stop();
    });

    it('releases more than it takes at once, with new events of the key behind them', async () => {
      const { source, group, topic, publisher } = await setup();
      let cured = false;
      const member = await fixture().member({
        group,
        handlers: [
          recorder(topic, ({ payload }) => {
            if (payload.n === 1 && !cured) throw new Error('ill');
          }),
        ],
      });
      await fixture().append(
        source,
        upTo(510).map((n) => item(topic, 'ill', n)),
      );
      await until(async () => (await fixture().parked(group)).length === 510);
      cured = true;
      await fixture().release(group, 'ill');
      await fixture().append(source, [item(topic, 'ill', 511)]);
      await until(async () => (await seen(group))['ill']?.length === 511);
      expect(await seen(group)).toEqual({ ill: upTo(511) });
      expect(await fixture().parked(group)).toEqual([]);
      await member.stop();
      await publisher.stop();
    });

    it('lets control events pass a parked key: they are handled while what was parked waits, and are not parked themselves', async () => {
      const { source, group, topic, publisher } = await setup();
      const control = fresh('Control');
      await fixture().createTopics([control]);
      const poison = (event: LogEvent<Item>): void => {
        if (event.payload.n === 1) throw new Error('cannot be handled');
      };
      const handlers = [recorder(topic, poison), { ...recorder(control), overtakes: true }];
      const member = await fixture().member({ group, handlers });
      await fixture().append(source, [item(topic, 'sick', 1), item(topic, 'sick', 2)]);
      await until(async () => (await fixture().parked(group)).length === 2);
      await fixture().append(source, [item(control, 'sick', 10), item(topic, 'sick', 3), item(control, 'sick', 11)]);
      await until(async () => (await fixture().parked(group)).length === 3);
      await until(async () => (await seen(group))['sick']?.length === 2);
      expect((await seen(group))['sick']).toEqual([10, 11]);
      await member.stop();
      await publisher.stop();
    });

    it('puts aside what cannot be handled with its bytes and the reason, which parking and release leave untouched', async () => {
      const { source, group, topic, publisher } = await setup();
      const letters = `${topic}.${group}.dlt`;
      const clerks = fresh('group');
      await fixture().createTopics([letters]);
      const member = await fixture().member({
        group,
        handlers: [
          {
            topic,
            handle: (batch) => {
              batch.each((_, unit) => {
                unit.deadLetter('NOT_OURS', 'It is not ours.');
              });
            },
          },
        ],
      });
      let cured = false;
      const read: LogEvent<Item>[] = [];
      const clerk = await fixture().member({
        group: clerks,
        handlers: [
          recorder(letters, (event) => {
            if (!cured) throw new Error('not yet');
            read.push(event);
          }),
        ],
      });
      await fixture().append(source, [item(topic, 'user-1', 1)]);
      await until(async () => (await fixture().parked(clerks)).length === 1);
      cured = true;
      await fixture().release(clerks, 'user-1');
      await until(() => read.length === 1);
      expect(read[0]).toMatchObject({ key: 'user-1', payload: { n: 1 } });
      expect(read[0]?.headers).toMatchObject({
        dlt_code: 'NOT_OURS',
        dlt_message: 'It is not ours.',
        dlt_topic: topic,
        dlt_partition: String(partitionFor('user-1')),
        ce_sequence: '1',
        ce_correlationid: 'c-1',
      });
      await member.stop();
      await clerk.stop();
      await publisher.stop();
    });

    it('waits for a database that is away and parks nobody', async () => {
      const { source, group, topic, publisher } = await setup();
      const paused: unknown[] = [];
      const member = await fixture().member({
        group,
        handlers: [recorder(topic)],
        observer: { paused: (error) => paused.push(error) },
      });
      await fixture().append(source, [item(topic, 'user-1', 1)]);
      await until(async () => (await seen(group))['user-1']?.length === 1);
      const reconnect = await fixture().cutDatabase();
      await until(() => paused.length > 0);
      await reconnect();
      await fixture().append(source, [item(topic, 'user-1', 2)]);
      await until(async () => (await seen(group))['user-1']?.length === 2);
      expect(await fixture().parked(group)).toEqual([]);
      await member.stop();
      await publisher.stop();
    });

    it('refuses an event that is too large, in words, and nothing of its transaction happens', async () => {
      const { source, group, topic, publisher } = await setup();
      const member = await fixture().member({ group, handlers: [recorder(topic)] });
      const huge = { ...item(topic, 'user-1', 2), payload: { n: 2, ballast: 'x'.repeat(1_000_000) } };
      await expect(fixture().append(source, [item(topic, 'user-1', 1), huge])).rejects.toThrow(
        /at most 900000.*less metadata/,
      );
      await fixture().append(source, [item(topic, 'user-1', 3)]);
      await until(async () => (await seen(group))['user-1'] !== undefined);
      expect(await seen(group)).toEqual({ 'user-1': [3] });
      await member.stop();
      await publisher.stop();
    });

    it('holds a bounded number of events, however many wait for a slow consumer', async () => {
      const { source, group, topic, publisher } = await setup();
      const late = fresh('group');
      const end = gate();
      const slow = (): TopicHandler => {
        const handler = counter(topic);
        return {
          ...handler,
          handle: async (batch) => {
            await end.opened;
            await handler.handle(batch);
          },
        };
      };
      const early = await fixture().member({ group, handlers: [slow()] });
      const keys = upTo(50).map((n) => `user-${String(n)}`);
      for (const block of upTo(50))
        await fixture().append(
          source,
          upTo(1_000).map((n) => item(topic, keys[n % 50] ?? '', (block - 1) * 20 + Math.ceil(n / 50))),
        );
      await until(() => early.held > 0);
      expect(early.held).toBeLessThan(20_000);
      // And one that finds all of it when it comes.
      const second = await fixture().member({ group: late, handlers: [slow()] });
      await until(() => second.held > 0);
      expect(second.held).toBeLessThan(20_000);
      end.open();
      await second.stop();
      let most = 0;
      await until(async () => {
        most = Math.max(most, early.held);
        const counts = [...(await fixture().documents(group, 'count')).values()] as number[];
        return counts.reduce((sum, count) => sum + count, 0) >= 50_000;
      });
      expect(most).toBeLessThan(20_000);
      expect(Object.fromEntries(await fixture().documents(group, 'count'))).toEqual(
        Object.fromEntries(keys.map((key) => [key, 1_000])),
      );
      await early.stop();
      await publisher.stop();
    }, 60_000);

    it('replays from a point, for a new group and for one that goes back', async () => {
      const { source, group, topic, publisher } = await setup();
      const late = fresh('group');
      const mark = { deployment: source, topic, partition: partitionFor('user-1') };
      for (const n of upTo(5)) await fixture().append(source, [item(topic, 'user-1', n)]);
      const first = await fixture().member({ group, handlers: [recorder(topic)] });
      await until(async () => (await seen(group))['user-1']?.length === 5);
      await first.stop();

      await fixture().startFrom(late, { ...mark, sequence: 3 });
      await fixture().startFrom(group, { ...mark, sequence: 2 });
      const members = [
        await fixture().member({ group: late, handlers: [recorder(topic)] }),
        await fixture().member({ group, handlers: [recorder(topic)] }),
      ];
      await fixture().append(source, [item(topic, 'user-1', 6)]);
      await until(
        async () => (await seen(late))['user-1']?.includes(6) === true && (await seen(group))['user-1']?.at(-1) === 6,
      );
      expect(await seen(late)).toEqual({ 'user-1': [4, 5, 6] });
      expect(await seen(group)).toEqual({ 'user-1': [1, 2, 3, 4, 5, 3, 4, 5, 6] });
      for (const member of members) await member.stop();
      await publisher.stop();
    });

    it('replays from the start for a group that comes later', async () => {
      const { source, group, topic, publisher } = await setup();
      await fixture().append(
        source,
        upTo(50).map((n) => item(topic, 'user-1', n)),
      );
      const member = await fixture().member({ group, handlers: [recorder(topic)] });
      await until(async () => (await seen(group))['user-1']?.length === 50);
      expect(await seen(group)).toEqual({ 'user-1': upTo(50) });
      await member.stop();
      await publisher.stop();
    });
  });
}
