import { hash } from 'node:crypto';
import { kafkaClient } from '@switchyard/log-kafka';
import { Partitioners } from 'kafkajs';
import { deriveId, encodeRecord, partitionOf } from '@switchyard/log';
import { LogHub } from '@switchyard/log-postgres';
import type { Database } from '@switchyard/persistence';
import type { Signal } from '@switchyard/model';
import { canonicalContent, identityKey } from '@switchyard/signal';
import type { LoadSignal } from './signals.js';
import { PARTITIONS, type System } from './system.js';

/** Where signals go in. When `send` resolves they are stored. */
export interface Door {
  send(signals: readonly LoadSignal[]): Promise<void>;
  close(): Promise<void>;
}

const TOPIC = 'TradingSignalGenerated';

/** The door of a system's transport. */
export const openDoor = async ({ brokers }: Pick<System, 'brokers'>, db: Database): Promise<Door> => {
  if (brokers !== undefined) return kafkaDoor(brokers);
  const hub = new LogHub(db, true, () => undefined);
  await hub.start();
  return new AdmitDoor(db, hub);
};

/** Signal validation's admit function, as the gateway calls it for REST. */
export class AdmitDoor implements Door {
  constructor(
    private readonly db: Database,
    private readonly hub: LogHub,
  ) {}

  async send(signals: readonly LoadSignal[]): Promise<void> {
    const time = new Date().toISOString();
    const frames = signals.map((signal) =>
      encodeRecord({
        key: signal.userId,
        id: deriveId('signal', signal.userId, signal.signalId),
        type: TOPIC,
        time,
        correlationId: signal.signalId,
        value: Buffer.from(JSON.stringify(signal)),
      }),
    );
    let end = 0;
    const offsets = frames.map((frame) => (end += frame.length) - frame.length);
    const { rows } = await this.db.query<{ outcome: string }>(ADMIT, [
      signals.map((signal) => identityKey(signal)),
      signals.map((signal) => hash('sha256', canonicalContent(signal as unknown as Signal), 'hex')),
      signals.map(({ userId }) => partitionOf(userId, PARTITIONS)),
      offsets,
      frames.map(({ length }) => length),
      Buffer.concat(frames, end),
    ]);
    const refused = rows.filter(({ outcome }) => outcome !== 'admitted').length;
    if (rows.length !== signals.length || refused > 0)
      throw new Error(`${refused} of ${signals.length} signals were not admitted`);
    this.hub.stored('signal-validation', [TOPIC]);
  }

  async close(): Promise<void> {
    await this.hub.stop();
  }
}

const ADMIT = {
  name: 'bench_admit',
  text: 'SELECT outcome FROM signal_validation.admit($1, $2, $3, $4, $5, $6) ORDER BY ordinal',
};

/** A strategy's own way: straight to the topic, with no headers of ours. */
export const kafkaDoor = async (brokers: readonly string[]): Promise<Door> => {
  const kafka = kafkaClient({ clientId: 'bench', brokers });
  const producer = kafka.producer({
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  return {
    send: async (signals) => {
      await producer.send({
        topic: TOPIC,
        acks: -1,
        messages: signals.map((signal) => ({ key: signal.userId, value: JSON.stringify(signal) })),
      });
    },
    close: () => producer.disconnect(),
  };
};
