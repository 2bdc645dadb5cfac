import { DEAD_LETTER_TOPICS, allTopics, isCompacted } from '@switchyard/contracts';
import { makeTopics, type TopicWish } from '@switchyard/log-kafka';

export interface DeploymentTopics {
  readonly brokers: readonly string[];
  /** Of every topic but dead letters; fixed for the life of a deployment. */
  readonly partitions: number;
  readonly venues: readonly string[];
}

/** Has every Kafka topic of a deployment made, before the first service starts. Throws a sentence where no broker answers. */
export const makeDeploymentTopics = ({ brokers, partitions, venues }: DeploymentTopics): Promise<void> =>
  makeTopics({ brokers, clientId: 'switchyard.topics' }, [
    ...allTopics(venues).map((topic): TopicWish => ({ topic, partitions, compacted: isCompacted(topic) })),
    ...DEAD_LETTER_TOPICS.map((topic): TopicWish => ({ topic, partitions: 1, compacted: false })),
  ]);
