import type { VenueDefinition } from '../ccxt/open-venue.js';
import { okxCapabilities } from './capabilities.js';
import { OkxClient } from './client.js';
import { okxDialect, okxErrors } from './errors.js';
import { okxMarket } from './market-data.js';
import { withExpiry } from './signing.js';

/** OKX spot. */
export const okx: VenueDefinition = {
  capabilities: okxCapabilities,
  ccxt: {
    id: 'okx',
    adapt: withExpiry,
    endpoints: {
      public: { get: ['public/time', 'public/instruments', 'market/books', 'market/ticker', 'market/trades'] },
      private: {
        get: [
          'trade/order',
          'trade/orders-pending',
          'trade/orders-history',
          'trade/fills',
          'trade/fills-history',
          'account/balance',
          'account/trade-fee',
        ],
        post: ['trade/order', 'trade/cancel-order', 'trade/amend-order'],
      },
    },
    options: {
      defaultType: 'spot',
      fetchMarkets: { types: ['spot'] },
    },
  },
  dialect: okxDialect,
  errors: okxErrors,
  market: okxMarket,
  client: (account) => new OkxClient(account),
};
