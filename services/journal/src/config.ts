import { milliseconds, someOf, wholeNumber } from '@switchyard/config';
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
  })
  .transform((env) => ({
    venues: env.SWITCHYARD_VENUES,
    sealIntervalMs: env.SWITCHYARD_JOURNAL_SEAL_INTERVAL_MS,
    sealMaxRows: env.SWITCHYARD_JOURNAL_SEAL_MAX_ROWS,
  }));

export type JournalConfig = Readonly<z.infer<typeof journalConfig>>;
