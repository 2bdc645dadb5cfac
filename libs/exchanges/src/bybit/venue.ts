import type { VenueDefinition } from '../ccxt/open-venue.js';
import { bybitCapabilities } from './capabilities.js';
import { BybitClient } from './client.js';
import { bybitDialect, bybitErrors } from './errors.js';
import { bybitMarket } from './market-data.js';
import { withOwnWindows } from './signing.js';

/** Bybit spot, unified account. */
export const bybit: VenueDefinition = {
  capabilities: bybitCapabilities,
  ccxt: {
    id: 'bybit',
    adapt: withOwnWindows,
    endpoints: {
      public: {
        get: [
          'v5/market/time',
          'v5/market/instruments-info',
          'v5/market/orderbook',
          'v5/market/tickers',
          'v5/market/recent-trade',
        ],
      },
      private: {
        get: [
          'v5/order/realtime',
          'v5/order/history',
          'v5/execution/list',
          'v5/account/wallet-balance',
          'v5/account/fee-rate',
        ],
        post: ['v5/order/create', 'v5/order/cancel', 'v5/order/amend'],
      },
    },
    config: { has: { fetchCurrencies: false } },
    options: {
      defaultType: 'spot',
      fetchMarkets: { types: ['spot'] },
      // Set, so that ccxt never asks which type of account a key belongs to.
      enableUnifiedMargin: false,
      enableUnifiedAccount: true,
      unifiedMarginStatus: 6,
    },
  },
  dialect: bybitDialect,
  errors: bybitErrors,
  market: bybitMarket,
  client: (account) => new BybitClient(account),
};
