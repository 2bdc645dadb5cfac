import { milliseconds, someOf, url, wholeNumber } from '@switchyard/config';
import { STANDARD_VENUES, VENUES } from '@switchyard/model';
import { z } from 'zod';

/** Environment of the gateway, beside what every process has (`PORT`, `SWITCHYARD_HOST`, ...). */
export const gatewayConfig = z
  .object({
    /** Where the accounts service answers: tokens are checked there, `/v1/users` is passed on to it. */
    SWITCHYARD_ACCOUNTS_URL: url('http', 'https'),
    /** Of every topic; the same as everywhere in the deployment. */
    SWITCHYARD_PARTITIONS: wholeNumber({ min: 1, max: 1_000 }).default(24),
    /** Venues of this deployment. */
    SWITCHYARD_VENUES: someOf(VENUES, 'venues').default([...STANDARD_VENUES]),
    /** A book older than this counts as no book. */
    SWITCHYARD_MARKET_FRESH_MS: milliseconds().default(10_000),
    /** How long a token's answer is believed: a revoked token works this long at most. */
    SWITCHYARD_TOKEN_CACHE_MS: milliseconds({ max: 60_000 }).default(1_000),
    /** Signals that may wait for admission; beyond it 429 INTAKE_BUSY. */
    SWITCHYARD_INTAKE_MAX_WAITING: wholeNumber({ min: 1, max: 1_000_000 }).default(10_000),
    /** A user with so many events waiting for an operator is refused with 409 USER_PARKED. */
    SWITCHYARD_USER_MAX_PARKED: wholeNumber({ min: 1, max: 1_000_000 }).default(1_000),
    /** Largest signal, bytes; the same as signal validation takes. */
    SWITCHYARD_SIGNAL_MAX_BYTES: wholeNumber({ min: 1_024, max: 786_432 }).default(262_144),
    /** Open event streams at most; beyond it 503 UNAVAILABLE. */
    SWITCHYARD_STREAM_MAX_CLIENTS: wholeNumber({ min: 1, max: 100_000 }).default(1_000),
  })
  .transform((env) => ({
    accountsUrl: env.SWITCHYARD_ACCOUNTS_URL,
    partitions: env.SWITCHYARD_PARTITIONS,
    venues: env.SWITCHYARD_VENUES,
    marketFreshMs: env.SWITCHYARD_MARKET_FRESH_MS,
    tokenCacheMs: env.SWITCHYARD_TOKEN_CACHE_MS,
    intakeMaxWaiting: env.SWITCHYARD_INTAKE_MAX_WAITING,
    userMaxParked: env.SWITCHYARD_USER_MAX_PARKED,
    maxSignalBytes: env.SWITCHYARD_SIGNAL_MAX_BYTES,
    streamMaxClients: env.SWITCHYARD_STREAM_MAX_CLIENTS,
  }));

export type GatewayConfig = Readonly<z.infer<typeof gatewayConfig>>;
