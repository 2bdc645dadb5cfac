import { mayUse, type OriginRules } from '@switchyard/exchanges';
import { refuse, tradingHalted, type Mode, type Refusal, type StateInForce } from '@switchyard/model';
import type { RoutedOrder } from './task.js';

/** What the executor knows of an account, from its user's policy. */
export interface KnownAccount {
  readonly userId: string;
  readonly mode: Mode;
  readonly enabled: boolean;
}

export interface Deployment {
  readonly venue: string;
  readonly origin: string;
  readonly rules: OriginRules;
  readonly hasAdapter: boolean;
}

/** What is known of trading states when an order is to be sent. */
export interface Restraint {
  /** A state in force over its user, its venue or everybody. */
  readonly halt: StateInForce | undefined;
  /** The global state was not heard for too long: nobody knows whether there is a halt. */
  readonly isUnheard: boolean;
}

export type Admission =
  | { readonly kind: 'send' }
  /** The policy that names the account has not come yet: topics promise no order between each other. Or the global state is not heard. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'refuse'; readonly refusal: Refusal; readonly retriable: boolean };

/**
 * The last look before an intent is stored. The mode is a part of the account, frozen into everything since the approval: an order whose
 * mode is not its account's, or that this deployment may not send, goes nowhere.
 */
export const admit = (
  routed: RoutedOrder,
  account: KnownAccount | undefined,
  deployment: Deployment,
  { halt, isUnheard }: Restraint,
  nowMs: number,
): Admission => {
  if (nowMs >= Date.parse(routed.sendBy)) {
    const facts = { ...(account ? {} : { account: 'unknown' }), ...(isUnheard ? { tradingState: 'not heard' } : {}) };
    return no(refuse('ORDER_EXPIRED_UNSENT', { sendBy: routed.sendBy, ...facts }), true);
  }
  if (!routed.reduceOnly) {
    // Elsewhere it may be opened where one venue alone is halted.
    if (halt !== undefined) return no(tradingHalted(halt), halt.scope.startsWith('venue:'));
    if (isUnheard) return { kind: 'wait' };
  }
  if (account === undefined) return { kind: 'wait' };
  if (account.userId !== routed.userId)
    return no(refuse('NO_ACCOUNT', { accountId: routed.accountId, reason: 'the account is another user’s' }), false);
  if (account.mode !== routed.mode)
    return no(refuse('MODE_MISMATCH', { order: routed.mode, account: account.mode }), false);
  if (!account.enabled && !routed.reduceOnly)
    return no(refuse('NO_ACCOUNT', { accountId: routed.accountId, reason: 'disabled' }), true);
  return routed.mode === 'simulated' ? { kind: 'send' } : admitToVenue(routed, deployment);
};

const admitToVenue = (routed: RoutedOrder, { venue, origin, rules, hasAdapter }: Deployment): Admission => {
  if (!hasAdapter) return no(refuse('UNSUPPORTED', { venue, mode: routed.mode, possible: 'simulated' }), true);
  const permitted = mayUse(routed.mode, origin, rules);
  return permitted.kind === 'permitted'
    ? { kind: 'send' }
    : no(refuse('MODE_MISMATCH', { mode: routed.mode, reason: permitted.code }, permitted.message), false);
};

const no = (refusal: Refusal, retriable: boolean): Admission => ({ kind: 'refuse', refusal, retriable });
