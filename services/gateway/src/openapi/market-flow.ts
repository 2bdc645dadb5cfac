import { schemaParts } from '@switchyard/contracts';
import { z } from 'zod';

const { decimalString } = schemaParts;
const instant = z.iso.datetime();

const spread = z.number().nullable().describe('2 |price - mid| / mid, weighted with quantities, basis points.');
const imbalance = z.number().nullable().describe('(bought - sold) / (bought + sold) by who took: -1 to 1.');

/** What traded lately, beside the figures of a book. Null is what is not known. */
export const marketFlow = z
  .object({
    heardAt: instant.describe('When the venue was last heard on its trades, with or without new ones.'),
    ageMs: z.number(),
    stale: z.boolean().describe('Not heard for half a minute: the figures are of then.'),
    watchedSince: instant,
    gaps: z.number().int().describe('How often trades were missed since then.'),
    missed: z.number().int().describe('How many, where the venue numbers them.'),
    lastTrade: z
      .object({
        price: decimalString,
        quantity: decimalString,
        takerSide: z.enum(['buy', 'sell']).nullable().describe('As the venue says it, or inferred.'),
        tradedAt: instant,
        ageMs: z.number(),
      })
      .nullable(),
    day: z
      .object({
        last: decimalString.nullable(),
        volume: decimalString.nullable().describe('Base currency.'),
        toldAt: instant,
        ageMs: z.number(),
      })
      .nullable()
      .describe('What the venue says of the last 24 hours.'),
    lookBacks: z
      .array(z.object({ trades: z.number().int(), counted: z.number().int(), effectiveSpreadBps: spread, imbalance }))
      .describe('Over the last 10, 20 and 50 trades; fewer are counted where fewer are known.'),
    windows: z
      .array(
        z.object({
          minutes: z.number().int(),
          coveredS: z.number().describe('How much of the window was watched.'),
          trades: z.number().int(),
          volumePerMinute: decimalString.describe('Base currency.'),
          turnover: decimalString.describe('Quote currency.'),
          effectiveSpreadBps: spread,
          imbalance,
          impactBps: z.number().nullable().describe('How far the price moved for each 100,000 of turnover.'),
        }),
      )
      .describe('Over the last 1, 5 and 15 minutes.'),
    toxicity: z
      .object({
        vpin: z.number().describe('0 to 1.'),
        buckets: z.number().int().describe('How many it is of, at most 50.'),
        bucketVolume: decimalString.describe('Base currency.'),
      })
      .nullable()
      .describe('Null: too little has traded.'),
  })
  .nullable()
  .describe('Null: the venue has told of no trades yet.');

export type MarketFlowView = Readonly<z.infer<typeof marketFlow>>;
