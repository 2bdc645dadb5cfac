import type { DecimalString } from '@switchyard/money';
import type {
  AccountId,
  Currency,
  ExecutionWish,
  Mode,
  OrderType,
  Pair,
  ParentOrderId,
  Side,
  SignalId,
  SignalType,
  TimeInForce,
  UserId,
  VenueWish,
} from '@switchyard/model';
import type { PreparedMarket } from './prepared-market.js';

/** What one account may trade and spend for a parent order. */
export interface AccountCap {
  readonly accountId: AccountId;
  readonly venue: string;
  readonly mode: Mode;
  /** Most base quantity. */
  readonly quantity: DecimalString;
  /** Quote currency, fees and collar included, for a buy; base for a sell. */
  readonly reserved: DecimalString;
  readonly currency: Currency;
}

/** The part of an approval that routing decides by. */
export interface ApprovedOrder {
  readonly parentOrderId: ParentOrderId;
  readonly signalId: SignalId;
  readonly userId: UserId;
  readonly pair: Pair;
  readonly side: Side;
  readonly signalType: SignalType;
  readonly orderType?: OrderType | undefined;
  readonly quantity: DecimalString;
  readonly limitPrice?: DecimalString | undefined;
  readonly stopPrice?: DecimalString | undefined;
  readonly entryPrice?: DecimalString | undefined;
  readonly timeInForce?: TimeInForce | undefined;
  readonly expireAt?: string | undefined;
  readonly postOnly?: boolean | undefined;
  readonly reduceOnly: boolean;
  readonly mode: Mode;
  readonly caps: readonly AccountCap[];
  readonly confidence?: number | undefined;
  readonly venues?: VenueWish | undefined;
  readonly execution?: ExecutionWish | undefined;
  readonly approvedAt: string;
}

/** What is known of the pair at a venue. */
export interface VenueFacts {
  readonly market: PreparedMarket | undefined;
  /** Whether any pair of the venue is known: tells a pair that is not listed from market data that has not come yet. */
  readonly known: boolean;
  /** Undefined: nothing is known, and the venue counts as healthy. */
  readonly healthy: boolean | undefined;
}

/** Replaced as a whole when the configuration changes; a decision keeps the ones it was made with. */
export interface RoutingSettings {
  /** Milliseconds. Older books decide nothing. */
  readonly maxBookAgeMs: number;
  /** Percent of the order that the book must hold: 200 is twice. A whole number. */
  readonly minDepthPercent: number;
  /** How far beyond the touch an order may go that stands in for an algorithm, in basis points. A whole number. */
  readonly collarBps: number;
  /** Value above which the method rule says TWAP; US dollars. */
  readonly twapAboveUsd: DecimalString;
  /** Seconds after its approval in which an entry may still be routed. Exits have no such limit. */
  readonly maxApprovalAgeS: number;
}

export const DEFAULT_ROUTING_SETTINGS: RoutingSettings = {
  maxBookAgeMs: 10_000,
  minDepthPercent: 200,
  collarBps: 50,
  twapAboveUsd: '10000',
  maxApprovalAgeS: 60,
};

export interface RouteInputs {
  readonly order: ApprovedOrder;
  readonly venues: Readonly<Record<string, VenueFacts | undefined>>;
  /** Accounts where a child of this order failed before. */
  readonly tried: readonly AccountId[];
  readonly now: Date;
  readonly settings: RoutingSettings;
}
