import type {
  BalanceUpdated,
  OrderApproved,
  OrderCompleted,
  OrderFilled,
  OrderPlaced,
  OrderRouted,
  PositionClosed,
  PositionOpened,
  TradingSignalGenerated,
} from '@switchyard/contracts';
import { topicOf, type EventType } from '@switchyard/contracts';
import { RecordEvent, type LogEvent } from '@switchyard/log';

/** For specs: the events of one signal that ended filled in two fills at Binance, as the stages emit them. */
export const filledOrder = (name = 'sig-1', userId = 'user-42', partition = 7): readonly LogEvent[] => {
  const at = (ms: number): string => new Date(Date.UTC(2026, 10, 21, 2, 47, 10, ms)).toISOString();
  const ids = { signalId: name, userId, parentOrderId: `parent-${name}` };
  const order = {
    ...ids,
    orderId: `child-${name}`,
    accountId: `binance-of-${userId}`,
    venue: 'binance',
    pair: 'BTC-USD' as const,
    side: 'buy' as const,
    dryRun: true,
  };
  const sent = { ...order, clientOrderId: `client-${name}`, venueOrderId: `venue-${name}` };
  const signal: TradingSignalGenerated = {
    signalId: name,
    userId,
    pair: 'BTC-USD',
    side: 'buy',
    signalType: 'entry',
    size: { base: '0.03' },
    generatedAt: at(0),
  };
  const approval: OrderApproved = {
    ...ids,
    pair: 'BTC-USD',
    side: 'buy',
    signalType: 'entry',
    quantity: '0.03',
    reduceOnly: false,
    mode: 'paper',
    caps: [
      {
        accountId: order.accountId,
        venue: 'binance',
        mode: 'paper',
        quantity: '0.03',
        reserved: '1950',
        currency: 'USD',
      },
    ],
    sizing: { basis: 'base' },
    riskScore: 12,
    referencePrice: '64000',
    generatedAt: at(0),
    approvedAt: at(2),
    dryRun: true,
  };
  const routing: OrderRouted = {
    ...order,
    venueSymbol: 'BTCUSDT',
    signalType: 'entry',
    orderType: 'market',
    quantity: '0.03',
    timeInForce: 'gtc',
    postOnly: false,
    reduceOnly: false,
    mode: 'paper',
    priority: 3,
    child: 0,
    sendBy: at(5_000),
    decision: {
      method: 'market',
      algorithm: 'immediate',
      priority: 3,
      venues: [{ venue: 'binance', accountId: order.accountId, chosen: true, score: 88 }],
      sentence: 'Binance is the only venue with an account.',
      decidedAt: at(3),
    },
    routedAt: at(3),
  };
  const placing: OrderPlaced = {
    ...sent,
    orderVersion: 1,
    venueSymbol: 'BTCUSDT',
    orderType: 'market',
    quantity: '0.03',
    timeInForce: 'gtc',
    placedAt: at(20),
  };
  const fill = (tradeId: string, quantity: string, price: string, cumulative: string, leaves: string): OrderFilled => ({
    ...sent,
    tradeId,
    quantity,
    price,
    fee: { amount: '0.00001', currency: 'BTC' },
    liquidity: 'taker',
    cumulativeQuantity: cumulative,
    leavesQuantity: leaves,
    orderStatus: leaves === '0' ? 'filled' : 'partially_filled',
    orderVersion: leaves === '0' ? 3 : 2,
    filledAt: at(leaves === '0' ? 31 : 30),
  });
  const completion: OrderCompleted = {
    ...ids,
    status: 'filled',
    filledQuantity: '0.03',
    averagePrice: '64020',
    completedAt: at(40),
  };
  const opening: PositionOpened = {
    ...ids,
    positionId: `position-${name}`,
    accountId: order.accountId,
    venue: 'binance',
    mode: 'paper',
    pair: 'BTC-USD',
    side: 'long',
    quantity: '0.00999',
    averageEntryPrice: '64000',
    fees: { BTC: '0.00001' },
    openedAt: at(30),
    dryRun: true,
    orderId: order.orderId,
    tradeId: 't-1',
    boughtQuantity: '0.01',
    boughtValue: '640',
  };
  const balance: BalanceUpdated = {
    userId,
    accountId: order.accountId,
    venue: 'binance',
    mode: 'paper',
    balances: [{ currency: 'BTC', total: '0.02998', free: '0.02998', locked: '0' }],
    askedAt: at(50),
    updatedAt: at(51),
  };
  const payloads: readonly (readonly [EventType, unknown, string, number])[] = [
    ['TradingSignalGenerated', signal, 'signal-validation', 0],
    ['OrderApproved', approval, 'risk', 2],
    ['OrderRouted', routing, 'routing', 3],
    ['OrderPlaced', placing, 'execution-binance', 20],
    ['OrderFilled', fill('t-1', '0.01', '64000', '0.01', '0.02'), 'execution-binance', 30],
    ['OrderFilled', fill('t-2', '0.02', '64030', '0.03', '0'), 'execution-binance', 31],
    ['OrderCompleted', completion, 'routing', 40],
    ['PositionOpened', opening, 'reconciliation', 41],
    ['BalanceUpdated', balance, 'execution-binance', 51],
  ];
  return payloads.map(([type, payload, service, ms], i) =>
    eventOf(topicOf(type, 'binance'), userId, payload, {
      id: `${name}-${i}`,
      partition,
      source: `${service}/${partition}/1`,
      sequence: type === 'OrderFilled' ? i - 3 : 1,
      time: at(ms),
      correlationId: name,
    }),
  );
};

export const closingOf = (opened: PositionOpened): PositionClosed => ({
  ...opened,
  quantity: '0.03',
  averageEntryPrice: '64020',
  averageExitPrice: '65000',
  realizedPnl: '29.4',
  dust: '0',
  closedAt: '2026-11-21T03:00:00.000Z',
});

export interface Where {
  readonly id: string;
  readonly partition: number;
  readonly source?: string;
  readonly sequence?: number;
  readonly time?: string;
  readonly correlationId?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An event as the log hands it over; `value` is JSON of the payload, or the bytes themselves. */
export const eventOf = (topic: string, key: string, value: unknown, where: Where): LogEvent =>
  new RecordEvent(
    {
      key,
      id: where.id,
      type: topic.split('.')[0] ?? topic,
      time: where.time ?? '2026-11-21T02:47:10.000Z',
      causationId: where.source === undefined ? undefined : `cause-of-${where.id}`,
      correlationId: where.correlationId,
      ...(where.source === undefined || where.headers === undefined ? {} : { extra: where.headers }),
      value: value instanceof Uint8Array ? value : Buffer.from(JSON.stringify(value)),
    },
    { topic, partition: where.partition, source: where.source, sequence: where.sequence ?? 0 },
    where.source === undefined ? { ...where.headers } : undefined,
  );
