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
  minRecvWindowMs: 0,
  clientIdReuse: 'openOnly',
  clientOrderIdPattern: /^[.A-Z:/a-z0-9_-]{1,36}$/,
  placeReports: 'orderAndFills',
  quoteAliases: { USD: 'USDT' },
  // Of what is received, or of BNB where the account chose so.
  feeCurrency: 'receivedOrThird',
  maxBookDepth: 5_000,
  // Aggregate trades, which one order made at one price: their numbers are the same by request and by stream.
  publicTrades: { most: 1_000, numbered: true, takerSide: true },
  serialNonce: false,
  // Weights: https://developers.binance.com/docs/binance-spot-api-docs/rest-api; the limits are those of its exchangeInfo.
  rates: {
    weight: { limit: 6_000, windowMs: 60_000 },
    orders: { limit: 100, windowMs: 10_000 },
    costs: {
      place: 1,
      cancel: 1,
      // The order (4) and its trades (5); a "no" is checked against two lists (6 + 20).
      lookup: 9,
      // Of all symbols.
      openOrders: 80,
      orderFills: 5,
      tradesSince: 20,
      balances: 20,
      fees: 20,
      serverTime: 1,
    },
  },
  origins: { live: 'https://api.binance.com', testnet: 'https://testnet.binance.vision' },
};
