import type {
  AccountPolicyChanged,
  MarketSnapshot,
  OrderFailed,
  OrderFilled,
  OrderPlaced,
  VenueStateReported,
} from '@switchyard/contracts';

/** The events of one account as they come over the log, each field replaceable. */

export const START = Date.parse('2026-11-21T02:47:00.000Z');
export const at = (seconds: number): string => new Date(START + seconds * 1_000).toISOString();

export const snapshot: MarketSnapshot = {
  venue: 'binance',
  pair: 'BTC-USD',
  instrument: {
    venueSymbol: 'BTCUSDT',
    base: 'BTC',
    quote: 'USDT',
    tickSize: '0.01',
    lotSize: '0.00001',
    minQuantity: '0.00001',
    minNotional: '5',
  },
  bids: [['50000', '5']],
  asks: [['50001', '5']],
  bookHash: 'hash',
  version: 1,
  receivedAt: at(0),
};

export const policy = (change: Partial<AccountPolicyChanged> = {}): AccountPolicyChanged => ({
  userId: 'user-1',
  version: 1,
  enabled: true,
  mode: 'paper',
  limits: {},
  accounts: [account('acc-1')],
  changedBy: 'admin',
  changedAt: at(0),
  ...change,
});

export const account = (
  accountId: string,
  change: Partial<AccountPolicyChanged['accounts'][number]> = {},
): AccountPolicyChanged['accounts'][number] => ({
  accountId,
  venue: 'binance',
  mode: 'paper',
  market: 'spot',
  enabled: true,
  usdtAsUsd: true,
  timeZone: 'UTC',
  ...change,
});

const order = {
  orderId: 'o1',
  parentOrderId: 'p1',
  signalId: 's1',
  userId: 'user-1',
  accountId: 'acc-1',
  venue: 'binance',
  pair: 'BTC-USD' as const,
  side: 'buy' as const,
  clientOrderId: 'c1',
  venueOrderId: 'v1',
  dryRun: true,
};

export const placed = (change: Partial<OrderPlaced> = {}): OrderPlaced => ({
  ...order,
  orderVersion: 1,
  venueSymbol: 'BTCUSDT',
  orderType: 'limit',
  quantity: '0.1',
  limitPrice: '50000',
  timeInForce: 'gtc',
  placedAt: at(1),
  ...change,
});

export const filled = (change: Partial<OrderFilled> = {}): OrderFilled => ({
  ...order,
  orderVersion: 2,
  tradeId: 't1',
  quantity: '0.1',
  price: '50000',
  fee: { amount: '5', currency: 'USDT' },
  liquidity: 'taker',
  cumulativeQuantity: '0.1',
  leavesQuantity: '0',
  orderStatus: 'filled',
  filledAt: at(2),
  ...change,
});

export const failed = (change: Partial<OrderFailed> = {}): OrderFailed => ({
  ...order,
  orderVersion: 1,
  stage: 'execution',
  code: 'VENUE_REFUSED',
  message: 'The venue refused the order.',
  facts: {},
  retriable: false,
  status: 'rejected',
  cumulativeQuantity: '0',
  failedAt: at(2),
  ...change,
});

export const report = (seconds: number, change: Partial<VenueStateReported> = {}): VenueStateReported => ({
  requestId: `request-${seconds}`,
  userId: 'user-1',
  accountId: 'acc-1',
  venue: 'binance',
  mode: 'paper',
  openOrders: [],
  balances: [{ currency: 'USDT', total: '10000', free: '10000', locked: '0' }],
  fills: [],
  missing: [],
  requestedAt: at(seconds),
  reportedAt: at(seconds + 0.1),
  ...change,
});
