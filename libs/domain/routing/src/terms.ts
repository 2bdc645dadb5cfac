import type { DecimalString } from '@switchyard/money';
import type { FeeTier } from './fees.js';

/**
 * How a venue trades. `lit`: by a book that it shows. `ecn`: the same, for an access fee or a rebate. `dark`: it shows no book and trades at
 * the midpoint of the others, from a minimum size. `wholesaler`: it quotes one price for any size up to its largest.
 */
export type VenueKind = 'lit' | 'ecn' | 'dark' | 'wholesaler';

/** What a deployment knows of a venue beside what the venue says itself. All of it is optional; sizes are base quantities. */
export interface VenueTerms {
  /** Default `lit`. */
  readonly kind?: VenueKind | undefined;
  /** Of venues that cost the same the lower number gets more. Default 100. */
  readonly priority?: number | undefined;
  /** Its share under the strategy `weighted`, relative to the others'. Default 1; 0 is the last resort. */
  readonly weight?: number | undefined;
  /** Quote currency for each unit of base, beside the fee. */
  readonly costPerUnit?: DecimalString | undefined;
  /** Smallest order, where it is above the venue's own minimum. */
  readonly minSize?: DecimalString | undefined;
  /** Largest order. */
  readonly maxOrderSize?: DecimalString | undefined;
  readonly tiers?: readonly FeeTier[] | undefined;
  /** What taking a currency away costs, in that currency: counted for accounts that do not keep what they bought (`AccountFacts.sweeps`). */
  readonly withdrawalFee?:
    { readonly base?: DecimalString | undefined; readonly quote?: DecimalString | undefined } | undefined;
}

export const DEFAULT_PRIORITY = 100;
