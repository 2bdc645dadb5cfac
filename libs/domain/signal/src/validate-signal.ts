import type { Decimal } from '@switchyard/money';
import { DEFAULT_LIMITS, type Limits, type Refusal, type Signal, type UserPolicy } from '@switchyard/model';
import { freshness } from './checks/freshness.js';
import { knownPair, knownVenues, sanePrices } from './checks/market.js';
import { stopLossSide, takeProfitSide } from './checks/protective-prices.js';
import { confluentEnough, requiredFields, strongEnough } from './checks/quality.js';
import { sizeWithinLimits } from './checks/size.js';
import { allowedPair, knownUser, usableAccount } from './checks/standing.js';
import { forEveryFollower } from './checks/strategy.js';
import type { Check, SignalPolicy, Subject } from './checks/subject.js';
import { consistentPostOnly, neededExpiry, neededPrices, offeredOrderType } from './checks/terms.js';
import type { Market } from './market-board.js';

export interface ValidateSignal {
  readonly signal: Signal;
  /** Undefined where no such user is known. */
  readonly policy: SignalPolicy | undefined;
  readonly market: Market;
  /** The venues of this deployment. */
  readonly venues: readonly string[];
  readonly now: Date;
}

export type Validation =
  | {
      readonly ok: true;
      /** Half way between best bid and ask, where a fresh book was known. */
      readonly mid: Decimal | undefined;
      /** The version of the policy that the checks were made against. */
      readonly policyVersion: number;
    }
  | { readonly ok: false; readonly failed: readonly [Refusal, ...Refusal[]] };

/** Every check of a signal's own merits, in the order in which a failure is the main one. Holdings and funds are risk's. */
const CHECKS: readonly Check[] = [
  knownUser,
  freshness,
  knownPair,
  knownVenues,
  requiredFields,
  offeredOrderType,
  neededPrices,
  neededExpiry,
  consistentPostOnly,
  strongEnough,
  confluentEnough,
  sanePrices,
  stopLossSide,
  takeProfitSide,
  sizeWithinLimits,
  allowedPair,
  usableAccount,
];

/** The checks of a strategy's own signal: all that depend on no user. The others are made of each copy. */
const STRATEGY_CHECKS: readonly Check[] = [
  forEveryFollower,
  freshness,
  knownPair,
  knownVenues,
  offeredOrderType,
  neededPrices,
  neededExpiry,
  consistentPostOnly,
  sanePrices,
  stopLossSide,
  takeProfitSide,
];

/** The checks that depend on no user: what a door may answer at once, before it claims an id. */
const DOOR_CHECKS: readonly Check[] = [freshness, knownPair];

/**
 * Decides whether a signal is worth a risk decision. A check applies to what was given, unless the user's policy requires the field.
 * Every failed check is reported; the first is the main one. Whether the id was used before is decided before this (`recognise`).
 */
export const validateSignal = (command: ValidateSignal): Validation => judged(CHECKS, command);

/** The same for a strategy's own signal, by the default limits: once, before it is copied for those who follow. */
export const validateStrategySignal = (command: Omit<ValidateSignal, 'policy'>): Validation =>
  judged(STRATEGY_CHECKS, { ...command, policy: undefined });

const judged = (checks: readonly Check[], command: ValidateSignal): Validation => {
  const subject = subjectOf(command);
  const [main, ...others] = failures(checks, subject);
  if (main !== undefined) return { ok: false, failed: [main, ...others] };
  return { ok: true, mid: subject.mid, policyVersion: command.policy?.version ?? 0 };
};

/** What is wrong with a signal whoever sends it: a time too old or ahead, by the default limits, or a pair nobody lists. */
export const refusedAtDoor = (command: Pick<ValidateSignal, 'signal' | 'market' | 'now'>): readonly Refusal[] =>
  failures(
    command.signal.userId === undefined ? [forEveryFollower, ...DOOR_CHECKS] : DOOR_CHECKS,
    subjectOf({ ...command, policy: undefined, venues: [] }),
  );

/** A user's limits: the defaults, but for what the policy sets. */
export const limitsOf = (policy: UserPolicy | undefined): Limits =>
  policy === undefined ? DEFAULT_LIMITS : { ...DEFAULT_LIMITS, ...policy.limits };

const subjectOf = ({ signal, policy, market, venues, now }: ValidateSignal): Subject => {
  const nowMs = now.getTime();
  return { signal, policy, market, venues, nowMs, limits: limitsOf(policy), mid: market.mid(signal.pair, nowMs) };
};

const failures = (checks: readonly Check[], subject: Subject): readonly Refusal[] => {
  const failed: Refusal[] = [];
  for (const check of checks) {
    const refusal = check(subject);
    if (refusal !== undefined) failed.push(refusal);
  }
  return failed;
};
