import type { MarketSnapshot, OrderRouted } from '@switchyard/contracts';
import type { LogEvent } from '@switchyard/log';

export const VENUE = 'binance';

let made = 0;

export const routedOrder = (order: Partial<OrderRouted> = {}): OrderRouted => {
  made += 1;
  const orderId = order.orderId ?? `order-${made}`;
  const now = new Date().toISOString();
  return {
    orderId,
    parentOrderId: `parent-of-${orderId}`,
    signalId: `signal-of-${orderId}`,
    userId: 'user-1',
    accountId: 'acc-1',
    venue: VENUE,
    pair: 'BTC-USDT',
    venueSymbol: 'BTCUSDT',
    side: 'buy',
    signalType: 'entry',
    orderType: 'market',
    quantity: '0.01',
    timeInForce: 'ioc',
    postOnly: false,
    reduceOnly: false,
    mode: 'paper',
    priority: 3,
    child: 0,
    sendBy: new Date(Date.now() + 30_000).toISOString(),
    decision: {
      method: 'market',
      algorithm: 'immediate',
      priority: 3,
      venues: [],
      sentence: 'because',
      decidedAt: now,
    },
    routedAt: now,
    dryRun: true,
    ...order,
  };
};

export const eventOf = <Payload>(payload: Payload, id: string): LogEvent<Payload> =>
  ({ payload, id, key: 'user', traceparent: undefined }) as unknown as LogEvent<Payload>;

export const snapshot = (more: Partial<MarketSnapshot> = {}): MarketSnapshot => ({
  venue: VENUE,
  pair: 'BTC-USDT',
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
  bids: [
    ['63990', '1'],
    ['63980', '2'],
  ],
  asks: [
    ['64000', '1'],
    ['64010', '2'],
  ],
  bookHash: 'book-1',
  version: 1,
  receivedAt: new Date().toISOString(),
  ...more,
});
