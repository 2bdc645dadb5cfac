import type { Decimal, DecimalString } from '@switchyard/money';
import type { Facts, Refusal } from '@switchyard/model';
import type { Cap } from './caps.js';

/** What the checks and the sizing of one proposal came to. */
export type Verdict =
  | {
      readonly granted: true;
      readonly quantity: Decimal;
      readonly caps: readonly Cap[];
      readonly sizing: Facts;
      readonly computedStop?: Decimal | undefined;
      readonly riskScore: number;
    }
  | {
      readonly granted: false;
      readonly failed: readonly [Refusal, ...Refusal[]];
      readonly riskScore: number;
      readonly recommended?: Recommendation | undefined;
    };

/** What to change of a signal so that it passes as things are: sent with all of it, it is approved. */
export interface Recommendation {
  readonly size?: { readonly base: DecimalString };
  readonly stopLoss?: DecimalString;
  readonly takeProfit?: DecimalString;
  /** Sent again after so long. */
  readonly retryAfterMs?: number;
}

/** What is left of a wish after the caps: all of it, or as much as they add up to. */
export const atMost = (wish: Decimal, most: Decimal): Decimal => (most.lt(wish) ? most : wish);

export const refused = (failed: readonly Refusal[], riskScore: number): Verdict | undefined => {
  const [main, ...others] = failed;
  return main === undefined ? undefined : { granted: false, failed: [main, ...others], riskScore };
};
