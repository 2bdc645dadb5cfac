import type { VenueCapabilities } from '../capabilities.js';
import { LONGEST_WINDOW_MS } from './token.js';

/** Coinbase Advanced Trade, spot. Source: https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api */
export const coinbaseCapabilities: VenueCapabilities = {
  venue: 'coinbase',
  // Create Order: its configurations for spot. There are no stops that become market orders; FOK is for limits.
  orderTypes: {
    market: ['gtc', 'ioc'],
    limit: ['gtc', 'gtd', 'ioc', 'fok'],
    stop_limit: ['gtc', 'gtd'],
  },
  postOnly: ['limit'],
  displayQuantity: false,
  // Edit Order: limit orders that are good until cancelled.
  amend: true,
  // A request is void with its token: "Your JWT expires after 2 minutes, after which all requests are unauthenticated"
  // (https://docs.cdp.coinbase.com/get-started/authentication/jwt-authentication); the official SDK lets it expire sooner (`expiresIn`).
  enforcesExpiry: true,
  maxRecvWindowMs: LONGEST_WINDOW_MS,
  // A token tells its expiry in whole seconds, cut down: what is shorter may be over before it arrives.
  minRecvWindowMs: 2_000,
  // That an earlier expiry than two minutes is heeded, and to the second, is the standard's word (RFC 7519), not Coinbase's own; JWT
  // verifiers often allow a minute. So nothing is concluded before the two minutes are over that Coinbase documents.
  expiryLeewayMs: 120_000,
  // "If the ID provided is not unique, the order fails to be created and the order corresponding to that ID is returned": for how long, and
  // whether after the order is over, it does not say.
  clientIdReuse: 'unproven',
  clientOrderIdPattern: /^[A-Za-z0-9_-]{1,36}$/,
  placeReports: 'idOnly',
  // Dollar markets of its own.
  quoteAliases: {},
  feeCurrency: 'quote',
  // Its documents name no bound; this one is ours.
  maxBookDepth: 1_000,
  // It tells a side, and nowhere in its documents of this API whose: its older API told the maker's.
  publicTrades: { most: 1_000, numbered: false, takerSide: false },
  noDayVolume: true,
  serialNonce: false,
  // Advanced Trade REST rate limits: 30 private requests a second of a user. Of an address it counts public ones (10 a second), which
  // beside the clock market data asks, elsewhere.
  rates: {
    weight: null,
    account: { limit: 30, windowMs: 1_000 },
    orders: null,
    costs: {
      place: 1,
      cancel: 1,
      // The order and its fills; a "no" is checked against two more lists.
      lookup: 2,
      openOrders: 2,
      orderFills: 1,
      tradesSince: 1,
      balances: 1,
      fees: 1,
      serverTime: 0,
    },
  },
  // api-sandbox.coinbase.com gives canned answers and takes no orders: it is no test net.
  origins: { live: 'https://api.coinbase.com', testnet: null },
};
