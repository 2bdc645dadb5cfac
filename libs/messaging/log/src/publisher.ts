import type { StageStore } from './store.js';
import type { Membership, StoredBatch } from './wire.js';

/**
 * Sends what the shards' transactions stored, batch after batch, and remembers how far it got.
 *
 * 1. A shard's batches leave in their order, each only after the one before is confirmed for all its partitions.
 * 2. How far a shard is published is noted by its next transaction, or when idle; a new owner starts from the note. Sending twice is
 *    harmless: readers know the numbers.
 * 3. Others (executor workers, timers, REST) append to the same shards: they wake the owner, and a poll is the net.
 */
export class Publisher {
  private readonly through = new Map<number, number>();
  private readonly noted = new Map<number, number>();
  private nextLook = 0;

  constructor(
    private readonly store: StageStore,
    private readonly pollMs: number,
  ) {}

  async take(shards: readonly number[]): Promise<void> {
    const noted = await this.store.publishedThrough(shards);
    for (const shard of shards) {
      this.through.set(shard, noted.get(shard) ?? 0);
      this.noted.set(shard, noted.get(shard) ?? 0);
    }
    this.lookNow();
  }

  drop(shards: readonly number[]): void {
    for (const shard of shards) {
      this.through.delete(shard);
      this.noted.delete(shard);
    }
  }

  /** Somebody appended, or a send failed: look into the store at the next turn. */
  lookNow(): void {
    this.nextLook = 0;
  }

  /** What the last transaction stored. `lastBatch`: each shard's last batch before it; if that isn't published, it goes first. */
  async publish(
    membership: Membership,
    lastBatch: ReadonlyMap<number, number>,
    batches: readonly StoredBatch[],
  ): Promise<void> {
    const behind = [...lastBatch].some(([shard, last]) => last > (this.through.get(shard) ?? last));
    if (behind) {
      await this.publishStored(membership);
      return;
    }
    await this.send(membership, batches);
  }

  /** Sends what others appended, if it is time to look. */
  async publishAppended(membership: Membership): Promise<void> {
    if (performance.now() < this.nextLook) return;
    await this.publishStored(membership);
    this.nextLook = performance.now() + this.pollMs;
  }

  /** What the next transaction should note. */
  toNote(shards: Iterable<number>): ReadonlyMap<number, number> {
    const news = new Map<number, number>();
    for (const shard of shards) {
      const through = this.through.get(shard) ?? 0;
      if (through > (this.noted.get(shard) ?? 0)) news.set(shard, through);
    }
    return news;
  }

  wasNoted(noted: ReadonlyMap<number, number>): void {
    for (const [shard, through] of noted) this.noted.set(shard, through);
  }

  async noteWhenIdle(): Promise<void> {
    const news = this.toNote(this.through.keys());
    if (news.size === 0) return;
    await this.store.notePublished(news);
    this.wasNoted(news);
  }

  private async publishStored(membership: Membership): Promise<void> {
    for (;;) {
      const batches = await this.store.unpublished(this.through, 2_000);
      if (batches.length === 0) return;
      await this.send(membership, batches);
    }
  }

  private async send(membership: Membership, batches: readonly StoredBatch[]): Promise<void> {
    const mine = batches.filter(({ source }) => this.through.has(shardOf(source)));
    if (mine.length === 0) return;
    await membership.publish(mine);
    for (const { source, batch } of mine) {
      const shard = shardOf(source);
      const before = this.through.get(shard);
      if (before !== undefined && batch > before) this.through.set(shard, batch);
    }
  }
}

const shardOf = (source: string): number => Number(source.split('/')[1]);
