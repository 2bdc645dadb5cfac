import type { Tx } from '@switchyard/persistence';

export const FAILED_KINDS = ['parked', 'dead_letter', 'task'] as const;
export type FailedKind = (typeof FAILED_KINDS)[number];

export const FAILED_ACTIONS = ['retry', 'discard', 'release'] as const;
export type FailedAction = (typeof FAILED_ACTIONS)[number];

/** A place in the list of failed work, newest first: two pieces of one moment are told apart by their ids. */
export interface FailedPlace {
  /** Since when, RFC 3339 in UTC with microseconds. */
  readonly at: string;
  readonly id: string;
}

/** One piece of work that failed, wherever it lies. */
export interface FailedItem extends FailedPlace {
  readonly kind: FailedKind;
  /** Whose; undefined for what is nobody's, which operators alone see. */
  readonly userId: string | undefined;
  readonly signalId: string | undefined;
  /** What can be done with it now. */
  readonly actions: readonly FailedAction[];
  /** What its user may know too. */
  readonly told: Readonly<Record<string, unknown>>;
  /** What operators see besides: the words of a program, and places in the log. */
  readonly internals: Readonly<Record<string, unknown>>;
  /** Set where this was done already: asked for again, it is answered and not done again. */
  readonly done?: FailedAction;
}

export interface FailedQuery {
  /** Undefined: everybody's, and nobody's. */
  readonly userId: string | undefined;
  readonly after: FailedPlace | undefined;
  readonly limit: number;
}

export interface FailedCommand {
  readonly action: FailedAction;
  readonly actId: string;
  readonly actedBy: string;
  readonly reason: string;
  readonly at: Date;
  /** Which events of a parked key are discarded: the one that can't be handled, or all that wait. */
  readonly events: 'first' | 'all' | undefined;
}

export interface FailedEffect {
  /** Says to a person what happens now. */
  readonly sentence: string;
  /** For the audit trail: places and ids, no content. */
  readonly facts: Readonly<Record<string, unknown>>;
  /** Who must be woken after the commit: the owner of a deployment's shards, and readers of these topics. */
  readonly wakes?: { readonly deployment: string; readonly topics: readonly string[] };
}

/**
 * One kind of failed work.
 *
 * 1. Ids are stable: the same piece has the same id as long as it has failed, and no other has it, ever.
 * 2. What was dealt with is not listed any more; it is found by its id as long as its kind remembers it.
 * 3. `act` runs in the transaction that tells the audit trail: what was done and who did it are one commit. It throws `Problem`
 *    ACTION_NOT_POSSIBLE, NOT_FOUND or CONFLICT, and then nothing was done.
 */
export interface FailedSource {
  readonly kind: FailedKind;
  list(query: FailedQuery): Promise<readonly FailedItem[]>;
  find(id: string): Promise<FailedItem | undefined>;
  act(tx: Tx, item: FailedItem, command: FailedCommand): Promise<FailedEffect>;
}
