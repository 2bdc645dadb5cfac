import { list, milliseconds, url, wholeNumber } from '@switchyard/config';
import { VENUES, type VenueName } from '@switchyard/exchanges';
import { z } from 'zod';

const decimalRate = z.string().regex(/^0(\.\d{1,6})?$/, { error: 'must be a fraction in a string, such as "0.001"' });
const venueNames = Object.keys(VENUES) as [VenueName, ...VenueName[]];
const originVariable = (venue: string): string => `SWITCHYARD_VENUE_${venue.toUpperCase()}_URL`;

/**
 * Fees as the venues publish them for the lowest tier, where nobody has said better: fractions of the traded value.
 * Binance: https://www.binance.com/en/fee/schedule, regular user, spot, without BNB discount.
 */
const PUBLISHED_FEES: Readonly<Partial<Record<VenueName, { readonly maker: string; readonly taker: string }>>> = {
  binance: { maker: '0.001', taker: '0.001' },
};

export const marketDataConfig = z
  .object({
    SWITCHYARD_VENUES: list({ of: 'venues' })
      .default(['binance'])
      .pipe(z.array(z.enum(venueNames))),
    /**
     * Watched at every venue that lists them. BTC-USD means BTC-USDT at a venue that has no dollar market; a pair in USDT is published as
     * one in USD too, for accounts that take USDT for USD.
     */
    SWITCHYARD_MARKET_PAIRS: list({ pattern: /^[A-Z0-9]+-[A-Z0-9]+$/, of: 'pairs such as BTC-USD' }).default([
      'BTC-USD',
      'ETH-USD',
      'LTC-USD',
    ]),
    SWITCHYARD_MARKET_POLL_MS: milliseconds({ min: 100 }).default(1_000),
    /** A book that did not change is published again after this; well below the age at which books count as stale. */
    SWITCHYARD_MARKET_REPUBLISH_MS: milliseconds({ min: 100, max: 60_000 }).default(5_000),
    SWITCHYARD_MARKET_DEPTH: wholeNumber({ min: 1, max: 1_000 }).default(20),
    venues: z
      .record(z.string(), z.object({ fees: z.object({ maker: decimalRate, taker: decimalRate }).optional() }))
      .default({}),
    ...Object.fromEntries(venueNames.map((venue) => [originVariable(venue), url('http', 'https').optional()])),
  })
  .transform((env) => ({
    pollMs: env.SWITCHYARD_MARKET_POLL_MS,
    republishMs: env.SWITCHYARD_MARKET_REPUBLISH_MS,
    depth: env.SWITCHYARD_MARKET_DEPTH,
    pairs: env.SWITCHYARD_MARKET_PAIRS,
    venues: env.SWITCHYARD_VENUES.map((name) => ({
      name,
      origin: (env as Readonly<Record<string, unknown>>)[originVariable(name)] as string | undefined,
      fees: env.venues[name]?.fees ?? PUBLISHED_FEES[name],
    })),
  }));

export type MarketDataConfig = Readonly<z.infer<typeof marketDataConfig>>;
