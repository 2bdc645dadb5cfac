import { list, milliseconds, oneOf, seconds, text, wholeNumber } from '@switchyard/config';
import { isDecimalString } from '@switchyard/money';
import { DEFAULT_ROUTING_SETTINGS as STANDARD, STRATEGIES } from '@switchyard/routing-domain';
import { z } from 'zod';
import type { VenueBook } from './adapters/market-board.js';
import { isRemoved, routingSection, scoringOf, termsOf, venueSections } from './venue-settings.js';

/** Environment of routing, beside what every process has. */
export const routingConfig = z
  .object({
    /** Oldest book that an entry is decided by, milliseconds. */
    SWITCHYARD_MARKET_FRESH_MS: milliseconds().default(STANDARD.maxBookAgeMs),
    /** What the book must hold of an order's size, percent. */
    SWITCHYARD_ROUTING_MIN_DEPTH_PERCENT: wholeNumber({ min: 1, max: 100_000 }).default(STANDARD.minDepthPercent),
    /** How far beyond the touch a limit may go that stands in for an algorithm, basis points. */
    SWITCHYARD_ROUTING_COLLAR_BPS: wholeNumber({ max: 1_000 }).default(STANDARD.collarBps),
    /** Value above which the method rule says TWAP, US dollars. */
    SWITCHYARD_ROUTING_TWAP_ABOVE_USD: text()
      .refine(isDecimalString, { error: 'must be a decimal such as 10000' })
      .default(STANDARD.twapAboveUsd),
    /** Seconds after its approval in which an entry may still be routed. */
    SWITCHYARD_ROUTING_MAX_APPROVAL_AGE_S: seconds({ min: 1 }).default(STANDARD.maxApprovalAgeS),
    /** What tells suitable venues apart: total cost; or a rank by score, turn, load, configured or learnt weight. */
    SWITCHYARD_ROUTING_STRATEGY: oneOf(...STRATEGIES).default(STANDARD.strategy),
    /** Most venues that one order is split over; 1 splits nothing. */
    SWITCHYARD_ROUTING_MAX_CHILDREN: wholeNumber({ min: 1, max: 32 }).default(STANDARD.maxChildren),
    /** What each further child of a split must save, in millionths of the order's value. */
    SWITCHYARD_ROUTING_CHILD_COST_PPM: wholeNumber({ max: 100_000 }).default(STANDARD.childCostPpm),
    /** How much less than its rate USDT counts where it stands for USD, basis points. */
    SWITCHYARD_ROUTING_HAIRCUT_BPS: wholeNumber({ max: 5_000 }).default(STANDARD.haircutBps),
    /** Venues of this deployment, where it is told: others get no orders (`VENUE_REMOVED`). */
    SWITCHYARD_VENUES: list({ of: 'venues' }).optional(),
    /** A section of the file that `SWITCHYARD_CONFIG` names: `{<venue>: {enabled, kind, priority, weight, costPerUnit, minSize, maxOrderSize, tiers: [{fromVolume, maker, taker}], withdrawalFee: {base, quote}, pairs: {<pair>: {...}}}}`. */
    venues: venueSections,
    /** A section of the same file: `{scoring: {weights: {fees, success, latency, load, history}, halfFee, halfLatencyMs, fullQueue}}`. */
    routing: routingSection,
    /** Seconds after routing in which a child may be sent. */
    SWITCHYARD_ROUTING_SEND_WITHIN_S: seconds({ min: 0.1, max: 3_600 }).default(30),
    /** Seconds for which a finished parent order is remembered, so that no repeat of its approval is routed again. */
    SWITCHYARD_ROUTING_REMEMBER_S: seconds({ min: 60, max: 2_592_000 }).default(86_400),
    /** Days for which the books of decisions are kept. */
    SWITCHYARD_ROUTING_BOOKS_DAYS: wholeNumber({ min: 1, max: 3_650 }).default(30),
  })
  .transform((env) => ({
    settings: {
      maxBookAgeMs: env.SWITCHYARD_MARKET_FRESH_MS,
      minDepthPercent: env.SWITCHYARD_ROUTING_MIN_DEPTH_PERCENT,
      collarBps: env.SWITCHYARD_ROUTING_COLLAR_BPS,
      twapAboveUsd: env.SWITCHYARD_ROUTING_TWAP_ABOVE_USD,
      maxApprovalAgeS: env.SWITCHYARD_ROUTING_MAX_APPROVAL_AGE_S,
      strategy: env.SWITCHYARD_ROUTING_STRATEGY,
      maxChildren: env.SWITCHYARD_ROUTING_MAX_CHILDREN,
      childCostPpm: env.SWITCHYARD_ROUTING_CHILD_COST_PPM,
      haircutBps: env.SWITCHYARD_ROUTING_HAIRCUT_BPS,
      scoring: scoringOf(env.routing),
    },
    venues: env.venues,
    deployed: env.SWITCHYARD_VENUES,
    sendWithinMs: env.SWITCHYARD_ROUTING_SEND_WITHIN_S * 1_000,
    rememberMs: env.SWITCHYARD_ROUTING_REMEMBER_S * 1_000,
    booksDays: env.SWITCHYARD_ROUTING_BOOKS_DAYS,
  }));

export type RoutingConfig = Readonly<z.infer<typeof routingConfig>>;

/** What the configuration says of venues, as the board asks for it. */
export const venuesOf = ({ venues, deployed }: Pick<RoutingConfig, 'venues' | 'deployed'>): VenueBook => ({
  terms: (venue, pair) => termsOf(venues, venue, pair),
  isRemoved: (venue) => isRemoved(venues, deployed, venue),
});
