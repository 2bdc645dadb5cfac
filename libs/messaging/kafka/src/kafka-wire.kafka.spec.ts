import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import type { Chunk, LogEvent } from '@switchyard/log';
import { LOG_MIGRATIONS, tieLog } from '@switchyard/log-postgres';
import { migrate, openDatabase, roleOf, type Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { until } from '@switchyard/testing';
import type { Admin, Producer } from 'kafkajs';
import { brokersUnderTest, describeKafka } from './broker-under-test.js';
import { kafkaClient } from './client.js';
import { KafkaCompactedTopics } from './compacted-topics.js';
import { kafkaCarrier } from './kafka-carrier.js';
import { KafkaWire, type KafkaWireOptions } from './kafka-wire.js';
import { kafkajs } from './kafkajs-cures.js';
import { KafkaMembership } from './membership.js';
import type { Ownership } from './ownership.js';
import { ensureTopics } from './topics.js';

const PARTITIONS = 4;
const unique = (name: string): string => `${name}${process.pid.toString(36)}${Date.now().toString(36)}`;

describeKafka('the Kafka wire', () => {
  const postgres = testDatabase();
  const brokers = brokersUnderTest();
  let db: Database;
  let producer: Producer;
  let admin: Admin;
  const joined: { leave(): Promise<void> }[] = [];
  const errors: unknown[] = [];

  const options = (part: Partial<KafkaWireOptions> = {}): KafkaWireOptions => ({
    brokers: brokers.list,
    clientId: 'test',
    db,
    member: 'only',
    partitions: PARTITIONS,
    compacted: (topic) => topic.startsWith('Compacted'),
    reading: { maxWaitMs: 50, heartbeatMs: 100, commitMs: 50 },
    onError: (error) => errors.push(error),
    ...part,
  });

  /** A member whose events are taken, noted and settled as they come. */
  const reader = async (group: string, topics: readonly string[]) => {
    const events: LogEvent[] = [];
    const epochs = new Map<number, number>();
    const membership = await new KafkaWire(options()).join({
      group,
      topics: topics.map((topic) => ({ topic, compacted: false, partitions: PARTITIONS })),
      assigned: (given) => {
        for (const [partition, epoch] of given) epochs.set(partition, epoch);
        return Promise.resolve();
      },
      revoked: (lost) => {
        for (const partition of lost) epochs.delete(partition);
        return Promise.resolve();
      },
      broken: (error) => errors.push(error),
    });
    if (!(membership instanceof KafkaMembership)) throw new Error('it reads');
    joined.push(membership);
    const take = async (): Promise<void> => {
      for (const chunk of await membership.take(1_000)) {
        events.push(...chunk.events);
        membership.settle(chunk);
      }
    };
    return { membership, events, epochs, take };
  };

  beforeAll(async () => {
    await migrate({ url: postgres.url, schema: 'log', folder: LOG_MIGRATIONS });
    db = await openDatabase({ url: postgres.url, schema: 'log', role: roleOf('log'), applicationName: 'log' });
    const kafka = kafkaClient({ brokers: brokers.list, clientId: 'stranger' });
    producer = kafka.producer();
    admin = kafka.admin();
    await producer.connect();
    await admin.connect();
  });

  afterEach(async () => {
    for (const one of joined.splice(0)) await one.leave();
    errors.splice(0);
  });

  afterAll(async () => {
    await producer.disconnect();
    await admin.disconnect();
    await db.close();
  });

  it('reads what a stranger wrote, in their own partition, and shows the lag to Kafka’s own tools', async () => {
    const topic = unique('Door');
    const group = unique('group');
    const { membership, events, epochs, take } = await reader(group, [topic]);
    await producer.send({ topic, messages: ['a', 'b', 'c'].map((key) => ({ key, value: `{"key":"${key}"}` })) });
    await until(async () => {
      await take();
      return events.length === 3;
    });
    expect(events.map(({ payload }) => payload)).toEqual(events.map(({ key }) => ({ key })));
    expect(events.every(({ source }) => source === undefined)).toBe(true);
    expect(epochs.size).toBe(PARTITIONS);
    expect([...(await membership.lag()).values()]).toEqual([0]);
    await until(async () => {
      const [committed] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
      return committed?.partitions.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0) === 3;
    });
  });

  it('goes on from the offset that the database has, not from Kafka’s', async () => {
    const topic = unique('Topic');
    const group = unique('group');
    await ensureTopics(admin, [{ topic, partitions: PARTITIONS, compacted: false }]);
    const send = (value: string) => producer.send({ topic, messages: [{ key: 'k', partition: 2, value }] });
    for (const value of ['0', '1', '2']) await send(value);
    await db.query('INSERT INTO log.positions (group_name, topic, partition, position) VALUES ($1, $2, 2, $3)', [
      group,
      topic,
      '2',
    ]);
    const { events, take } = await reader(group, [topic]);
    await until(async () => {
      await take();
      return events.length > 0;
    });
    expect(events.map(({ payload }) => payload)).toEqual([2]);
  });

  it('says so when the place where the group stopped is gone, and reads what there is', async () => {
    const topic = unique('Topic');
    const group = unique('group');
    await ensureTopics(admin, [{ topic, partitions: PARTITIONS, compacted: false }]);
    await producer.send({ topic, messages: [{ partition: 2, value: '0' }] });
    await db.query('INSERT INTO log.positions (group_name, topic, partition, position) VALUES ($1, $2, 2, $3)', [
      group,
      topic,
      '50',
    ]);
    const { events, take } = await reader(group, [topic]);
    await until(async () => {
      await take();
      return events.length > 0;
    });
    expect(String(errors[0])).toContain(`${topic}/2 ends at 1, and was read up to 50: the topic was made anew`);
  });

  it('takes its partitions back from a member that raised their epochs too late', async () => {
    const topic = unique('Topic');
    const group = unique('group');
    const { membership, epochs } = await reader(group, [topic]);
    await until(() => epochs.size === PARTITIONS);
    const before = epochs.get(1) ?? 0;
    await db.query('UPDATE log.shards SET epoch = epoch + 1 WHERE deployment = $1 AND partition = 1', [group]);
    await producer.send({ topic, messages: [{ partition: 1, value: '1' }] });
    // The stage's transaction fails, and the chunk comes back.
    await until(async () => {
      for (const chunk of await membership.take(10)) membership.giveBack(chunk, 'failed');
      return (epochs.get(1) ?? 0) >= before + 2;
    });
    await until(async () => (await membership.take(10)).length === 1);
  });

  it("hands a stranger's record out once, though the answer of the commit that stored it got lost", async () => {
    const topic = unique('Topic');
    const group = unique('group');
    const { membership, epochs } = await reader(group, [topic]);
    await until(() => epochs.size === PARTITIONS);
    await producer.send({ topic, messages: [{ partition: 1, value: '1' }] });
    let first: readonly Chunk[] = [];
    await until(async () => (first = await membership.take(10)).length === 1);
    // The stage stored it, and was told that the connection is lost.
    await db.query('INSERT INTO log.positions (group_name, topic, partition, position) VALUES ($1, $2, 1, $3)', [
      group,
      topic,
      first[0]?.position,
    ]);
    // The database is away for a while; nothing is handed out before it has told.
    const { ownership } = membership as unknown as { ownership: Ownership };
    const settledPositions = ownership.settledPositions.bind(ownership);
    let asked = 0;
    ownership.settledPositions = async (partitions) => {
      asked += 1;
      if (asked < 3) throw new Error('the database is away');
      return settledPositions(partitions);
    };
    membership.giveBack(first[0]!, 'failed');
    await producer.send({ topic, messages: [{ partition: 1, value: '2' }] });
    const values: string[] = [];
    await until(async () => {
      for (const chunk of await membership.take(10)) {
        values.push(...chunk.events.map(({ value }) => Buffer.from(value).toString()));
        membership.settle(chunk);
      }
      return values.includes('2');
    });
    expect(values).toEqual(['2']);
    expect(asked).toBe(3);
  });

  it('says that it is broken when kafkajs gives up for good', async () => {
    const topic = unique('Topic');
    const { membership, epochs } = await reader(unique('group'), [topic]);
    await until(() => epochs.size === PARTITIONS);
    membership['buffer'].add = () => {
      throw new TypeError('a bug of ours');
    };
    await producer.send({ topic, messages: [{ value: '1' }] });
    await until(() => errors.length > 0);
    expect(String(errors[0])).toContain('the Kafka consumer ended: a bug of ours');
    await until(() => epochs.size === 0);
  });

  it('refuses a topic of another partition count, in a sentence', async () => {
    const topic = unique('Topic');
    await ensureTopics(admin, [{ topic, partitions: 3, compacted: false }]);
    await expect(reader(unique('group'), [topic])).rejects.toThrow(
      `Kafka's topic ${topic} has 3 partitions, and 4 are configured`,
    );
  });

  it('is of a cluster that says its name, and which of our topics hold events already', async () => {
    const [door, empty, used] = [unique('Door'), unique('Empty'), unique('Used')];
    for (const topic of [door, empty, used])
      await ensureTopics(admin, [{ topic, partitions: PARTITIONS, compacted: false }]);
    await producer.send({ topic: door, messages: [{ partition: 1, value: 'a stranger’s' }] });
    const of = (topics: readonly string[]) =>
      kafkaCarrier({ brokers: brokers.list, clientId: 'test' }, (topic) => topics.includes(topic));
    const { clusterId } = await admin.describeCluster();
    expect(clusterId.length).toBeGreaterThan(0);
    expect(await of([]).cluster?.()).toBe(clusterId);
    expect(await of([empty, 'Missing']).topicInUse?.()).toBeUndefined();
    await producer.send({ topic: used, messages: [{ partition: 3, value: '1' }] });
    expect(await of([empty, used]).topicInUse?.()).toBe(used);
    // What was there and is gone harms nobody.
    await admin.deleteTopicRecords({ topic: used, partitions: [{ partition: 3, offset: '1' }] });
    expect(await of([empty, used]).topicInUse?.()).toBeUndefined();
  });

  it('refuses a deployment of another number of partitions', async () => {
    const other = new KafkaWire(options({ partitions: PARTITIONS + 1 }));
    await tieLog(db, PARTITIONS);
    const nothing = (): Promise<void> => Promise.resolve();
    const topic = unique('Topic');
    const request = { group: unique('group'), assigned: nothing, revoked: nothing, broken: nothing };
    for (const topics of [[], [{ topic, compacted: false, partitions: PARTITIONS + 1 }]])
      await expect(other.join({ ...request, topics })).rejects.toThrow(
        `LOG_PARTITIONS_DIFFER: this deployment's log has ${String(PARTITIONS)} partitions, and 5 are configured`,
      );
  });

  it('refuses to start without a broker, in a sentence', async () => {
    const wire = new KafkaWire(options({ brokers: ['127.0.0.1:1'] }));
    const nothing = (): Promise<void> => Promise.resolve();
    const join = wire.join({ group: 'g', topics: [], assigned: nothing, revoked: nothing, broken: () => undefined });
    const { cluster } = kafkaCarrier({ brokers: ['127.0.0.1:1'], clientId: 'test' }, () => true);
    for (const refused of await Promise.allSettled([join, cluster?.()]))
      expect(refused).toMatchObject({
        reason: {
          message: expect.stringContaining('Kafka does not answer at 127.0.0.1:1. Start it (npm run kafka), or'),
        },
      });
  }, 30_000);

  it('gives every reader of a compacted topic all of it first, then what is new, and never an older version', async () => {
    const topic = unique('Compacted');
    const make = () =>
      new KafkaCompactedTopics({
        brokers: brokers.list,
        clientId: 'market-data',
        partitions: PARTITIONS,
        onError: (error) => errors.push(error),
        broken: (error) => errors.push(error),
      });
    const writer = make();
    const put = (key: string, version: number) => writer.put([{ topic, key, version, payload: { version } }]);
    const keys = Array.from({ length: 20 }, (_, i) => `binance/P${String(i)}-USD`);
    for (const version of [1, 2]) await writer.put(keys.map((key) => ({ topic, key, version, payload: { version } })));

    const other = make();
    const seen = new Map<string, number>();
    await other.tail(topic, ({ key, payload }) => seen.set(key, (payload as { readonly version: number }).version));
    expect(seen).toEqual(new Map(keys.map((key) => [key, 2])));
    await put('binance/P0-USD', 1);
    await put('binance/P1-USD', 3);
    await until(() => seen.get('binance/P1-USD') === 3);
    expect(seen.get('binance/P0-USD')).toBe(2);
    const late: string[] = [];
    await other.tail(topic, ({ key }) => late.push(key));
    expect(late).toHaveLength(20);
    const [{ configEntries } = { configEntries: [] }] = (
      await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }],
      })
    ).resources;
    expect(configEntries.find(({ configName }) => configName === 'cleanup.policy')?.configValue).toBe('compact');
    expect(errors).toEqual([]);
    await other.stop();
    await writer.stop();
  }, 30_000);
});
