import type { DecimalString } from '@switchyard/money';
import type { Signal } from '@switchyard/model';

/** A strategy's signal that is to be copied, as the decision on it left it. */
export interface FanOut {
  readonly strategyId: string;
  readonly signal: Signal;
  readonly contentHash: string;
  /** What a base quantity is worth: entry or limit price, else mid. */
  readonly price?: DecimalString | undefined;
  /** The copies' order is that of sha-256 over `orderSeed/accountId`. */
  readonly orderSeed: string;
  /** RFC 3339: the time by which hours are judged, of every page. */
  readonly decidedAt: string;
  /** The record of the door. */
  readonly cause: { readonly id: string; readonly traceparent?: string | undefined };
}

/**
 * What sets the order of a signal's copies. Strategy and signal alone would let who names the signal choose who is first; nobody chooses
 * the millisecond of the decision.
 */
export const orderSeedOf = (strategyId: string, signalId: string, decidedAt: string): string =>
  `${strategyId}/${signalId}/${decidedAt}`;
