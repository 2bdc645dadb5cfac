/**
 * Record batches on their way through kafkajs' producer: one message a topic and partition carries a whole encoded batch, so that
 * kafkajs finds leaders, sends, retries and reads the answer, and never touches a record.
 */
const BATCH = Symbol('switchyard:record-batch');

/** What stands for a batch in `producer.sendBatch`; the value is never sent. */
export interface PreparedMessage {
  readonly partition: number;
  readonly value: Buffer;
  readonly [BATCH]: Buffer;
}

export interface TopicData {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly messages: readonly object[] }[];
}

const NOTHING = Buffer.alloc(0);

export const prepared = (partition: number, batch: Buffer): PreparedMessage => ({
  partition,
  value: NOTHING,
  [BATCH]: batch,
});

const batchOf = (messages: readonly object[]): Buffer | undefined => {
  const [message] = messages as readonly Partial<PreparedMessage>[];
  return messages.length === 1 ? message?.[BATCH] : undefined;
};

export const isPrepared = (topicData: readonly TopicData[]): boolean =>
  topicData.length > 0 &&
  topicData.every(({ partitions }) => partitions.every(({ messages }) => batchOf(messages) !== undefined));

/** What kafkajs asks of an encoded request. */
export interface Encoded {
  readonly buf: Buffer;
  readonly buffer: Buffer;
}

/**
 * Produce request, versions 3 to 8, not transactional:
 * transactional_id acks timeout [topic [partition record_set]]
 */
export const encodeProduceRequest = (acks: number, timeoutMs: number, topicData: readonly TopicData[]): Encoded => {
  const topics = topicData.map(({ topic, partitions }) => ({
    name: Buffer.from(topic, 'utf8'),
    partitions: partitions.map(({ partition, messages }) => ({ partition, batch: batchOf(messages) ?? NOTHING })),
  }));
  const size = topics.reduce(
    (sum, { name, partitions }) =>
      sum + 6 + name.length + partitions.reduce((bytes, p) => bytes + 8 + p.batch.length, 0),
    12,
  );
  const bytes = Buffer.allocUnsafe(size);
  let at = bytes.writeInt16BE(-1, 0);
  at = bytes.writeInt16BE(acks, at);
  at = bytes.writeInt32BE(timeoutMs, at);
  at = bytes.writeInt32BE(topics.length, at);
  for (const { name, partitions } of topics) {
    at = bytes.writeInt16BE(name.length, at);
    at += name.copy(bytes, at);
    at = bytes.writeInt32BE(partitions.length, at);
    for (const { partition, batch } of partitions) {
      at = bytes.writeInt32BE(partition, at);
      at = bytes.writeInt32BE(batch.length, at);
      at += batch.copy(bytes, at);
    }
  }
  return { buf: bytes, buffer: bytes };
};
