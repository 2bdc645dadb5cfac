import type { DecimalString } from '@switchyard/money';
import type { AccountId, SignalId, StrategyId, UserId } from './ids.js';
import type { Pair } from './pair.js';
import type { Algorithm, Mode, OrderType, Side, SignalType, TimeInForce } from './vocabulary.js';

/** How much to trade: an amount of the quote currency, a quantity of the base currency, or percent of the balance. Exactly one. */
export type SignalSize =
  { readonly quote: DecimalString } | { readonly base: DecimalString } | { readonly balancePercent: number };

/** The most that an order may be, whatever its size comes to: cut to it, not refused. Exits are not cut. */
export interface MaxSize {
  readonly quote?: DecimalString | undefined;
  readonly base?: DecimalString | undefined;
}

export interface VenueWish {
  readonly prefer?: readonly string[] | undefined;
  readonly only?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
}

export interface ExecutionWish {
  readonly algorithm?: Algorithm | undefined;
  /** 0 (patient) .. 1 (now). */
  readonly urgency?: number | undefined;
  readonly durationS?: number | undefined;
  readonly sliceS?: number | undefined;
  /** Fraction of a slice's time, 0..1. */
  readonly randomization?: number | undefined;
  /** Fraction of the market's volume, 0..1. */
  readonly participation?: number | undefined;
  readonly maxDeviation?: number | undefined;
  readonly riskAversion?: number | undefined;
}

/** What a strategy wishes, as it stands after the door: decimals are strings, times RFC 3339 in UTC with milliseconds. */
export interface Signal {
  readonly signalId: SignalId;
  readonly userId?: UserId | undefined;
  readonly strategyId?: StrategyId | undefined;
  readonly strategy?: string | undefined;
  /** Links an exit to its entry. */
  readonly tradeId?: string | undefined;
  readonly accountId?: AccountId | undefined;
  readonly mode?: Mode | undefined;
  readonly pair: Pair;
  readonly side: Side;
  readonly signalType: SignalType;
  readonly reduceOnly?: boolean | undefined;
  readonly size?: SignalSize | undefined;
  readonly maxSize?: MaxSize | undefined;
  readonly strength?: number | undefined;
  readonly confluenceScore?: number | undefined;
  /** 0..1. */
  readonly confidence?: number | undefined;
  readonly entryPrice?: DecimalString | undefined;
  readonly stopLoss?: DecimalString | undefined;
  readonly takeProfit?: DecimalString | undefined;
  readonly orderType?: OrderType | undefined;
  readonly limitPrice?: DecimalString | undefined;
  readonly stopPrice?: DecimalString | undefined;
  readonly displayQuantity?: DecimalString | undefined;
  readonly timeInForce?: TimeInForce | undefined;
  readonly expireAt?: string | undefined;
  readonly postOnly?: boolean | undefined;
  readonly venues?: VenueWish | undefined;
  readonly execution?: ExecutionWish | undefined;
  readonly generatedAt: string;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
  /** The signal of `strategyId` that this is an account's copy of. Only our own fan-out says so; of a stranger's signal it is dropped. */
  readonly copyOf?: SignalId | undefined;
  /** Fields the door filled in because they were not sent; the content hash leaves them out, so that a retry has the same hash. */
  readonly defaulted?: readonly string[] | undefined;
}
