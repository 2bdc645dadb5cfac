import { fractionalNumber, milliseconds, someOf, wholeNumber } from '@switchyard/config';
import { STANDARD_VENUES, VENUES } from '@switchyard/model';
import { z } from 'zod';

/** Environment of the journal, beside what every process has. */
export const journalConfig = z
  .object({
    /** Venues of this deployment: their `OrderRouted.<venue>` and `VenueStateRequested.<venue>` are recorded. */
    SWITCHYARD_VENUES: someOf(VENUES, 'venues').default([...STANDARD_VENUES]),
    /** How often open ends of the chains are sealed. */
    SWITCHYARD_JOURNAL_SEAL_INTERVAL_MS: milliseconds({ min: 10, max: 60_000 }).default(1_000),
    /** Most rows in one sealed batch; more rows make more batches. */
    SWITCHYARD_JOURNAL_SEAL_MAX_ROWS: wholeNumber({ min: 1, max: 100_000 }).default(10_000),
    /** How often the live monitor looks. */
    SWITCHYARD_MONITOR_INTERVAL_MS: milliseconds({ min: 100, max: 60_000 }).default(1_000),
    /** What it looks at: so far back, the same in every process of the journal. */
    SWITCHYARD_MONITOR_WINDOW_S: wholeNumber({ min: 30, max: 3_000 }).default(300),
    /** Fewer signals, orders or fills in the window raise no alert. */
    SWITCHYARD_MONITOR_MIN_SAMPLES: wholeNumber({ min: 1, max: 1_000_000 }).default(20),
    /** HIGH_REJECTION_RATE: above it, of the signals that were decided. */
    SWITCHYARD_MONITOR_MAX_REJECTION_PERCENT: fractionalNumber({ min: 0, max: 100 }).default(5),
    /** HIGH_EXECUTION_LATENCY: above it, our own time from a signal's arrival to a venue's acceptance, on average. */
    SWITCHYARD_MONITOR_MAX_OWN_LATENCY_MS: fractionalNumber({ min: 0, max: 3_600_000 }).default(100),
    /** HIGH_IMPLEMENTATION_SHORTFALL: above it, of what was filled at the prices of its approvals. */
    SWITCHYARD_MONITOR_MAX_SHORTFALL_PERCENT: fractionalNumber({ min: 0, max: 100 }).default(1),
  })
  .transform((env) => ({
    venues: env.SWITCHYARD_VENUES,
    sealIntervalMs: env.SWITCHYARD_JOURNAL_SEAL_INTERVAL_MS,
    sealMaxRows: env.SWITCHYARD_JOURNAL_SEAL_MAX_ROWS,
    monitorIntervalMs: env.SWITCHYARD_MONITOR_INTERVAL_MS,
    monitor: {
      windowS: env.SWITCHYARD_MONITOR_WINDOW_S,
      minSamples: env.SWITCHYARD_MONITOR_MIN_SAMPLES,
      limits: {
        HIGH_REJECTION_RATE: env.SWITCHYARD_MONITOR_MAX_REJECTION_PERCENT / 100,
        HIGH_EXECUTION_LATENCY: env.SWITCHYARD_MONITOR_MAX_OWN_LATENCY_MS,
        HIGH_IMPLEMENTATION_SHORTFALL: env.SWITCHYARD_MONITOR_MAX_SHORTFALL_PERCENT / 100,
      },
    },
  }));

export type JournalConfig = Readonly<z.infer<typeof journalConfig>>;
