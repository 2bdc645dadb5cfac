import type { DecimalString } from '@switchyard/money';
import type {
  AccountId,
  Currency,
  OrderId,
  Pair,
  ParentOrderId,
  Refusal,
  Side,
  Signal,
  SignalId,
  TradingStates,
  UserPolicy,
} from '@switchyard/model';
import type { Market } from '@switchyard/signal';
import type { OrderApproval } from './approval.js';
import type { RiskSettings } from './settings.js';
import type { Amounts } from './state.js';
import type { Recommendation } from './verdict.js';
import type { Volatility } from './volatility.js';

/** A validated signal asks for an order. The id of that order is derived by the caller. */
export interface SignalValidated {
  readonly type: 'signalValidated';
  readonly signal: Signal;
  readonly parentOrderId: ParentOrderId;
  /** Handed back with the outcome, however much later it comes. */
  readonly trace?: string | undefined;
}

export interface PolicyChanged {
  readonly type: 'policyChanged';
  readonly policy: UserPolicy;
}

/** The venue's own word on an account: every currency it holds. */
export interface BalanceUpdated {
  readonly type: 'balanceUpdated';
  readonly accountId: AccountId;
  /** Free and locked together. */
  readonly totals: Amounts;
  readonly askedAt: string;
}

export interface OrderFilled {
  readonly type: 'orderFilled';
  readonly orderId: OrderId;
  readonly parentOrderId: ParentOrderId;
  readonly accountId: AccountId;
  readonly venue: string;
  readonly pair: Pair;
  readonly side: Side;
  readonly quantity: DecimalString;
  readonly price: DecimalString;
  readonly fee: { readonly amount: DecimalString; readonly currency: Currency };
  /** Of the child order, this fill included. */
  readonly cumulativeQuantity: DecimalString;
  readonly filledAt: string;
}

/** Proof that a parent is over: no child of it is live or will come. */
export interface OrderCompleted {
  readonly type: 'orderCompleted';
  readonly parentOrderId: ParentOrderId;
  readonly filledQuantity: DecimalString;
  readonly completedAt: string;
}

/** Nothing was heard of the entries that an exit waits for, for as long as it takes to say that they rest. */
export interface HeldExitDue {
  readonly type: 'heldExitDue';
  /** Of the exit. */
  readonly parentOrderId: ParentOrderId;
}

export type RiskCommand = SignalValidated | PolicyChanged | BalanceUpdated | OrderFilled | OrderCompleted | HeldExitDue;

/** What a decision may look at beside the user's state. */
export interface Environment {
  readonly now: Date;
  readonly market: Market;
  readonly settings: RiskSettings;
  /** Absent: nothing is halted. */
  readonly states?: TradingStates | undefined;
  /** Absent: orders are sized without it. */
  readonly volatility?: Volatility | undefined;
}

export interface Approved {
  readonly type: 'approved';
  readonly approval: OrderApproval;
  readonly trace?: string | undefined;
}

export interface Rejected {
  readonly type: 'rejected';
  readonly signalId: SignalId;
  /** Every failed check; the first is the main one. */
  readonly failed: readonly [Refusal, ...Refusal[]];
  /** Where changes would make it pass, all of them. */
  readonly recommended?: Recommendation | undefined;
  /** 0..100 (`risk-score.ts`). */
  readonly riskScore: number;
  readonly trace?: string | undefined;
}

/** An exit waits: told when it begins to, and once more when its entries came to rest and left nothing to close. */
export interface Held {
  readonly type: 'held';
  readonly signalId: SignalId;
  /** Of the exit. */
  readonly parentOrderId: ParentOrderId;
  /** `moving`: what the entries bought is not known yet. `resting`: they rest in a book and have bought nothing that could be sold. */
  readonly entries: 'moving' | 'resting';
  /** The entries that are not over. */
  readonly waitsFor: readonly ParentOrderId[];
  /** When the exit is looked at again though nothing is heard, milliseconds since 1970; absent where only an event can end its wait. */
  readonly dueMs?: number;
  readonly trace?: string | undefined;
}

export type Outcome = Approved | Rejected | Held;
