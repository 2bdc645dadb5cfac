import { isCompacted } from '@switchyard/contracts';
import { KafkaUnreachable, Publishing, kafkaCarrier, kafkaClient } from '@switchyard/log-kafka';
import { OtherLog, refuseOtherLog, storedLog } from '@switchyard/log-postgres';
import { isInfrastructureError, openDatabase, roleOf, type Database } from '@switchyard/persistence';
import type { Command } from '../command.js';
import { databaseUrlOf } from '../database-url.js';
import { EXIT, Failure } from '../failure.js';
import { wholeNumber } from '../files.js';
import { republish } from '../republish.js';

/** What its owner was sending when the shard was locked has arrived, or failed, by then. */
const SETTLE_MS = 3_000;

export const REPUBLISH: readonly Command[] = [
  {
    name: 'republish',
    usage: 'SOURCE TOPIC PARTITION',
    summary: 'Send stored events to Kafka again, from a number on: heals EVENT_GAP.',
    details: `SOURCE, TOPIC, PARTITION and the number are in the alert: risk/7/1 OrderApproved 7 --from 41. Readers who have an event drop it.
Needs KAFKA_BROKERS and the database (DATABASE_URL, else the one in $SWITCHYARD_DATA_DIR); the source's shard stands still for some seconds.
Over the Postgres log there is nothing to send: its readers read the stored rows.`,
    arity: [3, 3],
    options: {
      from: { type: 'string', hint: 'N', help: 'The first number that is missing (needed).' },
    },
    run: async ({ terminal }, given) => {
      const [source = '', topic = '', partition = ''] = given.arguments;
      const from = wholeNumber('from', given.text('from'), 0);
      if (from === 0) throw new Failure(EXIT.usage, '--from is needed: the first number that is missing.');
      if (!/^\d{1,4}$/.test(partition)) throw new Failure(EXIT.usage, `"${partition}" is no partition.`);
      const brokers = (terminal.env['KAFKA_BROKERS'] ?? '').split(',').filter((broker) => broker !== '');
      if (brokers.length === 0)
        throw new Failure(
          EXIT.unreachable,
          'KAFKA_BROKERS names no broker. Over the Postgres log there is nothing to send.',
        );
      const db = await openDatabase({
        url: await databaseUrlOf(terminal),
        schema: 'log',
        role: roleOf('log'),
        applicationName: 'switchyard republish',
        poolSize: 2,
        idleInTransactionTimeoutMs: 300_000,
      }).catch(unreachable);
      let publishing: Publishing | undefined;
      try {
        const to = (publishing = await publisher(db, brokers));
        const missing = { source, topic, partition: Number(partition), from };
        const done = await republish(db, missing, (batches) => to.publish(batches), SETTLE_MS);
        const text = `${done.events} events of ${source}, up to number ${done.through}, are on ${topic} again.\n`;
        return { json: { ...missing, ...done }, text };
      } catch (error) {
        if (error instanceof OtherLog) throw new Failure(EXIT.refused, error.message, { code: error.code });
        if (error instanceof Error && error.name.startsWith('KafkaJS'))
          return unreachable(new KafkaUnreachable(brokers, error));
        if (error instanceof KafkaUnreachable || isInfrastructureError(error)) return unreachable(error);
        throw error;
      } finally {
        await publishing?.close();
        await db.close();
      }
    },
  },
];

/** Throws `OtherLog` where these are not the brokers of this database: readers elsewhere would take its events for theirs. */
const publisher = async (db: Database, brokers: readonly string[]): Promise<Publishing> => {
  const settings = await storedLog(db);
  if (settings === undefined) throw new Failure(EXIT.refused, 'This database holds no log of Switchyard.');
  const client = { brokers, clientId: 'switchyard.republish' };
  const asked = { partitions: settings.partitions, transport: 'kafka', clusterId: null } as const;
  refuseOtherLog(settings, asked);
  const clusterId = (await kafkaCarrier(client, () => false).cluster?.()) ?? null;
  refuseOtherLog(settings, { ...asked, clusterId });
  const wishOf = (topic: string) => {
    const dead = topic.endsWith('.dlt');
    return { topic, partitions: dead ? 1 : settings.partitions, compacted: !dead && isCompacted(topic) };
  };
  return new Publishing(kafkaClient(client), wishOf, {});
};

const unreachable = (error: unknown): never => {
  throw new Failure(EXIT.unreachable, error instanceof Error ? error.message : String(error));
};
