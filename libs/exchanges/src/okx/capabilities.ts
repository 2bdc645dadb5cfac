import type { VenueCapabilities } from '../capabilities.js';

/** OKX spot (API v5), for accounts in spot mode or futures mode. Source: https://www.okx.com/docs-v5/en/ */
export const okxCapabilities: VenueCapabilities = {
  venue: 'okx',
  // Stops are another service's here (`trade/order-algo`): it knows no expiry of requests, and makes an order under an id that is not ours.
  orderTypes: {
    market: ['gtc', 'ioc'],
    limit: ['gtc', 'ioc', 'fok'],
  },
  postOnly: ['limit'],
  displayQuantity: false,
  amend: true,
  // An order that is post-only stays so; another cannot be made so.
  amendPostOnly: false,
  // "the request will not be processed if the current system time of the server is after the expTime"; new orders and amendments only.
  enforcesExpiry: true,
  // `expTime` itself has no bound. A signature is good for 30 s, so that nothing lives longer.
  maxRecvWindowMs: 30_000,
  minRecvWindowMs: 0,
  // "must be unique among the clOrdIds of all pending orders"
  clientIdReuse: 'openOnly',
  clientOrderIdPattern: /^[A-Za-z0-9]{1,32}$/,
  placeReports: 'idOnly',
  quoteAliases: { USD: 'USDT' },
  feeCurrency: 'received',
  maxBookDepth: 400,
  publicTrades: { most: 500, numbered: false, takerSide: true },
  serialNonce: false,
  leastQuantityOnly: true,
  // OKX counts each endpoint by itself, private ones by account: no weight is common to an address. A call weighs here as many of 60 as 2 s
  // hold of its dearest endpoint's, so that no limit of an endpoint is passed: order 60, trade/fills-history and balance 10, trade-fee 5.
  // New orders: 60 for an account and an instrument, taken here for the account. https://www.okx.com/docs-v5/en/#overview-rate-limits
  rates: {
    weight: null,
    account: { limit: 60, windowMs: 2_000 },
    orders: { limit: 60, windowMs: 2_000 },
    costs: {
      place: 1,
      cancel: 1,
      // The order and its trades; a "no" is checked against open orders, past orders and trades.
      lookup: 2,
      openOrders: 1,
      orderFills: 7,
      tradesSince: 1,
      balances: 6,
      fees: 12,
      serverTime: 6,
    },
  },
  // Demo trading is no other origin: a header of the same one (`x-simulated-trading`), which nothing here sends.
  origins: { live: 'https://www.okx.com', testnet: null },
};
