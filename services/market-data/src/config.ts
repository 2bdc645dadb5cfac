import { list, milliseconds, secret, someOf, url, wholeNumber } from '@switchyard/config';
import { STREAMED, VENUES, venueReach, venueVariables, type VenueName } from '@switchyard/exchanges';
import { STANDARD_VENUES } from '@switchyard/model';
import { z } from 'zod';

const decimalRate = z.string().regex(/^0(\.\d{1,6})?$/, { error: 'must be a fraction in a string, such as "0.001"' });
const streamedNames: readonly [string, ...string[]] = ['none', ...STREAMED];
const venueNames = Object.keys(VENUES) as [VenueName, ...VenueName[]];

/**
 * Fees as the venues publish them for the lowest tier, where nobody has said better: fractions of the traded value.
 * Binance: https://www.binance.com/en/fee/schedule, regular user, spot, without BNB discount. Kraken: https://www.kraken.com/features/fee-schedule.
 * Coinbase: https://www.coinbase.com/advanced-fees. Bybit: https://www.bybit.com/en/help-center/article/Trading-Fee-Structure. OKX:
 * https://www.okx.com/fees, pairs in USDT. Alpaca: https://docs.alpaca.markets/docs/crypto-fees. KuCoin: https://www.kucoin.com/vip/privilege, class A.
 */
const PUBLISHED_FEES: Readonly<Partial<Record<VenueName, { readonly maker: string; readonly taker: string }>>> = {
  binance: { maker: '0.001', taker: '0.001' },
  kraken: { maker: '0.004', taker: '0.008' },
  coinbase: { maker: '0.006', taker: '0.012' },
  bybit: { maker: '0.001', taker: '0.001' },
  okx: { maker: '0.0008', taker: '0.001' },
  alpaca: { maker: '0.0015', taker: '0.0025' },
  kucoin: { maker: '0.001', taker: '0.001' },
};

export const marketDataConfig = z
  .object({
    SWITCHYARD_VENUES: someOf(venueNames, 'venues').default([...STANDARD_VENUES]),
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
    /**
     * Venues whose streams of books are listened to, or `none`. Whatever a stream does not answer for is asked for each
     * SWITCHYARD_MARKET_POLL_MS.
     */
    SWITCHYARD_MARKET_STREAMS: list({ of: 'venues with streams' })
      .default([...STREAMED])
      .pipe(z.array(z.enum(streamedNames))),
    /** A book of which its stream has said nothing for so long is asked for: a quiet market and a dead stream look alike. */
    SWITCHYARD_MARKET_CONFIRM_MS: milliseconds({ min: 100, max: 60_000 }).default(2_500),
    /** A streamed book that changes all the time is published at most so often. */
    SWITCHYARD_MARKET_PUBLISH_MS: milliseconds({ min: 10, max: 60_000 }).default(1_000),
    /** The same, where its best bid or ask has moved. */
    SWITCHYARD_MARKET_TOUCH_MS: milliseconds({ min: 10, max: 60_000 }).default(250),
    /** A book that did not change is published again when it is this old; well below the age at which books count as stale. */
    SWITCHYARD_MARKET_REPUBLISH_MS: milliseconds({ min: 100, max: 60_000 }).default(5_000),
    /** Public trades of a pair are asked for at most so often where no stream tells them; a stream's are compared a third as often. */
    SWITCHYARD_MARKET_TRADES_MS: milliseconds({ min: 1_000, max: 600_000 }).default(5_000),
    /** A pair's ticker (last price, volume of 24 hours) is asked for at most so often where no stream tells it. */
    SWITCHYARD_MARKET_TICKER_MS: milliseconds({ min: 1_000, max: 3_600_000 }).default(60_000),
    SWITCHYARD_MARKET_DEPTH: wholeNumber({ min: 1, max: 1_000 }).default(20),
    venues: z
      .record(z.string(), z.object({ fees: z.object({ maker: decimalRate, taker: decimalRate }).optional() }))
      .default({}),
    ...Object.fromEntries(venueNames.map((venue) => [venueVariables(venue).url, url('http', 'https').optional()])),
    ...Object.fromEntries(
      venueNames.flatMap((venue) => venueVariables(venue).keys.map((name) => [name, secret().optional()])),
    ),
  })
  .transform((env) => ({
    pollMs: env.SWITCHYARD_MARKET_POLL_MS,
    confirmMs: env.SWITCHYARD_MARKET_CONFIRM_MS,
    publishMs: env.SWITCHYARD_MARKET_PUBLISH_MS,
    touchMs: env.SWITCHYARD_MARKET_TOUCH_MS,
    republishMs: env.SWITCHYARD_MARKET_REPUBLISH_MS,
    tradesMs: env.SWITCHYARD_MARKET_TRADES_MS,
    tickerMs: env.SWITCHYARD_MARKET_TICKER_MS,
    depth: env.SWITCHYARD_MARKET_DEPTH,
    pairs: env.SWITCHYARD_MARKET_PAIRS,
    venues: env.SWITCHYARD_VENUES.map((name) => ({
      name,
      ...venueReach(env, name),
      streamed: env.SWITCHYARD_MARKET_STREAMS.includes(name),
      fees: env.venues[name]?.fees ?? PUBLISHED_FEES[name],
    })),
  }));

export type MarketDataConfig = Readonly<z.infer<typeof marketDataConfig>>;
