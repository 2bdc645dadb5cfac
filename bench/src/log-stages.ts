import { SILENT, StageRunner, type EventLog, type LogEvent, type TopicHandler } from '@switchyard/log';
import {
  LOG_MIGRATIONS,
  LatestValues,
  LogHub,
  PostgresStageStore,
  PostgresWire,
  STAGE_MIGRATIONS,
  StageEventLog,
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

const PARTITIONS = 24;
const USERS = 1_000;

interface Item {
  readonly n: number;
  readonly ballast: string;
}

export interface LogStages {
  /** Events that went in. */
  readonly sent: number;
  /** Events that came out of the last stage. */
  readonly arrived: number;
  /** When each event came out, `performance.now()`, by its number; forgotten by `clear`. */
  readonly arrivals: Map<number, number>;
  /** @returns the number of the last one */
  send(count: number): Promise<number>;
  drained(): Promise<void>;
  stop(): Promise<void>;
}

/** Durable stages over the Postgres log, each storing a document per user and passing one event on: the skeleton of the pipeline. */
export const openLogStages = async (url: string, stages: number, bytes: number): Promise<LogStages> => {
  await migrate({ url, schema: 'log', folder: LOG_MIGRATIONS });
  const closing: Database[] = [];
  const open = async (schema: string, name: string, poolSize: number, role?: string): Promise<Database> => {
    const db = await openDatabase({
      url,
      schema,
      applicationName: name,
      poolSize,
      ...(role === undefined ? {} : { role }),
    });
    closing.push(db);
    return db;
  };
  const logDb = await open('log', 'bench log', 8);
  const hub = new LogHub(logDb, false, (error) => {
    throw error;
  });
  const arrivals = new Map<number, number>();
  let arrived = 0;
  const runners: StageRunner[] = [];
  for (let stage = 0; stage <= stages; stage += 1) {
    const name = `bench-${stage}`;
    const schema = schemaOf(name);
    await migrate({ url, schema, folder: STAGE_MIGRATIONS });
    const handler: TopicHandler = {
      topic: `Hop${stage}`,
      reads: (event: LogEvent<never>) => [{ kind: 'user', key: event.key }],
      handle: (batch) => {
        batch.each((event: LogEvent<Item>, unit) => {
          if (stage === stages) {
            arrived += 1;
            arrivals.set(event.payload.n, performance.now());
            return;
          }
          const before = unit.get<{ count: number; last: Item }>('user', event.key);
          unit.put('user', event.key, { count: (before?.count ?? 0) + 1, last: event.payload });
          unit.emit({ topic: `Hop${stage + 1}`, type: 'Hop', key: event.key, payload: event.payload });
        });
      },
    };
    const runner = new StageRunner({
      stage: { group: name, handlers: [handler] },
      store: new PostgresStageStore(await open(schema, name, 2, roleOf(schema)), name, undefined),
      wire: new PostgresWire({ db: logDb, hub, member: 'bench', partitions: PARTITIONS, onError: () => undefined }),
      partitions: PARTITIONS,
      observer: SILENT,
      isInfrastructure: isInfrastructureError,
    });
    await runner.start();
    runners.push(runner);
  }
  const door = await open('log', 'bench door', 4);
  await door.query(
    "INSERT INTO log.shards (deployment, partition) SELECT 'door', generate_series(0, $1::int - 1) ON CONFLICT DO NOTHING",
    [PARTITIONS],
  );
  const latest = new LatestValues(logDb, 0, () => undefined);
  const events: EventLog<Tx> = new StageEventLog(door, 'door', PARTITIONS, hub, latest);
  const ballast = 'x'.repeat(bytes);
  let sent = 0;
  return {
    get sent() {
      return sent;
    },
    get arrived() {
      return arrived;
    },
    arrivals,
    send: async (count) => {
      const batch = Array.from({ length: count }, () => {
        const n = (sent += 1);
        return {
          topic: 'Hop0',
          type: 'Hop',
          key: `user-${n % USERS}`,
          payload: { n, ballast },
          cause: { id: `signal-${n}` },
        };
      });
      await door.transaction((tx) => events.append(tx, batch));
      return sent;
    },
    drained: async () => {
      while (arrived < sent) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    stop: async () => {
      await Promise.all(runners.map((runner) => runner.stop()));
      latest.stop();
      for (const db of closing) await db.close();
    },
  };
};

/** Keeps a bounded number of events under way for a while, and waits for the last one. @returns how many went through, and how long it took */
export const pushThrough = async (
  stages: LogStages,
  seconds: number,
): Promise<{ readonly count: number; readonly seconds: number }> => {
  const startedAt = performance.now();
  const first = stages.arrived;
  const end = startedAt + seconds * 1_000;
  while (performance.now() < end) {
    if (stages.sent - stages.arrived < 5_000) await stages.send(200);
    else await new Promise((resolve) => setTimeout(resolve, 2));
  }
  await stages.drained();
  return { count: stages.arrived - first, seconds: (performance.now() - startedAt) / 1_000 };
};
