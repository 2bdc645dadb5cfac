import { milliseconds, someOf, wholeNumber } from '@switchyard/config';
import { STANDARD_VENUES, VENUES } from '@switchyard/model';
import { z } from 'zod';

/** Environment of signal validation, beside what every process has. The limits of a signal stand in its user's policy. */
export const validationConfig = z
  .object({
    /** Venues of this deployment: those a signal may name. */
    SWITCHYARD_VENUES: someOf(VENUES, 'venues').default([...STANDARD_VENUES]),
    /** Oldest book that a price is measured against, milliseconds. */
    SWITCHYARD_MARKET_FRESH_MS: milliseconds().default(10_000),
    /** Largest signal, bytes; below what the log takes, since the events that follow carry the signal and more. */
    SWITCHYARD_SIGNAL_MAX_BYTES: wholeNumber({ min: 1_024, max: 786_432 }).default(262_144),
    /** Largest signal of a strategy, bytes: it is stored once for each account that follows. */
    SWITCHYARD_STRATEGY_SIGNAL_MAX_BYTES: wholeNumber({ min: 1_024, max: 262_144 }).default(16_384),
    /** Accounts that get their copy of a strategy's signal in one transaction, at most. */
    SWITCHYARD_FAN_OUT_PAGE: wholeNumber({ min: 1, max: 1_000 }).default(500),
    /** How long a signal that REST admitted may be undecided before it is looked for; doubled at each further look. */
    SWITCHYARD_UNDECIDED_AFTER_MS: milliseconds({ min: 100 }).default(10_000),
  })
  .transform((env) => ({
    venues: env.SWITCHYARD_VENUES,
    marketFreshMs: env.SWITCHYARD_MARKET_FRESH_MS,
    maxSignalBytes: env.SWITCHYARD_SIGNAL_MAX_BYTES,
    maxStrategySignalBytes: env.SWITCHYARD_STRATEGY_SIGNAL_MAX_BYTES,
    fanOutPage: env.SWITCHYARD_FAN_OUT_PAGE,
    undecidedAfterMs: env.SWITCHYARD_UNDECIDED_AFTER_MS,
  }));

export type ValidationConfig = Readonly<z.infer<typeof validationConfig>>;
