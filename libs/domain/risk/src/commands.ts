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
  UserPolicy,
} from '@switchyard/model';
import type { Market } from '@switchyard/signal';
import type { OrderApproval } from './approval.js';
import type { RiskSettings } from './settings.js';
import type { Amounts } from './state.js';

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

export type RiskCommand = SignalValidated | PolicyChanged | BalanceUpdated | OrderFilled | OrderCompleted;

/** What a decision may look at beside the user's state. */
export interface Environment {
  readonly now: Date;
  readonly market: Market;
  readonly settings: RiskSettings;
}

export interface Approved {
  readonly type: 'approved';
  readonly approval: OrderApproval;
  readonly trace?: string | undefined;
}

export interface Rejected {
  readonly type: 'rejected';
  readonly signalId: SignalId;
  /** Every failed check; the first is the main one. Facts hold `recommended` where a change would pass the check. */
  readonly failed: readonly [Refusal, ...Refusal[]];
  /** 0..100 (`risk-score.ts`). */
  readonly riskScore: number;
  readonly trace?: string | undefined;
}

/** An exit waits until the entries that it closes are over. */
export interface Held {
  readonly type: 'held';
  readonly signalId: SignalId;
  readonly waitsFor: readonly ParentOrderId[];
}

export type Outcome = Approved | Rejected | Held;
