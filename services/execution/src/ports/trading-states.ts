import type { TradingStateApplied, TradingStateChanged } from '@switchyard/contracts';
import type { StateInForce, TradingState } from '@switchyard/model';

/** A state that others wait to hear of: whether it is kept here, and what is left of what it forbids. */
export interface StateToTell {
  readonly scope: string;
  readonly version: number;
  readonly state: TradingState;
  readonly cancelOpen: boolean;
  /** All claims that may have been made without knowing it are over. */
  readonly isKept: boolean;
}

export interface KnownStates {
  /** In force and stored within the last minute: what was claimed before may not know them. */
  readonly recent: readonly StateInForce[];
  /** Whether the global state was ever told. */
  readonly hasGlobal: boolean;
  /** Those that were looked at longest ago, first. */
  readonly toTell: readonly StateToTell[];
}

/** What is left in a scope. */
export type LeftInScope = Pick<TradingStateApplied, 'unresolved' | 'open' | 'cancelled' | 'orders'> & {
  /** Not everything that is to be cancelled is marked yet: what is open counts whether it is marked or not. */
  readonly isMarking: boolean;
};

/** A state that this transaction holds. */
export interface HeldState {
  readonly report: number;
  /** What was said last, as it was saved. */
  readonly said: string | undefined;
}

/** How one looks at what is left. */
export interface ScopeLook {
  readonly scope: string;
  readonly version: number;
  /** Orders that were cancelled because of the state have this reason. */
  readonly cancelReason: string;
  readonly cancelRequestId: string;
  readonly cancelOpen: boolean;
  /** By the venue's clock: a request whose expiry lies before it can't arrive any more; undefined where the venue enforces none. */
  readonly expiredBeforeMs: number | undefined;
}

/** Trading states, seen from outside a transaction. */
export interface TradingStateRecords {
  knownStates(most: number): Promise<KnownStates>;
  /** Names of the transactions that are taking tasks now. A name is never used again. */
  claimsUnderWay(): Promise<ReadonlySet<string>>;
}

/**
 * Trading states within a transaction.
 *
 * 1. The highest version of a scope stays. States of other venues are none of ours.
 * 2. Whoever takes tasks is among `claimsUnderWay` from before it reads the states until its transaction is over. So once a state is
 *    committed, and every claim that was under way then is over, no intent that it forbids is stored any more, and all that were are seen.
 */
export interface TradingStateUnit {
  /** Safe in the stage's transaction: it waits for no claim. @returns those that were news */
  storeStates(changes: readonly TradingStateChanged[]): Promise<readonly TradingStateChanged[]>;
  /** Locks a state of this version; undefined where there is a later one, or somebody else is at it. */
  holdState(scope: string, version: number): Promise<HeldState | undefined>;
  /** What is open, or may be, in the scope of a state that is kept. */
  lookIntoScope(look: ScopeLook): Promise<LeftInScope>;
  /** `isTold`: nothing more will be said of it. */
  saveReport(
    scope: string,
    saved: { readonly report: number; readonly said: string; readonly isTold: boolean },
  ): Promise<void>;
}

/** As many as an acknowledgement names. */
export const MOST_NAMED = 100;

/** Where a scope's state is kept here; undefined for another venue's. */
export const placeOf = (scope: string, venue: string): string | undefined => {
  if (!scope.startsWith('venue:')) return scope;
  return scope === `venue:${venue}` ? 'venue' : undefined;
};

/** Of whom orders are in a scope; undefined: of everybody. */
export const userOfScope = (scope: string): string | undefined =>
  scope.startsWith('user:') ? scope.slice('user:'.length) : undefined;

/** Why the end of an order in a scope is not known. */
export const whyLeft = (status: string): string => {
  switch (status) {
    case 'executing':
      return 'Its request may be on its way to the venue.';
    case 'unknown':
      return 'The venue has not said yet whether it has it.';
    default:
      return 'It is open at the venue: its cancel is not confirmed yet.';
  }
};
