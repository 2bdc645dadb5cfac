import { beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BAD_CONFIG_EXIT_CODE } from '@switchyard/config';
import type { Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { Coordinator, LOG_MIGRATIONS, OtherLog, storedLog, tieLog, type Carrier } from './index.js';

const postgres = testDatabase();
let db: Database;

beforeAll(async () => {
  db = await postgres.open('log', { folder: LOG_MIGRATIONS, poolSize: 16 });
});
beforeEach(async () => {
  await db.query('TRUNCATE log.settings, log.positions');
});

const OVER_POSTGRES: Carrier = { transport: 'postgres' };
const cluster = (id: string | null, topicInUse?: string): Carrier => ({
  transport: 'kafka',
  cluster: () => Promise.resolve(id),
  topicInUse: () => Promise.resolve(topicInUse),
});
const away: Carrier = {
  transport: 'kafka',
  cluster: () => Promise.reject(new Error('no broker answers')),
  topicInUse: () => Promise.reject(new Error('no broker answers')),
};

const refusal = async (tying: Promise<void>): Promise<OtherLog> => {
  const error: unknown = await tying.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof OtherLog)) throw new Error(`not refused: ${String(error)}`);
  expect(error.exitCode).toBe(BAD_CONFIG_EXIT_CODE);
  return error;
};

describe('a database is the memory of one log', () => {
  it.each([
    ['over Postgres alone', OVER_POSTGRES, { transport: 'postgres', clusterId: null }],
    ['over Kafka', cluster('A'), { transport: 'kafka', clusterId: 'A' }],
  ])('%s: the first start ties it, later ones find it as it was', async (_, carrier, tied) => {
    await tieLog(db, 24, carrier);
    await tieLog(db, 24, carrier);
    expect(await storedLog(db)).toEqual({ partitions: 24, ...tied });
  });

  it.each([
    {
      name: 'Kafka for Postgres',
      of: OVER_POSTGRES,
      other: cluster('A'),
      says: 'LOG_TRANSPORT_DIFFERS: this database belongs to a log over Postgres alone, and SWITCHYARD_TRANSPORT is kafka. How far everybody has read is stored in it, and says nothing of another log: what is new would be dropped as known, or missed. Set SWITCHYARD_TRANSPORT=postgres, or begin with a database of its own (DATABASE_URL, or another SWITCHYARD_DATA_DIR).',
    },
    {
      name: 'Postgres for Kafka',
      of: cluster('A'),
      other: OVER_POSTGRES,
      says: 'LOG_TRANSPORT_DIFFERS: this database belongs to a log over Kafka (cluster A), and SWITCHYARD_TRANSPORT is postgres. How far everybody has read is stored in it, and says nothing of another log: what is new would be dropped as known, or missed. Set SWITCHYARD_TRANSPORT=kafka, or begin with a database of its own (DATABASE_URL, or another SWITCHYARD_DATA_DIR).',
    },
    {
      name: 'another cluster',
      of: cluster('A'),
      other: cluster('B'),
      says: 'LOG_CLUSTER_DIFFERS: this database belongs to a log over Kafka (cluster A), and KAFKA_BROKERS leads to the cluster B. How far everybody has read is stored in it, and says nothing of another log: what is new would be dropped as known, or missed. Name the brokers of A in KAFKA_BROKERS, or begin with a database of its own (DATABASE_URL, or another SWITCHYARD_DATA_DIR). Where that cluster is gone for good: docs/runbooks/other-log.md.',
    },
  ])('and refuses $name, saying what is recorded, what is asked for, and the ways out', async ({ of, other, says }) => {
    await tieLog(db, 24, of);
    const before = await storedLog(db);
    expect((await refusal(tieLog(db, 24, other))).message).toBe(says);
    expect(await storedLog(db)).toEqual(before);
  });

  it('and refuses Kafka for what it knows by itself, though no broker answers', async () => {
    await tieLog(db, 24, OVER_POSTGRES);
    expect((await refusal(tieLog(db, 24, away))).code).toBe('LOG_TRANSPORT_DIFFERS');
  });

  it('and is not tied while the brokers do not tell which cluster they are', async () => {
    await expect(tieLog(db, 24, away)).rejects.toThrow('no broker answers');
    expect(await storedLog(db)).toBeUndefined();
  });

  it('which has one number of partitions, whoever asks', async () => {
    await tieLog(db, 24, OVER_POSTGRES);
    const member = { group: 'g', member: 'm', partitions: 8, heartbeatMs: 60_000, memberTimeoutMs: 60_000 };
    const nothing = (): Promise<void> => Promise.resolve();
    const coordinator = new Coordinator(db, member, { assigned: nothing, revoked: nothing }, () => undefined);
    for (const start of [() => tieLog(db, 8, OVER_POSTGRES), () => tieLog(db, 8), () => coordinator.start()])
      expect((await refusal(start())).message).toBe(
        "LOG_PARTITIONS_DIFFER: this deployment's log has 24 partitions, and 8 are configured: the count is fixed for the life of a deployment. Set SWITCHYARD_PARTITIONS=24.",
      );
  });

  it('but is tied to nothing by a setup, which only stores what the deployment carries later', async () => {
    await tieLog(db, 24);
    expect(await storedLog(db)).toEqual({ partitions: 24, transport: null, clusterId: null });
    await tieLog(db, 24, cluster('A'));
    await tieLog(db, 24);
    expect(await storedLog(db)).toEqual({ partitions: 24, transport: 'kafka', clusterId: 'A' });
  });

  it('also where it is older than this rule: the first start fills in what was not recorded', async () => {
    await db.query('INSERT INTO log.settings (partitions) VALUES (24)');
    await read('OrderPlaced');
    // Its own events are in the topics already, and it has read of them.
    await tieLog(db, 24, cluster('A', 'OrderPlaced'));
    expect(await storedLog(db)).toEqual({ partitions: 24, transport: 'kafka', clusterId: 'A' });
  });

  it('where a cluster first tells no name and then one, is tied to that one', async () => {
    await tieLog(db, 24, cluster(null));
    await tieLog(db, 24, cluster('A'));
    expect((await refusal(tieLog(db, 24, cluster('B')))).code).toBe('LOG_CLUSTER_DIFFERS');
    await tieLog(db, 24, cluster(null));
    expect(await storedLog(db)).toEqual({ partitions: 24, transport: 'kafka', clusterId: 'A' });
  });
});

describe('a new database', () => {
  it('is not tied to topics that hold another’s events: their numbers are not its own', async () => {
    await tieLog(db, 24);
    const { message } = await refusal(tieLog(db, 24, cluster('A', 'OrderPlaced')));
    expect(message).toBe(
      `LOG_TOPICS_IN_USE: this database has read nothing yet, and Kafka's topic OrderPlaced holds events already: those of another deployment, or of a database that is lost. They are numbered by that one: what is new would be dropped as known. Name another cluster in KAFKA_BROKERS, restore the lost database, or, where nobody needs these events any more, delete Switchyard's topics.`,
    );
    expect(await storedLog(db)).toEqual({ partitions: 24, transport: null, clusterId: null });
  });

  it.each([
    ['hold events', () => Promise.resolve('OrderPlaced')],
    ['do not answer', () => Promise.reject(new Error('being made'))],
  ])('is tied once: a process that looks late, when its topics %s, finds them its own', async (_, found) => {
    const late: Carrier = {
      transport: 'kafka',
      cluster: () => Promise.resolve('A'),
      // Between its first look and this one, another process has tied the database and begun to work.
      topicInUse: async () => {
        await tieLog(db, 24, cluster('A'));
        return found();
      },
    };
    await tieLog(db, 24, late);
    expect(await storedLog(db)).toEqual({ partitions: 24, transport: 'kafka', clusterId: 'A' });
  });

  it('is not tied where its topics do not answer', async () => {
    const silent: Carrier = { ...cluster('A'), topicInUse: () => Promise.reject(new Error('no leader')) };
    await expect(tieLog(db, 24, silent)).rejects.toThrow('no leader');
    expect((await storedLog(db))?.transport ?? null).toBeNull();
  });

  it('belongs to one of many that start at the same moment, and all others are refused', async () => {
    for (let round = 0; round < 10; round += 1) {
      await db.query('TRUNCATE log.settings');
      if (round % 2 === 0) await db.query('INSERT INTO log.settings (partitions) VALUES (24)');
      const asked = [OVER_POSTGRES, cluster('A'), cluster('B'), cluster('C')].flatMap((carrier) => [carrier, carrier]);
      // All have seen that nobody was first before any of them writes.
      let ready = 0;
      let go = (): void => undefined;
      const all = new Promise<void>((resolve) => (go = resolve));
      const arrive = async (): Promise<void> => {
        ready += 1;
        if (ready === asked.length) go();
        await all;
      };
      const results = await Promise.allSettled(
        asked.map((carrier) => {
          const id = carrier.cluster;
          return tieLog(db, 24, { ...carrier, cluster: async () => (await arrive(), (await id?.()) ?? null) });
        }),
      );
      const stored = await storedLog(db);
      const winners = asked.filter((_, i) => results[i]?.status === 'fulfilled');
      expect(winners).toHaveLength(2);
      expect(new Set(winners).size).toBe(1);
      expect(stored).toEqual({
        partitions: 24,
        transport: winners[0]?.transport,
        clusterId: (await winners[0]?.cluster?.()) ?? null,
      });
      for (const result of results) if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(OtherLog);
    }
  });
});

const read = (topic: string) =>
  db.query('INSERT INTO log.positions (group_name, topic, partition, position) VALUES ($1, $2, 0, $3)', [
    'journal',
    topic,
    '7',
  ]);
