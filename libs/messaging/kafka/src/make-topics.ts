import type { Admin } from 'kafkajs';
import {
  KafkaUnreachable,
  isCoordinatorStarting,
  isUnreachable,
  kafkaClient,
  type KafkaClientOptions,
} from './client.js';
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
    await wakeCoordinator(admin);
    await createMissing(admin, wishes, settings);
  } catch (error) {
    throw isUnreachable(error) ? new KafkaUnreachable(client.brokers, error) : error;
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}

/**
 * On a new cluster the groups' own topic is made when the first group is asked for. Asked for now, it is not queued behind all of ours,
 * and no member is turned away. Members wait for it by themselves where it takes longer than this.
 */
async function wakeCoordinator(admin: Admin): Promise<void> {
  for (let attempt = 1; attempt <= COORDINATOR_ATTEMPTS; attempt += 1) {
    try {
      await admin.fetchOffsets({ groupId: 'switchyard.topics' });
      return;
    } catch (error) {
      if (!isCoordinatorStarting(error)) throw error;
      await new Promise((resume) => setTimeout(resume, 100));
    }
  }
}

const COORDINATOR_ATTEMPTS = 30;
