import type { DecimalString } from '@switchyard/money';
import type {
  AccountId,
  Algorithm,
  Currency,
  Instrument,
  Mode,
  OrderType,
  TimeInForce,
  TradingState,
  VenueFees,
} from '@switchyard/model';
import type { Assessment, Bound } from './assessment.js';
import type { FeeSource } from './fees.js';
import type { Ground } from './ground.js';
import type { AccountFacts, HeldCap, RoutingSettings } from './inputs.js';
import type { MethodChoice } from './method.js';
import type { VenueRejection } from './rejections.js';
import type { PairHistory, ScorePart, VenueRecord } from './score.js';
import type { Strategy } from './strategy.js';
import type { VenueKind, VenueTerms } from './terms.js';

export type Priority = 1 | 2 | 3 | 4 | 5;

/** One order at one venue, on that venue's grid. */
export interface ChildPlan {
  readonly accountId: AccountId;
  readonly venue: string;
  readonly venueSymbol: string;
  readonly mode: Mode;
  readonly orderType: OrderType;
  readonly quantity: DecimalString;
  readonly limitPrice?: DecimalString;
  readonly stopPrice?: DecimalString;
  readonly timeInForce: TimeInForce;
  readonly expireAt?: string;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly priority: Priority;
}

/** What was decided, explained in the whole numbers that it was decided by. `describe` turns it into what leaves. */
export interface RouteDecision {
  /** One a venue that has a part, in the order of the caps. */
  readonly children: readonly ChildPlan[];
  /** One an account that has a cap, in the order of the caps. */
  readonly assessments: readonly Assessment[];
  readonly ground: Ground;
  readonly choice: MethodChoice;
  readonly priority: Priority;
  /** What of the order is not traded: finer than the lots, below every minimum, or more than all venues may take. */
  readonly remainder: DecimalString;
  /** Whether it is proven that no split is better. */
  readonly proven: boolean;
  readonly decidedAtMs: number;
}

export interface VenueAssessment {
  readonly venue: string;
  readonly accountId: AccountId;
  readonly chosen: boolean;
  /** 0..100, the weighted sum of `figures`; absent for a venue that is not suitable. */
  readonly score?: number;
  readonly figures?: Readonly<Record<ScorePart, number>>;
  /** By the strategy and the signal's wish, 0 first; absent where cost alone decides. */
  readonly rank?: number;
  readonly rejected?: VenueRejection;
  readonly kind?: VenueKind;
  readonly bookHash?: string;
  readonly bookAgeMs?: number;
  readonly feeRate?: DecimalString;
  readonly feeSource?: FeeSource;
  readonly feeAssumed?: boolean;
  /** Its part of the order; absent where it has none. */
  readonly quantity?: DecimalString;
  /** The most that it could have taken, and what bounds that. */
  readonly most?: DecimalString;
  readonly bound?: Bound;
  /** Quote currency for its part, or for the most it could take: what a buyer pays in all, what a seller gets in the end. */
  readonly expectedCost?: DecimalString;
  readonly expectedPrice?: DecimalString;
  /** How much dearer a unit is, all included, than the best touch of all sound venues. */
  readonly costBps?: number;
  readonly impactBps?: number;
}

/** What goes out with the order: every venue looked at, and why. */
export interface DecisionRecord {
  readonly method: 'market' | 'limit';
  readonly algorithm: Algorithm;
  readonly priority: Priority;
  readonly strategy: Strategy;
  readonly venues: readonly VenueAssessment[];
  readonly estimatedFees?: DecimalString;
  /** Of the order, what is not traded; absent where that is nothing. */
  readonly remainder?: DecimalString;
  /** False where the search for the best split was given up; absent where it was proven. */
  readonly proven?: false;
  readonly sentence: string;
  readonly decidedAt: string;
}

/** Beside the approval and the books (by hash), all that a replay needs. */
export interface RecordedInputs {
  /** The rules that it was made by (`ROUTING_RULES`); absent in what was decided before they had a number. */
  readonly rules?: number;
  readonly quantity?: DecimalString;
  readonly tried: readonly AccountId[];
  readonly held?: readonly HeldCap[];
  readonly accounts?: Readonly<Record<AccountId, AccountFacts | undefined>>;
  readonly turn?: number;
  readonly weights?: Readonly<Record<string, number>>;
  readonly rates?: Readonly<Record<Currency, DecimalString | undefined>>;
  readonly settings: RoutingSettings;
  readonly venues: Readonly<Record<string, RecordedVenue>>;
}

export interface RecordedVenue {
  readonly known: boolean;
  readonly healthy?: boolean;
  readonly removed?: boolean;
  readonly state?: Exclude<TradingState, 'active'>;
  readonly bookHash?: string;
  readonly receivedAt?: string;
  readonly instrument?: Instrument;
  /** Absent where the venue's fees are not known. */
  readonly fees?: VenueFees;
  readonly terms?: VenueTerms;
  readonly record?: VenueRecord;
  readonly history?: PairHistory;
}
