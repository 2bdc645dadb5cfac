import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { readFile } from 'node:fs/promises';
import {
  SILENT,
  StageRunner,
  decodeRecords,
  type JoinRequest,
  type LogEvent,
  type Membership,
  type OutgoingEvent,
  type StoredBatch,
  type TopicHandler,
  type Wire,
} from '@switchyard/log';
import {
  LOG_MIGRATIONS,
  LatestValues,
  LogHub,
  PostgresStageStore,
  STAGE_MIGRATIONS,
  StageEventLog,
  storedLog,
} from '@switchyard/log-postgres';
import {
  isInfrastructureError,
  migrate,
  openDatabase,
  roleOf,
  schemaOf,
  type Database,
  type Tx,
} from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { delayed, logContract, until, type LogFixture, type MemberOptions } from '@switchyard/testing';
import { brokersUnderTest, describeKafka } from './broker-under-test.js';
import { kafkaClient } from './client.js';
import { KafkaWire } from './kafka-wire.js';
import { KafkaMembership } from './membership.js';
import { Publishing } from './publishing.js';

const PARTITIONS = 8;

describeKafka('over a real broker', () => {
  const postgres = testDatabase();
  const brokers = brokersUnderTest();
  let admin: Database;
  let hub: LogHub;
  let republisher: Publishing;
  const stages = new Map<string, Database>();
  const lost = new Set<string>();

  const stageDatabase = async (group: string): Promise<Database> => {
    const known = stages.get(group);
    if (known !== undefined) return known;
    const schema = schemaOf(group.toLowerCase());
    await migrate({ url: postgres.url, schema, folder: STAGE_MIGRATIONS });
    const db = await openDatabase({
      url: postgres.url,
      schema,
      role: roleOf(schema),
      applicationName: `stage ${group}`,
      poolSize: 3,
    });
    stages.set(group, db);
    return db;
  };

  const fixture: LogFixture = {
    partitions: PARTITIONS,
    takeover: 'waits',

    createTopics: (topics) =>
      republisher.ensure(
        topics.map((topic) => ({ topic, partitions: topic.endsWith('.dlt') ? 1 : PARTITIONS, compacted: false })),
      ),

    async member({ group, name = 'only', handlers, observer, beforeTransaction }: MemberOptions) {
      const db = await stageDatabase(group);
      const wire = new LosingWire(
        new KafkaWire({
          brokers: brokers.list,
          clientId: 'test',
          db: admin,
          member: name,
          partitions: PARTITIONS,
          compacted: () => false,
          reading: { maxWaitMs: 50, heartbeatMs: 100, commitMs: 200 },
          onError: () => undefined,
        }),
        lost,
      );
      const runner = new StageRunner({
        stage: { group, handlers },
        store: delayed(new PostgresStageStore(db, group, undefined), beforeTransaction),
        wire,
        partitions: PARTITIONS,
        observer: { ...SILENT, ...observer },
        isInfrastructure: isInfrastructureError,
        retryMs: 10,
      });
      const off = hub.onAppended(group, () => {
        runner.wake();
      });
      await runner.start();
      return {
        get held() {
          return wire.membership?.held ?? 0;
        },
        get owned() {
          return runner.owned;
        },
        get problem() {
          return runner.problem;
        },
        stop: async () => {
          off();
          await runner.stop();
        },
        // The group takes it for dead, while it goes on with what it has in memory.
        isolate: async () => {
          const { membership } = wire;
          if (!(membership instanceof KafkaMembership)) throw new Error('only a member that reads can be isolated');
          await membership['consumer'].stop();
          return () => membership['run']();
        },
      };
    },

    async append(deployment, events: readonly OutgoingEvent[]) {
      const db = await stageDatabase(deployment);
      const log = new StageEventLog(admin, deployment, PARTITIONS, hub, new LatestValues(admin, 0, () => undefined));
      await db.transaction((tx: Tx) => log.append(tx, events));
    },

    async documents(group, kind) {
      const db = await stageDatabase(group);
      const { rows } = await db.query<{ key: string; doc: string }>('SELECT key, doc FROM documents WHERE kind = $1', [
        kind,
      ]);
      return new Map(rows.map(({ key, doc }) => [key, JSON.parse(doc) as unknown]));
    },

    // As `switchyard republish` does: from the stored batches, to the end of the log.
    async republish({ deployment, topic, partition, from }) {
      const { rows } = await admin.query<{ source: string; batch: string; first_sequence: string; records: Buffer }>(
        `SELECT source, batch, first_sequence, records FROM log.batches
         WHERE topic = $1 AND partition = $2 AND source LIKE $3 AND last_sequence >= $4 ORDER BY source, first_sequence`,
        [topic, partition, `${deployment}/${String(partition)}/%`, from],
      );
      lost.clear();
      await republisher.publish(
        rows.map((row) => ({
          source: row.source,
          batch: Number(row.batch),
          topic,
          partition,
          firstSequence: Number(row.first_sequence),
          records: decodeRecords(row.records),
        })),
      );
    },

    lose({ deployment, topic, partition, sequence }) {
      lost.add(`${deployment}/${String(partition)}/1 ${topic} ${String(sequence)}`);
      return Promise.resolve();
    },

    async startFrom(group, { deployment, topic, partition, sequence }) {
      await admin.query(
        `INSERT INTO log.watermarks (group_name, topic, partition, origin, generation, sequence) VALUES ($1, $2, $3, $4, 1, $5)
         ON CONFLICT (group_name, topic, partition, origin) DO UPDATE SET sequence = excluded.sequence`,
        [group, topic, partition, `${deployment}/${String(partition)}`, sequence],
      );
      await admin.query('DELETE FROM log.positions WHERE group_name = $1 AND topic = $2 AND partition = $3', [
        group,
        topic,
        partition,
      ]);
    },

    async setGeneration(deployment, generation) {
      await admin.query('UPDATE log.shards SET generation = $2 WHERE deployment = $1', [deployment, generation]);
    },

    async parked(group) {
      const { rows } = await admin.query<{ key: string; topic: string; reason: string | null }>(
        'SELECT key, topic, reason FROM log.parked_events WHERE group_name = $1 ORDER BY id',
        [group],
      );
      return rows;
    },

    async release(group, key) {
      await admin.query('UPDATE log.parked_keys SET release = true WHERE group_name = $1 AND key = $2', [group, key]);
      hub.wakeOwner(group);
    },

    async cutDatabase() {
      const name = new URL(postgres.url).pathname.slice(1);
      const server = await openDatabase({
        url: Object.assign(new URL(postgres.url), { pathname: '/postgres' }).href,
        schema: 'public',
        applicationName: 'cutter',
      });
      await server.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
      await server.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
      return async () => {
        await server.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
        await server.close();
      };
    },
  };

  beforeAll(async () => {
    await migrate({ url: postgres.url, schema: 'log', folder: LOG_MIGRATIONS });
    admin = await openDatabase({
      url: postgres.url,
      schema: 'log',
      role: roleOf('log'),
      applicationName: 'log',
      poolSize: 4,
    });
    hub = new LogHub(admin, false, () => undefined);
    republisher = new Publishing(
      kafkaClient({ brokers: brokers.list, clientId: 'republisher' }),
      (topic) => ({ topic, partitions: PARTITIONS, compacted: false }),
      {},
    );
  });

  afterAll(async () => {
    await republisher.close();
    await Promise.all([...stages.values()].map((db) => db.close()));
    await admin.close();
  });

  logContract('kafka', () => fixture);

  it('goes on through an empty cluster, once the database was told as the runbook says, and loses nothing that is stored', async () => {
    const topic = `Lost${process.pid.toString(36)}`;
    const [source, group] = ['lostsource', 'lostgroup'];
    const kafka = kafkaClient({ brokers: brokers.list, clientId: 'test' }).admin();
    await kafka.connect();
    const gaps: unknown[] = [];
    const seen: string[] = [];
    const read: TopicHandler = {
      topic,
      handle: (batch) => {
        batch.each((event: LogEvent<{ readonly n: number }>, unit) => {
          unit.put('seen', String(event.payload.n), {});
          seen.push(`${event.key} ${String(event.payload.n)}`);
        });
      },
    };
    const append = (numbers: readonly number[]) =>
      fixture.append(
        source,
        numbers.map((n) => ({ topic, type: 'Item', key: `user-${String(n % 3)}`, payload: { n }, cause: causeOf(n) })),
      );
    const taken = async () => (await fixture.documents(group, 'seen')).size;
    const publisher = () => fixture.member({ group: source, handlers: [] });
    const reader = () => fixture.member({ group, handlers: [read], observer: { gap: (info) => gaps.push(info) } });
    const sent = async () => {
      const offsets = await kafka.fetchTopicOffsets(topic);
      return offsets.reduce((sum, { high }) => sum + Number(high), 0);
    };

    await fixture.createTopics([topic]);
    let members = [await publisher(), await reader()];
    await append([1, 2, 3]);
    await until(async () => (await taken()) === 3);
    await members[1]?.stop();
    // Sent, and confirmed by the brokers, and not read when they are lost.
    await append([4, 5, 6]);
    await until(async () => (await sent()) === 6);
    await members[0]?.stop();
    await kafka.deleteTopics({ topics: [topic] });
    await until(async () => !(await kafka.listTopics()).includes(topic));

    const runbook = await readFile(new URL('../../../../docs/runbooks/other-log.md', import.meta.url), 'utf8');
    const sql = /```sql\n( *begin;.*?)```/s.exec(runbook)?.[1];
    await admin.query(sql ?? 'the runbook has no SQL');
    expect((await storedLog(admin))?.transport).toBeNull();
    members = [await publisher(), await reader()];
    await append([7, 8, 9]);
    await until(async () => (await taken()) === 9);
    expect(seen.toSorted()).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => `user-${String(n % 3)} ${String(n)}`).toSorted(),
    );
    expect(gaps).toEqual([]);
    for (const member of members) await member.stop();
    await kafka.disconnect();
  }, 60_000);
});

const causeOf = (n: number) => ({
  id: `lost-${String(n)}`,
  correlationId: 'c-1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
});

/** A wire that loses the records it is told to lose, as a broker does that confirmed and then failed. */
class LosingWire implements Wire {
  readonly name = 'kafka';
  readonly strangers = true;
  readonly readsStore = false;
  membership: Awaited<ReturnType<KafkaWire['join']>> | undefined;

  constructor(
    private readonly inner: KafkaWire,
    private readonly lost: ReadonlySet<string>,
  ) {}

  async join(request: JoinRequest): Promise<Membership> {
    const membership = await this.inner.join(request);
    this.membership = membership;
    const publish = membership.publish.bind(membership);
    return Object.assign(membership, {
      publish: (batches: readonly StoredBatch[]) => publish(batches.flatMap((batch) => this.kept(batch))),
    });
  }

  private kept(batch: StoredBatch): readonly StoredBatch[] {
    return batch.records.flatMap((record, index) => {
      const sequence = batch.firstSequence + index;
      return this.lost.has(`${batch.source} ${batch.topic} ${String(sequence)}`)
        ? []
        : [{ ...batch, firstSequence: sequence, records: [record] }];
    });
  }
}
