import { BadSettings } from '@switchyard/config';
import type { Queryable } from '@switchyard/persistence';

/** What carries a deployment's events between its services. */
export interface Carrier {
  readonly transport: Transport;
  /** Over Kafka: asks the brokers which cluster they are. Null where they tell none: such clusters are not told apart. */
  readonly cluster?: () => Promise<string | null>;
  /** Over Kafka: one of our own topics that holds events already, if one does. */
  readonly topicInUse?: () => Promise<string | undefined>;
}

export type Transport = 'postgres' | 'kafka';

/** What a database says of the log that it belongs to; null is what nobody has told yet. */
export interface StoredLog {
  /** Of every topic but dead letters. */
  readonly partitions: number;
  readonly transport: Transport | null;
  /** Of Kafka, as its brokers name it. */
  readonly clusterId: string | null;
}

/** Why a start is refused: what is wrong, and what to do. A code never changes its meaning. */
export const OTHER_LOG = {
  LOG_PARTITIONS_DIFFER: [
    "The deployment's log has another number of partitions than is configured.",
    'Set SWITCHYARD_PARTITIONS to the number that is named.',
  ],
  LOG_TRANSPORT_DIFFERS: [
    'The database belongs to the other transport.',
    'Set SWITCHYARD_TRANSPORT to it, or begin with a database of its own.',
  ],
  LOG_CLUSTER_DIFFERS: [
    'The database belongs to another Kafka cluster: brokers of another one are named, or its data was deleted.',
    'Name its brokers in KAFKA_BROKERS, or begin with a database of its own.',
  ],
  LOG_TOPICS_IN_USE: [
    "The database is new and the cluster's topics hold events: another deployment runs there, or this one's database was lost.",
    'Name another cluster, restore the database, or delete the topics if nobody needs them.',
  ],
} as const satisfies Readonly<Record<string, readonly [string, string]>>;

export type OtherLogCode = keyof typeof OTHER_LOG;

/** A database that belongs to another log than is configured. The message begins with the code. */
export class OtherLog extends BadSettings {
  override readonly name = 'OtherLog';

  constructor(
    readonly code: OtherLogCode,
    sentence: string,
  ) {
    super(`${code}: ${sentence}`);
  }
}

/**
 * Ties a database to its log at the first start, and throws `OtherLog` from then on where it is asked for with another. How far everybody
 * has read is stored in the database: beside other topics, what is new would be dropped as known, or missed.
 *
 * 1. Fixed for the life of a deployment are the number of partitions, the transport and, over Kafka, the cluster. Without a `carrier`
 *    only the number is looked at: a setup stores events that the deployment's own transport carries later.
 * 2. Of many processes that start at once the first writer wins; the others are held to what it wrote.
 * 3. A database that has read nothing from Kafka is not tied to a cluster where our own topics hold events: those are another
 *    deployment's, or of a database that was lost, and are numbered by it.
 */
export async function tieLog(db: Queryable, partitions: number, carrier?: Carrier): Promise<void> {
  const before = await storedLog(db);
  const wish: StoredLog = { partitions, transport: carrier?.transport ?? null, clusterId: null };
  // What is known without the brokers is told though they may be away.
  if (before !== undefined) refuseOtherLog(before, wish);
  const asked = { ...wish, clusterId: (await carrier?.cluster?.()) ?? null };
  if (lacks(before, asked)) {
    if (before?.transport == null) await refuseForeignTopics(db, carrier);
    await db.query(TIE, [asked.partitions, asked.transport, asked.clusterId]);
  }
  const stored = await storedLog(db);
  if (stored === undefined) throw new Error('log.settings lost its row while it was read');
  refuseOtherLog(stored, asked);
}

export async function storedLog(db: Queryable): Promise<StoredLog | undefined> {
  const { rows } = await db.query<SettingsRow>('SELECT partitions, transport, cluster_id FROM log.settings');
  return rows.map((row) => ({ partitions: row.partitions, transport: row.transport, clusterId: row.cluster_id }))[0];
}

/** Throws `OtherLog` where what is known on both sides differs. */
export function refuseOtherLog(stored: StoredLog, asked: StoredLog): void {
  if (stored.partitions !== asked.partitions)
    throw new OtherLog(
      'LOG_PARTITIONS_DIFFER',
      `this deployment's log has ${stored.partitions} partitions, and ${asked.partitions} are configured: the count is fixed for the life of a deployment. Set SWITCHYARD_PARTITIONS=${stored.partitions}.`,
    );
  if (differ(stored.transport, asked.transport))
    throw new OtherLog(
      'LOG_TRANSPORT_DIFFERS',
      `this database belongs to ${nameOf(stored)}, and SWITCHYARD_TRANSPORT is ${String(asked.transport)}. ${WHY} Set SWITCHYARD_TRANSPORT=${String(stored.transport)}, or ${ITS_OWN}.`,
    );
  if (differ(stored.clusterId, asked.clusterId))
    throw new OtherLog(
      'LOG_CLUSTER_DIFFERS',
      `this database belongs to ${nameOf(stored)}, and KAFKA_BROKERS leads to the cluster ${String(asked.clusterId)}. ${WHY} Name the brokers of ${String(stored.clusterId)} in KAFKA_BROKERS, or ${ITS_OWN}. Where that cluster is gone for good: docs/runbooks/other-log.md.`,
    );
}

const WHY =
  'How far everybody has read is stored in it, and says nothing of another log: what is new would be dropped as known, or missed.';
const ITS_OWN = 'begin with a database of its own (DATABASE_URL, or another SWITCHYARD_DATA_DIR)';

const nameOf = ({ transport, clusterId }: StoredLog): string =>
  transport === 'kafka' ? `a log over Kafka (cluster ${clusterId ?? 'not known'})` : 'a log over Postgres alone';

const differ = (stored: string | null, asked: string | null): boolean =>
  stored !== null && asked !== null && stored !== asked;

/** Whether the database is still to be told something. */
const lacks = (stored: StoredLog | undefined, asked: StoredLog): boolean =>
  stored === undefined ||
  (stored.transport === null && asked.transport !== null) ||
  (stored.clusterId === null && asked.clusterId !== null);

async function refuseForeignTopics(db: Queryable, carrier: Carrier | undefined): Promise<void> {
  if (carrier?.topicInUse === undefined) return;
  const { rows } = await db.query<{ reads: boolean }>('SELECT EXISTS (SELECT FROM log.positions) AS reads');
  if (rows[0]?.reads === true) return;
  let topic: string | undefined;
  let trouble: unknown;
  try {
    topic = await carrier.topicInUse();
  } catch (error) {
    trouble = error;
  }
  if (topic === undefined && trouble === undefined) return;
  // Tied meanwhile: by a process that started beside this one, and the topics and their events are ours. Nobody writes before that.
  if ((await storedLog(db))?.transport != null) return;
  if (topic === undefined) throw trouble;
  throw new OtherLog(
    'LOG_TOPICS_IN_USE',
    `this database has read nothing yet, and Kafka's topic ${topic} holds events already: those of another deployment, or of a database that is lost. They are numbered by that one: what is new would be dropped as known. Name another cluster in KAFKA_BROKERS, restore the lost database, or, where nobody needs these events any more, delete Switchyard's topics.`,
  );
}

interface SettingsRow {
  readonly partitions: number;
  readonly transport: Transport | null;
  readonly cluster_id: string | null;
}

// What stands there stays; what nobody has told yet is filled in.
const TIE = `
  INSERT INTO log.settings AS s (partitions, transport, cluster_id) VALUES ($1, $2, $3)
  ON CONFLICT (only_row) DO UPDATE SET transport = excluded.transport, cluster_id = excluded.cluster_id
  WHERE s.partitions = excluded.partitions AND excluded.transport IS NOT NULL
    AND (s.transport IS NULL OR (s.transport = excluded.transport AND s.cluster_id IS NULL))`;
