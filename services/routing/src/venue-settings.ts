import { isDecimalString } from '@switchyard/money';
import type { Scoring, VenueTerms } from '@switchyard/routing-domain';
import { DEFAULT_SCORING } from '@switchyard/routing-domain';
import { z } from 'zod';

const decimal = z.string().refine((text) => isDecimalString(text) && !text.startsWith('-'), {
  error: 'must be a decimal in a string, such as "0.5"',
});
/** A fee as a fraction of the value; negative where the venue pays it. */
const rate = z.string().regex(/^-?0(\.\d{1,9})?$/, { error: 'must be a fraction in a string, such as "0.001"' });
const fees = z.object({ maker: rate, taker: rate });

const terms = {
  /** `lit` shows its book, `ecn` too, `dark` trades at the others' midpoint, a `wholesaler` quotes one price for any size. */
  kind: z.enum(['lit', 'ecn', 'dark', 'wholesaler']).optional(),
  priority: z.int().min(0).max(1_000).optional(),
  weight: z.number().min(0).max(1_000_000).optional(),
  costPerUnit: decimal.optional(),
  minSize: decimal.optional(),
  maxOrderSize: decimal.optional(),
  tiers: z.array(fees.extend({ fromVolume: decimal })).optional(),
  withdrawalFee: z.object({ base: decimal.optional(), quote: decimal.optional() }).optional(),
};

/** What the `venues` section says that concerns routing. Sizes are base quantities, so that they can differ by pair. */
export const venueSections = z
  .record(
    z.string(),
    z.object({ ...terms, enabled: z.boolean().optional(), pairs: z.record(z.string(), z.object(terms)).optional() }),
  )
  .default({});
export type VenueSections = z.infer<typeof venueSections>;

const part = z.number().min(0).max(1_000);

/** The `routing` section: how scores are made. */
export const routingSection = z
  .object({
    scoring: z
      .object({
        weights: z
          .object({ fees: part, success: part, latency: part, load: part, history: part })
          .partial()
          .refine(
            (weights) => Object.values({ ...DEFAULT_SCORING.weights, ...weights }).some((weight = 0) => weight > 0),
            {
              error: 'must leave one weight above 0',
            },
          )
          .optional(),
        halfFee: z.number().positive().max(1).optional(),
        halfLatencyMs: z.number().positive().optional(),
        fullQueue: z.number().positive().optional(),
      })
      .optional(),
  })
  .default({});

export const scoringOf = ({ scoring = {} }: z.infer<typeof routingSection>): Scoring => ({
  weights: { ...DEFAULT_SCORING.weights, ...present(scoring.weights ?? {}) },
  halfFee: scoring.halfFee ?? DEFAULT_SCORING.halfFee,
  halfLatencyMs: scoring.halfLatencyMs ?? DEFAULT_SCORING.halfLatencyMs,
  fullQueue: scoring.fullQueue ?? DEFAULT_SCORING.fullQueue,
});

const present = <T extends object>(parts: T): { [Key in keyof T]: Exclude<T[Key], undefined> } =>
  Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as never;

/** What routing is told of a venue, for a pair: what is said of the pair goes before what is said of the venue. */
export const termsOf = (sections: VenueSections, venue: string, pair: string): VenueTerms => {
  const { pairs = {}, ...own } = sections[venue] ?? {};
  return { ...present({ ...own, enabled: undefined }), ...present(pairs[pair] ?? {}) };
};

/** Whether the deployment trades at a venue: not where it is switched off, nor where the deployment's venues are named without it. */
export const isRemoved = (sections: VenueSections, venues: readonly string[] | undefined, venue: string): boolean =>
  sections[venue]?.enabled === false || (venues !== undefined && venues.length > 0 && !venues.includes(venue));
