import { plain, type Decimal, type DecimalString } from '@switchyard/money';
import type { AccountId, Currency, Facts, Mode, ParentOrderId, Signal, UserId } from '@switchyard/model';

declare const approved: unique symbol;

/** What one account may spend for one parent; the sum of all caps may exceed the order. */
export interface ApprovedCap {
  readonly accountId: AccountId;
  readonly venue: string;
  readonly mode: Mode;
  /** Most base quantity this account may trade. */
  readonly quantity: DecimalString;
  /** Quote currency, fees and collar included, for a buy; base for a sell. */
  readonly reserved: DecimalString;
  readonly currency: Currency;
}

/** What an approval takes over from its signal as it stands; metadata and sizes stay behind. */
type Carried =
  | 'signalId'
  | 'strategyId'
  | 'strategy'
  | 'tradeId'
  | 'pair'
  | 'side'
  | 'signalType'
  | 'orderType'
  | 'limitPrice'
  | 'stopPrice'
  | 'displayQuantity'
  | 'entryPrice'
  | 'timeInForce'
  | 'expireAt'
  | 'postOnly'
  | 'stopLoss'
  | 'takeProfit'
  | 'confidence'
  | 'venues'
  | 'execution'
  | 'generatedAt';

/** Leave to trade: a value that only `decide` makes, because what it grants is reserved in the same state. */
export type OrderApproval = Pick<Signal, Carried> & {
  readonly [approved]: true;
  readonly parentOrderId: ParentOrderId;
  readonly userId: UserId;
  readonly quantity: DecimalString;
  readonly reduceOnly: boolean;
  readonly mode: Mode;
  readonly caps: readonly ApprovedCap[];
  readonly stopLossSource?: 'signal' | 'computed' | undefined;
  readonly sizing: Facts;
  readonly riskScore: number;
  readonly referencePrice?: DecimalString | undefined;
  readonly approvedAt: string;
  readonly dryRun: boolean;
};

export interface Grant {
  readonly signal: Signal;
  readonly parentOrderId: ParentOrderId;
  readonly userId: UserId;
  readonly mode: Mode;
  readonly quantity: Decimal;
  readonly caps: readonly ApprovedCap[];
  readonly reduces: boolean;
  readonly computedStop: Decimal | undefined;
  readonly reference: Decimal | undefined;
  readonly sizing: Facts;
  readonly riskScore: number;
  readonly now: Date;
}

/** Not exported by the package: outside of risk there is no way to an approval. What is undefined is absent in its JSON. */
export const approve = (grant: Grant): OrderApproval => {
  const { signal, computedStop, reference, mode } = grant;
  const order: Omit<OrderApproval, typeof approved> = {
    parentOrderId: grant.parentOrderId,
    signalId: signal.signalId,
    userId: grant.userId,
    strategyId: signal.strategyId,
    strategy: signal.strategy,
    tradeId: signal.tradeId,
    pair: signal.pair,
    side: signal.side,
    signalType: signal.signalType,
    orderType: signal.orderType,
    quantity: plain(grant.quantity),
    limitPrice: signal.limitPrice,
    stopPrice: signal.stopPrice,
    displayQuantity: signal.displayQuantity,
    entryPrice: signal.entryPrice,
    timeInForce: signal.timeInForce,
    expireAt: signal.expireAt,
    postOnly: signal.postOnly,
    reduceOnly: grant.reduces,
    mode,
    caps: grant.caps,
    stopLoss: computedStop === undefined ? signal.stopLoss : plain(computedStop),
    stopLossSource: computedStop !== undefined ? 'computed' : signal.stopLoss === undefined ? undefined : 'signal',
    takeProfit: signal.takeProfit,
    confidence: signal.confidence,
    venues: signal.venues,
    execution: signal.execution,
    sizing: grant.sizing,
    riskScore: grant.riskScore,
    referencePrice: reference === undefined ? undefined : plain(reference),
    generatedAt: signal.generatedAt,
    approvedAt: grant.now.toISOString(),
    dryRun: mode !== 'live',
  };
  return order as OrderApproval;
};
