import { amountOrNull, fields, text } from '../ccxt/fields.js';
import type { CcxtSocket, CcxtStreamClass } from '../streams/ccxt-stream.js';
import type { ExactSide } from '../streams/exact-side.js';
import type { StreamDefinition } from '../streams/stream-definition.js';
import { toAggregateTrade } from './market-data.js';

/**
 * Binance's diff streams (`<symbol>@depth@100ms`): changes with numbers `U` to `u`, a snapshot by request. ccxt keeps the rule that one
 * follows on the other. Trades are aggregate trades, numbered as those of requests; tickers the small ones, each second. https://developers.binance.com/docs/binance-spot-api-docs/web-socket-streams#how-to-manage-a-local-order-book-correctly
 */
export const binanceStream: StreamDefinition = {
  id: 'pro/binance',
  origins: { live: 'wss://stream.binance.com:9443', testnet: 'wss://stream.testnet.binance.vision' },
  // Snapshots of up to 1,000 levels weigh 50: less is soon behind a moving price, and asked for again.
  levels: (depth) => Math.max(1_000, depth),
  followsLevels: false,
  hash: (symbol) => `orderbook::${symbol}`,
  read: (text) => JSON.parse(text) as unknown,
  adapt: (Full: CcxtStreamClass): CcxtStreamClass =>
    class extends Full {
      /** Its own is `safeFloat`. */
      handleDelta(side: ExactSide, delta: readonly unknown[]): void {
        side.store(delta[0], delta[1]);
      }

      /** One connection for all books, instead of one for each list of symbols. */
      stream(): string {
        return '0';
      }

      /** Its own goes through floats. */
      handleTrade(client: CcxtSocket, message: unknown): void {
        this.hooks.heard(client, 'trades', message);
      }

      /** So does this. */
      handleTickers(client: CcxtSocket, message: unknown): void {
        this.hooks.heard(client, 'tickers', message);
      }

      /** Its own looks for "stream" in the address, which is in the live one's alone. */
      isSpotUrl(): boolean {
        return true;
      }
    },
  nameOf: ({ venueSymbol }) => venueSymbol,
  trades: {
    subscribe: (exchange, symbols) =>
      exchange.watchTradesForSymbols(symbols, undefined, undefined, { name: 'aggTrade' }),
    read: (message) => [[text(fields(message, 'trade'), 's'), [toAggregateTrade(message)]]],
  },
  tickers: {
    subscribe: (exchange, symbols) => exchange.watchTickers(symbols),
    read: (message) => {
      const raw = fields(message, 'ticker');
      return [[text(raw, 's'), { last: amountOrNull(raw, 'c'), baseVolume: amountOrNull(raw, 'v') }]];
    },
  },
  options: { defaultType: 'spot' },
};
