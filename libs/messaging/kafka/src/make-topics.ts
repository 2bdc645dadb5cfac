import { KafkaUnreachable, isUnreachable, kafkaClient, type KafkaClientOptions } from './client.js';
import { createMissing, type TopicSettings, type TopicWish } from './topics.js';

/**
 * Has these topics made, as far as they are missing, in one request: on a new broker far quicker than when each member of each group
 * makes its own. Does not wait until they answer: whoever uses one does. Throws `KafkaUnreachable` where no broker answers.
 */
export async function makeTopics(
  client: KafkaClientOptions,
  wishes: readonly TopicWish[],
  settings: TopicSettings = {},
): Promise<void> {
  const admin = kafkaClient(client).admin();
  try {
    await admin.connect();
    await createMissing(admin, wishes, settings);
  } catch (error) {
    throw isUnreachable(error) ? new KafkaUnreachable(client.brokers, error) : error;
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
