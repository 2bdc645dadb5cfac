import { randomBytes } from 'node:crypto';
import type { StoredBatch } from '@switchyard/log';
import type { Database } from '@switchyard/persistence';

export type HubListener = (batches: readonly StoredBatch[]) => void;

/**
 * Carries the news of commits: inside a process the batches themselves, between processes only that there is something (a NOTIFY).
 * News may be lost; the tables are the truth, and everybody polls them as the net.
 *
 * NOTIFY is sent outside of transactions (inside, it would make all commits wait for each other), at most one at a time, and what
 * happens meanwhile is told by the next one. What this process said itself it does not listen to: its readers were told before.
 */
export class LogHub {
  private readonly batches = new Set<HubListener>();
  private readonly wakers = new Set<(topics: ReadonlySet<string> | undefined) => void>();
  private readonly owners = new Map<string, Set<() => void>>();
  private readonly pending = new Set<string>();
  private announcing = false;
  private stopped = false;
  /** Tells this process's news from others'. */
  private readonly self = randomBytes(6).toString('hex');
  private unlisten: (() => Promise<void>) | undefined;

  constructor(
    private readonly db: Database,
    /** Whether other processes share the database. */
    private readonly others: boolean,
    private readonly onError: (error: unknown) => void,
  ) {}

  async start(): Promise<void> {
    if (!this.others) return;
    this.unlisten = await this.db.listen(CHANNEL, (payload) => {
      this.heard(payload);
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.unlisten?.();
  }

  /** A stage's own transaction is committed; its owner has it, readers may read it. */
  committed(batches: readonly StoredBatch[]): void {
    if (batches.length === 0) return;
    for (const listener of this.batches) listener(batches);
    if (this.others) for (const { topic } of batches) this.announce(`t:${topic}`);
  }

  /** Somebody else than the stage's runner appended to a deployment's shards: their owner may have to publish it. */
  appended(deployment: string, batches: readonly StoredBatch[]): void {
    this.committed(batches);
    this.wakeOwner(deployment);
  }

  /** There is something to do for the owner of a deployment's shards: to publish, or to release what was parked. */
  wakeOwner(deployment: string): void {
    for (const wake of this.owners.get(deployment) ?? []) wake();
    if (this.others) this.announce(`d:${deployment}`);
  }

  /** Something was stored in these topics by somebody who could not say more. */
  stored(deployment: string, topics: readonly string[]): void {
    const names = new Set(topics);
    for (const wake of this.wakers) wake(names);
    if (this.others) for (const topic of names) this.announce(`t:${topic}`);
    this.wakeOwner(deployment);
  }

  onBatches(listener: HubListener): () => void {
    this.batches.add(listener);
    return () => this.batches.delete(listener);
  }

  /** `undefined` means: anything may have happened. */
  onWake(listener: (topics: ReadonlySet<string> | undefined) => void): () => void {
    this.wakers.add(listener);
    return () => this.wakers.delete(listener);
  }

  onAppended(deployment: string, listener: () => void): () => void {
    const listeners = this.owners.get(deployment) ?? new Set();
    this.owners.set(deployment, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  private heard(message: string): void {
    const from = message.slice(0, this.self.length);
    if (from === this.self) return;
    const payload = message.slice(from.length);
    if (payload === '') {
      for (const wake of this.wakers) wake(undefined);
      for (const listeners of this.owners.values()) for (const wake of listeners) wake();
      return;
    }
    const parts = payload.split(',');
    const topics = new Set(parts.filter((part) => part.startsWith('t:')).map((part) => part.slice(2)));
    if (topics.size > 0) for (const wake of this.wakers) wake(topics);
    for (const part of parts) {
      if (part.startsWith('d:')) for (const wake of this.owners.get(part.slice(2)) ?? []) wake();
    }
  }

  private announce(what: string): void {
    this.pending.add(what);
    if (this.announcing) return;
    this.announcing = true;
    void this.drain();
  }

  private async drain(): Promise<void> {
    let failures = 0;
    while (this.pending.size > 0 && !this.stopped) {
      const news = [...this.pending];
      const payload = news.join(',');
      this.pending.clear();
      try {
        // Postgres takes 8,000 bytes; an empty payload says "look everywhere".
        await this.db.notify(CHANNEL, payload.length < 7_000 ? `${this.self}${payload}` : this.self);
        failures = 0;
      } catch (error) {
        for (const what of news) this.pending.add(what);
        if (failures === 0) this.onError(error);
        failures += 1;
        await new Promise<void>((resolve) => setTimeout(resolve, REST_MS).unref());
      }
    }
    this.announcing = false;
  }
}

const CHANNEL = 'switchyard_log';
/** What could not be told is told again after this. */
const REST_MS = 500;
