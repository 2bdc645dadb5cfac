import type { VenueCapabilities } from '../capabilities.js';

/** KuCoin spot, classic account, the `hf` service. Source: https://www.kucoin.com/docs-new/rest/spot-trading/orders/add-order and the pages beside it. */
export const kucoinCapabilities: VenueCapabilities = {
  venue: 'kucoin',
  // Stops are another service's (`stop-order`), whose requests have no window of their own. `GTT` counts seconds from when an order arrives:
  // it keeps no date.
  orderTypes: {
    market: ['gtc', 'ioc'],
    limit: ['gtc', 'ioc', 'fok'],
  },
  postOnly: ['limit'],
  // There are icebergs (`visibleSize`); KuCoin shows at least a twentieth and takes taker fees of them. Not tried.
  displayQuantity: false,
  // `hf/orders/alter` cancels an order and places another, under an id of ours that is not said, and knows no window: two orders could
  // stand under one id, or the second arrive at any time.
  amend: false,
  // Twice: a signature is good for 5 s ("Time differs from server time by more than 5 seconds"), and an order fails if "clientTimestamp +
  // allowMaxTimeWindow < Gateway received the message time".
  enforcesExpiry: true,
  maxRecvWindowMs: 5_000,
  minRecvWindowMs: 0,
  // The gateway's time counts; what it took is matched afterwards, and lists may lag: documented, but by no figure.
  expiryLeewayMs: 10_000,
  // "Please do not initiate requests using the same clientOid": what becomes of one that does is not documented. On the older order service
  // several orders were seen under one id (https://github.com/Kucoin/kucoin-api-docs/issues/468).
  clientIdReuse: 'unproven',
  clientOrderIdPattern: /^[A-Za-z0-9_-]{1,40}$/,
  placeReports: 'idOnly',
  quoteAliases: { USD: 'USDT' },
  // KCS where the account chose so.
  feeCurrency: 'quoteOrThird',
  maxBookDepth: 100,
  publicTrades: { most: 100, numbered: false, takerSide: true },
  serialNonce: false,
  // https://www.kucoin.com/docs-new/rate-limit, VIP 0: an account's `Spot` pool. Balances come out of another pool, the time out of the
  // address's own (2,000 in 30 s).
  rates: {
    weight: null,
    account: { limit: 4_000, windowMs: 30_000 },
    orders: null,
    costs: {
      place: 1,
      cancel: 1,
      // The order and its trades; a "no" is checked against open and past orders.
      lookup: 4,
      openOrders: 2,
      orderFills: 2,
      tradesSince: 2,
      balances: 5,
      fees: 3,
      serverTime: 3,
    },
  },
  // The sandbox was closed in 2023.
  origins: { live: 'https://api.kucoin.com', testnet: null },
};
