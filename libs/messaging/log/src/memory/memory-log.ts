import type { StoredBatch } from '../wire.js';
import { MemoryLogCore } from './memory-log-core.js';
import type { MemoryStage } from './memory-stage.js';
import { MemoryWire } from './memory-wire.js';

export interface MemoryLogOptions {
  /** The same for every topic but dead letters. Default 24. */
  readonly partitions?: number;
  /** The time of appended events. Default: the system's. */
  readonly now?: () => Date;
  /** Events kept though every group that reads their topic has seen them: for replays, and for groups that come later. Default 100,000. */
  readonly keepEvents?: number;
  /** Most events kept at all; beyond it, appending throws `MemoryLogFull`. Default 1,000,000. */
  readonly maxEvents?: number;
  readonly faults?: MemoryFaults;
}

/** What a test or a simulation makes go wrong. */
export interface MemoryFaults {
  /**
   * Called before each step; what it throws, the step throws. `commit`: nothing is stored. `answer`: everything is stored, and the caller
   * doesn't know. `read`: the wire can't be read.
   */
  readonly before?: (step: MemoryStep) => void;
  /** Whether a reader that comes to this batch gets it; asked each time. Default: always. */
  readonly delivers?: (batch: StoredBatch) => boolean;
}

export type MemoryStep = 'open' | 'load' | 'commit' | 'answer' | 'read';

/**
 * The event log in one process's memory, for tests and simulation: the third transport beside Postgres and Kafka, with the same rules
 * (the contract suite of libs/testing) and none of their durability.
 *
 *     const log = new MemoryLog({ partitions: 8 });
 *     const runner = new StageRunner({ stage, store: log.stage('risk'), wire: log.wire(), partitions: 8, isInfrastructure: () => false });
 *
 * 1. Deterministic: the same calls in the same order give the same numbers, assignments and chunks. No clock but the one it is given, and
 *    no timer but the short rest of what a runner gave back.
 * 2. Bounded: a runner's membership holds only what is out; the log itself at most `maxEvents`.
 */
export class MemoryLog {
  private readonly core: MemoryLogCore;

  constructor(options: MemoryLogOptions = {}) {
    this.core = new MemoryLogCore(options);
  }

  get partitions(): number {
    return this.core.partitions;
  }

  /** Events that are kept, read or not. */
  get events(): number {
    return this.core.batches.events;
  }

  /** The memory of the service of this name, and its door to the log: the same one at each call. */
  stage(group: string): MemoryStage {
    return this.core.stage(group);
  }

  /** The log as the process of this name reads it. A second one of the same name takes the first one's partitions. */
  wire(member = 'only'): MemoryWire {
    return new MemoryWire(this.core, member);
  }

  /** Calls back when there is something to do for the owner of a deployment's shards: wire it to `StageRunner.wake`. */
  onAppended(deployment: string, listener: () => void): () => void {
    return this.core.onAppended(deployment, listener);
  }

  /** Takes a member's partitions away as if its heartbeats were lost: it isn't told, and goes on working. */
  evict(group: string, member: string): Promise<void> {
    return this.core.group(group).evict(member);
  }

  /** The evicted member is heard of again. */
  readmit(group: string, member: string): Promise<void> {
    return this.core.group(group).readmit(member);
  }

  /** All readers look again from where their groups stand: what was not delivered may be by now. */
  lookAgain(): void {
    this.core.lookAgain();
  }
}
