import type { Wire } from '@switchyard/log';
import {
  Housekeeping,
  LOG_MIGRATIONS,
  LatestValues,
  LogHub,
  PostgresWire,
  type CompactedTopics,
} from '@switchyard/log-postgres';
import type { Logger, Metrics } from '@switchyard/observability';
import { migrate, openDatabase, type Database } from '@switchyard/persistence';
import { Health } from './health.js';

export interface PlatformOptions {
  readonly databaseUrl: string;
  readonly transport: 'postgres' | 'kafka';
  readonly kafkaBrokers?: readonly string[];
  readonly partitions: number;
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
  close(): Promise<void>;
}

export async function openPlatform(options: PlatformOptions): Promise<Platform> {
  const { databaseUrl, logger, others, instance } = options;
  await migrate({ url: databaseUrl, schema: 'log', folder: LOG_MIGRATIONS });
  const db = await openDatabase({
    url: databaseUrl,
    schema: 'log',
    applicationName: `switchyard ${instance} log`,
    poolSize: 8,
  });
  const onError = (error: unknown): void => {
    logger.warn({ err: error }, 'the log could not reach the database; it tries again');
  };
  const hub = new LogHub(db, others, onError);
  await hub.start();
  const transport = await openTransport(options, db, hub, onError);
  const housekeeping = new Housekeeping({
    db,
    dropWhen: options.transport === 'kafka' ? 'published' : 'consumed',
    keepMs: KEEP_MS,
    everyMs: 30_000,
    onError,
  });
  housekeeping.start();
  const health = new Health();
  health.add({ name: 'database', problem: () => pingProblem(db) });
  return {
    ...options,
    health,
    hub,
    wire: transport.wire,
    compacted: transport.compacted,
    close: async () => {
      await transport.close();
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

async function openTransport(
  options: PlatformOptions,
  db: Database,
  hub: LogHub,
  onError: (error: unknown) => void,
): Promise<Transport> {
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
      throw new Error('the Kafka transport is not wired yet');
  }
}

const pingProblem = async (db: Database): Promise<string | undefined> => {
  try {
    await db.query('SELECT 1');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};
