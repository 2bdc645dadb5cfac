import type { LogEvent } from '../event.js';
import { RecordEvent } from '../record.js';
import type { Chunk, JoinRequest, Membership, Wire } from '../wire.js';
import type { MemoryGroup } from './memory-group.js';
import type { MemoryLogCore } from './memory-log-core.js';
import { firstBeyond, lastOf, placeOf, type SourceLog } from './stored-batches.js';

/** The memory log as one process reads it. */
export class MemoryWire implements Wire {
  readonly name = 'memory';
  readonly strangers = false;
  readonly readsStore = true;

  constructor(
    private readonly core: MemoryLogCore,
    private readonly member: string,
  ) {}

  async join(request: JoinRequest): Promise<MemoryMembership> {
    for (const { topic, partitions } of request.topics) {
      if (partitions !== (topic.endsWith('.dlt') ? 1 : this.core.partitions))
        throw new Error(
          `${topic} is to have ${String(partitions)} partitions, the log has ${String(this.core.partitions)}`,
        );
    }
    const membership = new MemoryMembership(this.core, this.core.group(request.group), this.member, request);
    this.core.subscribe(
      request.group,
      request.topics.map(({ topic }) => topic),
    );
    await membership.join();
    return membership;
  }
}

/** Keeps only numbers of what it has read: the events stay where they are until they are taken. */
export class MemoryMembership implements Membership {
  /** Epochs of the partitions that this member has, as far as it knows. */
  readonly owned = new Map<number, number>();
  /** Last number taken of each source, by place. */
  private readonly taken = new Map<string, Map<string, number>>();
  /** Places with something to read, the one that waits longest first. */
  private readonly wanted = new Set<string>();
  /** Places held back: not read again at once, lest a missing number makes the runner spin. */
  private readonly resting = new Set<string>();
  private readonly out = new Map<string, number>();
  private wake: (() => void) | undefined;
  private revoking: Promise<unknown> = Promise.resolve();
  private left = false;

  constructor(
    private readonly core: MemoryLogCore,
    private readonly group: MemoryGroup,
    readonly name: string,
    private readonly request: JoinRequest,
  ) {}

  join(): Promise<void> {
    return this.group.join(this);
  }

  /** Events in this member's hands. */
  get held(): number {
    return [...this.out.values()].reduce((sum, events) => sum + events, 0);
  }

  async take(max: number): Promise<readonly Chunk[]> {
    // Under load nothing else here waits for anything but promises: without this, timers and sockets would starve.
    await new Promise((resolve) => setImmediate(resolve));
    this.core.before('read');
    const chunks: Chunk[] = [];
    let room = max;
    for (const place of [...this.wanted]) {
      if (room <= 0) break;
      if (this.out.has(place) || this.resting.has(place)) continue;
      this.wanted.delete(place);
      const events = this.read(place, room);
      if (events.length === 0) continue;
      // There may be more; others come first next time.
      this.wanted.add(place);
      this.out.set(place, events.length);
      chunks.push({ ...topicAndPartition(place), events });
      room -= events.length;
    }
    if (chunks.length > 0) this.rested();
    return chunks;
  }

  ready(): Promise<void> {
    if (this.left || [...this.wanted].some((place) => !this.resting.has(place))) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = this.resting.size > 0 ? setTimeout(() => this.wake?.(), GIVEN_BACK_REST_MS) : undefined;
      const before = this.wake;
      this.wake = () => {
        clearTimeout(timer);
        this.wake = undefined;
        this.rested();
        before?.();
        resolve();
      };
    });
  }

  settle({ topic, partition }: Chunk): void {
    this.out.delete(placeOf(topic, partition));
  }

  giveBack({ topic, partition }: Chunk, why: 'failed' | 'held'): void {
    const place = placeOf(topic, partition);
    this.out.delete(place);
    this.taken.delete(place);
    if (!this.owned.has(partition)) return;
    this.wanted.add(place);
    if (why === 'held') this.resting.add(place);
  }

  /** Readers read what is stored, and were told at the commit. */
  publish(): Promise<void> {
    return Promise.resolve();
  }

  lag(): Promise<ReadonlyMap<string, number>> {
    const lag = new Map<string, number>();
    for (const { topic } of this.request.topics) {
      let waiting = 0;
      for (const partition of this.owned.keys())
        for (const log of this.core.batches.sources(placeOf(topic, partition)).values())
          waiting += Math.max(0, log.lastSequence - this.takenOf(topic, partition, log));
      lag.set(topic, waiting);
    }
    return Promise.resolve(lag);
  }

  async leave(): Promise<void> {
    this.left = true;
    this.wake?.();
    this.revoke([...this.owned.keys()]);
    await this.revoking;
    await this.group.leave(this);
  }

  async assign(epochs: ReadonlyMap<number, number>): Promise<void> {
    if (epochs.size === 0) return;
    await this.request.assigned(epochs);
    for (const [partition, epoch] of epochs) this.owned.set(partition, epoch);
    this.lookAgain();
  }

  /** The runner is told, and not waited for. */
  revoke(partitions: readonly number[]): void {
    if (partitions.length === 0) return;
    for (const partition of partitions) {
      this.owned.delete(partition);
      for (const { topic } of this.request.topics) {
        const place = placeOf(topic, partition);
        for (const places of [this.wanted, this.resting, this.taken]) places.delete(place);
      }
    }
    this.revoking = Promise.all([this.revoking, this.request.revoked(partitions)]);
  }

  hear(places: readonly string[]): void {
    for (const place of places) {
      const { topic, partition } = topicAndPartition(place);
      if (!this.owned.has(partition) || !this.request.topics.some((wanted) => wanted.topic === topic)) continue;
      this.wanted.add(place);
      this.resting.delete(place);
    }
    if (this.wanted.size > 0) this.wake?.();
  }

  lookAgain(): void {
    this.hear(
      this.request.topics.flatMap(({ topic }) => [...this.owned.keys()].map((partition) => placeOf(topic, partition))),
    );
  }

  private rested(): void {
    this.resting.clear();
  }

  private read(place: string, max: number): readonly LogEvent[] {
    const { topic, partition } = topicAndPartition(place);
    const taken = this.taken.get(place) ?? new Map<string, number>();
    this.taken.set(place, taken);
    const events: LogEvent[] = [];
    for (const log of this.core.batches.sources(place).values()) {
      let last = this.takenOf(topic, partition, log);
      for (let index = firstBeyond(log, last); index < log.batches.length && events.length < max; index += 1) {
        const batch = log.batches.at(index);
        if (batch === undefined) break;
        if (!this.core.delivers(batch)) {
          last = lastOf(batch);
          continue;
        }
        const from = Math.max(0, last + 1 - batch.firstSequence);
        const records = batch.records.slice(from, from + max - events.length);
        for (const [offset, record] of records.entries()) {
          last = batch.firstSequence + from + offset;
          events.push(new RecordEvent(record, { topic, partition, source: log.source, sequence: last }));
        }
      }
      taken.set(log.source, last);
    }
    return events;
  }

  /** A source not met yet begins after what the group has seen of it; one whose generation is over, after what stands there. */
  private takenOf(topic: string, partition: number, log: SourceLog): number {
    const taken = this.taken.get(placeOf(topic, partition))?.get(log.source);
    return taken ?? Math.min(this.group.stage.seen(topic, partition, log.source), log.lastSequence);
  }
}

const topicAndPartition = (place: string): { readonly topic: string; readonly partition: number } => {
  const [topic = '', partition = ''] = place.split('\n');
  return { topic, partition: Number(partition) };
};

/** Rest before what was held back is read again, if nothing happens before. */
const GIVEN_BACK_REST_MS = 20;
