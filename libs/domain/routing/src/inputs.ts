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
  TradingState,
  UserId,
  VenueWish,
} from '@switchyard/model';
import type { PreparedMarket } from './prepared-market.js';
import { DEFAULT_SCORING, type PairHistory, type Scoring, type VenueRecord } from './score.js';
import type { Strategy } from './strategy.js';

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
  /** True where the deployment trades there no more. */
  readonly removed?: boolean | undefined;
  /** Set while nothing may be opened at the venue. */
  readonly state?: Exclude<TradingState, 'active'> | undefined;
  /** What all orders at the venue came to of late. */
  readonly record?: VenueRecord | undefined;
  /** What the last orders of this pair at the venue came to. */
  readonly history?: PairHistory | undefined;
}

/** What is known of an account beside its cap. */
export interface AccountFacts {
  /** Traded volume by which the venue sets its fee tier, quote currency. Not known: the lowest tier. */
  readonly volume?: DecimalString | undefined;
  /** Free balance in the currency of its cap, where it is known to be less than what was reserved. */
  readonly free?: DecimalString | undefined;
  /** What is bought or earned leaves the venue after each trade: its withdrawal fee counts. */
  readonly sweeps?: boolean | undefined;
}

/** Of an account's cap: what children that live, or have traded, hold of it. */
export interface HeldCap {
  readonly accountId: AccountId;
  /** Base quantity. */
  readonly quantity: DecimalString;
}

/** Replaced as a whole when the configuration changes; a decision keeps the ones it was made with. */
export interface RoutingSettings {
  /** Milliseconds. Older books decide nothing. */
  readonly maxBookAgeMs: number;
  /** Percent of a venue's share that its book must hold: 200 is twice. A whole number. */
  readonly minDepthPercent: number;
  /** How far beyond the touch an order may go that stands in for an algorithm, in basis points. A whole number. */
  readonly collarBps: number;
  /** Value above which the method rule says TWAP; US dollars. */
  readonly twapAboveUsd: DecimalString;
  /** Seconds after its approval in which an entry may still be routed. Exits have no such limit. */
  readonly maxApprovalAgeS: number;
  /** What tells suitable venues apart. */
  readonly strategy: Strategy;
  /** Most venues that one order is split over; 1 splits nothing. */
  readonly maxChildren: number;
  /** What each further child must save, in millionths of the order's value: an order more is a request more, and can fail. */
  readonly childCostPpm: number;
  /**
   * How much less than its rate another currency counts that stands in for the pair's own (USDT for USD), in basis points: it is not what was
   * asked for, and to change it has a price. A whole number.
   */
  readonly haircutBps: number;
  readonly scoring: Scoring;
}

export const DEFAULT_ROUTING_SETTINGS: RoutingSettings = {
  maxBookAgeMs: 10_000,
  minDepthPercent: 200,
  collarBps: 50,
  twapAboveUsd: '10000',
  maxApprovalAgeS: 60,
  strategy: 'best_cost',
  maxChildren: 5,
  childCostPpm: 10,
  haircutBps: 5,
  scoring: DEFAULT_SCORING,
};

export interface RouteInputs {
  readonly order: ApprovedOrder;
  readonly venues: Readonly<Record<string, VenueFacts | undefined>>;
  /** What of the order is to be placed now: the part of a child that failed. All of it where absent. */
  readonly quantity?: DecimalString | undefined;
  /** Accounts where a child of this order failed before. */
  readonly tried: readonly AccountId[];
  readonly held?: readonly HeldCap[] | undefined;
  readonly accounts?: Readonly<Record<AccountId, AccountFacts | undefined>> | undefined;
  /** How many decisions of this pair came before: round robin and the weighted strategies go by it. Default 0. */
  readonly turn?: number | undefined;
  /** By venue, what `adaptive` has learnt of it (`adaptive.ts`). What is not in it counts 1. */
  readonly weights?: Readonly<Record<string, number>> | undefined;
  /** What one unit of another quote currency is worth in the pair's own: `{USDT: '0.9995'}`. 1 where it is not known. */
  readonly rates?: Readonly<Record<Currency, DecimalString | undefined>> | undefined;
  readonly now: Date;
  readonly settings: RoutingSettings;
}
