import type { OutgoingEvent } from '@switchyard/log';
import { topicOf, type EventType } from '@switchyard/contracts';

/** For specs: what the stages behind validation say of a signal that ends filled at Binance, by stage, in their order. */
export const filledStory = (
  signalId: string,
  userId: string,
): readonly (readonly [stage: string, event: OutgoingEvent])[] => {
  const began = Date.now();
  const at = (ms: number): string => new Date(began + ms).toISOString();
  const ids = { signalId, userId, parentOrderId: `parent-${signalId}` };
  const order = {
    ...ids,
    orderId: `child-${signalId}`,
    accountId: `binance-${userId}`,
    venue: 'binance',
    pair: 'BTC-USD',
    side: 'buy',
    dryRun: true,
  };
  const sent = { ...order, clientOrderId: `client-${signalId}`, venueOrderId: `venue-${signalId}` };
  const event = (type: EventType, payload: Readonly<Record<string, unknown>>, role = ''): OutgoingEvent => ({
    topic: topicOf(type, 'binance'),
    type,
    key: userId,
    payload,
    role,
    cause: { id: `cause-${signalId}`, correlationId: signalId },
  });
  return [
    [
      'risk',
      event('OrderApproved', {
        ...ids,
        pair: 'BTC-USD',
        side: 'buy',
        signalType: 'entry',
        quantity: '0.03',
        mode: 'paper',
        riskScore: 12,
        referencePrice: '64000',
        approvedAt: at(2),
        dryRun: true,
      }),
    ],
    [
      'routing',
      event('OrderRouted', {
        ...order,
        venueSymbol: 'BTCUSDT',
        signalType: 'entry',
        orderType: 'market',
        quantity: '0.03',
        timeInForce: 'gtc',
        mode: 'paper',
        decision: { sentence: 'Binance is the only venue with an account.', venues: [] },
        routedAt: at(3),
      }),
    ],
    [
      'execution-binance',
      event('OrderPlaced', {
        ...sent,
        orderVersion: 1,
        venueSymbol: 'BTCUSDT',
        orderType: 'market',
        quantity: '0.03',
        timeInForce: 'gtc',
        placedAt: at(20),
      }),
    ],
    ...(['1', '2'] as const).map((n): readonly [string, OutgoingEvent] => [
      'execution-binance',
      event(
        'OrderFilled',
        {
          ...sent,
          tradeId: `${signalId}-t${n}`,
          quantity: n === '1' ? '0.01' : '0.02',
          price: n === '1' ? '64000' : '64030',
          fee: { amount: '0.00001', currency: 'BTC' },
          liquidity: 'taker',
          cumulativeQuantity: n === '1' ? '0.01' : '0.03',
          leavesQuantity: n === '1' ? '0.02' : '0',
          orderStatus: n === '1' ? 'partially_filled' : 'filled',
          orderVersion: Number(n) + 1,
          filledAt: at(30),
        },
        n,
      ),
    ]),
    [
      'routing',
      event('OrderCompleted', {
        ...ids,
        status: 'filled',
        filledQuantity: '0.03',
        averagePrice: '64020',
        completedAt: at(40),
      }),
    ],
    [
      'reconciliation',
      event('PositionOpened', {
        ...ids,
        positionId: `position-${signalId}`,
        accountId: `binance-${userId}`,
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
        tradeId: `${signalId}-t1`,
        boughtQuantity: '0.01',
        boughtValue: '640',
      }),
    ],
    [
      'execution-binance',
      event('BalanceUpdated', {
        userId,
        accountId: `binance-${userId}`,
        venue: 'binance',
        mode: 'paper',
        balances: [{ currency: 'BTC', total: '0.02998', free: '0.02998', locked: '0' }],
        askedAt: at(50),
        updatedAt: at(51),
      }),
    ],
  ];
};

/** A signal as a strategy sends it by REST. */
export const newSignal = (signalId: string, fields: Readonly<Record<string, unknown>> = {}) => ({
  signalId,
  pair: 'BTC-USD',
  side: 'buy',
  signalType: 'entry',
  size: { base: '0.03' },
  confluenceScore: 4,
  ...fields,
});
