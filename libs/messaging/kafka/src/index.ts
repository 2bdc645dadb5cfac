export { KafkaUnreachable, kafkaClient, type KafkaClientOptions } from './client.js';
export { KafkaCompactedTopics, type CompactedTopicsOptions } from './compacted-topics.js';
export { kafkaCarrier } from './kafka-carrier.js';
export { makeTopics } from './make-topics.js';
export { KafkaWire, type KafkaWireOptions } from './kafka-wire.js';
export type { ReadingOptions } from './membership.js';
export { Publishing } from './publishing.js';
export { ensureTopics, type TopicSettings, type TopicWish } from './topics.js';
