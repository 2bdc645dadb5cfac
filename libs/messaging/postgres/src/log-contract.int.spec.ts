import { afterAll, beforeAll } from '@jest/globals';
import { SILENT, StageRunner, type OutgoingEvent } from '@switchyard/log';
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
import { RepeatingWire, delayed, logContract, type LogFixture, type MemberOptions } from '@switchyard/testing';
import {
  LOG_MIGRATIONS,
  LatestValues,
  LogHub,
  PostgresStageStore,
  PostgresWire,
  STAGE_MIGRATIONS,
  StageEventLog,
} from './index.js';

const PARTITIONS = 8;
const postgres = testDatabase();
let admin: Database;
let hub: LogHub;
const wires = new Set<Pick<RepeatingWire, 'repeat'>>();
const stages = new Map<string, Database>();

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
  createTopics: () => Promise.resolve(),

  async member({ group, name = 'only', handlers, observer, beforeTransaction }: MemberOptions) {
    const db = await stageDatabase(group);
    let isolation: { readonly over: Promise<void>; readonly end: () => void } | undefined;
    const wireDb = new Proxy(admin, {
      get: (target, property) => {
        if (property === 'query' && isolation !== undefined) {
          const { over } = isolation;
          return async (...query: Parameters<Database['query']>) => {
            await over;
            return target.query(...query);
          };
        }
        const value = Reflect.get(target, property) as unknown;
        return typeof value === 'function' ? (value as (...args: unknown[]) => unknown).bind(target) : value;
      },
    });
    const wire = new RepeatingWire(
      new PostgresWire({
        db: wireDb,
        hub,
        member: name,
        partitions: PARTITIONS,
        heartbeatMs: 50,
        memberTimeoutMs: 1_000,
        pollMs: 50,
        onError: () => undefined,
      }),
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
    wires.add(wire);
    return {
      get held() {
        return wire.joined?.held ?? 0;
      },
      get owned() {
        return runner.owned;
      },
      get problem() {
        return runner.problem;
      },
      stop: async () => {
        off();
        wires.delete(wire);
        isolation?.end();
        await runner.stop();
      },
      // Its heartbeats hang, while it goes on getting batches from memory and writing to its own schema.
      isolate: () => {
        let end = (): void => undefined;
        const over = new Promise<void>((resolve) => {
          end = () => {
            isolation = undefined;
            resolve();
          };
        });
        isolation = { over, end };
        return Promise.resolve(() => {
          end();
          return Promise.resolve();
        });
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

  // What was lost comes back into its place; what was read already is delivered once more.
  async republish({ deployment, topic, partition, from }) {
    const source = `${deployment}/${String(partition)}`;
    const { rowCount } = await admin.query('UPDATE log.batches SET topic = $1 WHERE topic = $2 AND source LIKE $3', [
      topic,
      `lost:${topic}`,
      `${source}/%`,
    ]);
    if (rowCount > 0) hub.stored(deployment, [topic]);
    else for (const wire of wires) wire.repeat(topic, partition, source, from);
  },

  // The row is hidden as soon as it is stored, before any reader can see it.
  async lose({ deployment, topic, partition, sequence }) {
    await admin.query(
      `CREATE OR REPLACE FUNCTION log.lose() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF NEW.first_sequence = ${String(sequence)} AND NEW.topic = '${topic}' AND NEW.source = '${deployment}/${String(partition)}/1' THEN
           NEW.topic = 'lost:' || NEW.topic;
         END IF;
         RETURN NEW;
       END $$`,
    );
    await admin.query(
      'CREATE OR REPLACE TRIGGER lose BEFORE INSERT ON log.batches FOR EACH ROW EXECUTE FUNCTION log.lose()',
    );
  },

  async startFrom(group, { deployment, topic, partition, sequence }) {
    await admin.query(
      `INSERT INTO log.watermarks (group_name, topic, partition, origin, generation, sequence) VALUES ($1, $2, $3, $4, 1, $5)
       ON CONFLICT (group_name, topic, partition, origin) DO UPDATE SET sequence = excluded.sequence`,
      [group, topic, partition, `${deployment}/${String(partition)}`, sequence],
    );
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
});

afterAll(async () => {
  await Promise.all([...stages.values()].map((db) => db.close()));
  await admin.close();
});

logContract('postgres', () => fixture);
