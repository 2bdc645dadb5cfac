import type { DecimalString } from '@switchyard/money';
import type { AccountId, StrategyId, UserId } from './ids.js';
import type { Currency } from './pair.js';
import type { Market, Mode, Side } from './vocabulary.js';

/**
 * Limits of one account, or of all of a user's accounts at one venue: of prop firms, say. What is absent limits nothing. They decide which
 * accounts may take how much of an entry; amounts are US dollars. Exits pass them.
 */
export interface ScopedLimits {
  /** Pairs in which nothing may be opened here. */
  readonly restrictedPairs?: readonly string[] | undefined;
  /** Most that may be traded here for one order. */
  readonly maxChildNotional?: DecimalString | undefined;
  /** Most that positions and entries under way may be worth here. */
  readonly maxExposure?: DecimalString | undefined;
  readonly maxNotionalPerDay?: DecimalString | undefined;
  readonly maxLossPerDay?: DecimalString | undefined;
  readonly maxLossPerDayPercent?: number | undefined;
  readonly maxDrawdownPercent?: number | undefined;
  readonly minEquity?: DecimalString | undefined;
}

/**
 * A user's limits. Percentages are of 100; quantities in the base asset, amounts in US dollars. The defaults are the mission's; what is
 * optional has none: absent, it limits nothing.
 */
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
  /** Most to be held of a pair, by pair, where it differs from maxPositionQuantity. */
  readonly positionQuantities?: Readonly<Record<string, DecimalString>> | undefined;
  /** Most that one order may be worth. */
  readonly maxParentNotional: DecimalString;
  /** Most that one account may trade of one order. */
  readonly maxChildNotional: DecimalString;
  readonly maxOrdersPerDay: number;
  /** Most that may be traded a trading day, exits counted. */
  readonly maxNotionalPerDay?: DecimalString | undefined;
  /** No entry after so much was lost on the trading day, realised and marked. */
  readonly maxLossPerDay?: DecimalString | undefined;
  /** The same, percent of what the equity was when the day began. */
  readonly maxLossPerDayPercent?: number | undefined;
  /** No entry while profit and loss lie so far below their high, percent of the equity at that high. */
  readonly maxDrawdownPercent?: number | undefined;
  /** No entry while all that is held is worth less. */
  readonly minEquity?: DecimalString | undefined;
  /** Most to be held of one sector, percent of equity, where the sector has none of its own. */
  readonly maxSectorPercent: number;
  /** The same by sector. */
  readonly sectorPercents?: Readonly<Record<string, number>> | undefined;
  /** Most to be held of one asset, percent of equity. */
  readonly maxConcentrationPercent?: number | undefined;
  /** Most that all positions and entries under way may be worth, as a multiple of equity. */
  readonly maxLeverage?: number | undefined;
  /** Pairs in which nothing may be opened. */
  readonly restrictedPairs?: readonly string[] | undefined;
  /** Sizes an order that names none so that its volatility is this, percent of balance a year, instead of by defaultBalancePercent. */
  readonly targetVolatilityPercent?: number | undefined;
  /** Cuts an order that names no size so that the volatility of all positions, correlations counted, stays below this, percent of equity a year. */
  readonly maxPortfolioVolatilityPercent?: number | undefined;
  /** By account. */
  readonly accounts?: Readonly<Record<AccountId, ScopedLimits>> | undefined;
  /** By venue. */
  readonly venues?: Readonly<Record<string, ScopedLimits>> | undefined;
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
  maxParentNotional: '10000000',
  maxChildNotional: '5000000',
  maxOrdersPerDay: 50_000,
  maxSectorPercent: 15,
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

/**
 * A strategy that one account of a user follows. A signal of the strategy becomes one of the account, `<signalId>/<accountId>`, if it passes
 * the filter and the hours; its size is scaled, then cut to the caps. Amounts are US dollars. Exits of what was entered pass the filter, the
 * hours and `paused`, and are never cut: what keeps a user from opening keeps nobody from closing. Who wants no exits either, unsubscribes.
 */
export interface Subscription {
  readonly strategyId: StrategyId;
  readonly accountId: AccountId;
  /** No entries for now. */
  readonly paused: boolean;
  /**
   * What the strategy's size becomes: `multiplier`: times `factor`; `fixed`: `quote` for each entry, whatever the strategy says; `equity`: the
   * share that the strategy's size has of `referenceEquity`, of this account's balance, times `factor`.
   */
  readonly scaling:
    | { readonly kind: 'multiplier'; readonly factor: DecimalString }
    | { readonly kind: 'fixed'; readonly quote: DecimalString }
    | { readonly kind: 'equity'; readonly referenceEquity: DecimalString; readonly factor?: DecimalString | undefined };
  /** Absent: everything. */
  readonly filter?:
    | {
        readonly pairs?: readonly string[] | undefined;
        readonly sides?: readonly Side[] | undefined;
        readonly minStrength?: number | undefined;
        readonly minConfluence?: number | undefined;
        readonly minConfidence?: number | undefined;
      }
    | undefined;
  /** Of one entry: cut to it, not refused. */
  readonly maxQuote?: DecimalString | undefined;
  /** Base currency, or contracts where the venue counts in those: cut to it. */
  readonly maxQuantity?: DecimalString | undefined;
  /** When entries are taken, in the account's time zone: `from` to `to` (HH:MM; over midnight where `to` is not later), on these days (1 is Monday). */
  readonly hours?:
    readonly { readonly days: readonly number[]; readonly from: string; readonly to: string }[] | undefined;
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
  /** Strategies that the accounts follow; absent: none. At most one a strategy and account. */
  readonly subscriptions?: readonly Subscription[] | undefined;
}
