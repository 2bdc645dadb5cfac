import type { VenueCapabilities } from '../capabilities.js';

/**
 * Alpaca crypto spot. Sources: https://docs.alpaca.markets/docs/crypto-trading, https://docs.alpaca.markets/docs/orders-at-alpaca and the
 * API's own description, https://docs.alpaca.markets/openapi/trading-api.json
 */
export const alpacaCapabilities: VenueCapabilities = {
  venue: 'alpaca',
  // Market, limit and stop-limit, gtc and ioc: "we only support gtc and ioc time in force options for crypto orders". fok and day are
  // answered with 42210000, a plain stop with 40010001. A stop-limit that must not rest makes no sense.
  orderTypes: {
    market: ['gtc', 'ioc'],
    limit: ['gtc', 'ioc'],
    stop_limit: ['gtc'],
  },
  // No flag for it: a limit order that crosses takes.
  postOnly: [],
  displayQuantity: false,
  // There is one (PATCH), but it makes another order with another id of what remains, and fills may come in between.
  amend: false,
  // A request carries no time at all: it is taken whenever it arrives.
  enforcesExpiry: false,
  maxRecvWindowMs: null,
  minRecvWindowMs: 0,
  // "client_order_id must be unique" (40010001) also where the order under it was cancelled or refused long ago:
  // https://github.com/alpacahq/alpaca-py/issues/260
  clientIdReuse: 'forever',
  // At most 128 characters of any kind; these need no escaping anywhere.
  clientOrderIdPattern: /^[A-Za-z0-9_-]{1,128}$/,
  // The answer is given before the order is matched: `pending_new`, nothing filled.
  placeReports: 'idOnly',
  // BTC/USD is there itself.
  quoteAliases: {},
  // "Charged on the credited crypto asset/fiat (what you receive) per trade": https://docs.alpaca.markets/docs/crypto-fees
  feeCurrency: 'received',
  // The whole book comes at once; none has been seen that deep.
  maxBookDepth: 1_000,
  publicTrades: { most: 1_000, numbered: false, takerSide: true },
  noDayVolume: true,
  serialNonce: false,
  listingsNeedKey: true,
  // 200 requests a minute and account, of whatever kind; `orders` is held to the venue's own count of all (X-RateLimit-Remaining).
  // https://alpaca.markets/support/usage-limit-api-calls
  rates: {
    weight: null,
    orders: { limit: 200, windowMs: 60_000 },
    costs: {
      place: 1,
      // By our id the order is looked up first.
      cancel: 2,
      lookup: 2,
      openOrders: 1,
      orderFills: 2,
      tradesSince: 1,
      balances: 2,
      fees: 1,
      serverTime: 1,
    },
  },
  origins: {
    live: 'https://api.alpaca.markets',
    testnet: 'https://paper-api.alpaca.markets',
    marketData: 'https://data.alpaca.markets',
  },
};
