import type { VenueDefinition } from '../ccxt/open-venue.js';
import { binanceCapabilities } from './capabilities.js';
import { BinanceClient } from './client.js';
import { binanceDialect, binanceErrors } from './errors.js';
import { binanceMarket } from './market-data.js';
import { binanceStream } from './stream.js';

/** Binance spot. */
export const binance: VenueDefinition = {
  capabilities: binanceCapabilities,
  ccxt: {
    id: 'binance',
    endpoints: {
      public: { get: ['time', 'exchangeInfo', 'depth', 'ticker/24hr', 'aggTrades'] },
      private: {
        get: ['order', 'openOrders', 'allOrders', 'myTrades', 'account', 'account/commission'],
        post: ['order'],
        delete: ['order'],
      },
    },
    options: {
      defaultType: 'spot',
      fetchMarkets: { types: ['spot'] },
      fetchMargins: false,
      fetchCurrencies: false,
      warnOnFetchOpenOrdersWithoutSymbol: false,
    },
  },
  dialect: binanceDialect,
  errors: binanceErrors,
  market: binanceMarket,
  client: (account) => new BinanceClient(account),
  stream: binanceStream,
};
