import {
  flag,
  fractionalNumber,
  list,
  milliseconds,
  seconds,
  secret,
  text,
  url,
  vaultOf,
  vaultVariables,
  wholeNumber,
} from '@switchyard/config';
import { venueReach, venueVariables } from '@switchyard/exchanges';
import { z } from 'zod';
import { venueSections, type VenueSections } from './venue-settings.js';

/** What one venue's executor can be told. Everything has a default; real orders and the keys' key have none that would open anything. */
export const executionConfig = (venue: string) => {
  const variables = venueVariables(venue);
  const of = (venues: VenueSections): VenueSections[string] | undefined => venues[venue];
  return z
    .object({
      SWITCHYARD_LIVE_TRADING: flag().default(false),
      SWITCHYARD_SIMULATED_ORIGINS: list({ of: 'origins' }).default([]),
      SWITCHYARD_ALLOWED_LIVE_ORIGINS: list({ of: 'origins' }).default([]),
      SWITCHYARD_KEY_ENCRYPTION_KEY: secret().optional(),
      SWITCHYARD_KEY_ENCRYPTION_KEY_FILE: text().optional(),
      ...vaultVariables,
      SWITCHYARD_EXECUTION_WORKERS: wholeNumber({ min: 1, max: 200 }).default(10),
      SWITCHYARD_EXECUTION_CLAIM_SIZE: wholeNumber({ min: 1, max: 500 }).default(20),
      SWITCHYARD_EXECUTION_CLAIMS_PER_USER: wholeNumber({ min: 1, max: 500 }).default(5),
      /** Orders that may wait for the venue, of all users. At this bound orders stay in the log until there is room. */
      SWITCHYARD_EXECUTION_QUEUE_LIMIT: wholeNumber({ min: 10, max: 100_000 }).default(1_000),
      /** Orders of one user that may wait for the venue; the next one is refused with `QUEUE_FULL`. Below the bound of all. */
      SWITCHYARD_EXECUTION_QUEUE_SHARE: wholeNumber({ min: 1, max: 100_000 }).default(100),
      SWITCHYARD_EXECUTION_LEASE_MS: milliseconds({ min: 1_000 }).default(20_000),
      SWITCHYARD_EXECUTION_SEND_WITHIN_MS: milliseconds().default(3_000),
      SWITCHYARD_EXECUTION_VENUE_WINDOW_MS: milliseconds({ max: 60_000 }).default(5_000),
      /** From the call to the last byte of the venue's answer; a body that stalls ends with it. */
      SWITCHYARD_EXECUTION_DEADLINE_MS: milliseconds({ min: 100, max: 60_000 }).default(10_000),
      SWITCHYARD_EXECUTION_STOP_WITHIN_MS: milliseconds().default(10_000),
      SWITCHYARD_EXECUTION_RETRIES: wholeNumber({ max: 10 }).default(3),
      SWITCHYARD_EXECUTION_CLIENTS: wholeNumber({ min: 1, max: 100_000 }).default(2_000),
      /** How long an opened key is used before it is opened anew: so long an account goes on while Vault is down. */
      SWITCHYARD_EXECUTION_OPENED_KEYS_S: seconds({ min: 1 }).default(3_600),
      SWITCHYARD_EXECUTION_BALANCE_INTERVAL_MS: milliseconds().default(1_000),
      SWITCHYARD_EXECUTION_BALANCE_REFRESH_S: seconds({ min: 1 }).default(60),
      /** Calls a second from one address, of all replicas together. Without it 10; at a simulator none are counted. */
      SWITCHYARD_EXECUTION_RATE_PER_SECOND: fractionalNumber({ min: 0.01, max: 100_000 }).optional(),
      /** Calls at once from one address. Without it 20, or what two seconds allow. */
      SWITCHYARD_EXECUTION_BURST: wholeNumber({ min: 1, max: 1_000_000 }).optional(),
      /** Calls a second for one account. Without it 5; at a simulator none are counted. */
      SWITCHYARD_EXECUTION_ACCOUNT_RATE_PER_SECOND: fractionalNumber({ min: 0.01, max: 100_000 }).optional(),
      /** Calls at once for one account. Without it 10, or what two seconds allow. */
      SWITCHYARD_EXECUTION_ACCOUNT_BURST: wholeNumber({ min: 1, max: 1_000_000 }).optional(),
      /** What all calls from one address may weigh in the venue's window. Without it what the venue documents, and nothing is counted at a simulator; raise it only where the venue grants more. */
      SWITCHYARD_EXECUTION_WEIGHT: wholeNumber({ min: 1, max: 100_000_000 }).optional(),
      /** Names the address that calls leave from: replicas that name the same share its budget. */
      SWITCHYARD_EXECUTION_EGRESS: text().default('shared'),
      /** Failed calls in a row, of all replicas, that open the venue's circuit. */
      SWITCHYARD_EXECUTION_BREAKER_FAILURES: wholeNumber({ min: 1, max: 1_000 }).default(5),
      /** How long an open circuit stays so before one replica asks whether the venue works again, seconds. */
      SWITCHYARD_EXECUTION_BREAKER_OPEN_S: seconds({ min: 0.1, max: 3_600 }).default(60),
      /** A p95 of the last 20 calls above this stops entries, milliseconds. */
      SWITCHYARD_EXECUTION_SLOW_MS: milliseconds().default(2_000),
      /** How long the global trading state may be unheard before nothing is opened any more, milliseconds; 0: for ever. Where it was never told, it is not expected. */
      SWITCHYARD_TRADING_STATE_SILENCE_MS: milliseconds({ min: 0, max: 3_600_000 }).default(5_000),
      SWITCHYARD_SIMULATOR_CLAIM_SIZE: wholeNumber({ min: 1, max: 5_000 }).default(500),
      /** The same bound for orders of accounts in mode simulated, which no venue's budget slows. */
      SWITCHYARD_SIMULATOR_QUEUE_LIMIT: wholeNumber({ min: 10, max: 1_000_000 }).default(20_000),
      SWITCHYARD_MARKET_FRESH_MS: milliseconds().default(10_000),
      /** A section of the file that `SWITCHYARD_CONFIG` names, before the variables above: `{<venue>: {budget: {perSecond, burst, perAccountPerSecond, perAccountBurst, weight}, breaker: {failures, openS}, retries, deadlineMs, slowMs}}`. */
      venues: venueSections,
      ...Object.fromEntries([
        [variables.url, url('http', 'https').optional()],
        ...variables.keys.map((name) => [name, secret().optional()] as const),
      ]),
    })
    .refine((env) => env.SWITCHYARD_EXECUTION_QUEUE_SHARE < env.SWITCHYARD_EXECUTION_QUEUE_LIMIT, {
      path: ['SWITCHYARD_EXECUTION_QUEUE_SHARE'],
      error: 'must be below SWITCHYARD_EXECUTION_QUEUE_LIMIT: one user’s entries would fill the queue',
    })
    .transform((env) => ({
      venue,
      ...venueReach(env, venue),
      liveTradingEnabled: env.SWITCHYARD_LIVE_TRADING,
      simulatedOrigins: env.SWITCHYARD_SIMULATED_ORIGINS,
      allowedLiveOrigins: env.SWITCHYARD_ALLOWED_LIVE_ORIGINS,
      keyEncryptionKeys: env.SWITCHYARD_KEY_ENCRYPTION_KEY,
      keyEncryptionKeyFile: env.SWITCHYARD_KEY_ENCRYPTION_KEY_FILE,
      vault: vaultOf(env),
      workers: env.SWITCHYARD_EXECUTION_WORKERS,
      claimSize: env.SWITCHYARD_EXECUTION_CLAIM_SIZE,
      claimsPerUser: env.SWITCHYARD_EXECUTION_CLAIMS_PER_USER,
      queue: {
        orders: env.SWITCHYARD_EXECUTION_QUEUE_LIMIT,
        entriesPerUser: env.SWITCHYARD_EXECUTION_QUEUE_SHARE,
        simulated: env.SWITCHYARD_SIMULATOR_QUEUE_LIMIT,
      },
      leaseMs: env.SWITCHYARD_EXECUTION_LEASE_MS,
      sendWithinMs: env.SWITCHYARD_EXECUTION_SEND_WITHIN_MS,
      venueWindowMs: env.SWITCHYARD_EXECUTION_VENUE_WINDOW_MS,
      stopWithinMs: env.SWITCHYARD_EXECUTION_STOP_WITHIN_MS,
      retries: of(env.venues)?.retries ?? env.SWITCHYARD_EXECUTION_RETRIES,
      deadlineMs: of(env.venues)?.deadlineMs ?? env.SWITCHYARD_EXECUTION_DEADLINE_MS,
      clients: env.SWITCHYARD_EXECUTION_CLIENTS,
      openedKeysMs: env.SWITCHYARD_EXECUTION_OPENED_KEYS_S * 1_000,
      balanceIntervalMs: env.SWITCHYARD_EXECUTION_BALANCE_INTERVAL_MS,
      balanceRefreshMs: env.SWITCHYARD_EXECUTION_BALANCE_REFRESH_S * 1_000,
      budget: {
        perSecond: env.SWITCHYARD_EXECUTION_RATE_PER_SECOND,
        burst: env.SWITCHYARD_EXECUTION_BURST,
        perAccountPerSecond: env.SWITCHYARD_EXECUTION_ACCOUNT_RATE_PER_SECOND,
        perAccountBurst: env.SWITCHYARD_EXECUTION_ACCOUNT_BURST,
        weight: env.SWITCHYARD_EXECUTION_WEIGHT,
        ...of(env.venues)?.budget,
      },
      egress: env.SWITCHYARD_EXECUTION_EGRESS,
      breakerFailures: of(env.venues)?.breaker?.failures ?? env.SWITCHYARD_EXECUTION_BREAKER_FAILURES,
      breakerOpenMs: (of(env.venues)?.breaker?.openS ?? env.SWITCHYARD_EXECUTION_BREAKER_OPEN_S) * 1_000,
      slowMs: of(env.venues)?.slowMs ?? env.SWITCHYARD_EXECUTION_SLOW_MS,
      stateSilenceMs: env.SWITCHYARD_TRADING_STATE_SILENCE_MS,
      simulatorClaimSize: env.SWITCHYARD_SIMULATOR_CLAIM_SIZE,
      marketFreshMs: env.SWITCHYARD_MARKET_FRESH_MS,
    }));
};

export type ExecutionConfig = Readonly<z.infer<ReturnType<typeof executionConfig>>>;
