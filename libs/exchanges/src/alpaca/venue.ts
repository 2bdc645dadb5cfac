import type { VenueDefinition } from '../ccxt/open-venue.js';
import { alpacaCapabilities } from './capabilities.js';
import { AlpacaClient } from './client.js';
import { alpacaDialect, alpacaErrors } from './errors.js';
import { alpacaMarket } from './market-data.js';

/** Alpaca crypto spot. */
export const alpaca: VenueDefinition = {
  capabilities: alpacaCapabilities,
  ccxt: {
    id: 'alpaca',
    // `DELETE /v2/orders` cancels everything, `DELETE /v2/positions` sells everything: neither is here.
    endpoints: {
      market: {
        public: {
          get: [
            'v1beta3/crypto/{loc}/latest/orderbooks',
            'v1beta3/crypto/{loc}/snapshots',
            'v1beta3/crypto/{loc}/trades',
          ],
        },
      },
      trader: {
        private: {
          get: [
            'v2/clock',
            'v2/assets',
            'v2/account',
            'v2/positions',
            'v2/orders',
            'v2/orders/{order_id}',
            'v2/orders:by_client_order_id',
            'v2/account/activities/{activity_type}',
          ],
          post: ['v2/orders'],
          delete: ['v2/orders/{order_id}'],
        },
      },
    },
    marketDataApi: 'market',
    // ccxt has no endpoint for it, and looks an order up by our id under an empty id of the venue's.
    config: { api: { trader: { private: { get: { 'v2/orders:by_client_order_id': { cost: 1 } } } } } },
  },
  dialect: alpacaDialect,
  errors: alpacaErrors,
  market: alpacaMarket,
  client: (account) => new AlpacaClient(account),
};
