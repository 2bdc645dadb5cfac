import { milliseconds, seconds, text, wholeNumber } from '@switchyard/config';
import { isDecimalString } from '@switchyard/money';
import { DEFAULT_ROUTING_SETTINGS as STANDARD } from '@switchyard/routing-domain';
import { z } from 'zod';

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
    /** Seconds after routing in which a child may be sent. */
    SWITCHYARD_ROUTING_SEND_WITHIN_S: seconds({ min: 0.1, max: 3_600 }).default(30),
    /** Seconds for which a finished parent order is remembered, so that no repeat of its approval is routed again. */
    SWITCHYARD_ROUTING_REMEMBER_S: seconds({ min: 60, max: 2_592_000 }).default(86_400),
    /** Days for which the books of decisions are kept. */
    SWITCHYARD_ROUTING_BOOKS_DAYS: wholeNumber({ min: 1, max: 3_650 }).default(30),
  })
  .transform((env) => ({
    settings: {
      ...STANDARD,
      maxBookAgeMs: env.SWITCHYARD_MARKET_FRESH_MS,
      minDepthPercent: env.SWITCHYARD_ROUTING_MIN_DEPTH_PERCENT,
      collarBps: env.SWITCHYARD_ROUTING_COLLAR_BPS,
      twapAboveUsd: env.SWITCHYARD_ROUTING_TWAP_ABOVE_USD,
      maxApprovalAgeS: env.SWITCHYARD_ROUTING_MAX_APPROVAL_AGE_S,
    },
    sendWithinMs: env.SWITCHYARD_ROUTING_SEND_WITHIN_S * 1_000,
    rememberMs: env.SWITCHYARD_ROUTING_REMEMBER_S * 1_000,
    booksDays: env.SWITCHYARD_ROUTING_BOOKS_DAYS,
  }));

export type RoutingConfig = Readonly<z.infer<typeof routingConfig>>;
