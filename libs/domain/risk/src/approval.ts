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
const CARRIED = [
  'signalId',
  'strategyId',
  'strategy',
  'tradeId',
  'pair',
  'side',
  'signalType',
  'orderType',
  'limitPrice',
  'stopPrice',
  'displayQuantity',
  'entryPrice',
  'timeInForce',
  'expireAt',
  'postOnly',
  'stopLoss',
  'takeProfit',
  'confidence',
  'venues',
  'execution',
  'generatedAt',
] as const satisfies readonly (keyof Signal)[];

/** Leave to trade: a value that only `decide` makes, because what it grants is reserved in the same state. */
export type OrderApproval = Pick<Signal, (typeof CARRIED)[number]> & {
  readonly [approved]: true;
  readonly parentOrderId: ParentOrderId;
  readonly userId: UserId;
  readonly quantity: DecimalString;
  readonly reduceOnly: boolean;
  readonly mode: Mode;
  readonly caps: readonly ApprovedCap[];
  readonly stopLossSource?: 'signal' | 'computed';
  readonly sizing: Facts;
  readonly riskScore: number;
  readonly referencePrice?: DecimalString;
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

/** Not exported by the package: outside of risk there is no way to an approval. */
export const approve = (grant: Grant): OrderApproval => {
  const { signal, computedStop, reference } = grant;
  const order: Record<string, unknown> = {};
  for (const field of CARRIED) if (signal[field] !== undefined) order[field] = signal[field];
  Object.assign(order, {
    parentOrderId: grant.parentOrderId,
    userId: grant.userId,
    quantity: plain(grant.quantity),
    reduceOnly: grant.reduces,
    mode: grant.mode,
    caps: grant.caps,
    ...(signal.stopLoss === undefined ? {} : { stopLossSource: 'signal' }),
    ...(computedStop === undefined ? {} : { stopLoss: plain(computedStop), stopLossSource: 'computed' }),
    sizing: grant.sizing,
    riskScore: grant.riskScore,
    ...(reference === undefined ? {} : { referencePrice: plain(reference) }),
    approvedAt: grant.now.toISOString(),
    dryRun: grant.mode !== 'live',
  });
  return order as unknown as OrderApproval;
};
