import { isInfrastructureError } from '@switchyard/persistence';
import { pause, type Clock } from '../ports/clock.js';
import type { ExecutionStore } from '../ports/execution-store.js';
import { recordFindings, type Finding, type Recorded, type RecorderParts } from './recorder.js';

const MAX_BATCH = 100;
const RETRY_MS = 250;

interface Waiting {
  readonly finding: Finding;
  readonly resolve: (recorded: Recorded) => void;
  readonly reject: (error: unknown) => void;
}

export interface RecordQueueParts extends RecorderParts {
  readonly clock: Pick<Clock, 'now' | 'after'>;
}

/**
 * Stores findings, those that come while a transaction is under way together in the next. One that can't be stored fails alone. While the
 * database is away findings wait here, for they are the only copy of what a venue said; past the lease they become stale and are dropped.
 */
export class RecordQueue {
  readonly #store: Pick<ExecutionStore, 'transaction'>;
  readonly #parts: RecordQueueParts;
  readonly #onStored: () => void;
  readonly #waiting: Waiting[] = [];
  #running = false;
  #closed = false;

  constructor(store: Pick<ExecutionStore, 'transaction'>, parts: RecordQueueParts, onStored: () => void) {
    this.#store = store;
    this.#parts = parts;
    this.#onStored = onStored;
  }

  /** Resolves once it is committed. Rejects where it can never be stored: that is a bug, and the lease will run out. */
  record(finding: Finding): Promise<Recorded> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ finding, resolve, reject });
      if (!this.#running) void this.#run();
    });
  }

  /** Gives up on a database that is away. */
  close(): void {
    this.#closed = true;
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) await this.#record(this.#waiting.splice(0, MAX_BATCH));
    this.#running = false;
  }

  async #record(batch: readonly Waiting[]): Promise<void> {
    try {
      const recorded = await this.#store.transaction((unit) =>
        recordFindings(
          unit,
          this.#parts,
          batch.map(({ finding }) => finding),
        ),
      );
      this.#onStored();
      batch.forEach(({ resolve }, index) => {
        resolve(recorded[index] ?? 'stale');
      });
    } catch (error) {
      if (isInfrastructureError(error) && !this.#closed) {
        await pause(this.#parts.clock, RETRY_MS);
        return this.#record(batch);
      }
      if (batch.length === 1) batch[0]?.reject(error);
      else for (const waiting of batch) await this.#record([waiting]);
    }
  }
}
