import { z } from 'zod';

const many = z.number().positive().max(1_000_000);

/**
 * What the YAML file says of a venue, as far as its executor reads it: `venues.<venue>.{budget, breaker, retries, deadlineMs, slowMs}`. It
 * goes before the variables, which are for all venues of a process. A misspelt name in one of the inner sections is an error.
 */
export const venueSections = z
  .record(
    z.string(),
    z.object({
      budget: z
        .strictObject({
          perSecond: many.optional(),
          burst: many.min(1).optional(),
          perAccountPerSecond: many.optional(),
          perAccountBurst: many.min(1).optional(),
          weight: z.number().positive().max(100_000_000).optional(),
        })
        .optional(),
      breaker: z
        .strictObject({
          failures: z.int().min(1).max(1_000).optional(),
          openS: z.number().min(0.1).max(3_600).optional(),
        })
        .optional(),
      retries: z.int().min(0).max(10).optional(),
      deadlineMs: z.int().min(100).max(60_000).optional(),
      slowMs: z.int().min(1).optional(),
    }),
  )
  .default({});

export type VenueSections = z.infer<typeof venueSections>;
