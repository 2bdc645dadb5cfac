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
  startEmbeddedPostgres,
  type Tx,
} from '@switchyard/persistence';
import { cpuOf } from './cpu.js';
import type { Benchmark, Figures } from './benchmark.js';

const STAGES = 5;
const PARTITIONS = 24;
const USERS = 1_000;

interface Item {
  readonly n: number;
  readonly ballast: string;
}

/** Five durable stages over the Postgres log, each with a document per user stored and one event passed on: the skeleton of the pipeline. */
export const logRelay: Benchmark = {
  name: 'log-relay',
  what: 'five durable stages over the Postgres log, decisions left out: events/s, CPU per event, latency at 100/s',
  async run({ directory, log }) {
    const postgres = await startEmbeddedPostgres({ dataDir: `${directory}/postgres`, log });
    await migrate({ url: postgres.url, schema: 'log', folder: LOG_MIGRATIONS });
    const logDb = await openDatabase({ url: postgres.url, schema: 'log', applicationName: 'bench log', poolSize: 8 });
    const hub = new LogHub(logDb, false, (error) => {
      throw error;
    });
    const arrivals = new Map<number, number>();
    let arrived = 0;
    const runners: StageRunner[] = [];
    for (let stage = 0; stage <= STAGES; stage += 1) {
      const name = `bench-${String(stage)}`;
      const schema = schemaOf(name);
      await migrate({ url: postgres.url, schema, folder: STAGE_MIGRATIONS });
      const db = await openDatabase({
        url: postgres.url,
        schema,
        role: roleOf(schema),
        applicationName: name,
        poolSize: 2,
      });
      const handler: TopicHandler = {
        topic: `Hop${String(stage)}`,
        reads: (event: LogEvent<never>) => [{ kind: 'user', key: event.key }],
        handle: (batch) => {
          batch.each((event: LogEvent<Item>, unit) => {
            if (stage === STAGES) {
              arrived += 1;
              arrivals.set(event.payload.n, performance.now());
              return;
            }
            const before = unit.get<{ count: number; last: Item }>('user', event.key);
            unit.put('user', event.key, { count: (before?.count ?? 0) + 1, last: event.payload });
            unit.emit({ topic: `Hop${String(stage + 1)}`, type: 'Hop', key: event.key, payload: event.payload });
          });
        },
      };
      const runner = new StageRunner({
        stage: { group: name, handlers: [handler] },
        store: new PostgresStageStore(db, name, undefined),
        wire: new PostgresWire({ db: logDb, hub, member: 'bench', partitions: PARTITIONS, onError: () => undefined }),
        partitions: PARTITIONS,
        observer: SILENT,
        isInfrastructure: isInfrastructureError,
      });
      await runner.start();
      runners.push(runner);
    }
    const door = await openDatabase({ url: postgres.url, schema: 'log', applicationName: 'bench door', poolSize: 4 });
    await door.query("INSERT INTO log.shards (deployment, partition) SELECT 'door', generate_series(0, $1 - 1)", [
      PARTITIONS,
    ]);
    const events: EventLog<Tx> = new StageEventLog(
      door,
      'door',
      PARTITIONS,
      hub,
      new LatestValues(logDb, 0, () => undefined),
    );
    const ballast = 'x'.repeat(500);
    let next = 0;
    const send = async (count: number): Promise<void> => {
      const batch = Array.from({ length: count }, () => {
        const n = (next += 1);
        return {
          topic: 'Hop0',
          type: 'Hop',
          key: `user-${String(n % USERS)}`,
          payload: { n, ballast },
          cause: { id: `signal-${String(n)}` },
        };
      });
      await door.transaction((tx) => events.append(tx, batch));
    };
    const drained = async (): Promise<void> => {
      while (arrived < next) await new Promise((resolve) => setTimeout(resolve, 5));
    };

    await send(500);
    await drained();
    const before = {
      cpu: await cpuOf(process.pid),
      database: await cpuOf(postgres.pid),
      at: performance.now(),
      arrived,
    };
    const end = performance.now() + 10_000;
    while (performance.now() < end) {
      if (next - arrived < 5_000) await send(200);
      else await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await drained();
    const seconds = (performance.now() - before.at) / 1_000;
    const count = arrived - before.arrived;
    const figures: Record<string, number> = {
      eventsPerSecond: Math.round(count / seconds),
      workerMicrosecondsPerEvent: Math.round((((await cpuOf(process.pid)) - before.cpu) * 1e6) / count),
      databaseMicrosecondsPerEvent: Math.round((((await cpuOf(postgres.pid)) - before.database) * 1e6) / count),
    };

    arrivals.clear();
    const sentAt = new Map<number, number>();
    const slowEnd = performance.now() + 8_000;
    const quiet = { cpu: await cpuOf(process.pid), database: await cpuOf(postgres.pid), at: performance.now() };
    while (performance.now() < slowEnd) {
      const at = performance.now();
      const sending = send(1);
      sentAt.set(next, at);
      await sending;
      await new Promise((resolve) => setTimeout(resolve, Math.max(0, 10 - (performance.now() - at))));
    }
    await drained();
    const waits = [...sentAt].map(([n, at]) => (arrivals.get(n) ?? at) - at).sort((a, b) => a - b);
    figures['latencyP50Ms'] = round(waits[Math.floor(waits.length * 0.5)] ?? 0);
    figures['latencyP99Ms'] = round(waits[Math.floor(waits.length * 0.99)] ?? 0);
    figures['coresAt100PerSecond'] = round(
      ((await cpuOf(process.pid)) - quiet.cpu + (await cpuOf(postgres.pid)) - quiet.database) /
        ((performance.now() - quiet.at) / 1_000),
    );
    await Promise.all(runners.map((runner) => runner.stop()));
    await postgres.stop();
    return { figures: figures satisfies Figures, goals: [] };
  },
};

const round = (value: number): number => Math.round(value * 100) / 100;
