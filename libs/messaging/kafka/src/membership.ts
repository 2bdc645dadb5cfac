import type { Chunk, JoinRequest, Membership, StoredBatch } from '@switchyard/log';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { ChunkBuffer } from './chunk-buffer.js';
import { isCoordinatorStarting } from './client.js';
import { coPartitionedAssigner } from './co-partitioned-assigner.js';
import type { Ownership } from './ownership.js';
import type { Publishing } from './publishing.js';
import { Signal } from './signal.js';
import { StrayReads } from './stray-reads.js';
import { TopicNotThereYet, startingOffsets, type Places } from './starting-offsets.js';

export interface ReadingOptions {
  /** Least time between two fetches while little comes, ms: what arrives meanwhile is fetched together. */
  readonly lingerMs: number;
  /** Longest time a fetch waits at the broker for a first record, ms. */
  readonly maxWaitMs: number;
  /** Most records, and bytes, fetched and not yet handed over; beyond it nothing more is fetched. */
  readonly maxHeldRecords: number;
  readonly maxHeldBytes: number;
  /** A member not heard of for this long is dead, ms. */
  readonly sessionMs: number;
  /** How often a member is heard of, and hears that it must join again, ms. */
  readonly heartbeatMs: number;
  /** How long a rebalance waits for members to join again, ms. */
  readonly rebalanceMs: number;
  /** How often the positions are committed to Kafka, where they show the lag, ms. */
  readonly commitMs: number;
}

/**
 * A member of a Kafka consumer group. kafkajs joins, fetches and hands every batch to `take`'s buffer; from there on nothing of a stage
 * reaches kafkajs, no error and no delay, but the pause when the buffer is full.
 *
 * 1. Partitions are read only after their epochs are raised in the database, from the offsets that the group stored there; what
 *    kafkajs fetches before is dropped. What Kafka has as committed offsets is for the eye only.
 * 2. Every rebalance takes all partitions away and deals them anew: a former assignment's chunks settle without effect.
 * 3. When kafkajs gives up for good, `broken` says so; when it starts itself again, the group is joined again.
 * 4. What kafkajs fetches from another place than is due is not taken (`stray-reads.ts`).
 */
export class KafkaMembership implements Membership {
  private readonly buffer: ChunkBuffer;
  private readonly consumer: Consumer;
  private readonly subscribed: string[];
  private readonly compacted: ReadonlySet<string>;
  private readonly strays: StrayReads;
  /** Epochs by partition. */
  private owned: ReadonlyMap<number, number> = new Map();
  private memberId = '';
  /** Whether the partitions are ours, and kafkajs knows from where to read them. */
  private reading = false;
  /** Rises with each assignment and each loss of one: what was begun for another is given up. */
  private generation = 0;
  private revoking: Promise<void> = Promise.resolve();
  private readonly news = new Signal();
  private readonly room = new Signal();
  private lingering: Promise<void> | undefined;
  private reviewing: Promise<void> | undefined;
  private committing: NodeJS.Timeout | undefined;
  private left = false;

  constructor(
    private readonly kafka: Kafka,
    private readonly request: JoinRequest,
    private readonly ownership: Ownership,
    private readonly publishing: Publishing,
    private readonly options: ReadingOptions,
    private readonly onError: (error: unknown) => void,
  ) {
    this.subscribed = request.topics.map(({ topic }) => topic);
    this.compacted = new Set(request.topics.filter(({ compacted }) => compacted).map(({ topic }) => topic));
    this.buffer = new ChunkBuffer(this.compacted);
    this.strays = new StrayReads(kafka, this.buffer, onError, (place) => {
      this.consumer.seek({ ...place, offset: place.offset.toString() });
    });
    this.consumer = kafka.consumer({
      groupId: request.group,
      allowAutoTopicCreation: false,
      partitionAssigners: [coPartitionedAssigner],
      sessionTimeout: options.sessionMs,
      heartbeatInterval: options.heartbeatMs,
      rebalanceTimeout: options.rebalanceMs,
      minBytes: 1,
      maxWaitTimeInMs: options.maxWaitMs,
      maxBytesPerPartition: 1 << 20,
      maxBytes: 8 << 20,
      // Not `retry.restartOnFailure`: kafkajs restarts after failures that may pass, and crashes after those that may not.
    });
  }

  async start(): Promise<void> {
    const { GROUP_JOIN, REBALANCING, CRASH, END_BATCH_PROCESS } = this.consumer.events;
    this.consumer.on(GROUP_JOIN, ({ payload }) => {
      this.memberId = payload.memberId;
      this.joined(payload.memberAssignment);
    });
    this.consumer.on(REBALANCING, () => {
      this.revoke();
    });
    this.consumer.on(CRASH, ({ payload: { error, restart } }) => {
      this.revoke();
      if (restart) {
        if (!isCoordinatorStarting(error)) this.onError(error);
      } else if (!this.left)
        this.request.broken(new Error(`the Kafka consumer ended: ${error.message}`, { cause: error }));
    });
    // Of batches without a record for readers, no handler is told.
    this.consumer.on(END_BATCH_PROCESS, ({ payload }) => {
      const { topic, partition, batchSize, firstOffset, lastOffset } = payload;
      if (batchSize === 0) this.passed(topic, partition, firstOffset, lastOffset);
    });
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: this.subscribed, fromBeginning: true });
    await this.run();
    this.committing = setInterval(() => void this.commit(), this.options.commitMs);
    this.committing.unref();
  }

  private run(): Promise<void> {
    return this.consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: 64,
      eachBatch: (payload) => this.fetched(payload),
    });
  }

  take(max: number): Promise<readonly Chunk[]> {
    const chunks = this.buffer.take(max);
    if (chunks.length > 0) this.room.fire();
    return Promise.resolve(chunks);
  }

  ready(): Promise<void> {
    if (this.buffer.hasReady || this.left) return Promise.resolve();
    return this.news.wait(IDLE_LOOK_MS);
  }

  settle(chunk: Chunk): void {
    this.buffer.settle(chunk);
  }

  giveBack(chunk: Chunk, _why: 'failed' | 'held', handled = 0): void {
    this.buffer.giveBack(chunk, handled);
    this.reviewing ??= this.review();
  }

  publish(batches: readonly StoredBatch[]): Promise<void> {
    return this.publishing.publish(batches);
  }

  /** Events in this process's memory: waiting, or handed out. */
  get held(): number {
    return this.buffer.held.records + this.buffer.held.out;
  }

  lag(): Promise<ReadonlyMap<string, number>> {
    return Promise.resolve(this.buffer.lag());
  }

  async leave(): Promise<void> {
    this.left = true;
    clearInterval(this.committing);
    this.news.fire();
    await this.commit();
    this.revoke();
    await this.revoking;
    await this.consumer.stop();
    await this.consumer.disconnect();
    await this.publishing.close();
  }

  /**
   * What was given back rests, and then goes out again: without what is stored after all, and without the events that stand behind a gap.
   * They can't be taken before the missing number comes, which in Kafka comes later, with all that follow it.
   */
  private async review(restMs = GIVEN_BACK_REST_MS): Promise<void> {
    await pause(restMs);
    this.reviewing = undefined;
    if (this.left) return;
    const partitions = this.buffer.resting();
    try {
      await this.takeBack(partitions);
      this.buffer.skipRead(await this.ownership.settledPositions(partitions));
      this.buffer.skipGaps(await this.ownership.watermarks(partitions));
    } catch (error) {
      // Not to be handed out before it is known what of it is stored.
      this.onError(error);
      this.reviewing ??= this.review(Math.min(restMs * 2, MOST_REST_MS));
      return;
    }
    this.buffer.rested(partitions);
    this.news.fire();
  }

  /**
   * A member that was slow to take partitions over may have raised their epochs after they went to us. Whoever is in the group's
   * present generation is right: kafkajs's member id tells, once the group is stable.
   */
  private async takeBack(partitions: readonly number[]): Promise<void> {
    const { generation } = this;
    const epochs = await this.ownership.epochs(partitions);
    const lost = partitions.filter(
      (partition) => this.owned.has(partition) && this.owned.get(partition) !== epochs.get(partition),
    );
    if (lost.length === 0) return;
    const { state, members } = await this.consumer.describeGroup();
    if (state !== 'Stable' || !members.some(({ memberId }) => memberId === this.memberId)) return;
    const ours = await this.ownership.claim(lost);
    if (generation !== this.generation) return;
    this.owned = new Map([...this.owned, ...ours]);
    await this.request.assigned(ours);
  }

  /** kafkajs's handler of a batch. Throws kafkajs's own errors only (a heartbeat that says: join again). */
  private async fetched(payload: EachBatchPayload): Promise<void> {
    const { generation } = this;
    const { batch } = payload;
    // Fetched from where kafkajs would go on: it is fetched again from where the group stopped.
    const early = !this.reading;
    const waits = (): boolean => (early ? !this.reading : this.isFull());
    while (waits() && payload.isRunning() && generation === this.generation) {
      await this.room.wait(this.options.heartbeatMs);
      await payload.heartbeat();
    }
    if (early || generation !== this.generation) return;
    if (!this.compacted.has(batch.topic) && this.strays.caught(batch, () => generation === this.generation)) return;
    const count = this.buffer.add(batch.topic, batch.partition, batch.messages, batch.highWatermark);
    if (count > 0) this.news.fire();
    const last = batch.messages.at(-1);
    if (last !== undefined)
      this.passed(batch.topic, batch.partition, `${BigInt(last.offset) + 1n}`, batch.lastOffset());
    if (count < FEW_RECORDS) await (this.lingering ??= this.linger());
  }

  /** `first` is null of an empty fetch, whatever kafkajs's types say. */
  private passed(topic: string, partition: number, first: string | null, last: string): void {
    if (first !== null) this.buffer.passed(topic, partition, BigInt(first), BigInt(last) + 1n);
  }

  private isFull(): boolean {
    const { records, bytes } = this.buffer.held;
    return records >= this.options.maxHeldRecords || bytes >= this.options.maxHeldBytes;
  }

  private async linger(): Promise<void> {
    await pause(this.options.lingerMs);
    this.lingering = undefined;
  }

  /** All partitions go; the stage ends what is under way, within a bound. */
  private revoke(): void {
    this.generation += 1;
    const lost = [...this.owned.keys()];
    this.owned = new Map();
    this.reading = false;
    this.buffer.closeAll();
    this.room.fire();
    if (lost.length === 0) return;
    const revoked = this.revoking.then(() => this.request.revoked(lost));
    this.revoking = within(revoked, REVOKE_PATIENCE_MS).catch(this.onError);
  }

  /** Runs within kafkajs's event, before its next fetch: what that brings is not taken until the epochs are ours. */
  private joined(assignment: Readonly<Record<string, readonly number[]>>): void {
    this.revoke();
    const { generation } = this;
    const places = Object.entries(assignment).map(([topic, partitions]) => ({ topic, partitions: [...partitions] }));
    void this.takeOver(places, generation);
  }

  private async takeOver(places: readonly Places[], generation: number): Promise<void> {
    const partitions = [...new Set(places.flatMap((place) => place.partitions))].sort((a, b) => a - b);
    const since = performance.now();
    for (let wait = 100; generation === this.generation && !this.left; wait = Math.min(wait * 2, 2_000)) {
      try {
        await this.revoking;
        await this.assign(places, partitions, generation);
        return;
      } catch (error) {
        // The database or the broker is away. The group goes on, nothing is read, and it is tried again.
        if (!(error instanceof TopicNotThereYet) || performance.now() - since > NEW_TOPIC_PATIENCE_MS)
          this.onError(error);
        await pause(wait);
      }
    }
  }

  private async assign(places: readonly Places[], partitions: readonly number[], generation: number): Promise<void> {
    const epochs = await this.ownership.claim(partitions);
    const stored = await this.ownership.positions(partitions);
    const offsets = await startingOffsets(this.kafka, places, stored, this.onError);
    if (generation !== this.generation) return;
    this.owned = epochs;
    await this.request.assigned(epochs);
    // Another rebalance may have come while the stage was told.
    if (generation !== (this.generation as unknown)) return;
    const positions = new Map(stored.map((one) => [`${one.topic}\n${one.partition}`, one.position]));
    for (const { topic, partition, offset } of offsets) {
      this.buffer.open(topic, partition, offset, positions.get(`${topic}\n${partition}`));
      this.consumer.seek({ topic, partition, offset: offset.toString() });
    }
    this.reading = true;
    this.room.fire();
    this.news.fire();
  }

  private async commit(): Promise<void> {
    const moved = this.buffer.moved();
    if (moved.length === 0) return;
    try {
      await this.consumer.commitOffsets([...moved]);
    } catch {
      // During a rebalance, or a broker is away. It only shows the lag; the next one says more.
    }
  }
}

/** Below the group's rebalance timeout: a stage that does not end is fenced by the next owner's epoch. */
const REVOKE_PATIENCE_MS = 8_000;
/** So long a topic may be unknown to a broker before anybody hears of it. */
const NEW_TOPIC_PATIENCE_MS = 10_000;
/** A chunk given back is not handed over again at once. */
const GIVEN_BACK_REST_MS = 250;
/** While the database is away. */
const MOST_REST_MS = 2_000;
/** `ready` resolves at least this often, so that what others appended is looked for. */
const IDLE_LOOK_MS = 1_000;
/** A fetch that brought more than this is followed by the next one at once. */
const FEW_RECORDS = 100;

/** Until the promise settles, but no longer. */
const within = async (promise: Promise<void>, ms: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, patience]).finally(() => {
    clearTimeout(timer);
  });
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
