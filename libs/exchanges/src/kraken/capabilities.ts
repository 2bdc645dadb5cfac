import type { VenueCapabilities } from '../capabilities.js';

/** Kraken spot. Source: https://docs.kraken.com/api/docs/rest-api/add-order and its neighbours */
export const krakenCapabilities: VenueCapabilities = {
  venue: 'kraken',
  orderTypes: {
    market: ['gtc', 'ioc'],
    limit: ['gtc', 'ioc', 'gtd'],
    stop: ['gtc'],
    stop_limit: ['gtc'],
  },
  postOnly: ['limit'],
  // Kraken has icebergs as an order type of their own; nothing here asks for them yet.
  displayQuantity: false,
  amend: true,
  // `deadline`: the matching engine refuses an order that reaches it later.
  enforcesExpiry: true,
  // A deadline must be between two seconds and a minute off when it arrives, and Kraken tells its clock in whole seconds: one second less
  // and two more leave room for what is not known of it, and for the way there.
  maxRecvWindowMs: 59_000,
  minRecvWindowMs: 4_000,
  clientIdReuse: 'openOnly',
  // A UUID with or without dashes, or up to 18 characters of text.
  clientOrderIdPattern: /^([0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-z-]{1,18})$/,
  placeReports: 'idOnly',
  quoteAliases: {},
  // Asked for with each order (`fciq`): by itself a sale's fee may come in base.
  feeCurrency: 'quote',
  maxBookDepth: 500,
  publicTrades: { most: 1_000, numbered: true, takerSide: true },
  serialNonce: true,
  rates: {
    weight: null,
    // The intermediate tier's counter of 20, which loses one each two seconds; orders and cancels don't count.
    account: { limit: 20, windowMs: 40_000 },
    // The matching engine's counter of 125 a pair (the intermediate tier), which loses 2.34 a second.
    orders: { limit: 125, windowMs: 53_000 },
    costs: {
      place: 0,
      cancel: 0,
      // One list of orders, or both, and the trades.
      lookup: 3,
      openOrders: 1,
      orderFills: 2,
      tradesSince: 2,
      balances: 1,
      fees: 1,
      serverTime: 0,
    },
  },
  origins: { live: 'https://api.kraken.com', testnet: null },
};
