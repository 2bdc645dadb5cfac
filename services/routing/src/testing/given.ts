import type { MarketSnapshot, OrderApproved, OrderFailed, OrderFilled } from '@switchyard/contracts';

/** An approval, a market and a child's events as they come over the log, each field replaceable. */

export const NOW = '2026-11-21T02:47:10.000Z';

export const approval = (change: Partial<OrderApproved> = {}): OrderApproved => ({
  parentOrderId: 'parent-1',
  signalId: 'sig-1',
  userId: 'user-1',
  pair: 'BTC-USD',
  side: 'buy',
  signalType: 'entry',
  orderType: 'market',
  quantity: '0.1',
  reduceOnly: false,
  mode: 'paper',
  caps: [cap('binance'), cap('kraken')],
  sizing: { basis: 'percent' },
  riskScore: 12,
  generatedAt: '2026-11-21T02:47:09.500Z',
  approvedAt: '2026-11-21T02:47:09.900Z',
  dryRun: true,
  ...change,
});

export const cap = (venue: string): OrderApproved['caps'][number] => ({
  accountId: `acc-${venue}`,
  venue,
  mode: 'paper',
  quantity: '1',
  reserved: '70000',
  currency: 'USDT',
});

export const snapshot = (venue: string, change: Partial<MarketSnapshot> = {}): MarketSnapshot => ({
  venue,
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
  fees: venue === 'binance' ? { maker: '0.001', taker: '0.001' } : { maker: '0.0016', taker: '0.0026' },
  bids: [['63990', '5']],
  asks: [['64000', '5']],
  bookHash: `hash-${venue}`,
  version: 1,
  receivedAt: '2026-11-21T02:47:09.000Z',
  ...change,
});

const child = (orderId: string, venue: string, orderVersion: number) => ({
  orderId,
  parentOrderId: 'parent-1',
  signalId: 'sig-1',
  userId: 'user-1',
  accountId: `acc-${venue}`,
  venue,
  pair: 'BTC-USD' as const,
  side: 'buy' as const,
  clientOrderId: 'client-1',
  venueOrderId: 'venue-1',
  orderVersion,
  dryRun: true,
});

export const filled = (orderId: string, change: Partial<OrderFilled> = {}): OrderFilled => ({
  ...child(orderId, 'binance', 2),
  tradeId: 't1',
  quantity: '0.1',
  price: '64000',
  fee: { amount: '6.4', currency: 'USDT' },
  liquidity: 'taker',
  cumulativeQuantity: '0.1',
  leavesQuantity: '0',
  orderStatus: 'filled',
  filledAt: NOW,
  ...change,
});

export const failed = (orderId: string, change: Partial<OrderFailed> = {}): OrderFailed => ({
  ...child(orderId, 'binance', 1),
  stage: 'execution',
  code: 'VENUE_UNREACHABLE',
  message: 'The venue could not be reached; nothing was sent.',
  facts: {},
  retriable: true,
  status: 'failed',
  cumulativeQuantity: '0',
  failedAt: NOW,
  ...change,
});
