import { Kafka, logLevel, type Consumer } from 'kafkajs';

/** A record as a stranger's consumer sees it: nothing of ours reads it. */
export interface TopicRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly value: Buffer;
}

/** Everything on these topics, from their beginning on, as it comes in. */
export class TopicLog {
  readonly records: TopicRecord[] = [];
  private readonly parsed = new WeakMap<TopicRecord, Readonly<Record<string, unknown>>>();

  private constructor(private readonly consumer: Consumer) {}

  static async open(brokers: readonly string[], topics: readonly string[]): Promise<TopicLog> {
    const kafka = new Kafka({ brokers: [...brokers], clientId: 'onlooker', logLevel: logLevel.NOTHING });
    const consumer = kafka.consumer({ groupId: `onlooker-${process.pid.toString()}`, maxWaitTimeInMs: 250 });
    const log = new TopicLog(consumer);
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: 50,
      eachBatch: ({ batch: { topic, partition, messages } }) => {
        for (const { key, value, headers = {}, offset } of messages)
          log.records.push({
            topic,
            partition,
            offset,
            key: key?.toString() ?? '',
            headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, text?.toString()])),
            value: value ?? Buffer.alloc(0),
          });
        return Promise.resolve();
      },
    });
    return log;
  }

  on(topic: string): readonly TopicRecord[] {
    return this.records.filter((record) => record.topic === topic);
  }

  /** Parsed once: a test looks at a topic again and again while it waits. */
  jsonOf(record: TopicRecord): Readonly<Record<string, unknown>> {
    let json = this.parsed.get(record);
    if (json === undefined) {
      json = JSON.parse(record.value.toString()) as Readonly<Record<string, unknown>>;
      this.parsed.set(record, json);
    }
    return json;
  }

  events<Payload>(topic: string): readonly Payload[] {
    return this.on(topic).map((record) => this.jsonOf(record) as Payload);
  }

  close(): Promise<void> {
    return this.consumer.disconnect();
  }
}
