import { fractionalNumber, milliseconds, someOf, url, wholeNumber } from '@switchyard/config';
import { isNetwork } from '@switchyard/http';
import { STANDARD_VENUES, VENUES } from '@switchyard/model';
import { z } from 'zod';

const networks = () =>
  z.string().transform((text, context): readonly string[] => {
    const items = text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
    const bad = items.find((item) => !isNetwork(item));
    if (bad !== undefined)
      context.addIssue({
        code: 'custom',
        message: `must be addresses or networks with commas between them, such as "10.0.0.0/8", not "${bad.slice(0, 40)}"`,
      });
    return items;
  });

/** https://www.tradingview.com/support/solutions/43000529348 */
const TRADINGVIEW_ADDRESSES = '52.89.214.238,34.212.75.30,54.218.53.128,52.32.178.7';

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
    /** Of these, one user's at one gateway; beyond it 429 INTAKE_BUSY for that user alone. */
    SWITCHYARD_INTAKE_USER_WAITING: wholeNumber({ min: 1, max: 1_000_000 }).default(2_000),
    /** Signals a second of one user at one gateway, whatever becomes of them; beyond it 429 USER_RATE_LIMITED. How many entries are traded is a limit of the user. */
    SWITCHYARD_INTAKE_USER_PER_SECOND: fractionalNumber({ min: 0.1, max: 1_000_000 }).default(1_000),
    /** Signals of one user that may come at once. */
    SWITCHYARD_INTAKE_USER_BURST: wholeNumber({ min: 1, max: 1_000_000 }).default(2_000),
    /** A user with so many events waiting for an operator is refused with 409 USER_PARKED. */
    SWITCHYARD_USER_MAX_PARKED: wholeNumber({ min: 1, max: 1_000_000 }).default(1_000),
    /** Largest signal, bytes; the same as signal validation takes. */
    SWITCHYARD_SIGNAL_MAX_BYTES: wholeNumber({ min: 1_024, max: 786_432 }).default(262_144),
    /** Largest signal of a strategy, bytes; the same as signal validation takes. */
    SWITCHYARD_STRATEGY_SIGNAL_MAX_BYTES: wholeNumber({ min: 1_024, max: 262_144 }).default(16_384),
    /** Open event streams at most; beyond it 503 UNAVAILABLE. */
    SWITCHYARD_STREAM_MAX_CLIENTS: wholeNumber({ min: 1, max: 100_000 }).default(1_000),
    /** Largest alert that a webhook takes, bytes. */
    SWITCHYARD_WEBHOOK_MAX_BYTES: wholeNumber({ min: 256, max: 262_144 }).default(16_384),
    /** Alerts a second of one webhook's token at one gateway; beyond it 429 USER_RATE_LIMITED. */
    SWITCHYARD_WEBHOOK_ALERTS_PER_SECOND: fractionalNumber({ min: 0.01, max: 1_000 }).default(5),
    /** Alerts of one token that may come at once. */
    SWITCHYARD_WEBHOOK_BURST: wholeNumber({ min: 1, max: 10_000 }).default(20),
    /** Proxies in front of the gateway, as addresses or networks: their `X-Forwarded-For` is believed, and nobody else's. Default none. */
    SWITCHYARD_TRUSTED_PROXIES: networks().default([]),
    /** Where TradingView sends from, for tokens bound to `tradingview`. */
    SWITCHYARD_TRADINGVIEW_ADDRESSES: networks().default(TRADINGVIEW_ADDRESSES.split(',')),
  })
  .transform((env) => ({
    accountsUrl: env.SWITCHYARD_ACCOUNTS_URL,
    partitions: env.SWITCHYARD_PARTITIONS,
    venues: env.SWITCHYARD_VENUES,
    marketFreshMs: env.SWITCHYARD_MARKET_FRESH_MS,
    tokenCacheMs: env.SWITCHYARD_TOKEN_CACHE_MS,
    intake: {
      waiting: env.SWITCHYARD_INTAKE_MAX_WAITING,
      waitingPerUser: env.SWITCHYARD_INTAKE_USER_WAITING,
      ratePerUser: { perSecond: env.SWITCHYARD_INTAKE_USER_PER_SECOND, burst: env.SWITCHYARD_INTAKE_USER_BURST },
    },
    userMaxParked: env.SWITCHYARD_USER_MAX_PARKED,
    maxSignalBytes: env.SWITCHYARD_SIGNAL_MAX_BYTES,
    maxStrategySignalBytes: env.SWITCHYARD_STRATEGY_SIGNAL_MAX_BYTES,
    streamMaxClients: env.SWITCHYARD_STREAM_MAX_CLIENTS,
    webhookMaxBytes: env.SWITCHYARD_WEBHOOK_MAX_BYTES,
    webhooks: {
      rate: { perSecond: env.SWITCHYARD_WEBHOOK_ALERTS_PER_SECOND, burst: env.SWITCHYARD_WEBHOOK_BURST },
      trustedProxies: env.SWITCHYARD_TRUSTED_PROXIES,
      tradingViewAddresses: env.SWITCHYARD_TRADINGVIEW_ADDRESSES,
    },
  }));

export type GatewayConfig = Readonly<z.infer<typeof gatewayConfig>>;
