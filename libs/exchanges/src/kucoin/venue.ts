import type { VenueDefinition } from '../ccxt/open-venue.js';
import { kucoinCapabilities } from './capabilities.js';
import { KucoinClient } from './client.js';
import { kucoinDialect, kucoinErrors } from './errors.js';
import { kucoinMarket } from './market-data.js';
import { withOwnWindows } from './signing.js';

/** KuCoin spot. */
export const kucoin: VenueDefinition = {
  capabilities: kucoinCapabilities,
  ccxt: {
    id: 'kucoin',
    adapt: withOwnWindows,
    endpoints: {
      public: {
        get: ['timestamp', 'symbols', 'market/orderbook/level{level}_{limit}', 'market/stats', 'market/histories'],
      },
      private: {
        get: [
          'hf/orders/{orderId}',
          'hf/orders/client-order/{clientOid}',
          'hf/orders/active',
          'hf/orders/active/symbols',
          'hf/orders/done',
          'hf/fills',
          'accounts',
          'trade-fees',
        ],
        post: ['hf/orders'],
        delete: ['hf/orders/{orderId}', 'hf/orders/client-order/{clientOid}'],
      },
    },
    config: { has: { fetchCurrencies: false } },
    options: {
      fetchMarkets: { types: ['spot'], fetchTickersFees: false },
      // Never asked whether the account trades by the `hf` service: all do, since 2024.
      hf: true,
      // No order is sent in ccxt's own name.
      partner: false,
    },
  },
  dialect: kucoinDialect,
  errors: kucoinErrors,
  market: kucoinMarket,
  client: (account) => new KucoinClient(account),
};
