import {
  type EffectsPort,
  type LogEvent,
  type MemoryLog,
  type MemoryStage,
  type MemoryTx,
  type OutgoingEvent,
  type StageChanges,
  type Stored,
} from '@switchyard/log';
import type { SimProcess, World } from '../kernel/world.js';
import { placeKey } from './broker.js';

export interface Emitted {
  readonly topic: string;
  readonly key: string;
  readonly payload: unknown;
}

/** Who looks at everything that is stored, in the step in which it is. */
export interface StageWatcher {
  /** Events whose effects are stored now, in the order in which they were handled. */
  handled(group: string, events: readonly LogEvent[]): void;
  /** An event that is in the log from now on. */
  emitted(group: string, event: Emitted): void;
  /** A transaction was stored by a member that was not the owner of all it wrote. */
  staleStored(group: string, partitions: readonly number[]): void;
}

/**
 * What a service keeps in its database: the log's own memory stage (documents, watermarks, epochs, outgoing batches), and beside it the
 * offsets to read on from. It outlives the service's processes.
 */
export class SimStage {
  readonly memory: MemoryStage;
  readonly #positions = new Map<string, number>();
  readonly #effects = new Map<SimProcess, EffectsPort<MemoryTx>>();
  readonly #wakes = new Map<SimProcess, () => void>();

  constructor(
    readonly group: string,
    log: MemoryLog,
    private readonly world: World,
    private readonly watcher: StageWatcher,
  ) {
    this.memory = log.stage(group).withEffects({
      apply: (tx, effects) => this.#effects.get(this.world.process)?.apply(tx, effects) ?? Promise.resolve(),
    });
  }

  /** A process's own way of applying effects, and what wakes its runner when somebody appended. */
  serve(process: SimProcess, effects: EffectsPort<MemoryTx> | undefined, wake: () => void): void {
    if (effects !== undefined) this.#effects.set(process, effects);
    this.#wakes.set(process, wake);
    process.onDeath(() => {
      this.#effects.delete(process);
      this.#wakes.delete(process);
    });
  }

  raiseEpoch(partition: number): number {
    return this.memory.raiseEpoch(partition);
  }

  position(topic: string, partition: number): number {
    return this.#positions.get(placeKey(topic, partition)) ?? 0;
  }

  /** In the step of the commit. */
  committed(
    epochs: ReadonlyMap<number, number>,
    { positions }: StageChanges,
    { batches }: Stored,
    handled: readonly LogEvent[],
  ): void {
    for (const { topic, partition, position } of positions)
      this.#positions.set(placeKey(topic, partition), Number(position));
    const stale = [...epochs].filter(([partition, epoch]) => this.memory.epochOf(partition) !== epoch);
    if (stale.length > 0)
      this.watcher.staleStored(
        this.group,
        stale.map(([partition]) => partition),
      );
    this.watcher.handled(this.group, handled);
    for (const { topic, records } of batches)
      for (const { key, value } of records)
        this.watcher.emitted(this.group, { topic, key, payload: JSON.parse(Buffer.from(value).toString()) as unknown });
  }

  /** Appends in one step, beside every stage's transaction: what a worker's, a timer's or a request's own commit does. */
  append(events: readonly OutgoingEvent[], also: (tx: MemoryTx) => void = () => undefined): void {
    void this.memory.transaction(async (tx) => {
      also(tx);
      await this.memory.append(tx, events);
    });
    for (const { topic, key, payload } of events) this.watcher.emitted(this.group, { topic, key, payload });
    // The owner of the shards hears of it a moment later, if it lives.
    for (const [process, wake] of this.#wakes) this.world.scheduler.after(1, wake, process);
  }
}

/** Partitions of every topic: as few as let two members share them unevenly. */
export const PARTITIONS = 3;
