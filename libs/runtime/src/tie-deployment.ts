import { topicOf, typeOfTopic } from '@switchyard/contracts';
import { kafkaCarrier } from '@switchyard/log-kafka';
import {
  LOG_MIGRATIONS,
  refuseOtherLog,
  storedLog,
  tieLog,
  type Carrier,
  type Transport,
} from '@switchyard/log-postgres';
import { migrate, openDatabase, type Database } from '@switchyard/persistence';

/** What carries a deployment's events, as it is configured. */
export interface DeploymentLog {
  readonly transport: Transport;
  /** Needed where the transport is Kafka. */
  readonly kafkaBrokers?: readonly string[] | undefined;
  readonly partitions: number;
}

export interface DeploymentLogAt extends DeploymentLog {
  readonly databaseUrl: string;
}

/**
 * Ties a deployment's database to its log before any process of it starts. Throws `OtherLog` where the database belongs to another one,
 * and `KafkaUnreachable` where no broker answers.
 */
export async function tieDeployment({ databaseUrl, ...log }: DeploymentLogAt): Promise<void> {
  const db = await openLogDatabase(databaseUrl, 'switchyard start', 1);
  try {
    await tieLog(db, log.partitions, carrierOf(log));
  } finally {
    await db.close();
  }
}

/** The same as far as it can be told without brokers, which may not run yet. */
export async function checkDeployment({ databaseUrl, transport, partitions }: DeploymentLogAt): Promise<void> {
  const db = await openLogDatabase(databaseUrl, 'switchyard start', 1);
  try {
    const stored = await storedLog(db);
    if (stored !== undefined) refuseOtherLog(stored, { partitions, transport, clusterId: null });
  } finally {
    await db.close();
  }
}

/** The log's own schema, up to date. */
export async function openLogDatabase(url: string, applicationName: string, poolSize: number): Promise<Database> {
  await migrate({ url, schema: 'log', folder: LOG_MIGRATIONS });
  return openDatabase({ url, schema: 'log', applicationName, poolSize });
}

export const carrierOf = ({ transport, kafkaBrokers = [] }: Omit<DeploymentLog, 'partitions'>): Carrier =>
  transport === 'kafka'
    ? kafkaCarrier({ brokers: kafkaBrokers, clientId: 'switchyard.start' }, isOurs)
    : { transport: 'postgres' };

/** Whether nobody but us writes to a topic. At the door strangers do, perhaps before the first start; dead letters are numbered by nobody. */
export const isOurs = (topic: string): boolean => typeOfTopic(topic) !== undefined && topic !== DOOR;
const DOOR = topicOf('TradingSignalGenerated');
