import type { VenueCapabilities } from '../capabilities.js';

/** Binance spot. Source: https://developers.binance.com/docs/binance-spot-api-docs/rest-api */
export const binanceCapabilities: VenueCapabilities = {
  venue: 'binance',
  orderTypes: {
    market: ['gtc', 'ioc'],
    limit: ['gtc', 'ioc', 'fok'],
    stop: ['gtc'],
    stop_limit: ['gtc', 'ioc', 'fok'],
  },
  postOnly: ['limit'],
  displayQuantity: true,
  amend: false,
  enforcesExpiry: true,
  maxRecvWindowMs: 60_000,
  clientIdReuse: 'openOnly',
  clientOrderIdPattern: /^[.A-Z:/a-z0-9_-]{1,36}$/,
  placeReports: 'orderAndFills',
  quoteAliases: { USD: 'USDT' },
  // Of what is received, or of BNB where the account chose so.
  feeCurrency: 'receivedOrThird',
  maxBookDepth: 5_000,
  serialNonce: false,
  origins: { live: 'https://api.binance.com', testnet: 'https://testnet.binance.vision' },
};
