import type { OutgoingEvent } from '@switchyard/log';
import type { Bucket } from '../guard/bucket.js';
import type { Circuit } from '../guard/circuit.js';
import type { ReplicaCalls } from '../venue/venue-figures.js';

/** What all replicas know at one moment. Times are milliseconds of the store's clock. */
export interface GuardView {
  readonly nowMs: number;
  readonly circuit: Versioned<Circuit>;
  /** In no order; a scope that nobody ever drew from has no bucket. */
  readonly scopes: readonly ScopeView[];
}

export interface Versioned<T> {
  readonly version: number;
  readonly value: T;
}

export interface ScopeView {
  readonly scope: string;
  /** 0 where there is no bucket. */
  readonly version: number;
  readonly bucket: Bucket | undefined;
  /** The venue told this scope to stay away until then; 0: never. */
  readonly closedUntilMs: number;
}

export interface BucketWrite {
  readonly scope: string;
  /** The version that was read. */
  readonly version: number;
  readonly bucket: Bucket;
}

/** What a replica told so long ago counts no more: it is gone, or it would have told again. */
export const FORGET_CALLS_MS = 60_000;

/**
 * What the replicas of one venue's executor share. Everything is changed by compare-and-set: whoever read an older version than there is
 * changes nothing, reads again and decides again. Nobody holds a lock while it decides, so that a replica that is stopped stops nobody.
 */
export interface GuardStore {
  read(scopes: readonly string[]): Promise<GuardView>;
  /**
   * All or none, at the versions that were read. @returns how many were written: 0, or all of them; fewer only where somebody made a bucket
   * at the same moment.
   */
  writeBuckets(writes: readonly BucketWrite[]): Promise<number>;
  /** Tells the events in the same transaction. @returns whether it was written. */
  writeCircuit(version: number, circuit: Circuit, events: readonly OutgoingEvent[]): Promise<boolean>;
  /** A shorter wait never cuts a longer one. */
  close(scope: string, forMs: number): Promise<void>;
  /** Tells what this replica's calls came to. @returns what all have told of late, this one included. */
  tellCalls(replica: string, calls: ReplicaCalls): Promise<readonly ReplicaCalls[]>;
  /** What all others have told of late, as they would tell it now. */
  callsOfOthers(replica: string): Promise<readonly ReplicaCalls[]>;
  /** Has the other replicas look at once. May be lost: they look by themselves, too. */
  announce(): Promise<void>;
  /** Calls back when another replica announces something. @returns what ends it */
  onAnnounced(listener: () => void): Promise<() => Promise<void>>;
}
