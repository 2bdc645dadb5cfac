import type { FeeRate, FeeRates } from './fees.js';
import type { AccountCap, VenueFacts } from './inputs.js';
import type { MethodChoice } from './method.js';
import type { PreparedMarket } from './prepared-market.js';
import type { VenueRejectionCode } from './rejections.js';
import type { Marks } from './score.js';

/** What kept a venue from taking more of the order: nothing, its account's cap, its book, its largest order, what is reserved. */
export type Bound = 'order' | 'cap' | 'depth' | 'largest_order' | 'funds';

/**
 * One account's venue in one decision, in the venue's own whole numbers: prices in units of 10^-tick places, quantities of 10^-lot places,
 * values of both. It is what a decision is explained by; decimals and sentences are made of it where it leaves (`describe.ts`).
 */
export interface Assessment {
  readonly cap: AccountCap;
  readonly facts: VenueFacts | undefined;
  /** Undefined where nothing is known of the pair at the venue. */
  readonly market: PreparedMarket | undefined;
  /** Why it is not suitable. */
  readonly rejected: VenueRejectionCode | undefined;
  /** A flaw that an order which reduces risk puts up with, where no venue without one takes all of it. */
  readonly concern: VenueRejectionCode | undefined;
  /** Whether its book can be believed. */
  readonly book: boolean;
  /** All of the order that its lot allows. */
  readonly wanted: number;
  /** All that its account's cap would allow of the whole order. */
  readonly capped: number;
  /** The most of it that the venue may take. */
  readonly most: number;
  /** The least, if it takes any. */
  readonly least: number;
  readonly bound: Bound;
  readonly rates: FeeRates | undefined;
  /** What it pays for what trades at once: the rate that its cost is compared by. */
  readonly fee: FeeRate | undefined;
  /** What a unit of its quote currency counts in the pair's own, whatever stands against it in: 1 where they are one. */
  readonly worth: number;
  readonly choice: MethodChoice | undefined;
  /** Whether it may trade at once, against the book that is shown. */
  readonly takes: boolean;
  /** Whether what does not trade at once stays in the book. */
  readonly rests: boolean;
  /** 0 where the order carries none. */
  readonly limitPrice: number;
  readonly stopPrice: number;
  /** Its score, of a venue that was suitable before any price was asked. */
  readonly marks: Marks | undefined;
  /** By the strategy and the signal's wish; 0 is filled first. */
  readonly rank: number;
  /** Its part of the order; 0 where it has none. */
  readonly share: number;
}

export type Draft = { -readonly [Field in keyof Assessment]: Assessment[Field] };

/** An assessment that stood all questions before its price. */
export type Suitable = Draft & { readonly market: PreparedMarket; readonly rates: FeeRates };

export const isSuitable = (draft: Draft): draft is Suitable => draft.rejected === undefined;
