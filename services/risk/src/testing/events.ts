import type {
  AccountPolicyChanged,
  BalanceUpdated,
  MarketSnapshot,
  OrderCompleted,
  OrderFilled,
  SignalValidated,
  TradingSignalGenerated,
} from '@switchyard/contracts';

/** Events of one user, as the stages before and behind risk make them. */
export const NOW = '2026-11-21T02:47:11.000Z';

export const aSnapshot = (): MarketSnapshot => ({
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
  fees: { maker: '0.001', taker: '0.001' },
  bids: [['49990', '10']],
  asks: [['50000', '10']],
  bookHash: 'hash',
  version: 1,
  receivedAt: NOW,
});

export const policyChanged = (): AccountPolicyChanged => ({
  userId: 'user-42',
  version: 1,
  enabled: true,
  mode: 'paper',
  limits: { tradesPerSecond: 1_000, burst: 1_000 },
  accounts: [
    {
      accountId: 'acc-1',
      venue: 'binance',
      mode: 'paper',
      market: 'spot',
      enabled: true,
      usdtAsUsd: true,
      timeZone: 'Europe/Berlin',
    },
  ],
  changedBy: 'admin',
  changedAt: NOW,
});

export const balanceUpdated = (): BalanceUpdated => ({
  userId: 'user-42',
  accountId: 'acc-1',
  venue: 'binance',
  mode: 'paper',
  balances: [{ currency: 'USDT', total: '100000', free: '100000', locked: '0' }],
  askedAt: NOW,
  updatedAt: NOW,
});

export const signalValidated = (change: Partial<TradingSignalGenerated> = {}): SignalValidated => {
  const signal: TradingSignalGenerated = {
    signalId: 'sig-1',
    userId: 'user-42',
    strategy: 'momentum',
    pair: 'BTC-USD',
    side: 'buy',
    signalType: 'entry',
    size: { quote: '250.00' },
    strength: 0.8,
    confluenceScore: 4,
    confidence: 0.72,
    entryPrice: '50000',
    stopLoss: '49500',
    takeProfit: '51500',
    orderType: 'market',
    timeInForce: 'gtc',
    generatedAt: NOW,
    metadata: { note: 'free' },
    ...change,
  };
  const { signalId } = signal;
  return { signal, signalId, userId: 'user-42', contentHash: 'h', policyVersion: 1, receivedAt: NOW, validatedAt: NOW };
};

export const orderFilled = (parentOrderId: string, quantity: string, side: 'buy' | 'sell' = 'buy'): OrderFilled => ({
  orderId: `child-of-${parentOrderId}`,
  parentOrderId,
  signalId: 'sig-1',
  userId: 'user-42',
  accountId: 'acc-1',
  venue: 'binance',
  pair: 'BTC-USD',
  side,
  clientOrderId: 'c',
  venueOrderId: '1',
  orderVersion: 2,
  dryRun: true,
  tradeId: '9',
  quantity,
  price: '50000',
  fee: { amount: '0', currency: 'USDT' },
  liquidity: 'taker',
  cumulativeQuantity: quantity,
  leavesQuantity: '0',
  orderStatus: 'filled',
  filledAt: NOW,
});

export const orderCompleted = (parentOrderId: string, filledQuantity: string): OrderCompleted => ({
  parentOrderId,
  signalId: 'sig-1',
  userId: 'user-42',
  status: 'filled',
  filledQuantity,
  completedAt: NOW,
});
