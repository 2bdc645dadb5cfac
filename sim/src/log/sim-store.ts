import type {
  LogEvent,
  ParkedEvent,
  StageChanges,
  StageStore,
  StageTransaction,
  Stored,
  StoredBatch,
} from '@switchyard/log';
import type { World } from '../kernel/world.js';
import type { SimStage } from './sim-stage.js';

/** Where a planted defect may reach into a stage's transactions. */
export interface StoreSeams {
  readonly changes?: (group: string, changes: StageChanges) => StageChanges;
  readonly epochs?: (stage: SimStage, epochs: ReadonlyMap<number, number>) => ReadonlyMap<number, number>;
  readonly loads?: (group: string, tx: StageTransaction, process: string) => StageTransaction;
  readonly stored?: (process: string, changes: StageChanges) => void;
  readonly unpublished?: () => readonly StoredBatch[];
}

/** Tables of a service's own that are written in the stage's transactions: committed in the same step, undone together. */
export interface Beside {
  readonly committed: () => Promise<void>;
  readonly undone: () => Promise<void>;
}

const NOTHING: Beside = { committed: () => Promise.resolve(), undone: () => Promise.resolve() };

/** A service's memory as one of its processes sees it: each statement takes its time, and may be the last. */
export class SimStore implements StageStore {
  /** What the present transaction's handlers were given. */
  readonly handling: LogEvent[] = [];

  constructor(
    private readonly world: World,
    private readonly stage: SimStage,
    private readonly seams: StoreSeams,
    private readonly beside: Beside = NOTHING,
  ) {}

  async transact(
    given: ReadonlyMap<number, number>,
    work: (tx: StageTransaction) => Promise<StageChanges>,
  ): Promise<Stored> {
    const { world, stage, seams } = this;
    const { group, memory } = stage;
    const process = world.process.name;
    const epochs = seams.epochs?.(stage, given) ?? given;
    await world.effect(`${group}: begin`, () => undefined);
    const decided = signal();
    const mayCommit = signal();
    this.handling.length = 0;
    let changes: StageChanges | undefined;
    const done = memory
      .transact(epochs, async (opened) => {
        const tx = seams.loads?.(group, opened, process) ?? opened;
        const made = await work(tx);
        changes = seams.changes?.(group, made) ?? made;
        decided.give();
        await mayCommit.given;
        return changes;
      })
      .then(async (stored) => {
        await this.beside.committed();
        if (changes !== undefined) {
          seams.stored?.(process, changes);
          stage.committed(given, changes, stored, [...this.handling]);
        }
        return stored;
      });
    try {
      await Promise.race([decided.given, done]);
      return await world.effect(`${group}: commit`, () => {
        mayCommit.give();
        return done;
      });
    } catch (error) {
      await this.beside.undone();
      throw error;
    }
  }

  unpublished(shards: ReadonlyMap<number, number>, max: number): Promise<readonly StoredBatch[]> {
    return this.world.effect(
      `${this.stage.group}: unpublished`,
      () => this.seams.unpublished?.() ?? this.stage.memory.unpublished(shards, max),
    );
  }

  publishedThrough(shards: readonly number[]): Promise<ReadonlyMap<number, number>> {
    return this.world.effect(`${this.stage.group}: published through`, () =>
      this.stage.memory.publishedThrough(shards),
    );
  }

  notePublished(through: ReadonlyMap<number, number>): Promise<void> {
    return this.world.effect(`${this.stage.group}: note published`, () => this.stage.memory.notePublished(through));
  }

  releasable(partitions: readonly number[], max: number): Promise<readonly ParkedEvent[]> {
    return this.stage.memory.releasable(partitions, max);
  }
}

interface Signal {
  readonly given: Promise<void>;
  readonly give: () => void;
}

const signal = (): Signal => {
  let give = (): void => undefined;
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give };
};
