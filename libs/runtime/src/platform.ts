import { EVENTS, isCompacted } from '@switchyard/contracts';
import type { Wire } from '@switchyard/log';
import { KafkaCompactedTopics, KafkaWire, type ReadingOptions } from '@switchyard/log-kafka';
import {
  Housekeeping,
  LatestValues,
  LogHub,
  PostgresWire,
  tieLog,
  type CompactedTopics,
} from '@switchyard/log-postgres';
import { LatencyProfiler, type Logger, type Metrics } from '@switchyard/observability';
import type { Database } from '@switchyard/persistence';
import { Health } from './health.js';
import { LatencyReports } from './latency-reports.js';
import { logMetrics, parkedDetail } from './log-metrics.js';
import { carrierOf, openLogDatabase, type DeploymentLogAt } from './tie-deployment.js';

export interface PlatformOptions extends DeploymentLogAt {
  /** How its members read: see `ReadingOptions`. */
  readonly kafkaReading?: Partial<ReadingOptions>;
  /**
   * Whether this process is one of the deployment's own, whose database is tied to their log before anything else begins; over Kafka each
   * is. Not so a setup: it stores users, over Postgres, which the deployment's transport carries on. Default false.
   */
  readonly tied?: boolean;
  /** Name of this process among the members of its groups, the same after a restart. */
  readonly instance: string;
  /** Whether other processes share the log: then news goes out by NOTIFY. */
  readonly others: boolean;
  /** Most connections of one service to Postgres. */
  readonly poolSize: number;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Whether spans are sent somewhere. */
  readonly traced: boolean;
}

/** What all services of one process share: the transport, the news of commits, health and metrics. */
export interface Platform extends PlatformOptions {
  readonly health: Health;
  readonly hub: LogHub;
  readonly wire: Wire;
  readonly compacted: CompactedTopics;
  readonly profiler: LatencyProfiler;
  /** Events that wait for each stage of this process, by topic: read when metrics are asked for. */
  readonly lags: Map<string, () => Promise<ReadonlyMap<string, number>>>;
  close(): Promise<void>;
}

/** Throws `OtherLog` where the database belongs to another log than this one. */
export async function openPlatform(options: PlatformOptions): Promise<Platform> {
  const { databaseUrl, logger, others, instance } = options;
  const db = await openLogDatabase(databaseUrl, `switchyard ${instance} log`, 8);
  try {
    const tied = options.transport === 'kafka' || options.tied === true;
    await tieLog(db, options.partitions, tied ? carrierOf(options) : undefined);
  } catch (error) {
    await db.close();
    throw error;
  }
  const onError = (error: unknown): void => {
    logger.warn({ err: error }, 'the log could not reach the database or the broker; it tries again');
  };
  const hub = new LogHub(db, others, onError);
  await hub.start();
  const health = new Health();
  const transport = openTransport(options, db, hub, health, onError);
  const housekeeping = new Housekeeping({
    db,
    dropWhen: options.transport === 'kafka' ? 'published' : 'consumed',
    keepMs: KEEP_MS,
    everyMs: 30_000,
    // With Kafka, the broker keeps the newest of each key.
    keepTopics: options.transport === 'kafka' ? [] : Object.keys(EVENTS).filter(isCompacted),
    onError,
  });
  housekeeping.start();
  const profiler = new LatencyProfiler();
  const latencies = new LatencyReports({ db, instance, profiler, onError });
  latencies.start();
  const lags: Platform['lags'] = new Map();
  logMetrics(options.metrics, lags, db);
  health.add({ name: 'database', problem: () => pingProblem(db) });
  // It degrades the users concerned, and nobody else: the process is ready all the same.
  health.tell({ name: 'parked', read: () => parkedDetail(lags, db) });
  return {
    ...options,
    profiler,
    health,
    hub,
    wire: transport.wire,
    compacted: transport.compacted,
    lags,
    close: async () => {
      await transport.close();
      await latencies.stop();
      await housekeeping.stop();
      await hub.stop();
      await db.close();
    },
  };
}

/** Stored batches are kept at least this long, whoever has read them. */
const KEEP_MS = 10 * 60_000;

interface Transport {
  readonly wire: Wire;
  readonly compacted: CompactedTopics;
  readonly close: () => Promise<void>;
}

function openTransport(
  options: PlatformOptions,
  db: Database,
  hub: LogHub,
  health: Health,
  onError: (error: unknown) => void,
): Transport {
  const { transport, instance, partitions, others } = options;
  switch (transport) {
    case 'postgres': {
      const latest = new LatestValues(db, others ? 500 : 0, onError);
      return {
        wire: new PostgresWire({ db, hub, member: instance, partitions, onError }),
        compacted: latest,
        close: () => {
          latest.stop();
          return Promise.resolve();
        },
      };
    }
    case 'kafka':
      return openKafka(options, db, health, onError);
  }
}

function openKafka(
  options: PlatformOptions,
  db: Database,
  health: Health,
  onError: (error: unknown) => void,
): Transport {
  const { instance, partitions, logger, kafkaBrokers: brokers = [], kafkaReading: reading = {} } = options;
  let broken: Error | undefined;
  health.add({ name: 'kafka', problem: () => broken?.message, fatal: () => broken !== undefined });
  const client = {
    brokers,
    clientId: `switchyard.${instance}`,
    onLog: (level: 'warn' | 'error', message: string): void => {
      logger.debug({ level }, message);
    },
  };
  const compacted = new KafkaCompactedTopics({
    ...client,
    partitions,
    onError,
    broken: (error) => {
      broken = error;
    },
  });
  return {
    wire: new KafkaWire({ ...client, db, member: instance, partitions, compacted: isCompacted, reading, onError }),
    compacted,
    close: () => compacted.stop(),
  };
}

const pingProblem = async (db: Database): Promise<string | undefined> => {
  try {
    await db.query('SELECT 1');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
