import type { Carrier } from '@switchyard/log-postgres';
import type { Admin } from 'kafkajs';
import { KafkaUnreachable, isUnreachable, kafkaClient, type KafkaClientOptions } from './client.js';

/**
 * A Kafka cluster as what carries a deployment's events. Its answers throw `KafkaUnreachable` where no broker answers.
 * @param ours whether nobody but Switchyard writes to a topic
 */
export function kafkaCarrier(client: KafkaClientOptions, ours: (topic: string) => boolean): Carrier {
  const ask = async <T>(question: (admin: Admin) => Promise<T>): Promise<T> => {
    const admin = kafkaClient(client).admin();
    try {
      await admin.connect();
      return await question(admin);
    } catch (error) {
      throw isUnreachable(error) ? new KafkaUnreachable(client.brokers, error) : error;
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  };
  return {
    transport: 'kafka',
    // Brokers that are not Apache's may leave it out, whatever kafkajs's types say.
    cluster: () => ask(async (admin) => ((await admin.describeCluster()).clusterId as string | undefined) ?? null),
    topicInUse: () =>
      ask(async (admin) => {
        // One after the other: asked for several at once, kafkajs gives them one common answer, and fails on it.
        for (const topic of (await admin.listTopics()).filter(ours).sort()) {
          const extents = await admin.fetchTopicOffsets(topic);
          if (extents.some(({ low, high }) => BigInt(high) > BigInt(low))) return topic;
        }
        return undefined;
      }),
  };
}
