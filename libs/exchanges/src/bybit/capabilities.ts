import type { VenueCapabilities } from '../capabilities.js';

/** Bybit spot, unified account, v5. Source: https://bybit-exchange.github.io/docs/v5/order/create-order and the pages beside it. */
export const bybitCapabilities: VenueCapabilities = {
  venue: 'bybit',
  // Conditional orders are left out: on spot a trigger has no direction. One that was passed already would not be refused, but wait for
  // the market to come back: a stop-loss that has become its opposite.
  orderTypes: {
    market: ['gtc', 'ioc'],
    limit: ['gtc', 'ioc', 'fok'],
  },
  postOnly: ['limit'],
  displayQuantity: false,
  amend: true,
  // An order that was placed post-only stays so; no amend makes one so.
  amendPostOnly: false,
  // `server_time - recv_window <= timestamp < server_time + 1000`: https://bybit-exchange.github.io/docs/v5/guide
  enforcesExpiry: true,
  // None is documented.
  maxRecvWindowMs: null,
  minRecvWindowMs: 0,
  // Checked on arrival; what passed is worked off asynchronously, and lists may lag behind in a rush: documented, but by no figure.
  expiryLeewayMs: 10_000,
  // "Always unique" says the documentation of orders; that of the FIX interface frees an id 360 days after its order's end. Not tried.
  clientIdReuse: 'unproven',
  clientOrderIdPattern: /^[A-Za-z0-9_-]{1,36}$/,
  placeReports: 'idOnly',
  quoteAliases: { USD: 'USDT' },
  // Of what is received, or of MNT where the account chose so.
  feeCurrency: 'receivedOrThird',
  maxBookDepth: 1_000,
  publicTrades: { most: 60, numbered: false, takerSide: true },
  serialNonce: false,
  // https://bybit-exchange.github.io/docs/v5/rate-limit: every request of an address counts the same.
  rates: {
    weight: { limit: 600, windowMs: 5_000 },
    orders: { limit: 20, windowMs: 1_000 },
    costs: {
      place: 1,
      cancel: 1,
      // The order and its trades; a "no" is checked against past orders and trades.
      lookup: 2,
      // Lists end with an empty page.
      openOrders: 2,
      orderFills: 2,
      tradesSince: 2,
      balances: 1,
      fees: 1,
      serverTime: 1,
    },
  },
  origins: { live: 'https://api.bybit.com', testnet: 'https://api-testnet.bybit.com' },
};
