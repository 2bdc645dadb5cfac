import type { Chunk, JoinRequest, LogEvent, Membership, StoredBatch, Wire } from '@switchyard/log';

/**
 * A wire that delivers again, on demand, what it has delivered before: what at-least-once allows every wire to do, and what the log in
 * a database never does by itself. For one member of one group.
 */
export class RepeatingWire<Inner extends Membership = Membership> implements Wire {
  readonly name: string;
  readonly strangers: boolean;
  readonly readsStore: boolean;
  /** The membership below, once joined. */
  joined: Inner | undefined;
  private member: RepeatingMembership | undefined;

  constructor(private readonly inner: Omit<Wire, 'join'> & { join(request: JoinRequest): Promise<Inner> }) {
    this.name = inner.name;
    this.strangers = inner.strangers;
    this.readsStore = inner.readsStore;
  }

  async join(request: JoinRequest): Promise<Membership> {
    const joined = await this.inner.join(request);
    this.joined = joined;
    this.member = new RepeatingMembership(joined);
    return this.member;
  }

  /** What was delivered of this source since the start, from the number on, comes once more. */
  repeat(topic: string, partition: number, source: string, from: number): void {
    this.member?.repeat(
      topic,
      partition,
      (event) => event.source?.startsWith(`${source}/`) === true && event.sequence >= from,
    );
  }
}

class RepeatingMembership implements Membership {
  private readonly delivered = new Map<string, LogEvent[]>();
  private readonly repeats: Chunk[] = [];
  /** What the wire below gave, by what was made of it. */
  private readonly originals = new Map<Chunk, Chunk | undefined>();
  private wake: (() => void) | undefined;

  constructor(private readonly inner: Membership) {}

  repeat(topic: string, partition: number, which: (event: LogEvent) => boolean): void {
    const events = this.delivered.get(`${topic}\n${String(partition)}`)?.filter(which) ?? [];
    if (events.length === 0) return;
    this.repeats.push({ topic, partition, events });
    this.wake?.();
  }

  async take(max: number): Promise<readonly Chunk[]> {
    const chunks = [...(await this.inner.take(max))];
    for (const { topic, partition, events } of chunks) {
      const place = `${topic}\n${String(partition)}`;
      this.delivered.set(place, [...(this.delivered.get(place) ?? []), ...events]);
    }
    for (const repeated of this.repeats.splice(0)) {
      const at = chunks.findIndex((one) => one.topic === repeated.topic && one.partition === repeated.partition);
      const original = chunks[at];
      const after = original?.positionAfter;
      const chunk = {
        ...(original ?? repeated),
        events: [...repeated.events, ...(original?.events ?? [])],
        ...(after !== undefined && {
          positionAfter: (events: number) => after(Math.max(0, events - repeated.events.length)),
        }),
      };
      this.originals.set(chunk, original);
      chunks.splice(at < 0 ? chunks.length : at, 1, chunk);
    }
    return chunks;
  }

  async ready(): Promise<void> {
    if (this.repeats.length > 0) return;
    const woken = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    await Promise.race([this.inner.ready(), woken]);
  }

  settle(chunk: Chunk): void {
    const original = this.originalOf(chunk);
    if (original !== undefined) this.inner.settle(original);
  }

  giveBack(chunk: Chunk, why: 'failed' | 'held', handled = 0): void {
    const original = this.originalOf(chunk);
    if (original === undefined) return;
    this.inner.giveBack(original, why, Math.max(0, handled - (chunk.events.length - original.events.length)));
  }

  publish(batches: readonly StoredBatch[]): Promise<void> {
    return this.inner.publish(batches);
  }

  lag(): Promise<ReadonlyMap<string, number>> {
    return this.inner.lag();
  }

  leave(): Promise<void> {
    this.wake?.();
    return this.inner.leave();
  }

  private originalOf(chunk: Chunk): Chunk | undefined {
    if (!this.originals.has(chunk)) return chunk;
    const original = this.originals.get(chunk);
    this.originals.delete(chunk);
    return original;
  }
}
