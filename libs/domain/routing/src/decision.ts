import type { DecimalString } from '@switchyard/money';
import type { AccountId, Algorithm, Instrument, Mode, OrderType, TimeInForce, VenueFees } from '@switchyard/model';
import type { RoutingSettings } from './inputs.js';
import type { VenueRejection } from './rejections.js';

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
  readonly priority: 1 | 2 | 3 | 4 | 5;
}

export interface VenueAssessment {
  readonly venue: string;
  readonly accountId: AccountId;
  readonly chosen: boolean;
  /** 0..100: 50 is a total cost (fee and book) of 0.5 % of the value, 0 is 1 % or more. */
  readonly score?: number;
  readonly rejected?: VenueRejection;
  readonly bookHash?: string;
  readonly bookAgeMs?: number;
  readonly feeRate?: DecimalString;
  readonly feeAssumed?: boolean;
  /** Quote currency: what a buyer pays in all, what a seller gets in the end. */
  readonly expectedCost?: DecimalString;
  readonly expectedPrice?: DecimalString;
  readonly impactBps?: number;
}

/** What goes out with the order: every venue looked at, and why. */
export interface DecisionRecord {
  readonly method: 'market' | 'limit';
  readonly algorithm: Algorithm;
  readonly priority: 1 | 2 | 3 | 4 | 5;
  readonly venues: readonly VenueAssessment[];
  readonly estimatedFees?: DecimalString;
  readonly sentence: string;
  readonly decidedAt: string;
}

/** Beside the approval and the books (by hash), all that a replay needs. */
export interface RecordedInputs {
  readonly tried: readonly AccountId[];
  readonly settings: RoutingSettings;
  readonly venues: Readonly<Record<string, RecordedVenue>>;
}

export interface RecordedVenue {
  readonly known: boolean;
  readonly healthy?: boolean;
  readonly bookHash?: string;
  readonly receivedAt?: string;
  readonly instrument?: Instrument;
  /** Absent where the venue's fees are not known. */
  readonly fees?: VenueFees;
}

export interface RouteDecision {
  readonly child: ChildPlan;
  readonly record: DecisionRecord;
  readonly inputs: RecordedInputs;
  /** What of the approved quantity is not traded: finer than the lot, or above the account's cap. */
  readonly remainder: DecimalString;
}
