import type { DecimalString } from '@switchyard/money';
import type {
  AccountId,
  Currency,
  Mode,
  OrderId,
  Pair,
  ParentOrderId,
  Side,
  Signal,
  UserPolicy,
} from '@switchyard/model';

/**
 * All that risk remembers of one user, written in the transaction of each decision: a JSON document of the policy, which seldom changes,
 * and one of all else (`stored-state.ts`).
 *
 * 1. It is bounded: open parents, held exits and remembered parents are capped (`RiskSettings`); nothing in it grows with history.
 * 2. What an account may still spend is derived from it, never stored beside it.
 * 3. A parent is in `parents` from its approval until it is completed *and* all its fills are seen: fills and completions commute.
 */
export interface RiskState {
  readonly policy?: UserPolicy;
  readonly accounts: Readonly<Record<AccountId, AccountBook>>;
  /** A list, oldest first: a map under hashes costs more to copy than a list to search. */
  readonly parents: readonly OpenParent[];
  /** Exits that wait until the entries they close are over, or rest in a book and leave something to close. */
  readonly held: readonly HeldExit[];
  /** The newest parents that are over, oldest first: what a repeated fill or completion is known by. */
  readonly finished: readonly FinishedParent[];
  readonly bucket?: RateBucket;
}

/** Amounts by currency; absent is zero. */
export type Amounts = Readonly<Record<Currency, DecimalString>>;

export interface AccountBook {
  /** The venue's last word on its totals, free and locked together. */
  readonly snapshot?: { readonly askedAt: string; readonly totals: Amounts };
  /** The baseline (a snapshot taken while nothing of ours was open) folded by every fill since. Absent while no balance is known. */
  readonly book?: Amounts;
  /** Base quantity per pair that our own fills brought, less fees charged in base. Closed positions are absent. */
  readonly positions: Readonly<Record<Pair, DecimalString>>;
  /** The last moment at which something of ours ended or filled here; an earlier snapshot proves nothing. */
  readonly lastChangeAt?: string;
  /** What was done on the account's trading day. */
  readonly day?: TradingDay;
  /** The zone in which that day turns, as of the last approval; absent: UTC. */
  readonly timeZone?: string;
  /** What positions brought, less what they cost and their fees, by the quote currency of their pairs (`profit.ts`). */
  readonly flows?: Amounts;
  /** Profit and loss when it was last looked at, and its high, US dollars. */
  readonly profit?: { readonly last: DecimalString; readonly high: DecimalString };
}

export interface TradingDay {
  /** `2026-11-21` in the account's zone; never goes back. */
  readonly date: string;
  /** Orders approved. */
  readonly orders: number;
  /** Worth of all fills, US dollars. */
  readonly traded?: DecimalString;
  /** Profit and loss where the day began; absent until it is first looked at. */
  readonly start?: DecimalString;
}

export interface OpenParent {
  readonly parentOrderId: ParentOrderId;
  readonly pair: Pair;
  readonly side: Side;
  readonly mode: Mode;
  /** Whether it opens or adds to a position; the others close one, or sell what is held. */
  readonly opens: boolean;
  readonly tradeId?: string;
  /** Base quantity approved. */
  readonly quantity: DecimalString;
  readonly caps: Readonly<Record<AccountId, OpenCap>>;
  /** Base quantity of all fills seen. */
  readonly filled: DecimalString;
  readonly seen: SeenFills;
  /** When it was approved or last filled, by our clock, milliseconds since 1970. */
  readonly activeMs?: number;
  /** Set by OrderCompleted: what was filled in all, as routing counted. */
  readonly completed?: { readonly filledQuantity: DecimalString; readonly at: string };
}

/** What stands reserved of one account for one parent: quote currency for a buy, base for a sell. */
export interface OpenCap {
  /** The currency the account pays or is paid in: `USDT` where it stands for USD. */
  readonly quote: Currency;
  readonly left: DecimalString;
  /** Reserved per unit of base: price bound and fee for a buy, 1 for a sell. */
  readonly perUnit: DecimalString;
}

/** Per child order, the stretches of its cumulative quantity whose fills were folded: one stretch from 0, once all are in order. */
export type SeenFills = Readonly<Record<OrderId, readonly Stretch[]>>;
export type Stretch = readonly [from: DecimalString, to: DecimalString];

/** Parent and seen fills in one text (`finished-parents.ts`). */
export type FinishedParent = string;

export interface HeldExit {
  readonly signal: Signal;
  readonly parentOrderId: ParentOrderId;
  /** The parents that must be over first. Later entries don't join: an exit is not starved by them. */
  readonly waitsFor: readonly ParentOrderId[];
  readonly trace?: string;
}

/** Tokens left at a moment; one entry takes one. */
export interface RateBucket {
  readonly tokens: number;
  readonly atMs: number;
  /** The newest signals of strategies that took one, oldest first: all copies of one for a user's accounts are one trade. */
  readonly copied?: readonly string[];
}

export const EMPTY: RiskState = { accounts: {}, parents: [], held: [], finished: [] };
export const UNKNOWN_ACCOUNT: AccountBook = { positions: {} };
