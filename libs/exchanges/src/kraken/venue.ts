import type { VenueDefinition } from '../ccxt/open-venue.js';
import { krakenCapabilities } from './capabilities.js';
import { KrakenClient } from './client.js';
import { krakenDialect, krakenErrors } from './errors.js';
import { krakenMarket } from './market-data.js';
import { krakenStream } from './stream.js';

/** Kraken spot. */
export const kraken: VenueDefinition = {
  capabilities: krakenCapabilities,
  ccxt: {
    id: 'kraken',
    endpoints: {
      public: { get: ['Time', 'AssetPairs', 'Depth', 'Ticker', 'Trades'] },
      private: {
        post: [
          'AddOrder',
          'AmendOrder',
          'CancelOrder',
          'QueryOrders',
          'OpenOrders',
          'ClosedOrders',
          'QueryTrades',
          'TradesHistory',
          'BalanceEx',
          'TradeVolume',
        ],
      },
    },
    // Listings come from AssetPairs alone.
    config: { has: { fetchCurrencies: false } },
  },
  dialect: krakenDialect,
  errors: krakenErrors,
  market: krakenMarket,
  client: (account) => new KrakenClient(account),
  stream: krakenStream,
};
