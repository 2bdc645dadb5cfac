import type { OutgoingEvent } from '@switchyard/log';
import type { Bucket } from '../../guard/bucket.js';
import { CLOSED, type Circuit } from '../../guard/circuit.js';
import {
  FORGET_CALLS_MS,
  type BucketWrite,
  type GuardStore,
  type GuardView,
  type Versioned,
} from '../../ports/guard-store.js';
import { agedCalls, type ReplicaCalls } from '../../venue/venue-figures.js';
import type { MemoryExecutionDatabase } from './memory-database.js';
import type { MemoryExecutionStore } from './memory-store.js';

/** What the replicas share: circuit, closures, budgets. Each operation is one step, so that compare-and-set needs no lock. */
export class MemoryGuardState {
  circuit: Versioned<Circuit> = { version: 0, value: CLOSED };
  readonly closures = new Map<string, number>();
  readonly buckets = new Map<string, Versioned<Bucket>>();
  readonly calls = new Map<string, { readonly told: ReplicaCalls; readonly atMs: number }>();

  clear(): void {
    this.circuit = { version: 0, value: CLOSED };
    this.closures.clear();
    this.buckets.clear();
    this.calls.clear();
  }
}

/** One process's hand in it. It crashes and is cut off with the rest of that process's connections. */
export class MemoryGuardStore implements GuardStore {
  readonly #state: MemoryGuardState;
  readonly #client: MemoryExecutionStore;
  readonly #database: MemoryExecutionDatabase;

  constructor(state: MemoryGuardState, client: MemoryExecutionStore, database: MemoryExecutionDatabase) {
    this.#state = state;
    this.#client = client;
    this.#database = database;
  }

  read(scopes: readonly string[]): Promise<GuardView> {
    const { buckets, closures } = this.#state;
    return this.#client.alone('guard.read', () => ({
      nowMs: this.#database.nowMs(),
      circuit: this.#state.circuit,
      scopes: scopes.map((scope) => ({
        scope,
        version: buckets.get(scope)?.version ?? 0,
        bucket: buckets.get(scope)?.value,
        closedUntilMs: closures.get(scope) ?? 0,
      })),
    }));
  }

  writeBuckets(writes: readonly BucketWrite[]): Promise<number> {
    if (writes.length === 0) return Promise.resolve(0);
    return this.#client.alone('guard.writeBuckets', (tx) => {
      const { buckets } = this.#state;
      const isCurrent = writes.every(({ scope, version }) => (buckets.get(scope)?.version ?? 0) === version);
      if (!isCurrent) return 0;
      tx.onCommit(() => {
        for (const { scope, version, bucket } of writes) buckets.set(scope, { version: version + 1, value: bucket });
      });
      return writes.length;
    });
  }

  writeCircuit(version: number, circuit: Circuit, events: readonly OutgoingEvent[]): Promise<boolean> {
    return this.#client.alone('guard.writeCircuit', async (tx) => {
      await tx.hold('circuit');
      if (this.#state.circuit.version !== version) return false;
      if (events.length > 0) await this.#database.append(tx, events);
      tx.onCommit(() => {
        this.#state.circuit = { version: version + 1, value: circuit };
      });
      return true;
    });
  }

  close(scope: string, forMs: number): Promise<void> {
    return this.#client.alone('guard.close', (tx) => {
      const untilMs = this.#database.nowMs() + forMs;
      tx.onCommit(() => {
        const { closures } = this.#state;
        closures.set(scope, Math.max(closures.get(scope) ?? 0, untilMs));
      });
    });
  }

  tellCalls(replica: string, told: ReplicaCalls): Promise<readonly ReplicaCalls[]> {
    const { calls } = this.#state;
    return this.#client.alone('guard.tellCalls', (tx) => {
      const nowMs = this.#database.nowMs();
      tx.onCommit(() => {
        calls.set(replica, { told, atMs: nowMs });
      });
      return [told, ...othersOf(calls, replica, nowMs)];
    });
  }

  callsOfOthers(replica: string): Promise<readonly ReplicaCalls[]> {
    return this.#client.alone('guard.callsOfOthers', () =>
      othersOf(this.#state.calls, replica, this.#database.nowMs()),
    );
  }

  announce(): Promise<void> {
    return this.#client.notify('guard');
  }

  onAnnounced(listener: () => void): Promise<() => Promise<void>> {
    return this.#client.listen('guard', listener);
  }
}

const othersOf = (
  calls: ReadonlyMap<string, { readonly told: ReplicaCalls; readonly atMs: number }>,
  replica: string,
  nowMs: number,
): readonly ReplicaCalls[] =>
  [...calls]
    .filter(([name, { atMs }]) => name !== replica && nowMs - atMs <= FORGET_CALLS_MS)
    .map(([, { told, atMs }]) => agedCalls(told, nowMs - atMs));
