import { kafkaClient } from '@switchyard/log-kafka';
import { Partitioners } from 'kafkajs';

/** The ceiling of a Kafka pipeline in Node: one process, a consumer and a producer a hop, records passed on as they are. */
const [brokers = '', hops = '0'] = process.argv.slice(2);
const kafka = kafkaClient({ clientId: 'bench-relay', brokers: brokers.split(',') });

await Promise.all(
  Array.from({ length: Number(hops) }, async (_, hop) => {
    const producer = kafka.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
      maxInFlightRequests: 1,
    });
    const consumer = kafka.consumer({ groupId: `bench-relay-${hop}`, maxWaitTimeInMs: 50 });
    await Promise.all([producer.connect(), consumer.connect()]);
    await consumer.subscribe({ topics: [`bench-hop-${hop}`], fromBeginning: true });
    const joined = new Promise<void>((resolve) => {
      consumer.on(consumer.events.GROUP_JOIN, () => {
        resolve();
      });
    });
    await consumer.run({
      partitionsConsumedConcurrently: 24,
      eachBatch: async ({ batch }) => {
        await producer.send({
          topic: `bench-hop-${hop + 1}`,
          acks: -1,
          messages: batch.messages.map(({ key, value, headers }) => ({ key, value, ...(headers && { headers }) })),
        });
      },
    });
    await joined;
  }),
);
process.send?.('ready');
for (const end of ['SIGTERM', 'disconnect']) process.on(end, () => process.exit(0));
