import type { DecimalString } from '@switchyard/money';
import type { AccountId, UserId } from './ids.js';
import type { Currency } from './pair.js';
import type { Market, Mode } from './vocabulary.js';

/** A user's limits. Percentages are of 100; quantities in the base asset. The defaults are the mission's. */
export interface Limits {
  /** Size of an order that names none, percent of balance. */
  readonly defaultBalancePercent: number;
  /** No order above this, percent of balance. */
  readonly maxBalancePercent: number;
  readonly maxOpenPositions: number;
  /** Least (takeProfit - entry) / (entry - stopLoss). Checked where both are known. */
  readonly minRewardRisk: number;
  /** Furthest stop-loss from the entry price; where a signal has none, it is computed at this distance. */
  readonly maxStopDistancePercent: number;
  readonly tradesPerSecond: number;
  readonly burst: number;
  readonly maxOrderQuantity: DecimalString;
  readonly maxPositionQuantity: DecimalString;
  readonly maxOrdersPerDay: number;
  readonly minStrength: number;
  readonly minConfluence: number;
  /** Oldest signal accepted, seconds. */
  readonly maxSignalAgeS: number;
  /** Furthest a signal's time may lie ahead of ours, seconds. */
  readonly maxSignalAheadS: number;
  /** Furthest a price may lie from mid, percent, where a mid is known. */
  readonly maxPriceDeviationPercent: number;
}

export const DEFAULT_LIMITS: Limits = {
  defaultBalancePercent: 2,
  maxBalancePercent: 5,
  maxOpenPositions: 3,
  minRewardRisk: 1.5,
  maxStopDistancePercent: 2,
  tradesPerSecond: 1,
  burst: 2,
  maxOrderQuantity: '100000',
  maxPositionQuantity: '1000000',
  maxOrdersPerDay: 50_000,
  minStrength: 0,
  minConfluence: 3,
  maxSignalAgeS: 30,
  maxSignalAheadS: 5,
  maxPriceDeviationPercent: 10,
};

/** One exchange account of a user. Mode is part of its identity: another mode is another account. */
export interface AccountPolicy {
  readonly accountId: AccountId;
  readonly venue: string;
  readonly mode: Mode;
  readonly market: Market;
  readonly enabled: boolean;
  readonly testnet?: boolean | undefined;
  /** Whether USDT may stand in for USD here. Never assumed. */
  readonly usdtAsUsd: boolean;
  /** IANA zone in which the account's trading day turns. */
  readonly timeZone: string;
  /** What a simulated account starts with. */
  readonly startingBalances?: Readonly<Record<Currency, DecimalString>> | undefined;
}

/** All that the stages need to know of a user, whole at each version. */
export interface UserPolicy {
  readonly userId: UserId;
  /** Rises by at least one at each change; readers keep the highest. */
  readonly version: number;
  readonly enabled: boolean;
  /** The mode of a signal that names none. */
  readonly mode: Mode;
  /** Only what differs from the defaults. */
  readonly limits: Partial<Limits>;
  /** Pairs the user may trade; absent means every listed pair. */
  readonly pairs?: readonly string[] | undefined;
  readonly accounts: readonly AccountPolicy[];
}
