import type { Role } from '@switchyard/auth';
import { TRADING_STATES, type TradingState } from '@switchyard/model';
import type { StoredState } from './stored-state.js';

export interface WishedState {
  readonly state: TradingState;
  readonly reason: string;
  readonly cancelOpen: boolean;
}

export interface StateAuthor {
  readonly userId: string;
  readonly role: Role;
}

export type StateDecision =
  | { readonly kind: 'changed'; readonly next: Omit<StoredState, 'changedAt'> }
  /** It is so already. */
  | { readonly kind: 'same' }
  /** An operator holds the scope, and only an operator lifts that. */
  | { readonly kind: 'held'; readonly state: TradingState; readonly reason: string };

/**
 * Who changes what.
 *
 * 1. Operators and admins change every scope, in either direction; whoever of them comes last has the word.
 * 2. Users change their own scope. They make it as strict as they like, and lift what they made themselves; below what an operator left them
 *    they don't get, whoever tightened it since.
 * 3. A wish that is fulfilled already changes nothing. With `cancelOpen` it is fulfilled while the last such wish is still worked on; once
 *    that is verified it is a new one, and what was opened since is cancelled, too.
 */
export const decideChange = (
  before: StoredState,
  wish: WishedState,
  by: StateAuthor,
  isVerified: boolean,
): StateDecision => {
  const isOperator = by.role !== 'trader';
  if (!isOperator && strictness(wish.state) < strictness(before.held))
    return { kind: 'held', state: before.held, reason: before.heldReason ?? before.reason };
  const held = isOperator
    ? { held: wish.state, heldReason: wish.state === 'active' ? undefined : wish.reason }
    : { held: before.held, heldReason: before.heldReason };
  const next = {
    ...{ scope: before.scope, version: before.version + 1, ...wish, ...held },
    ...{ changedBy: by.userId, role: by.role },
  };
  const isSame =
    wish.state === before.state &&
    held.held === before.held &&
    (before.version > 0 || wish.state === 'active') &&
    (!wish.cancelOpen || (before.cancelOpen && !isVerified));
  return isSame ? { kind: 'same' } : { kind: 'changed', next };
};

/** 0: everything; 2: the strictest. */
export const strictness = (state: TradingState): number => TRADING_STATES.indexOf(state);
