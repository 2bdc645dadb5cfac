import type { StoredBatch } from '../wire.js';
import { MemoryLatestValues } from './latest-values.js';
import { MemoryGroup } from './memory-group.js';
import type { MemoryLogOptions, MemoryStep } from './memory-log.js';
import { MemoryStage } from './memory-stage.js';
import { StoredBatches, placeOf } from './stored-batches.js';

/** What the parts of one log share. */
export class MemoryLogCore {
  readonly partitions: number;
  readonly now: () => Date;
  readonly latest = new MemoryLatestValues();
  readonly batches: StoredBatches;
  private readonly stages = new Map<string, MemoryStage>();
  private readonly groups = new Map<string, MemoryGroup>();
  /** Groups by the topics that they have ever read. */
  private readonly subscriptions = new Map<string, Set<MemoryStage>>();
  private readonly watchers = new Set<() => void>();
  private readonly owners = new Map<string, Set<() => void>>();

  constructor(private readonly options: MemoryLogOptions) {
    this.partitions = options.partitions ?? 24;
    this.now = options.now ?? (() => new Date());
    this.batches = new StoredBatches(options.keepEvents ?? 100_000, options.maxEvents ?? 1_000_000, (batch) =>
      this.readersOf(batch.topic).some((stage) => !stage.hasSeen(batch)),
    );
  }

  stage(name: string): MemoryStage {
    const known = this.stages.get(name) ?? new MemoryStage(name, this);
    this.stages.set(name, known);
    return known;
  }

  group(name: string): MemoryGroup {
    const known = this.groups.get(name) ?? new MemoryGroup(this.stage(name), this.partitions);
    this.groups.set(name, known);
    return known;
  }

  subscribe(group: string, topics: readonly string[]): void {
    for (const topic of topics) {
      const stages = this.subscriptions.get(topic) ?? new Set();
      if (!stages.has(this.stage(group))) this.stage(group).beginAtHeld(topic);
      this.subscriptions.set(topic, stages.add(this.stage(group)));
    }
  }

  readersOf(topic: string): readonly MemoryStage[] {
    return [...(this.subscriptions.get(topic) ?? [])];
  }

  /** Resolves when a transaction has made it so, or after the time given. */
  until(condition: () => boolean, timeoutMs: number): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve) => {
      const look = (): void => {
        if (condition()) done();
      };
      const done = (): void => {
        clearTimeout(timer);
        this.watchers.delete(look);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      this.watchers.add(look);
    });
  }

  before(step: MemoryStep): void {
    this.options.faults?.before?.(step);
  }

  delivers(batch: StoredBatch): boolean {
    return this.options.faults?.delivers?.(batch) ?? true;
  }

  /** A transaction is committed. */
  stored(batches: readonly StoredBatch[]): void {
    for (const look of this.watchers) look();
    if (batches.length === 0) return;
    const places = batches.map(({ topic, partition }) => placeOf(topic, partition));
    for (const group of this.groups.values()) group.hear(places);
  }

  onAppended(deployment: string, listener: () => void): () => void {
    const listeners = this.owners.get(deployment) ?? new Set();
    this.owners.set(deployment, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  wakeOwner(deployment: string): void {
    for (const wake of this.owners.get(deployment) ?? []) wake();
  }

  lookAgain(): void {
    for (const group of this.groups.values()) group.lookAgain();
  }
}
