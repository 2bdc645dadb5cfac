import { afterAll, beforeAll } from '@jest/globals';
import {
  SILENT,
  StageRunner,
  type JoinRequest,
  type LogEvent,
  type OutgoingEvent,
  type StageObserver,
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
} from '@switchyard/log-postgres';
import { isInfrastructureError, migrate, openDatabase, roleOf, schemaOf, type Database } from '@switchyard/persistence';
import { testDatabase } from '@switchyard/persistence/testing';
import { delayed } from '@switchyard/testing';
import { KafkaWire, type KafkaWireOptions } from '../kafka-wire.js';
import { KafkaMembership } from '../membership.js';

export interface MemberUnderTest {
  readonly runner: StageRunner;
  readonly membership: KafkaMembership | undefined;
  /** What it told of its wire's troubles. */
  readonly errors: readonly unknown[];
  /** What it told of its own work. */
  readonly parked: readonly string[];
  readonly paused: readonly unknown[];
  readonly fenced: readonly number[];
  stop(): Promise<void>;
}

export interface MemberOptions {
  readonly group: string;
  readonly name?: string;
  readonly handlers: readonly TopicHandler[];
  readonly reading?: KafkaWireOptions['reading'];
  readonly socketFactory?: KafkaWireOptions['socketFactory'];
  readonly beforeTransaction?: () => Promise<void>;
  readonly observer?: Partial<StageObserver>;
}

/** Real stages for the tests of a file: their memory in a Postgres of its own, their events over the brokers of the file. */
export class StagesUnderTest {
  private readonly postgres = testDatabase();
  private readonly stages = new Map<string, Database>();
  private readonly members = new Set<MemberUnderTest>();
  private log: Database | undefined;
  private hub: LogHub | undefined;

  constructor(
    private readonly brokers: () => readonly string[],
    private readonly partitions: number,
  ) {
    beforeAll(async () => {
      await migrate({ url: this.postgres.url, schema: 'log', folder: LOG_MIGRATIONS });
      this.log = await openDatabase({
        url: this.postgres.url,
        schema: 'log',
        role: roleOf('log'),
        applicationName: 'log',
        poolSize: 4,
      });
      this.hub = new LogHub(this.log, false, () => undefined);
    });
    afterAll(async () => {
      await this.stopAll();
      await Promise.all([...this.stages.values()].map((db) => db.close()));
      await this.log?.close();
    }, 60_000);
  }

  get db(): Database {
    if (this.log === undefined) throw new Error('the log has not been opened');
    return this.log;
  }

  /** Whatever a failed test left running. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.members].map((member) => member.stop()));
  }

  async member({ group, name = 'only', handlers, reading, socketFactory, beforeTransaction, observer }: MemberOptions) {
    const db = await this.stageDatabase(group);
    const errors: unknown[] = [];
    const [parked, paused, fenced]: [string[], unknown[], number[]] = [[], [], []];
    const wire = new NotedWire(
      new KafkaWire({
        brokers: this.brokers(),
        clientId: name,
        db: this.db,
        member: name,
        partitions: this.partitions,
        compacted: () => false,
        reading: { maxWaitMs: 200, heartbeatMs: 200, commitMs: 500, ...reading },
        socketFactory,
        onError: (error) => errors.push(error),
      }),
    );
    const runner = new StageRunner({
      stage: { group, handlers },
      store: delayed(new PostgresStageStore(db, group, undefined), beforeTransaction),
      wire,
      partitions: this.partitions,
      observer: {
        ...SILENT,
        parked: (_, reason) => parked.push(reason),
        paused: (error) => paused.push(error),
        fenced: (partitions) => fenced.push(...partitions),
        ...observer,
      },
      isInfrastructure: isInfrastructureError,
      retryMs: 50,
    });
    const off = this.hub?.onAppended(group, () => {
      runner.wake();
    });
    await runner.start();
    const member: MemberUnderTest = {
      runner,
      get membership() {
        return wire.membership;
      },
      errors,
      parked,
      paused,
      fenced,
      stop: async () => {
        if (!this.members.delete(member)) return;
        off?.();
        await runner.stop();
      },
    };
    this.members.add(member);
    return member;
  }

  /** Stores events as `deployment`, whose member publishes them. */
  async append(deployment: string, events: readonly OutgoingEvent[]): Promise<void> {
    const db = await this.stageDatabase(deployment);
    if (this.hub === undefined) throw new Error('the log has not been opened');
    const latest = new LatestValues(this.db, 0, () => undefined);
    const log = new StageEventLog(this.db, deployment, this.partitions, this.hub, latest);
    await db.transaction((tx) => log.append(tx, events));
  }

  /** What a stage of `listKeeper` keeps: the numbers of each key, in the order in which they had an effect. */
  async lists(group: string): Promise<ReadonlyMap<string, readonly number[]>> {
    const db = await this.stageDatabase(group);
    const { rows } = await db.query<{ key: string; doc: string }>(`SELECT key, doc FROM documents WHERE kind = 'list'`);
    return new Map(rows.map(({ key, doc }) => [key, JSON.parse(doc) as number[]]));
  }

  async parkedEvents(...groups: readonly string[]): Promise<number> {
    const { rows } = await this.db.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM log.parked_events WHERE group_name = ANY ($1)',
      [groups],
    );
    return rows[0]?.n ?? 0;
  }

  private async stageDatabase(group: string): Promise<Database> {
    const known = this.stages.get(group);
    if (known !== undefined) return known;
    const schema = schemaOf(group.toLowerCase());
    await migrate({ url: this.postgres.url, schema, folder: STAGE_MIGRATIONS });
    const db = await openDatabase({
      url: this.postgres.url,
      schema,
      role: roleOf(schema),
      applicationName: `stage ${group}`,
      poolSize: 3,
    });
    this.stages.set(group, db);
    return db;
  }
}

interface Item {
  readonly n: number;
}

export const item = (topic: string, key: string, n: number): OutgoingEvent => ({
  topic,
  type: 'Item',
  key,
  payload: { n },
  cause: { id: `${topic}-${key}-${String(n)}` },
});

/** Keeps every number that a key's events brought, so that one lost, doubled or out of order shows. */
export const listKeeper = (topic: string, extra: (event: LogEvent<Item>) => void = () => undefined): TopicHandler => ({
  topic,
  reads: (event: LogEvent<never>) => [{ kind: 'list', key: event.key }],
  handle: (batch) => {
    batch.each((event: LogEvent<Item>, unit) => {
      extra(event);
      unit.put('list', event.key, [...(unit.get<number[]>('list', event.key) ?? []), event.payload.n]);
    });
  },
});

/** A wire whose membership can be looked at. */
class NotedWire implements Wire {
  readonly name = 'kafka';
  readonly strangers = true;
  readonly readsStore = false;
  membership: KafkaMembership | undefined;

  constructor(private readonly inner: KafkaWire) {}

  async join(request: JoinRequest): ReturnType<KafkaWire['join']> {
    const membership = await this.inner.join(request);
    if (membership instanceof KafkaMembership) this.membership = membership;
    return membership;
  }
}
