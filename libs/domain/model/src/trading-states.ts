import { refuse, type Refusal } from './codes.js';
import type { UserId } from './ids.js';
import type { TradingState } from './vocabulary.js';

export const GLOBAL_SCOPE = 'global';
export const venueScope = (venue: string): string => `venue:${venue}`;
export const userScope = (userId: UserId): string => `user:${userId}`;

/** A scope in which nothing may be opened now. */
export interface StateInForce {
  /** `global`, `venue:kraken` or `user:user-42`. */
  readonly scope: string;
  readonly state: Exclude<TradingState, 'active'>;
  readonly version: number;
  readonly reason: string;
  readonly since: string;
}

/** What a decision asks of the trading states. What reduces a position does not ask. */
export interface TradingStates {
  /** What keeps this user from opening anything anywhere; the global state before the user's own. */
  ofUser(userId: UserId): StateInForce | undefined;
  /** What keeps everybody from opening anything at this venue. */
  atVenue(venue: string): StateInForce | undefined;
}

/** One version of one scope's state, as it is told. */
export interface ToldState {
  readonly scope: string;
  readonly state: TradingState;
  readonly version: number;
  readonly reason: string;
  readonly changedAt: string;
}

/**
 * The newest state of every scope, in memory: bounded by the scopes that were ever changed. The highest version wins, whatever order they
 * come in and however often.
 */
export class TradingStateBoard implements TradingStates {
  readonly #versions = new Map<string, number>();
  readonly #inForce = new Map<string, StateInForce>();
  /** The newest version in which a scope was active. */
  readonly #active = new Map<string, number>();

  /** @returns whether it was news. */
  put({ scope, state, version, reason, changedAt }: ToldState): boolean {
    if ((this.#versions.get(scope) ?? 0) >= version) return false;
    this.#versions.set(scope, version);
    if (state === 'active') {
      this.#inForce.delete(scope);
      this.#active.set(scope, version);
    } else this.#inForce.set(scope, { scope, state, version, reason, since: changedAt });
    return true;
  }

  ofUser(userId: UserId): StateInForce | undefined {
    if (this.#inForce.size === 0) return undefined;
    return this.#inForce.get(GLOBAL_SCOPE) ?? this.#inForce.get(userScope(userId));
  }

  atVenue(venue: string): StateInForce | undefined {
    return this.#inForce.size === 0 ? undefined : this.#inForce.get(venueScope(venue));
  }

  /** Whether trading went on in a scope at any time after this version of its state. */
  wasResumedAfter(scope: string, version: number): boolean {
    return (this.#active.get(scope) ?? 0) > version;
  }

  inForce(): readonly StateInForce[] {
    return [...this.#inForce.values()];
  }
}

/** The refusal of whatever would open a position in the scope. */
export const tradingHalted = ({ scope, state, reason, since }: StateInForce): Refusal =>
  refuse('TRADING_HALTED', { scope, state, reason, since });
