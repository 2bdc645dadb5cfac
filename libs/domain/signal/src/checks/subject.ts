import type { Decimal } from '@switchyard/money';
import type { Limits, Refusal, Signal, UserPolicy } from '@switchyard/model';
import type { Market } from '../market-board.js';

/** Fields that a user's policy may require of every signal. */
export type RequirableField =
  'tradeId' | 'strength' | 'confluenceScore' | 'confidence' | 'entryPrice' | 'stopLoss' | 'takeProfit' | 'size';

/** A user's policy as the checks read it. */
export type SignalPolicy = UserPolicy & {
  /** A signal without one of these is refused; without the list a check applies to what was given. */
  readonly requiredFields?: readonly RequirableField[] | undefined;
};

/** A signal with all that its checks may look at. */
export interface Subject {
  readonly signal: Signal;
  /** Undefined: there is no such user. */
  readonly policy: SignalPolicy | undefined;
  readonly limits: Limits;
  readonly market: Market;
  /** Venues of this deployment, whether or not a book of theirs was seen yet. */
  readonly venues: readonly string[];
  /** Half way between best bid and ask over the venues with a fresh book. */
  readonly mid: Decimal | undefined;
  readonly nowMs: number;
}

/** One rule: the refusal, or nothing where the rule holds or doesn't apply. */
export type Check = (subject: Subject) => Refusal | undefined;
