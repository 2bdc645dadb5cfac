import { watermarkKey, type Chunk, type Watermark } from '@switchyard/log';
import type { KafkaMessage } from 'kafkajs';
import { eventOf, numbered } from './incoming.js';
import type { Position } from './ownership.js';

/**
 * What was fetched and not yet handed over, by topic and partition.
 *
 * 1. A partition's records leave in the order of their offsets, each once; at most one chunk of a topic and partition is out.
 * 2. A chunk given back rests until `rested`, and then leaves again first.
 * 3. Records below the offset that is due are dropped: a fetch from before a seek may bring them.
 * 4. What a partition's former assignment still has out is settled without effect.
 */
export class ChunkBuffer {
  private readonly places = new Map<string, Place>();
  private records = 0;
  private bytes = 0;

  /** @param compacted topics in which numbers may be missing: there is no gap in them */
  constructor(private readonly compacted: ReadonlySet<string> = new Set()) {}

  /**
   * Starts a topic and partition at an offset; forgets what was held of it.
   * @param stored the position that the group has stored, which is another than the offset where the topic was made anew
   */
  open(topic: string, partition: number, offset: bigint, stored?: string): void {
    this.close(topic, partition);
    this.places.set(keyOf(topic, partition), {
      topic,
      partition,
      next: offset,
      stored,
      waiting: [],
      out: undefined,
      resting: false,
    });
  }

  close(topic: string, partition: number): void {
    const key = keyOf(topic, partition);
    const place = this.places.get(key);
    if (place === undefined) return;
    this.count(place.waiting, -1);
    this.places.delete(key);
  }

  closeAll(): void {
    this.places.clear();
    this.records = 0;
    this.bytes = 0;
  }

  /** @returns how many records were new here */
  add(topic: string, partition: number, messages: readonly KafkaMessage[], highWatermark: string): number {
    const place = this.places.get(keyOf(topic, partition));
    if (place === undefined) return 0;
    const [first] = messages;
    const last = messages.at(-1);
    if (first === undefined || last === undefined) return 0;
    place.highWatermark = BigInt(highWatermark);
    const fresh =
      BigInt(first.offset) >= place.next ? messages : messages.filter((one) => BigInt(one.offset) >= place.next);
    if (fresh.length === 0) return 0;
    place.next = BigInt(last.offset) + 1n;
    for (const message of fresh) place.waiting.push(message);
    this.count(fresh, 1);
    return fresh.length;
  }

  /** The offset that is due next; undefined of a topic and partition that is not read here. */
  due(topic: string, partition: number): bigint | undefined {
    return this.places.get(keyOf(topic, partition))?.next;
  }

  /** From one offset to the other there is nothing for readers: the marks of a stranger's transactions, or nothing at all any more. */
  passed(topic: string, partition: number, from: bigint, to: bigint): void {
    const place = this.places.get(keyOf(topic, partition));
    if (place?.next === from) place.next = to;
  }

  /** Chunks of those partitions that have none out, at most about `max` records together; whoever was served goes to the end of the line. */
  take(max: number): readonly Chunk[] {
    const chunks: Chunk[] = [];
    let room = max;
    for (const [key, place] of [...this.places]) {
      if (room <= 0) break;
      if (place.out !== undefined || place.waiting.length === 0 || place.resting) continue;
      const messages = place.waiting.splice(0, room);
      room -= messages.length;
      this.count(messages, -1);
      const chunk = chunkOf(place, messages);
      place.out = { chunk, messages };
      this.places.delete(key);
      this.places.set(key, place);
      chunks.push(chunk);
    }
    return chunks;
  }

  settle(chunk: Chunk): void {
    const place = this.outPlace(chunk);
    if (place === undefined) return;
    place.out = undefined;
    place.settled = chunk.position;
  }

  /** @param handled so many of its first records do not come again */
  giveBack(chunk: Chunk, handled = 0): void {
    const place = this.outPlace(chunk);
    if (place?.out === undefined) return;
    if (handled > 0) place.settled = chunk.positionAfter?.(handled);
    const messages = place.out.messages.slice(handled);
    place.waiting.unshift(...messages);
    this.count(messages, 1);
    place.out = undefined;
    place.resting = true;
  }

  /** What waits here, and how many records are handed out. */
  get held(): { readonly records: number; readonly bytes: number; readonly out: number } {
    let out = 0;
    for (const place of this.places.values()) out += place.out?.messages.length ?? 0;
    return { records: this.records, bytes: this.bytes, out };
  }

  /** Whether `take` would hand over something now. */
  get hasReady(): boolean {
    for (const { out, waiting, resting } of this.places.values()) {
      if (out === undefined && waiting.length > 0 && !resting) return true;
    }
    return false;
  }

  /** Partitions of which something was given back. */
  resting(): readonly number[] {
    return [...new Set([...this.places.values()].filter(({ resting }) => resting).map(({ partition }) => partition))];
  }

  rested(partitions: readonly number[]): void {
    for (const place of this.places.values()) if (partitions.includes(place.partition)) place.resting = false;
  }

  /**
   * Leaves out, of what was given back, what the group has stored as read: a commit can have happened though its answer got lost. Strangers'
   * records have no numbers to tell.
   */
  skipRead(positions: readonly Position[]): void {
    for (const { topic, partition, position } of positions) {
      const place = this.places.get(keyOf(topic, partition));
      // A position that has not moved since is not of this reading: the topic may have been made anew.
      if (place?.resting !== true || position === (place.settled ?? place.stored)) continue;
      if (BigInt(position) > place.next) continue;
      const due = place.waiting.findIndex(({ offset }) => BigInt(offset) >= BigInt(position));
      this.count(place.waiting.splice(0, due === -1 ? place.waiting.length : due), -1);
    }
  }

  /** Leaves out, of what was given back, the events whose source has a number missing before them. */
  skipGaps(marks: ReadonlyMap<string, Watermark>): void {
    const counted = new Set([...marks.keys()].map((key) => key.slice(0, key.lastIndexOf('\n'))));
    for (const [key, place] of this.places) {
      // A group that has seen nothing of a partition takes what it finds.
      if (!place.resting || !counted.has(key) || this.compacted.has(place.topic)) continue;
      const reachable = withoutGaps(place, marks);
      this.count(place.waiting, -1);
      this.count(reachable, 1);
      place.waiting.splice(0, place.waiting.length, ...reachable);
    }
  }

  /** Where each topic and partition stands whose position moved since the last call. */
  moved(): readonly { readonly topic: string; readonly partition: number; readonly offset: string }[] {
    const moved: { readonly topic: string; readonly partition: number; readonly offset: string }[] = [];
    for (const place of this.places.values()) {
      if (place.settled === undefined || place.settled === place.told) continue;
      moved.push({ topic: place.topic, partition: place.partition, offset: place.settled });
      place.told = place.settled;
    }
    return moved;
  }

  /** Records known to wait, in memory and in the log, by topic. */
  lag(): ReadonlyMap<string, number> {
    const lag = new Map<string, number>();
    for (const place of this.places.values()) {
      const here = place.waiting.length + (place.out?.messages.length ?? 0);
      const there = place.highWatermark === undefined ? 0 : Number(place.highWatermark - place.next);
      lag.set(place.topic, (lag.get(place.topic) ?? 0) + here + Math.max(0, there));
    }
    return lag;
  }

  private outPlace(chunk: Chunk): Place | undefined {
    const place = this.places.get(keyOf(chunk.topic, chunk.partition));
    return place?.out?.chunk === chunk ? place : undefined;
  }

  private count(messages: readonly KafkaMessage[], sign: 1 | -1): void {
    this.records += sign * messages.length;
    for (const message of messages) this.bytes += sign * (message.value?.length ?? 0);
  }
}

interface Place {
  readonly topic: string;
  readonly partition: number;
  /** The offset that is due next. */
  next: bigint;
  /** The group's position when the place was opened. */
  readonly stored: string | undefined;
  readonly waiting: KafkaMessage[];
  out: { readonly chunk: Chunk; readonly messages: readonly KafkaMessage[] } | undefined;
  resting: boolean;
  settled?: string | undefined;
  told?: string | undefined;
  highWatermark?: bigint;
}

const keyOf = (topic: string, partition: number): string => `${topic}\n${partition}`;

const chunkOf = ({ topic, partition }: Place, messages: readonly KafkaMessage[]): Chunk => {
  const positionAfter = (count: number): string =>
    count === 0 ? (messages[0]?.offset ?? '0') : (BigInt(messages[count - 1]?.offset ?? '-1') + 1n).toString();
  return {
    topic,
    partition,
    events: messages.map((message) => eventOf(topic, partition, message)),
    position: positionAfter(messages.length),
    positionAfter,
  };
};

/** The messages that can be taken one after the other, given what was seen of their sources. */
const withoutGaps = ({ topic, partition, waiting }: Place, marks: ReadonlyMap<string, Watermark>): KafkaMessage[] => {
  const seen = new Map<string, Watermark>();
  return waiting.filter((message) => {
    const own = numbered(message.headers ?? {});
    if (own === undefined) return true;
    const slash = own.source.lastIndexOf('/');
    const generation = Number(own.source.slice(slash + 1));
    const key = watermarkKey(topic, partition, own.source.slice(0, slash));
    const mark = seen.get(key) ?? marks.get(key) ?? { generation, sequence: 0 };
    const last = generation > mark.generation ? 0 : mark.sequence;
    if (generation < mark.generation || own.sequence <= last) return true;
    if (own.sequence !== last + 1) return false;
    seen.set(key, { generation, sequence: own.sequence });
    return true;
  });
};
