import { seconds, someOf } from '@switchyard/config';
import { STANDARD_VENUES, VENUES } from '@switchyard/model';
import { DEFAULT_COMPARE_SETTINGS } from '@switchyard/position-domain';
import { z } from 'zod';

/** Environment of reconciliation, beside what every process has. */
export const reconciliationConfig = z
  .object({
    /** Venues of this deployment: an executor answers for each. Accounts elsewhere are not asked about. */
    SWITCHYARD_VENUES: someOf(VENUES, 'venues').default([...STANDARD_VENUES]),
    /** Seconds between two looks at an active account. */
    SWITCHYARD_RECONCILE_INTERVAL_S: seconds({ min: 1 }).default(60),
    /** Seconds between two looks at an account at rest, at least: two such accounts are asked about a second. */
    SWITCHYARD_RECONCILE_REST_INTERVAL_S: seconds({ min: 1 }).default(3_600),
    /** Seconds for which an account is active after an order of it was heard of. Open orders keep it active. */
    SWITCHYARD_RECONCILE_ACTIVE_S: seconds({ min: 1 }).default(600),
    /** Seconds for which a difference must stand before it is a drift. */
    SWITCHYARD_RECONCILE_SETTLE_S: seconds({ min: 0.1, max: 3_600 }).default(5),
    /** Seconds that the fills of a report reach back. */
    SWITCHYARD_RECONCILE_LOOKBACK_S: seconds({ min: 10 }).default(900),
  })
  .transform((env) => ({
    venues: env.SWITCHYARD_VENUES,
    intervalMs: env.SWITCHYARD_RECONCILE_INTERVAL_S * 1_000,
    restIntervalMs: env.SWITCHYARD_RECONCILE_REST_INTERVAL_S * 1_000,
    activeMs: env.SWITCHYARD_RECONCILE_ACTIVE_S * 1_000,
    lookbackMs: env.SWITCHYARD_RECONCILE_LOOKBACK_S * 1_000,
    compare: {
      ...DEFAULT_COMPARE_SETTINGS,
      settleMs: env.SWITCHYARD_RECONCILE_SETTLE_S * 1_000,
      lookbackMs: env.SWITCHYARD_RECONCILE_LOOKBACK_S * 1_000,
    },
  }));

export type ReconciliationConfig = Readonly<z.infer<typeof reconciliationConfig>>;
