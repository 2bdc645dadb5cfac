import { headersOf, RecordEvent, type LogEvent, type LogRecord, type StoredBatch } from '@switchyard/log';
import type { Random } from '../kernel/random.js';
import type { World } from '../kernel/world.js';

export interface Place {
  readonly topic: string;
  readonly partition: number;
}

export const placeKey = (topic: string, partition: number): string => `${topic}/${partition}`;

interface Delivered {
  readonly event: LogEvent;
  /** Simulated time from which readers see it. */
  readonly visibleAt: number;
}

/**
 * The brokers: each topic and partition a list that only grows. What is sent twice lies there twice. A record is seen after a delay of its
 * place's own, so that only records of one place keep an order.
 */
export class Broker {
  readonly #places = new Map<string, Delivered[]>();
  readonly #listeners: ((topic: string, partition: number) => void)[] = [];

  constructor(
    private readonly world: World,
    private readonly random: Random,
    /** How long a record takes to its readers, milliseconds. */
    private readonly delayMs: () => number,
  ) {}

  onRecords(listener: (topic: string, partition: number) => void): void {
    this.#listeners.push(listener);
  }

  append({ topic, partition, source, firstSequence, records }: StoredBatch): void {
    records.forEach((record, index) => {
      const sequence = firstSequence + index;
      this.#add(new RecordEvent(record, { topic, partition, source, sequence }));
    });
    this.#seen(topic, partition);
  }

  /** A record of somebody who is no stage of ours. */
  appendStranger(topic: string, partition: number, record: LogRecord): void {
    const headers = { ...headersOf(record, 'stranger', 0), ce_source: '', ce_sequence: '' };
    this.#add(new RecordEvent(record, { topic, partition, source: undefined, sequence: 0 }, headers));
    this.#seen(topic, partition);
  }

  /** What readers see from an offset on. */
  read(topic: string, partition: number, offset: number, max: number): readonly LogEvent[] {
    const list = this.#places.get(placeKey(topic, partition)) ?? [];
    const events: LogEvent[] = [];
    for (let at = offset; at < list.length && events.length < max; at += 1) {
      const record = list[at];
      if (record === undefined || record.visibleAt > this.world.now) break;
      events.push(record.event);
    }
    return events;
  }

  length(topic: string, partition: number): number {
    return this.#places.get(placeKey(topic, partition))?.length ?? 0;
  }

  #add(event: LogEvent): void {
    const { topic, partition } = event;
    const list = this.#places.get(placeKey(topic, partition)) ?? [];
    this.#places.set(placeKey(topic, partition), list);
    const visibleAt = Math.max(list.at(-1)?.visibleAt ?? 0, this.world.now + this.delayMs());
    // What was sent may have been sent twice by the network itself.
    list.push({ event, visibleAt });
    if (this.random.chance(0.01)) list.push({ event, visibleAt });
  }

  #seen(topic: string, partition: number): void {
    const visibleAt = this.#places.get(placeKey(topic, partition))?.at(-1)?.visibleAt ?? 0;
    this.world.scheduler.inWorld(visibleAt - this.world.now, () => {
      for (const listen of this.#listeners) listen(topic, partition);
    });
  }
}
